// SPDX-License-Identifier: BSD-3-Clause
// Loops as nodes. The body is called once, with tensors that stand for the values of a step; what it
// records is planned once and replayed. Tensors from outside may be used in it, and get derivatives,
// too; what does not depend on the step is computed once, outside.
//
//     auto u = bt::loop(1000, u0, [&](auto t, auto u) { return u + dt * laplacian(u); });
#pragma once

#include <backtrail/graph/function.hpp>
#include <backtrail/graph/leaf.hpp>
#include <backtrail/graph/random.hpp>

#include <tuple>

namespace backtrail {

namespace detail {

/// A loop while its body is recorded.
class BACKTRAIL_API loop_recorder {
public:
    /// Throws value_error if n is negative, shape_error unless each of `xs` has n slices.
    loop_recorder(const char* name, std::ptrdiff_t n, std::vector<node_ptr> states,
                  std::vector<node_ptr> xs);
    [[nodiscard]] const node_ptr& step() const { return body_.parameters[0]; }
    [[nodiscard]] const node_ptr& state(std::size_t j) const { return body_.parameters[1 + j]; }
    [[nodiscard]] const node_ptr& slice(std::size_t j) const { return state(states_.size() + j); }
    /// The last states, and the stacks of the outputs. Throws shape_error if the body changes the
    /// shape of a state.
    [[nodiscard]] std::vector<node_ptr> finish(const std::vector<node_ptr>& next_states,
                                               const std::vector<node_ptr>& outputs);
    /// The body as a function of the step, the states, the slices and what it uses from outside, and
    /// the nodes that these are at the start, the step excepted. Throws as `finish`.
    [[nodiscard]] std::pair<graph_function, std::vector<node_ptr>> close(
        const std::vector<node_ptr>& next_states, const std::vector<node_ptr>& others);

private:
    [[nodiscard]] static graph_function begin(const char* name, const std::vector<node_ptr>& states,
                                              const std::vector<node_ptr>& xs);
    const char* name_;
    std::size_t steps_;
    std::vector<node_ptr> states_, xs_;
    graph_function body_;
    step_scope scope_; ///< of random numbers
};

/// How many states the reverse mode of the loops that y depends on keeps at once, those inside of
/// loops included; 0 for all.
BACKTRAIL_API void set_loop_slots(const node_ptr& y, std::size_t slots);

/// What the reverse modes of loops have done so far, together.
struct loop_counts {
    std::uint64_t advances = 0;  ///< steps run without being recorded
    std::uint64_t reversals = 0; ///< steps reversed
};
/// Of the loops that y depends on, without those inside of loops.
[[nodiscard]] BACKTRAIL_API loop_counts count_loop_steps(const node_ptr& y);

// ---- states as users give them: one tensor or a tuple of them --------------------------------------

template <class X>
inline constexpr bool is_tuple = false;
template <class... X>
inline constexpr bool is_tuple<std::tuple<X...>> = true;
template <class X, class Y>
inline constexpr bool is_tuple<std::pair<X, Y>> = true;

template <class X>
[[nodiscard]] auto to_tensor(const X& x)
{
    if constexpr (is_expr<X>) {
        return as_tensor(x);
    } else {
        return constant(x);
    }
}
/// A tuple of tensors.
template <class X>
[[nodiscard]] auto to_tensors(const X& x)
{
    if constexpr (is_tuple<X>) {
        return std::apply([](const auto&... one) { return std::tuple(to_tensor(one)...); }, x);
    } else {
        return std::tuple(to_tensor(x));
    }
}

template <class... T>
[[nodiscard]] std::vector<node_ptr> nodes_of(const std::tuple<tensor<T>...>& x)
{
    return std::apply([](const auto&... one) { return std::vector<node_ptr>{one.get_node()...}; },
                      x);
}

/// The tensors behind some nodes, of the types that `like` has.
template <class... T, class Node>
[[nodiscard]] std::tuple<tensor<T>...> typed(const std::tuple<tensor<T>...>&, Node node)
{
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::tuple<tensor<T>...>(tensor<T>(from_node, node(I))...);
    }(std::index_sequence_for<T...>{});
}

/// As the user gave them: a single one without a tuple around it.
template <class Given, class Tuple>
[[nodiscard]] auto as_given(Tuple x)
{
    if constexpr (is_tuple<Given>) {
        return x;
    } else {
        return std::get<0>(std::move(x));
    }
}

template <class State, class Next>
constexpr void require_same_types()
{
    static_assert(std::is_same_v<State, Next>,
                  "backtrail: the body of a loop must return as many states as it gets, of the "
                  "same element types");
}

} // namespace detail

