// SPDX-License-Identifier: BSD-3-Clause
// A node that joins all results of a function, so that one walk of the graph serves them together.
#include <backtrail/ad/function.hpp>

#include <backtrail/ad/transform.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>

namespace backtrail {
namespace {

/// Never evaluated. Its cotangents are given beforehand, its tangents are left where they can be
/// fetched: both for input i in place i.
class results_operation final : public operation {
public:
    explicit results_operation(std::vector<symbol> derivatives)
        : derivatives_(std::move(derivatives))
    {}
    [[nodiscard]] std::string_view name() const override { return "results"; }
    void pullback(const node_ptr&, const symbol&, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        std::copy(derivatives_.begin(), derivatives_.end(), x_bar.begin());
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        derivatives_.assign(x_dot.begin(), x_dot.end());
        return {};
    }
    [[nodiscard]] const std::vector<symbol>& derivatives() const { return derivatives_; }

private:
    mutable std::vector<symbol> derivatives_; // the node is known to one walk only
};

} // namespace

namespace detail {

graph_function pull_back(const graph_function& f, std::span<const char> wanted)
{
    graph_function reverse{f.parameters, {}};
    std::vector<symbol> seeds;
    for (const auto& y : f.results) {
        seeds.emplace_back();
        if (!is_differentiable(y->type())) continue;
        reverse.parameters.push_back(make_placeholder(y->shape(), y->type(), "loop"));
        seeds.back() = reverse.parameters.back();
    }
    std::vector<node_ptr> sources;
    for (std::size_t i = 0; i < f.parameters.size(); ++i) {
        if (wanted[i]) sources.push_back(f.parameters[i]);
    }
    const node_ptr joined =
        make_node(make_operation<results_operation>(seeds), dtype::float64, {}, f.results);
    const auto bars = pull_back(joined, make_scalar(1.0, dtype::float64), sources);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        reverse.results.push_back(as_node(bars[i], sources[i]->type(), sources[i]->shape()));
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
    const auto op = make_operation<results_operation>(std::vector<symbol>(f.results.size()));
    static_cast<void>(
        push_forward(make_node(op, dtype::float64, {}, f.results), sources, tangents));
    const auto& y_dot = static_cast<const results_operation&>(*op).derivatives();
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

} // namespace detail
} // namespace backtrail
