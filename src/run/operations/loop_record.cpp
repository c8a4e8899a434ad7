// SPDX-License-Identifier: BSD-3-Clause
// From a recorded body to the node of its loop.
#include "loop_operations.hpp"
#include "loop_padding.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/loop.hpp>
#include <backtrail/graph/traversal.hpp>

namespace backtrail::detail {
namespace {

std::string named(const char* name) { return "[" + std::string(name) + "] "; }

std::size_t count_of(const char* name, std::ptrdiff_t n)
{
    if (n >= 0) return static_cast<std::size_t>(n);
    throw value_error(named(name) + "cannot run " + std::to_string(n) + " times");
}

/// Calls f with each loop that y depends on.
template <class F>
void for_loops(std::span<const node_ptr> roots, F f)
{
    for (const auto& n : topological_order(roots)) {
        if (const auto* loop = dynamic_cast<const loop_operation*>(&n->op())) f(*loop);
    }
}

} // namespace

loop_recorder::loop_recorder(const char* name, std::ptrdiff_t n, std::vector<node_ptr> states,
                             std::vector<node_ptr> xs)
    : name_(name), steps_(count_of(name, n)), states_(std::move(states)), xs_(std::move(xs)),
      body_(begin(name, states_, xs_)), scope_(step())
{
    for (const auto& x : xs_) {
        if (x->shape()[0] == steps_) continue;
        throw shape_error(named(name) + std::to_string(steps_) +
                          " steps need as many slices, but " + to_string(x->shape()) + " has " +
                          std::to_string(x->shape()[0]) + nearby(std::span(&x, 1)));
    }
}

graph_function loop_recorder::begin(const char* name, const std::vector<node_ptr>& states,
                                    const std::vector<node_ptr>& xs)
{
    graph_function body;
    body.parameters.push_back(make_placeholder({}, dtype::int64, name));
    for (const auto& s : states) {
        body.parameters.push_back(make_placeholder(s->shape(), s->type(), name));
    }
    for (const auto& x : xs) {
        if (x->shape().empty()) {
            throw shape_error(named(name) + "a single number has no slices" +
                              nearby(std::span(&x, 1)));
        }
        shape slice = x->shape();
        slice.erase(0);
        body.parameters.push_back(make_placeholder(slice, x->type(), name));
    }
    return body;
}

std::pair<graph_function, std::vector<node_ptr>> loop_recorder::close(
    const std::vector<node_ptr>& next_states, const std::vector<node_ptr>& others)
{
    for (std::size_t j = 0; j < states_.size(); ++j) {
        const shape& before = states_[j]->shape();
        const shape& after = next_states[j]->shape();
        if (before == after) continue;
        throw shape_error(named(name_) + "a state keeps its shape: state " + std::to_string(j) +
                          " begins as " + to_string(before) + ", the body returns " +
                          to_string(after) + nearby(std::span(&next_states[j], 1)));
    }
    body_.results = next_states;
    body_.results.insert(body_.results.end(), others.begin(), others.end());
    std::vector<node_ptr> inputs = states_;
    inputs.insert(inputs.end(), xs_.begin(), xs_.end());
    const auto captured = capture(body_);
    inputs.insert(inputs.end(), captured.begin(), captured.end());
    return {std::move(body_), std::move(inputs)};
}

std::vector<node_ptr> loop_recorder::finish(const std::vector<node_ptr>& next_states,
                                            const std::vector<node_ptr>& outputs)
{
    auto [body, inputs] = close(next_states, outputs);
    const auto padded = carry_padded(body, inputs, states_.size());
    const auto form = std::make_shared<const loop_form>(std::move(body), steps_, false,
                                                        states_.size(), xs_.size());
    const node_ptr loop = make_loop(form, inputs);
    std::vector<node_ptr> results;
    for (std::size_t k = 0; k < form->out.parts().size(); ++k) {
        results.push_back(form->out.unpack(loop, k));
    }
    for (const auto& state : padded) {
        results[state.index] = state.cut(results[state.index]);
    }
    return results;
}

void set_loop_slots(const node_ptr& y, std::size_t slots)
{
    std::vector<std::vector<node_ptr>> pending = {{y}};
    while (!pending.empty()) {
        const std::vector<node_ptr> roots = std::move(pending.back());
        pending.pop_back();
        for_loops(roots, [&](const loop_operation& loop) {
            loop.settings()->set_slots(slots);
            pending.push_back(loop.form().function().results);
        });
    }
}

loop_counts count_loop_steps(const node_ptr& y)
{
    loop_counts total;
    for_loops(std::span(&y, 1), [&](const loop_operation& loop) {
        total.advances += loop.settings()->advances();
        total.reversals += loop.settings()->reversals();
    });
    return total;
}

} // namespace backtrail::detail
