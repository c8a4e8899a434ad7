// SPDX-License-Identifier: BSD-3-Clause
// Scans: each element of the result is made of the elements up to it along an axis. All run in order, so
// the same bits come out whatever the number of threads. Without an axis an array is seen as flat.
#pragma once

#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/reductions.hpp>
#include <backtrail/graph/with_index.hpp>

namespace backtrail {

namespace detail {

/// The operand of a scan and its axis, counted from the front: flat where none is given.
struct scanned {
    node_ptr x;
    std::size_t axis;

    scanned(const char* name, node_ptr n, std::ptrdiff_t along)
        : x(std::move(n)), axis(normalise_axis(name, along, shape_of(x).size()))
    {}
    explicit scanned(const node_ptr& n) : x(reshape(n, {element_count(shape_of(n))})), axis(0) {}
};

template <class T>
[[nodiscard]] tensor<sum_type<T>> cumsum(const scanned& s)
{
    return {from_node, cumulative_sum(detail::cast(s.x, dtype_of<sum_type<T>>), s.axis)};
}

template <class T>
[[nodiscard]] with_index<T> chosen(const node_ptr& x, const node_ptr& indices, std::size_t axis)
{
    return {{from_node, gather("take", x, static_cast<std::ptrdiff_t>(axis), indices)},
            {from_node, indices}};
}

} // namespace detail

/// y[j] = x[0] + ... + x[j] along an axis, of the shape of x; bool counts, as int64.
/// Throws index_error for an axis out of range, as do all functions here.
/// Derivative: x_bar[j] = y_bar[j] + ... + y_bar[n-1]
/// Keeps: nothing
/// Elsewhere: np.cumsum, xt::cumsum, torch.cumsum, jnp.cumsum
template <class E>
[[nodiscard]] auto cumsum(expr<E> x, std::ptrdiff_t axis)
{
    return detail::cumsum<value_type_of<E>>({"cumsum", detail::node_of(x), axis});
}
template <class E>
[[nodiscard]] auto cumsum(expr<E> x)
{
    return detail::cumsum<value_type_of<E>>(detail::scanned(detail::node_of(x)));
}

/// y[j] = x[0] x[1] ... x[j] along an axis.
/// Derivative: x_bar[j] = sum over i >= j of y_bar[i] times the product of all x[k], k <= i, but x[j]
/// Keeps: the operand, the result
/// At singular points: exact at zeros, however many, to any order: nothing is divided
/// Elsewhere: np.cumprod, xt::cumprod, torch.cumprod, jnp.cumprod
template <class E>
    requires(!std::is_same_v<value_type_of<E>, bool>)
[[nodiscard]] auto cumprod(expr<E> x, std::ptrdiff_t axis)
{
    const detail::scanned s("cumprod", detail::node_of(x), axis);
    return detail::make_tensor<value_type_of<E>>(detail::cumulative_product(s.x, s.axis));
}
template <class E>
    requires(!std::is_same_v<value_type_of<E>, bool>)
[[nodiscard]] auto cumprod(expr<E> x)
{
    const detail::scanned s(detail::node_of(x));
    return detail::make_tensor<value_type_of<E>>(detail::cumulative_product(s.x, s.axis));
}

/// y[j] = log(exp(x[0]) + ... + exp(x[j])) along an axis; nothing overflows on the way.
/// Derivative: x_bar[j] = sum over i >= j of y_bar[i] exp(x[j] - y[i])
/// Keeps: the operand
/// At singular points: -inf where all so far are -inf, with derivative 0; inf from the first inf on,
///   whose derivative the infinite ones so far share
/// Elsewhere: np.logaddexp.accumulate, -, torch.logcumsumexp, jax.lax.cumlogsumexp
template <class E>
    requires differentiable<value_type_of<E>>
[[nodiscard]] auto logcumsumexp(expr<E> x, std::ptrdiff_t axis)
{
    const detail::scanned s("logcumsumexp", detail::node_of(x), axis);
    return detail::make_tensor<value_type_of<E>>(detail::cumulative_logsumexp(s.x, s.axis));
}

/// The largest of x[0] ... x[j] along an axis, and the first place where it is.
/// Derivative: y_bar[j] goes to the element taken
/// Keeps: the indices
/// At singular points: of equal elements the first is taken; after a NaN all is NaN, taken from it
/// Elsewhere: np.maximum.accumulate, -, torch.cummax, jax.lax.cummax
template <class E>
    requires(!std::is_same_v<value_type_of<E>, bool>)
[[nodiscard]] with_index<value_type_of<E>> cummax(expr<E> x, std::ptrdiff_t axis)
{
    const detail::scanned s("cummax", detail::node_of(x), axis);
    return detail::chosen<value_type_of<E>>(s.x, detail::cumulative_argmax(s.x, s.axis), s.axis);
}
/// The smallest of x[0] ... x[j] along an axis, and the first place where it is.
/// Derivative: y_bar[j] goes to the element taken
/// Keeps: the indices
/// At singular points: as for cummax
/// Elsewhere: np.minimum.accumulate, -, torch.cummin, jax.lax.cummin
template <class E>
    requires(!std::is_same_v<value_type_of<E>, bool>)
[[nodiscard]] with_index<value_type_of<E>> cummin(expr<E> x, std::ptrdiff_t axis)
{
    const detail::scanned s("cummin", detail::node_of(x), axis);
    return detail::chosen<value_type_of<E>>(s.x, detail::cumulative_argmin(s.x, s.axis), s.axis);
}

/// x[j+1] - x[j] along an axis, n times over; an axis too short becomes empty. Throws value_error for a
/// negative n.
/// Derivative: x_bar[j] = y_bar[j-1] - y_bar[j]
/// Keeps: nothing
/// Elsewhere: np.diff, xt::diff, torch.diff, jnp.diff
template <class E>
    requires(!std::is_same_v<value_type_of<E>, bool>)
[[nodiscard]] auto diff(expr<E> x, std::ptrdiff_t n = 1, std::ptrdiff_t axis = -1)
{
    const detail::scanned s("diff", detail::node_of(x), axis);
    return detail::make_tensor<value_type_of<E>>(detail::differences(s.x, s.axis, n));
}

} // namespace backtrail
