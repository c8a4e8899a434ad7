// SPDX-License-Identifier: BSD-3-Clause
// Derivatives of loops. The forward mode is a loop over states and tangents. The reverse mode has an
// operation of its own; where it is differentiated itself it becomes two loops, one that stacks all states
// and one over the stacks.
//
// With step k:  s' = F(k, s, x_k, c), y_k = G(k, s, x_k, c)  the reversed step is, with its vjp V,
//     s_bar, x_bar_k, c_bar += V(k, s, x_k, c; s'_bar, y_bar_k),
// so it is a loop whose states are s_bar and the sums c_bar, over the sequences s, x and y_bar.
#include "loop_operations.hpp"

#include <backtrail/ad/function.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>

namespace backtrail {
namespace {

bool is_differentiable(const node_ptr& n) { return backtrail::is_differentiable(n->type()); }

struct array_kind {
    dtype type;
    shape extents;
};
array_kind kind_of(const seen_cotangent& c)
{
    if (c.n) {
        const node_ptr n = c.reduced ? c.reduced(c.n) : c.n;
        return {n->type(), n->shape()};
    }
    const loop_form& f = static_cast<const loop_operation&>(c.inner->op()).form();
    const seen_cotangent& inside = f.seen_cotangents[c.index];
    array_kind kind = kind_of(inside);
    const std::size_t steps = f.is_while() ? inside.steps.range.last.value_or(0) : f.steps;
    kind.extents.insert(0, inside.steps.sink ? 0 : inside.steps.range.count(steps));
    return kind;
}

/// What the reverse mode of a loop in the body hands out; nothing if the body has no such reverse mode.
node_ptr seen_inside(const graph_function& vjp, const seen_cotangent& c)
{
    const auto& settings = static_cast<const loop_operation&>(c.inner->op()).settings();
    for (const auto& n : topological_order(vjp.results)) {
        const auto* back = dynamic_cast<const loop_pullback_operation*>(&n->op());
        if (back == nullptr || back->settings() != settings) continue;
        return seen_of(*back->reverse(), n, c.index);
    }
    return {};
}

/// The body of the reversed loop, from that of the loop, for the wanted inputs.
std::shared_ptr<const loop_form> reversed(const loop_form& f, std::span<const char> wanted)
{
    std::vector<char> has_bar(1, 0); // the index has none
    for (std::size_t i = 0; i < f.inputs(); ++i) {
        // The cotangents of states go on to the step before, whoever asks.
        has_bar.push_back(is_differentiable(f.parameter(i)) && (i < f.states || wanted[i]));
    }
    std::vector<node_ptr> inside;
    for (const auto& c : f.seen_cotangents) {
        if (c.n) inside.push_back(c.n);
    }
    const graph_function vjp = detail::pull_back(f.primary(), has_bar, inside);
    auto result = vjp.results.begin();
    auto bar = vjp.parameters.begin() + static_cast<std::ptrdiff_t>(1 + f.inputs());

    std::vector<node_ptr> states, next_states, slices, outputs;
    for (std::size_t j = 0; j < f.states; ++j) {
        if (!has_bar[1 + j]) continue;
        states.push_back(*bar++);
        next_states.push_back(*result++);
    }
    for (std::size_t j = 0; j < f.states + f.slices; ++j) slices.push_back(f.parameter(j));
    for (std::size_t j = f.states; j < f.states + f.slices; ++j) {
        if (has_bar[1 + j]) outputs.push_back(*result++);
    }
    slices.insert(slices.end(), bar, vjp.parameters.end()); // of the outputs
    for (std::size_t j = f.states + f.slices; j < f.inputs(); ++j) {
        if (!has_bar[1 + j]) continue;
        const node_ptr& c = f.parameter(j);
        states.push_back(detail::make_placeholder(c->shape(), c->type(), "loop"));
        next_states.push_back((symbol(states.back()) + symbol(*result++)).get());
    }

    graph_function g{{vjp.parameters.front()}, next_states};
    g.parameters.insert(g.parameters.end(), states.begin(), states.end());
    g.parameters.insert(g.parameters.end(), slices.begin(), slices.end());
    for (std::size_t j = f.states + f.slices; j < f.inputs(); ++j) {
        g.parameters.push_back(f.parameter(j));
    }
    g.results.insert(g.results.end(), outputs.begin(), outputs.end());
    std::vector<detail::seen_steps> seen;
    for (const auto& c : f.seen_cotangents) {
        seen.push_back(c.steps);
        node_ptr bar_inside = c.n ? *result++ : seen_inside(vjp, c);
        if (c.n && c.reduced) bar_inside = c.reduced(bar_inside);
        if (!bar_inside) {
            const array_kind kind = kind_of(c);
            bar_inside = detail::as_node(symbol(), kind.type, kind.extents);
        }
        g.results.push_back(std::move(bar_inside));
    }
    return make_derivative_form(std::move(g), f.steps, !f.is_backward && !f.is_while(),
                                states.size(), slices.size(), f.first, seen);
}

} // namespace

std::vector<symbol> loop_pullback_operation::lower(const node_ptr& self) const
{
    const loop_form& f = *forward_;
    const auto inputs = self->inputs();
    if (f.is_while()) return lower_while(self);
    const node_ptr& y_bar = inputs[f.inputs()];
    // All states, each before its step.
    const auto& parameters = f.function().parameters;
    const auto& results = f.function().results;
    graph_function stacking{parameters, {results.begin(), results.begin() + f.states}};
    stacking.results.insert(stacking.results.end(), parameters.begin() + 1,
                            parameters.begin() + 1 + f.states);
    const auto stacks_form =
        make_derivative_form(stacking, f.steps, f.is_backward, f.states, f.slices, f.first);
    const node_ptr stacks = make_loop(stacks_form, inputs.first(f.inputs()));

    std::vector<node_ptr> x;
    for (std::size_t j = 0; j < f.states; ++j) {
        if (is_differentiable(f.parameter(j))) x.push_back(f.out.unpack(y_bar, j));
    }
    while (x.size() < reverse_->states) {
        const node_ptr& sum = reverse_->parameter(x.size());
        x.push_back(detail::as_node(symbol(), sum->type(), sum->shape()));
    }
    for (std::size_t j = 0; j < f.states; ++j) {
        x.push_back(stacks_form->out.unpack(stacks, f.states + j));
    }
    x.insert(x.end(), inputs.begin() + f.states, inputs.begin() + f.states + f.slices);
    for (std::size_t j = f.states; j < f.states + f.outputs; ++j) {
        if (is_differentiable(results[j])) x.push_back(f.out.unpack(y_bar, j));
    }
    x.insert(x.end(), inputs.begin() + f.states + f.slices, inputs.begin() + f.inputs());
    return {make_loop(reverse_, x)};
}

void loop_operation::pullback(const node_ptr& self, const symbol& y_bar,
                              std::span<const char> wanted, std::span<symbol> x_bar) const
{
    const loop_form& f = *form_;
    const auto reverse = reversed(f, wanted);
    std::vector<node_ptr> inputs(self->inputs().begin(), self->inputs().end());
    inputs.push_back(detail::as_node(y_bar, self->type(), f.out.shape()));
    const node_ptr bars = primary_result(
        *reverse, make_node(make_operation<loop_pullback_operation>(form_, reverse, settings_),
                            reverse->out.type(), reverse->shape(), inputs));
    std::size_t state = 0, output = reverse->states;
    for (std::size_t i = 0; i < f.inputs(); ++i) {
        if (!is_differentiable(f.parameter(i)) || (i >= f.states && !wanted[i])) continue;
        const bool is_slice = i >= f.states && i < f.states + f.slices;
        const std::size_t part = is_slice ? output++ : state++;
        if (wanted[i]) x_bar[i] = reverse->out.unpack(bars, part);
    }
}

symbol loop_operation::pushforward(const node_ptr& self, std::span<const symbol> x_dot) const
{
    const loop_form& f = *form_;
    const auto inputs = self->inputs();
    std::vector<char> moves(1, 0);
    for (std::size_t i = 0; i < f.inputs(); ++i) {
        moves.push_back(is_differentiable(f.parameter(i)) && (i < f.states || !x_dot[i].is_zero()));
    }
    const graph_function primary = f.primary();
    const graph_function jvp = detail::push_forward(primary, moves);

    // Behind each kind of parameter come its tangents.
    graph_function g{{jvp.parameters.front()}, {}};
    std::vector<node_ptr> x;
    std::size_t next_dot = 1 + f.inputs(), states = 0, slices = 0;
    const auto add = [&](std::size_t first, std::size_t count) {
        const std::size_t before = x.size();
        for (std::size_t i = first; i < first + count; ++i) {
            g.parameters.push_back(f.parameter(i));
            x.push_back(inputs[i]);
        }
        for (std::size_t i = first; i < first + count; ++i) {
            if (!moves[1 + i]) continue;
            g.parameters.push_back(jvp.parameters[next_dot++]);
            x.push_back(detail::as_node(x_dot[i], inputs[i]->type(), inputs[i]->shape()));
        }
        return x.size() - before;
    };
    states = add(0, f.states);
    slices = add(f.states, f.slices);
    static_cast<void>(add(f.states + f.slices, f.captured));

    const auto& results = primary.results;
    std::vector<std::size_t> part_of(results.size()); // of the tangent of a result
    std::size_t next_result = results.size();
    const auto add_results = [&](std::size_t first, std::size_t last) {
        for (std::size_t k = first; k < last; ++k) g.results.push_back(jvp.results[k]);
        for (std::size_t k = first; k < last; ++k) {
            if (!is_differentiable(results[k])) continue;
            part_of[k] = g.results.size();
            g.results.push_back(jvp.results[next_result++]);
        }
    };
    add_results(0, f.states);
    add_results(f.states, results.size());

    const auto form =
        f.is_while()
            ? make_derivative_form(g, graph_function{g.parameters, f.begin->function().results},
                                   states, f.first)
            : make_derivative_form(g, f.steps, f.is_backward, states, slices, f.first);
    const node_ptr both = make_loop(form, x);
    std::vector<node_ptr> tangents(f.out.parts().size()); // nothing for a number of steps
    for (std::size_t k = 0; k < results.size(); ++k) {
        if (is_differentiable(results[k])) tangents[k] = form->out.unpack(both, part_of[k]);
    }
    return f.out.pack(tangents);
}

} // namespace backtrail
