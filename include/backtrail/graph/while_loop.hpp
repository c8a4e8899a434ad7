// SPDX-License-Identifier: BSD-3-Clause
// Loops whose length is known only when they end.
//
//     auto x = bt::while_loop([&](auto x) { return abs(x * x - a) > 1e-12; }, x0,
//                             [&](auto t, auto x) { return 0.5 * (x + a / x); });
#pragma once

#include <backtrail/graph/loop.hpp>

namespace backtrail {

namespace detail {
/// The last states of a loop that runs as long as the condition, a node of type bool, holds.
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> finish_while(
    loop_recorder& recorder, const node_ptr& condition, const std::vector<node_ptr>& next_states);
} // namespace detail

/// The state after as many steps of `state = body(t, state)` as there are with `condition(state)` true
/// before them. A state is a tensor or a std::tuple of tensors, as for `loop`; the condition gives one
/// truth value. Throws shape_error if it gives several, or if a state changes its shape.
/// Derivative: that of the steps that were run; no derivative passes the condition. Where a gradient is
///   itself differentiated, the number of steps run grows with the square of the length
/// Keeps: what the reverse mode needs of each step, or, under a memory budget, some of the states
/// Elsewhere: -, -, -, jax.lax.while_loop (forward mode only)
template <class Condition, class State, class Body>
[[nodiscard]] auto while_loop(Condition&& condition, const State& state, Body&& body)
{
    const auto first = detail::to_tensors(state);
    detail::loop_recorder recorder("while_loop", 0, detail::nodes_of(first), {});
    const tensor<std::int64_t> t(detail::from_node, recorder.step());
    const auto present = detail::typed(first, [&](std::size_t j) { return recorder.state(j); });
    const tensor<bool> goes_on =
        as_tensor(std::apply([&](const auto&... s) { return condition(s...); }, present));
    const auto next =
        detail::to_tensors(std::apply([&](const auto&... s) { return body(t, s...); }, present));
    detail::require_same_types<decltype(first), decltype(next)>();
    const auto last = detail::finish_while(recorder, goes_on.get_node(), detail::nodes_of(next));
    return detail::as_given<State>(detail::typed(first, [&](std::size_t j) { return last[j]; }));
}

} // namespace backtrail
