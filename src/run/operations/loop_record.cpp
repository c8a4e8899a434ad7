// SPDX-License-Identifier: BSD-3-Clause
// From a recorded body to the node of its loop.
#include "loop_operations.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/loop.hpp>
#include <backtrail/graph/rebuild.hpp>
#include <backtrail/graph/traversal.hpp>

#include <algorithm>
#include <optional>

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

/// A state that is carried with zeros around it.
struct padded_state {
    std::size_t index;
    shape whole;
    std::vector<slice> inside;
};

/// Where the input of a node lies in it, if all else of it is zero.
std::optional<std::vector<slice>> inside_of(const node_ptr& n)
{
    const auto places = n->op().places_of_inputs(*n);
    const layout whole(n->shape());
    if (places.size() != 1 || whole.size() == 0 || places[0].steps != whole.steps) return {};
    std::vector<slice> inside;
    std::ptrdiff_t offset = places[0].offset;
    for (std::size_t axis = 0; axis < whole.extents.size(); ++axis) {
        const std::ptrdiff_t step = std::max<std::ptrdiff_t>(1, whole.steps[axis]);
        inside.push_back({offset / step, 1, places[0].extents[axis]});
        offset %= step;
    }
    return inside;
}

/// How the body pads a state, if it does so in one way, and nobody has named the state or the result.
std::optional<padded_state> padding_of(const graph_function& body, std::size_t state)
{
    const node_ptr& parameter = body.parameters[1 + state];
    std::optional<padded_state> found;
    for (const auto& n : topological_order(body.results)) {
        if (n->inputs().size() != 1 || !(n->inputs()[0] == parameter)) continue;
        auto inside = inside_of(n);
        if (!inside) continue;
        if (n->is_annotated() || parameter->is_annotated()) return {};
        if (found && !(found->whole == n->shape() && found->inside == *inside)) return {};
        found = padded_state{state, n->shape(), std::move(*inside)};
    }
    return found;
}

/// A body that pads a state, as stencils do, would copy it into its zeros in each step, and again to reverse
/// it. So that state is carried as the padded array: a step then writes the next one within its zeros.
std::vector<padded_state> carry_padded(graph_function& body, std::vector<node_ptr>& inputs,
                                       std::size_t states)
{
    std::vector<padded_state> padded;
    for (std::size_t j = 0; j < states; ++j) {
        const auto state = padding_of(body, j);
        if (!state) continue;
        node_ptr& parameter = body.parameters[1 + j];
        const node_ptr whole = make_placeholder(state->whole, parameter->type(), "loop");
        body.results = rebuild(body.results, [&](const node_ptr& n, std::span<const node_ptr>) {
            if (n == parameter) return slice_axes(whole, state->inside);
            const bool pads =
                n->inputs().size() == 1 && n->inputs()[0] == parameter && inside_of(n).has_value();
            return pads ? whole : node_ptr();
        });
        parameter = whole;
        body.results[j] = embed(body.results[j], state->whole, state->inside);
        inputs[j] = embed(inputs[j], state->whole, state->inside);
        padded.push_back(*state);
    }
    return padded;
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
        results[state.index] = slice_axes(results[state.index], state.inside);
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
