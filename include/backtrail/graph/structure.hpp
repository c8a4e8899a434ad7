// SPDX-License-Identifier: BSD-3-Clause
// Functions that change the form of an array. Each makes one node (or none).
// Axes are integers, braced lists or ranges of them; negative axes count from the back.
#pragma once

#include <backtrail/graph/build.hpp>

#include <initializer_list>
#include <utility>

namespace backtrail {

namespace detail {

using integers = extents<std::ptrdiff_t>;

template <class A>
[[nodiscard]] integers to_integers(const A& a)
{
    if constexpr (std::is_integral_v<A>) {
        return {static_cast<std::ptrdiff_t>(a)};
    } else {
        return integers(a);
    }
}

template <class T>
[[nodiscard]] tensor<T> make_tensor(node_ptr n)
{
    return {from_node, std::move(n)};
}

} // namespace detail

/// x repeated along axes of extent 1 and new leading axes. Throws shape_error if it does not fit.
template <class E, class S>
    requires iterable<S>
[[nodiscard]] auto broadcast_to(expr<E> x, const S& to)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::broadcast_to(detail::node_of(x), shape(to)));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto broadcast_to(expr<E> x, const I (&to)[N])
{
    return broadcast_to(x, std::to_array(to));
}
template <class E>
[[nodiscard]] auto broadcast_to(expr<E> x, const shape& to)
{
    return detail::make_tensor<value_type_of<E>>(detail::broadcast_to(detail::node_of(x), to));
}

/// The same elements in another shape; one extent may be -1. Throws shape_error if the counts
/// differ.
template <class E, class S>
    requires iterable<S>
[[nodiscard]] auto reshape(expr<E> x, const S& to)
{
    const node_ptr n = detail::node_of(x);
    const detail::integers list = detail::to_integers(to);
    return detail::make_tensor<value_type_of<E>>(
        detail::reshape(n, detail::resolve_shape(n, std::span(list.data(), list.size()))));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto reshape(expr<E> x, const I (&to)[N])
{
    return reshape(x, std::to_array(to));
}
/// A 0-d tensor from one with a single element: `reshape(x, {})`.
template <class E>
[[nodiscard]] auto reshape(expr<E> x, std::initializer_list<int> to)
{
    const detail::integers list(to);
    const node_ptr n = detail::node_of(x);
    return detail::make_tensor<value_type_of<E>>(
        detail::reshape(n, detail::resolve_shape(n, std::span(list.data(), list.size()))));
}

/// All axes in reverse order, or axis permutation[i] of x as axis i.
template <class E>
[[nodiscard]] auto transpose(expr<E> x)
{
    const node_ptr n = detail::node_of(x);
    detail::integers reversed;
    for (std::size_t i = detail::shape_of(n).size(); i-- > 0;) {
        reversed.push_back(static_cast<std::ptrdiff_t>(i));
    }
    return detail::make_tensor<value_type_of<E>>(
        detail::transpose(n, std::span(reversed.data(), reversed.size())));
}
template <class E, class A>
    requires iterable<A>
[[nodiscard]] auto transpose(expr<E> x, const A& permutation)
{
    const detail::integers list = detail::to_integers(permutation);
    return detail::make_tensor<value_type_of<E>>(
        detail::transpose(detail::node_of(x), std::span(list.data(), list.size())));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto transpose(expr<E> x, const I (&permutation)[N])
{
    return transpose(x, std::to_array(permutation));
}

/// The same value, through which no derivative passes.
template <class E>
[[nodiscard]] auto stop_gradient(expr<E> x)
{
    return detail::make_tensor<value_type_of<E>>(detail::stop_gradient(detail::node_of(x)));
}

/// The same values in another element type, by C++ conversion. Between float and double the
/// derivative passes.
template <element T, class E>
[[nodiscard]] tensor<T> cast(expr<E> x)
{
    return {detail::from_node, detail::cast(detail::node_of(x), dtype_of<T>)};
}

/// Tensors joined along an axis they have. Throws shape_error if the other extents differ.
template <element T>
[[nodiscard]] tensor<T> concatenate(const std::vector<tensor<T>>& parts, std::ptrdiff_t axis = 0)
{
    std::vector<node_ptr> nodes;
    for (const auto& part : parts) nodes.push_back(detail::node_of(part));
    return {detail::from_node, detail::concatenate(nodes, axis)};
}
template <class I, class E, class... Rest>
    requires std::integral<I>
[[nodiscard]] auto concatenate(I axis, expr<E> first, expr<Rest>... rest)
{
    const node_ptr nodes[] = {detail::node_of(first), detail::node_of(rest)...};
    return detail::make_tensor<value_type_of<E>>(
        detail::concatenate(nodes, static_cast<std::ptrdiff_t>(axis)));
}

/// Tensors of one shape joined along a new axis.
template <element T>
[[nodiscard]] tensor<T> stack(const std::vector<tensor<T>>& parts, std::ptrdiff_t axis = 0)
{
    std::vector<node_ptr> nodes;
    for (const auto& part : parts) nodes.push_back(detail::node_of(part));
    return {detail::from_node, detail::stack(nodes, axis)};
}
template <class I, class E, class... Rest>
    requires std::integral<I>
[[nodiscard]] auto stack(I axis, expr<E> first, expr<Rest>... rest)
{
    const node_ptr nodes[] = {detail::node_of(first), detail::node_of(rest)...};
    return detail::make_tensor<value_type_of<E>>(
        detail::stack(nodes, static_cast<std::ptrdiff_t>(axis)));
}

} // namespace backtrail
