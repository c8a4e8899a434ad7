// SPDX-License-Identifier: BSD-3-Clause
// Loops of unknown length: how they are recorded, and their reverse mode where it is differentiated
// itself. There states cannot be stacked, as nobody knows how many there will be; each is computed
// again from the first one, in as many steps as the square of the length. Nothing else is needed: all
// derivatives of loops of unknown length are such loops.
#include "loop_operations.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/expr/build.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/while_loop.hpp>

namespace backtrail {
namespace {

using index = tensor<std::int64_t>;

index as_index(const node_ptr& n) { return {detail::from_node, n}; }

/// The state before step `limit`: the body of f as often, with the limit as what is captured last.
std::shared_ptr<const loop_form> first_steps(const loop_form& f)
{
    graph_function body = f.function();
    const node_ptr limit = detail::make_placeholder({}, dtype::int64, "while_loop");
    body.parameters.push_back(limit);
    const tensor<bool> goes_on = as_index(body.parameters[0]) < as_index(limit);
    return make_derivative_form(body, graph_function{body.parameters, {goes_on.get_node()}},
                                f.states, f.first);
}

} // namespace

std::vector<symbol> loop_pullback_operation::lower_while(const node_ptr& self) const
{
    const loop_form& f = *forward_;
    const auto inputs = self->inputs();
    const auto given = inputs.first(f.inputs());
    const node_ptr count = f.out.unpack(make_loop(forward_, given), f.states);

    // One step back: the number of the step, cotangents and sums; the first states and what the
    // body uses are captured.
    const auto& vjp = reverse_->function();
    graph_function back{{detail::make_placeholder({}, dtype::int64, "while_loop"),
                         detail::make_placeholder({}, dtype::int64, "while_loop")},
                        {}};
    const node_ptr k = back.parameters[1];
    std::vector<node_ptr> arguments = {k};
    for (std::size_t j = 0; j < reverse_->states; ++j) {
        back.parameters.push_back(vjp.parameters[1 + j]);
        arguments.push_back(vjp.parameters[1 + j]);
    }
    std::vector<node_ptr> inner_inputs;
    for (const auto& n : given) {
        inner_inputs.push_back(detail::make_placeholder(n->shape(), n->type(), "while_loop"));
        back.parameters.push_back(inner_inputs.back());
    }
    inner_inputs.push_back(k);
    const auto inner = first_steps(f);
    const node_ptr state = make_loop(inner, inner_inputs);
    for (std::size_t j = 0; j < f.states; ++j) arguments.push_back(inner->out.unpack(state, j));
    arguments.insert(arguments.end(), inner_inputs.begin() + static_cast<long>(f.states),
                     inner_inputs.end() - 1);
    back.results = detail::call(vjp, arguments);
    back.results.insert(back.results.begin(), index(as_index(k) - 1).get_node());
    const tensor<bool> goes_on = as_index(k) >= f.first;
    const auto form = make_derivative_form(
        back, graph_function{back.parameters, {goes_on.get_node()}}, 1 + reverse_->states);

    std::vector<node_ptr> x = {index(as_index(count) + (f.first - 1)).get_node()};
    for (std::size_t j = 0; j < f.states; ++j) {
        if (is_differentiable(f.parameter(j)->type())) {
            x.push_back(f.out.unpack(inputs[f.inputs()], j));
        }
    }
    while (x.size() < 1 + reverse_->states) {
        const node_ptr& sum = reverse_->parameter(x.size() - 1);
        x.push_back(detail::as_node(symbol(), sum->type(), sum->shape()));
    }
    x.insert(x.end(), given.begin(), given.end());
    const node_ptr bars = make_loop(form, x);
    std::vector<node_ptr> results;
    for (std::size_t j = 0; j < reverse_->states; ++j) {
        results.push_back(form->out.unpack(bars, 1 + j));
    }
    return {reverse_->out.pack(results)};
}

namespace detail {

std::vector<node_ptr> finish_while(loop_recorder& recorder, const node_ptr& condition,
                                   const std::vector<node_ptr>& next_states)
{
    if (element_count(condition->shape()) != 1) {
        throw shape_error("[while_loop] the condition is one truth value, not of shape " +
                          to_string(condition->shape()) + nearby(std::span(&condition, 1)));
    }
    auto [body, inputs] = recorder.close(next_states, {reshape(condition, {})});
    const std::size_t states = next_states.size();
    graph_function holds{body.parameters, {body.results.back()}};
    body.results.pop_back();
    const auto form = std::make_shared<const loop_form>(std::move(body), std::move(holds), states);
    const node_ptr loop = make_loop(form, inputs);
    std::vector<node_ptr> results;
    for (std::size_t j = 0; j < states; ++j) results.push_back(form->out.unpack(loop, j));
    return results;
}

} // namespace detail
} // namespace backtrail
