// SPDX-License-Identifier: BSD-3-Clause
// Orders along an axis: sorted values, their places, the first few of them, the middle. All are stable:
// equal elements keep their order. NaN counts as larger than everything.
#pragma once

#include <backtrail/graph/scans.hpp>

namespace backtrail {

namespace detail {

/// Throws value_error if k is negative or the axis has fewer than k elements.
BACKTRAIL_API void require_enough(const char* name, const node_ptr& x, std::size_t axis,
                                  std::ptrdiff_t k);
/// (x + y) / 2
[[nodiscard]] BACKTRAIL_API node_ptr middle(const node_ptr& x, const node_ptr& y);

/// The element of rank `rank(extent)`, without its axis.
template <class T, class Rank>
[[nodiscard]] with_index<T> ranked(const char* name, const scanned& s, Rank rank)
{
    require_enough(name, s.x, s.axis, 1);
    shape rest = shape_of(s.x);
    const node_ptr at = rank_along(s.x, s.axis, rank(rest[s.axis]));
    rest.erase(s.axis);
    return {
        {from_node, reshape(gather("take", s.x, static_cast<std::ptrdiff_t>(s.axis), at), rest)},
        {from_node, reshape(at, rest)}};
}

template <class T>
[[nodiscard]] tensor<T> median(const scanned& s)
{
    const auto lower = ranked<T>("median", s, [](std::size_t n) { return (n - 1) / 2; });
    if (shape_of(s.x)[s.axis] % 2 == 1) return lower.values;
    const auto upper = ranked<T>("median", s, [](std::size_t n) { return n / 2; });
    return {from_node, middle(lower.values.get_node(), upper.values.get_node())};
}

template <class T, class Q>
[[nodiscard]] tensor<T> quantile(const scanned& s, Q q)
{
    return {from_node, quantile_along(s.x, s.axis, static_cast<double>(q))};
}

template <class T, class L>
[[nodiscard]] tensor<T> quantiles(const scanned& s, const L& list)
{
    std::vector<node_ptr> parts;
    for (const auto q : list) parts.push_back(quantile_along(s.x, s.axis, static_cast<double>(q)));
    return {from_node, stack(parts, 0)};
}

} // namespace detail

/// The places of the elements of x in order along an axis, as int64.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.argsort, xt::argsort, torch.argsort, jnp.argsort
template <class E>
[[nodiscard]] tensor<std::int64_t> argsort(expr<E> x, std::ptrdiff_t axis = -1,
                                           bool descending = false)
{
    const detail::scanned s("argsort", detail::node_of(x), axis);
    const std::size_t all = detail::shape_of(s.x)[s.axis];
    return {detail::from_node, detail::order_along(s.x, s.axis, descending, all)};
}

/// The elements of x in order along an axis, and their places.
/// Derivative: x_bar = y_bar, each element at the place it came from
/// Keeps: the indices
/// At singular points: equal elements keep their order
/// Elsewhere: -, -, torch.sort, -
template <class E>
[[nodiscard]] with_index<value_type_of<E>> sort_with_index(expr<E> x, std::ptrdiff_t axis = -1,
                                                           bool descending = false)
{
    const detail::scanned s("sort", detail::node_of(x), axis);
    const std::size_t all = detail::shape_of(s.x)[s.axis];
    return detail::chosen<value_type_of<E>>(s.x, detail::order_along(s.x, s.axis, descending, all),
                                            s.axis);
}
/// The elements of x in order along an axis.
/// Derivative: x_bar = y_bar, each element at the place it came from
/// Keeps: the indices
/// At singular points: equal elements keep their order
/// Elsewhere: np.sort, xt::sort, torch.sort, jnp.sort
template <class E>
[[nodiscard]] auto sort(expr<E> x, std::ptrdiff_t axis = -1, bool descending = false)
{
    return sort_with_index(x, axis, descending).values;
}

/// The k largest (or smallest) elements along an axis, in order, and their places. Throws value_error
/// if there are fewer.
/// Derivative: y_bar goes to the elements taken
/// Keeps: the indices
/// At singular points: of equal elements the first are taken
/// Elsewhere: -, -, torch.topk, jax.lax.top_k
template <class E>
[[nodiscard]] with_index<value_type_of<E>> topk(expr<E> x, std::ptrdiff_t k,
                                                std::ptrdiff_t axis = -1, bool largest = true)
{
    const detail::scanned s("topk", detail::node_of(x), axis);
    detail::require_enough("topk", s.x, s.axis, k);
    const auto count = static_cast<std::size_t>(k);
    return detail::chosen<value_type_of<E>>(s.x, detail::order_along(s.x, s.axis, largest, count),
                                            s.axis);
}

/// The element in the middle of the order along an axis, the lower one if there are two, and its place.
/// The axis goes. Throws value_error for an axis without elements.
/// Derivative: y_bar goes to the element taken
/// Keeps: the index
/// At singular points: the first of equal elements; the first NaN, if there is one
/// Elsewhere: -, -, torch.median, -
template <class E>
[[nodiscard]] with_index<value_type_of<E>> median_with_index(expr<E> x, std::ptrdiff_t axis)
{
    const detail::scanned s("median", detail::node_of(x), axis);
    return detail::ranked<value_type_of<E>>("median", s, [](std::size_t n) { return (n - 1) / 2; });
}
/// The middle of the order along an axis (or of all elements): the mean of two, if there are two.
/// Derivative: y_bar goes to the element taken, half of it to each of two
/// Keeps: the indices
/// At singular points: the first of equal elements; NaN if there is one
/// Elsewhere: np.median, xt::median, -, jnp.median
template <class E>
    requires differentiable<value_type_of<E>>
[[nodiscard]] auto median(expr<E> x, std::ptrdiff_t axis)
{
    return detail::median<value_type_of<E>>({"median", detail::node_of(x), axis});
}
template <class E>
    requires differentiable<value_type_of<E>>
[[nodiscard]] auto median(expr<E> x)
{
    return detail::median<value_type_of<E>>(detail::scanned(detail::node_of(x)));
}

/// The value that a share q of the elements along an axis (or of all) does not exceed: the element of
/// rank q (n - 1), and linear between two. A list of shares gives a new first axis. Throws value_error
/// for a share outside [0, 1], or an axis without elements.
/// Derivative: y_bar goes to the element taken, in the parts 1 - t and t to each of two
/// Keeps: the indices
/// At singular points: the first of equal elements; NaN if there is one
/// Elsewhere: np.quantile, xt::quantile, torch.quantile, jnp.quantile
template <class E, class Q>
    requires(differentiable<value_type_of<E>> && std::is_arithmetic_v<Q>)
[[nodiscard]] auto quantile(expr<E> x, Q q, std::ptrdiff_t axis)
{
    return detail::quantile<value_type_of<E>>({"quantile", detail::node_of(x), axis}, q);
}
template <class E, class Q>
    requires(differentiable<value_type_of<E>> && std::is_arithmetic_v<Q>)
[[nodiscard]] auto quantile(expr<E> x, Q q)
{
    return detail::quantile<value_type_of<E>>(detail::scanned(detail::node_of(x)), q);
}
template <class E, class L>
    requires(differentiable<value_type_of<E>> && iterable<L>)
[[nodiscard]] auto quantile(expr<E> x, const L& q, std::ptrdiff_t axis)
{
    return detail::quantiles<value_type_of<E>>({"quantile", detail::node_of(x), axis}, q);
}
template <class E, class L>
    requires(differentiable<value_type_of<E>> && iterable<L>)
[[nodiscard]] auto quantile(expr<E> x, const L& q)
{
    return detail::quantiles<value_type_of<E>>(detail::scanned(detail::node_of(x)), q);
}
template <class E, class Q, std::size_t N>
    requires differentiable<value_type_of<E>>
[[nodiscard]] auto quantile(expr<E> x, const Q (&q)[N], std::ptrdiff_t axis)
{
    return quantile(x, std::to_array(q), axis);
}
template <class E, class Q, std::size_t N>
    requires differentiable<value_type_of<E>>
[[nodiscard]] auto quantile(expr<E> x, const Q (&q)[N])
{
    return quantile(x, std::to_array(q));
}

} // namespace backtrail
