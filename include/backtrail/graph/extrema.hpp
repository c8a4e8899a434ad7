// SPDX-License-Identifier: BSD-3-Clause
// Where along an axis the largest and the smallest elements are, and those elements with their place.
#pragma once

#include <backtrail/graph/reductions.hpp>
#include <backtrail/graph/with_index.hpp>

namespace backtrail {

/// Where the first largest element is, of all in row-major order or along an axis; NaN wins.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.argmax, xt::argmax, torch.argmax, jnp.argmax
template <class E>
[[nodiscard]] auto argmax(expr<E> x)
{
    return detail::make_tensor<std::int64_t>(detail::argmax(detail::node_of(x), {}, false));
}
template <class E, class A>
    requires std::integral<A>
[[nodiscard]] auto argmax(expr<E> x, A axis)
{
    return detail::make_tensor<std::int64_t>(
        detail::argmax(detail::node_of(x), static_cast<std::ptrdiff_t>(axis), false));
}
template <class E, class A, class K>
    requires(std::integral<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto argmax(expr<E> x, A axis, K)
{
    return detail::make_tensor<std::int64_t>(detail::argmax(
        detail::node_of(x), static_cast<std::ptrdiff_t>(axis), detail::keeps_dims<K>));
}

/// Where the first smallest element is, of all in row-major order or along an axis; NaN wins.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.argmin, xt::argmin, torch.argmin, jnp.argmin
template <class E>
[[nodiscard]] auto argmin(expr<E> x)
{
    return detail::make_tensor<std::int64_t>(detail::argmin(detail::node_of(x), {}, false));
}
template <class E, class A>
    requires std::integral<A>
[[nodiscard]] auto argmin(expr<E> x, A axis)
{
    return detail::make_tensor<std::int64_t>(
        detail::argmin(detail::node_of(x), static_cast<std::ptrdiff_t>(axis), false));
}
template <class E, class A, class K>
    requires(std::integral<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto argmin(expr<E> x, A axis, K)
{
    return detail::make_tensor<std::int64_t>(detail::argmin(
        detail::node_of(x), static_cast<std::ptrdiff_t>(axis), detail::keeps_dims<K>));
}

/// The largest element along an axis, and where the first such one is.
/// Derivative: y_bar to the element taken
/// Keeps: the index
/// At singular points: the first of equal elements; the first NaN
/// Elsewhere: -, -, torch.max, -
template <class E, class... K>
    requires(sizeof...(K) < 2 && (detail::a_reduction_option<K> && ...))
[[nodiscard]] with_index<value_type_of<E>> max_with_index(expr<E> x, std::ptrdiff_t axis,
                                                          const K&...)
{
    constexpr bool keep = (detail::keeps_dims<K> || ...);
    const node_ptr n = detail::node_of(x), at = detail::argmax(n, axis, true);
    const node_ptr index = detail::argmax(n, axis, keep);
    return {{detail::from_node, detail::at_index(n, at, axis, keep)}, {detail::from_node, index}};
}

/// The smallest element along an axis, and where the first such one is.
/// Derivative: y_bar to the element taken
/// Keeps: the index
/// At singular points: the first of equal elements; the first NaN
/// Elsewhere: -, -, torch.min, -
template <class E, class... K>
    requires(sizeof...(K) < 2 && (detail::a_reduction_option<K> && ...))
[[nodiscard]] with_index<value_type_of<E>> min_with_index(expr<E> x, std::ptrdiff_t axis,
                                                          const K&...)
{
    constexpr bool keep = (detail::keeps_dims<K> || ...);
    const node_ptr n = detail::node_of(x), at = detail::argmin(n, axis, true);
    const node_ptr index = detail::argmin(n, axis, keep);
    return {{detail::from_node, detail::at_index(n, at, axis, keep)}, {detail::from_node, index}};
}

} // namespace backtrail
