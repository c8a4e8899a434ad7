// SPDX-License-Identifier: BSD-3-Clause
// Forms of loops, and their parameters step by step.
#include "loop_form.hpp"

#include <backtrail/ad/function.hpp>

namespace backtrail {
namespace {

graph_function first_results(const graph_function& f, std::size_t count)
{
    return {f.parameters, {f.results.begin(), f.results.begin() + static_cast<long>(count)}};
}

} // namespace

loop_form::loop_form(graph_function f, std::size_t n, bool backward, std::size_t s, std::size_t x,
                     std::int64_t number)
    : steps(n), is_backward(backward), first(number), states(s), slices(x),
      captured(f.parameters.size() - 1 - s - x), outputs(f.results.size() - s)
{
    for (std::size_t k = 0; k < f.results.size(); ++k) {
        shape extents = f.results[k]->shape();
        if (k >= s) extents.insert(0, steps);
        out.add(f.results[k]->type(), extents);
    }
    // What runs once, a region above all, holds memory only while it runs.
    const bool keeps_memory = steps != 1;
    whole = std::make_shared<body>(std::move(f), keeps_memory);
    advance =
        outputs == 0 ? whole : std::make_shared<body>(first_results(function(), s), keeps_memory);
}

loop_form::loop_form(graph_function f, graph_function condition, std::size_t s, std::int64_t number)
    : first(number), states(s), slices(0), captured(f.parameters.size() - 1 - s), outputs(0)
{
    for (const auto& state : f.results) out.add(state->type(), state->shape());
    out.add(dtype::int64, {});
    graph_function ahead = f;
    std::vector<node_ptr> next = condition.parameters;
    next[0] = (symbol(next[0]) + symbol(1)).get();
    std::copy(f.results.begin(), f.results.end(), next.begin() + 1);
    ahead.results.push_back(detail::call(condition, next).front());
    whole = std::make_shared<body>(std::move(f), true);
    advance = std::make_shared<body>(std::move(ahead), true);
    begin = std::make_shared<body>(std::move(condition), true);
}

std::vector<char> loop_form::passes() const
{
    const auto reach = detail::reaches(function()); // by parameter, then by result
    // Which states matter at the start of the last m steps: those that reach an output, or a state that
    // matters in the rest. All do at the end, and a loop of unknown length may have no steps.
    std::vector<char> matters(states), before;
    for (std::size_t j = 0; j < states; ++j) matters[j] = is_differentiable(parameter(j)->type());
    const auto reaches_what_matters = [&](std::size_t input) {
        const auto& row = reach[1 + input];
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (row[k] && (k >= states || matters[k])) return true;
        }
        return false;
    };
    std::vector<char> result(inputs(), 0);
    const std::size_t rounds = is_while() ? 1 : steps;
    bool changes = true;
    for (std::size_t m = 0; m < rounds && changes; ++m) {
        for (std::size_t i = states; i < inputs(); ++i) {
            if (reaches_what_matters(i)) result[i] = 1;
        }
        before.assign(states, 0);
        for (std::size_t j = 0; j < states; ++j) before[j] = reaches_what_matters(j);
        changes = before != matters;
        if (!is_while()) matters.swap(before);
    }
    std::copy(matters.begin(), matters.end(), result.begin());
    return result;
}

void loop_feed::write_states()
{
    for (std::size_t j = 0; j < form_.states; ++j) runner_.write(1 + j, x_[j].data);
}

void loop_feed::write_captured()
{
    const std::size_t first = form_.states + form_.slices;
    for (std::size_t j = first; j < form_.inputs(); ++j) runner_.feed(1 + j, x_[j].data);
}

void loop_feed::write_step(std::size_t k)
{
    const std::int64_t number = form_.number(k);
    runner_.feed(0, &number);
    for (std::size_t j = form_.states; j < form_.states + form_.slices; ++j) {
        const node_ptr& slice = form_.parameter(j);
        const std::size_t bytes = element_count(slice->shape()) * size_of(slice->type());
        const auto* all = static_cast<const std::byte*>(x_[j].data);
        runner_.feed(1 + j, all + form_.index(k) * bytes);
    }
}

} // namespace backtrail
