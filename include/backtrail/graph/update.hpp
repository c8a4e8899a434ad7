// SPDX-License-Identifier: BSD-3-Clause
// Functional updates: a copy of an array with part of it written or added to. Tensors never change.
#pragma once

#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/operand.hpp>
#include <backtrail/graph/view.hpp>

namespace backtrail {

namespace detail {

template <class T, class V, class... S>
[[nodiscard]] tensor<T> write_view(bool adds, const node_ptr& x, const V& v, const S&... s)
{
    const char* name = adds ? "add_to_view" : "with_view";
    const view_builder chosen = choose(name, shape_of(x), s...);
    const node_ptr value = operand_as<T>(v).get_node();
    if (!is_broadcastable(shape_of(value), chosen.result)) {
        throw shape_error("[" + std::string(name) + "] " + to_string(shape_of(value)) +
                          " does not broadcast to the view " + to_string(chosen.result) + " of " +
                          to_string(shape_of(x)));
    }
    shape in_place;
    for (const slice& one : chosen.slices) in_place.push_back(one.count);
    return make_tensor<T>(write_slices(x, reshape(broadcast_to(value, chosen.result), in_place),
                                       chosen.slices, adds));
}

template <class S>
inline constexpr bool is_slice_tuple = false;
template <class... S>
inline constexpr bool is_slice_tuple<std::tuple<S...>> = true;

/// Takes `slices..., v`, or a tuple of slices and v, apart.
template <class T, class... A>
[[nodiscard]] tensor<T> write_view_last(bool adds, const node_ptr& x, const A&... arguments)
{
    constexpr std::size_t last = sizeof...(A) - 1;
    const auto all = std::forward_as_tuple(arguments...);
    const auto& v = std::get<last>(all);
    if constexpr (last == 1 &&
                  is_slice_tuple<std::remove_cvref_t<std::tuple_element_t<0, decltype(all)>>>) {
        return std::apply([&](const auto&... s) { return write_view<T>(adds, x, v, s...); },
                          std::get<0>(all));
    } else {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return write_view<T>(adds, x, v, std::get<I>(all)...);
        }(std::make_index_sequence<last>{});
    }
}

} // namespace detail

/// A copy of x with v in the place of `view(x, slices...)`: `with_view(x, slices..., v)`, the value
/// last, or the slices as one std::tuple. v is a tensor, an xtensor expression or a number, and
/// broadcasts to the view. Throws index_error for an index out of range, shape_error if v does not
/// broadcast.
/// Derivative: x_bar = y_bar with 0 in the place of the view, v_bar = view(y_bar, slices...), y_dot
///   = with_view(x_dot, slices..., v_dot).
/// Keeps: nothing
/// Elsewhere: y = x.copy(); y[...] = v, xt::view(y, ...) = v, torch.slice_scatter, x.at[...].set(v)
template <class E, class... A>
    requires(any_expr<E> && sizeof...(A) > 0)
[[nodiscard]] auto with_view(E&& x, A&&... slices_and_value)
{
    using T = typename std::remove_cvref_t<E>::value_type;
    return detail::write_view_last<T>(false, detail::node_of(x), slices_and_value...);
}

/// A copy of x with v added in the place of `view(x, slices...)`: arguments and errors as for
/// `with_view`.
/// Derivative: x_bar = y_bar, v_bar = view(y_bar, slices...), y_dot = add_to_view(x_dot, slices...,
///   v_dot).
/// Keeps: nothing
/// Elsewhere: y = x.copy(); y[...] += v, xt::view(y, ...) += v, -, x.at[...].add(v)
template <class E, class... A>
    requires(any_expr<E> && sizeof...(A) > 0)
[[nodiscard]] auto add_to_view(E&& x, A&&... slices_and_value)
{
    using T = typename std::remove_cvref_t<E>::value_type;
    static_assert(!std::same_as<T, bool>, "backtrail: masks are not added; write with_view");
    return detail::write_view_last<T>(true, detail::node_of(x), slices_and_value...);
}

} // namespace backtrail