/// The state after n steps of `state = body(t, state)`. A state is a tensor or a std::tuple of tensors,
/// which the body gets as arguments of their own and returns as a tuple. t is the index of the step, a
/// tensor<std::int64_t>. The body is called once, also for n = 0. Throws value_error if n is negative,
/// shape_error if a state changes its shape.
/// Derivative: the body's, step by step; with respect to the states, and to all that the body uses
/// Keeps: what the reverse mode needs of each step, or, under a memory budget, some of the states
/// Elsewhere: -, -, -, jax.lax.fori_loop
template <class State, class Body>
[[nodiscard]] auto loop(std::ptrdiff_t n, const State& state, Body&& body)
{
    const auto first = detail::to_tensors(state);
    detail::loop_recorder recorder("loop", n, detail::nodes_of(first), {});
    const tensor<std::int64_t> t(detail::from_node, recorder.step());
    const auto next = detail::to_tensors(
        std::apply([&](const auto&... s) { return body(t, s...); },
                   detail::typed(first, [&](std::size_t j) { return recorder.state(j); })));
    detail::require_same_types<decltype(first), decltype(next)>();
    const auto last = recorder.finish(detail::nodes_of(next), {});
    return detail::as_given<State>(detail::typed(first, [&](std::size_t j) { return last[j]; }));
}

/// The same with a slice xs[t] of one or more tensors for each step, and with results of each step,
/// which are stacked along a new first axis. `body(t, state, x)` returns std::pair(state, output);
/// where there are several, they are tuples. Returns std::pair(last state, stacks).
/// Throws as `loop`, and shape_error unless each of `xs` has n slices.
/// Derivative: the body's, step by step; with respect to the states, xs, and all that the body uses
/// Keeps: what the reverse mode needs of each step, or, under a memory budget, some of the states
/// Elsewhere: -, -, -, jax.lax.scan
template <class State, class Xs, class Body>
[[nodiscard]] auto loop_with(std::ptrdiff_t n, const State& state, const Xs& xs, Body&& body)
{
    const auto first = detail::to_tensors(state);
    const auto sequences = detail::to_tensors(xs);
    detail::loop_recorder recorder("loop_with", n, detail::nodes_of(first),
                                   detail::nodes_of(sequences));
    const tensor<std::int64_t> t(detail::from_node, recorder.step());
    const auto result = std::apply(
        [&](const auto&... x) { return body(t, x...); },
        std::tuple_cat(detail::typed(first, [&](std::size_t j) { return recorder.state(j); }),
                       detail::typed(sequences, [&](std::size_t j) { return recorder.slice(j); })));
    const auto next = detail::to_tensors(result.first);
    const auto outputs = detail::to_tensors(result.second);
    detail::require_same_types<decltype(first), decltype(next)>();
    constexpr std::size_t states = std::tuple_size_v<decltype(first)>;
    const auto last = recorder.finish(detail::nodes_of(next), detail::nodes_of(outputs));
    return std::pair(
        detail::as_given<State>(detail::typed(first, [&](std::size_t j) { return last[j]; })),
        detail::as_given<decltype(result.second)>(
            detail::typed(outputs, [&](std::size_t j) { return last[states + j]; })));
}

} // namespace backtrail
