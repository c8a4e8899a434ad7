// SPDX-License-Identifier: BSD-3-Clause
// Derivatives of closed functions: all results in one walk of the graph.
#include <backtrail/ad/function.hpp>

#include <backtrail/ad/transform.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>

namespace backtrail::detail {

graph_function pull_back(const graph_function& f, std::span<const char> wanted,
                         std::span<const node_ptr> also)
{
    graph_function reverse{f.parameters, {}};
    pull_back_request request;
    for (const auto& y : f.results) {
        if (!is_differentiable(y->type())) continue;
        reverse.parameters.push_back(make_placeholder(y->shape(), y->type(), "loop"));
        request.seeds.push_back({y, reverse.parameters.back()});
    }
    for (std::size_t i = 0; i < f.parameters.size(); ++i) {
        if (wanted[i]) request.sources.push_back(f.parameters[i]);
    }
    request.sources.insert(request.sources.end(), also.begin(), also.end());
    const auto bars = pull_back(request).bars;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const node_ptr& x = request.sources[i];
        reverse.results.push_back(as_node(bars[i], x->type(), x->shape()));
    }
    return reverse;
}

graph_function push_forward(const graph_function& f, std::span<const char> moves)
{
    graph_function forward = f;
    std::vector<node_ptr> sources, tangents;
    for (std::size_t i = 0; i < f.parameters.size(); ++i) {
        if (!moves[i]) continue;
        const node_ptr& x = f.parameters[i];
        sources.push_back(x);
        tangents.push_back(make_placeholder(x->shape(), x->type(), "loop"));
        forward.parameters.push_back(tangents.back());
    }
    const auto y_dot = push_forward(std::span(f.results), sources, tangents);
    for (std::size_t k = 0; k < f.results.size(); ++k) {
        const node_ptr& y = f.results[k];
        if (!is_differentiable(y->type())) continue;
        forward.results.push_back(as_node(y_dot[k], y->type(), y->shape()));
    }
    return forward;
}

std::vector<std::vector<char>> reaches(const graph_function& f)
{
    const std::vector<node_ptr> order = topological_order(f.results);
    const std::size_t parameters = f.parameters.size();
    node_map index;
    std::vector<std::vector<char>> of(order.size()); // by node, then by parameter
    for (std::size_t i = 0; i < order.size(); ++i) {
        index.set(order[i].get(), static_cast<std::uint32_t>(i));
        of[i].assign(parameters, 0);
        if (!is_differentiable(order[i]->type())) continue;
        for (std::size_t p = 0; p < parameters; ++p) of[i][p] = order[i] == f.parameters[p];
        const operation& op = order[i]->op();
        if (op.derivative() != passage::differentiable) continue;
        for (std::size_t j = 0; j < order[i]->inputs().size(); ++j) {
            if (!op.passes(j)) continue;
            const auto& input = of[index.find(order[i]->inputs()[j].get())];
            for (std::size_t p = 0; p < parameters; ++p) of[i][p] |= input[p];
        }
    }
    std::vector result(parameters, std::vector<char>(f.results.size(), 0));
    for (std::size_t k = 0; k < f.results.size(); ++k) {
        const auto& row = of[index.find(f.results[k].get())];
        for (std::size_t p = 0; p < parameters; ++p) result[p][k] = row[p];
    }
    return result;
}

} // namespace backtrail::detail
