// SPDX-License-Identifier: BSD-3-Clause
// Sliding windows, diagonals and triangles: views of an array along other steps than its axes', and
// the matrices that are made of diagonals. Offsets have an overload for `int` of their own, so that
// under `using namespace xt` a literal finds no better match there.
#pragma once

#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/reductions.hpp>

namespace backtrail {

/// Windows of `size` elements that slide along an axis by `step`: the axis counts the windows, and
/// a new last axis the elements in one; what does not fill a window is left out. A view, although
/// windows overlap. Throws shape_error if not even one fits, value_error for a negative size or a
/// step below 1, index_error for an axis out of range.
/// Derivative: x_bar = y_bar, each element summed over the windows that show it, y_dot =
///   unfold(x_dot).
/// Keeps: nothing
/// Elsewhere: np.lib.stride_tricks.sliding_window_view, -, torch.Tensor.unfold, -
template <class E>
[[nodiscard]] auto unfold(expr<E> x, std::ptrdiff_t axis, std::ptrdiff_t size, std::ptrdiff_t step)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::unfold(detail::node_of(x), axis, size, step));
}

/// The diagonals of the matrices that two axes span, along a new last axis in their place: x[i,
/// i + offset]. A view. Beyond the matrix it is empty. Throws shape_error if there are no two axes,
/// index_error for an axis out of range or given twice.
/// Derivative: x_bar = y_bar on the diagonals and 0 beside them, y_dot = diagonal(x_dot).
/// Keeps: nothing
/// Elsewhere: np.diagonal, xt::diagonal, torch.diagonal, jnp.diagonal
template <class E>
[[nodiscard]] auto diagonal(expr<E> x, int offset = 0)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::diagonal(detail::node_of(x), offset, 0, 1));
}
template <class E, std::integral K>
[[nodiscard]] auto diagonal(expr<E> x, K offset)
{
    return diagonal(x, offset, 0, 1);
}
template <class E, std::integral K, std::integral I, std::integral J>
[[nodiscard]] auto diagonal(expr<E> x, K offset, I axis1, J axis2)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::diagonal(detail::node_of(x), static_cast<std::ptrdiff_t>(offset),
                         static_cast<std::ptrdiff_t>(axis1), static_cast<std::ptrdiff_t>(axis2)));
}

/// Square matrices, along two axes of the result, with the last axis of x as diagonal `offset` and
/// 0 beside it. Throws shape_error for a 0-d x, index_error for an axis out of range or given
/// twice.
/// Derivative: x_bar = diagonal(y_bar), y_dot = diag_embed(x_dot).
/// Keeps: nothing
/// Elsewhere: -, -, torch.diag_embed, -
template <class E>
[[nodiscard]] auto diag_embed(expr<E> x, std::ptrdiff_t offset = 0, std::ptrdiff_t axis1 = -2,
                              std::ptrdiff_t axis2 = -1)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::diag_embed(detail::node_of(x), offset, axis1, axis2));
}

/// Of a vector the square matrix with it as diagonal k, of a matrix its diagonal k, as a view.
/// Throws shape_error for anything else.
/// Derivative: x_bar = diag(y_bar) (with 0 beside it, in the shape of x), y_dot = diag(x_dot).
/// Keeps: nothing
/// Elsewhere: np.diag, xt::diag, torch.diag, jnp.diag
template <class E>
[[nodiscard]] auto diag(expr<E> x, int k = 0)
{
    return detail::make_tensor<value_type_of<E>>(detail::diag(detail::node_of(x), k));
}
template <class E, std::integral K>
[[nodiscard]] auto diag(expr<E> x, K k)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::diag(detail::node_of(x), static_cast<std::ptrdiff_t>(k)));
}

/// The sum of a diagonal, for each of the matrices that two axes span. Of bool: how many are true,
/// as int64. Throws as `diagonal`.
/// Derivative: x_bar = y_bar on the diagonals and 0 beside them, y_dot = trace(x_dot).
/// Keeps: nothing
/// Elsewhere: np.trace, -, torch.trace, jnp.trace
template <class E>
[[nodiscard]] auto trace(expr<E> x, std::ptrdiff_t offset = 0, std::ptrdiff_t axis1 = 0,
                         std::ptrdiff_t axis2 = 1)
{
    return detail::make_tensor<detail::sum_type<value_type_of<E>>>(
        detail::trace(detail::node_of(x), offset, axis1, axis2));
}

/// The matrices along the last two axes with 0 above diagonal k, whatever stood there. Throws
/// shape_error if there are no two axes.
/// Derivative: x_bar = tril(y_bar, k), y_dot = tril(x_dot, k).
/// Keeps: nothing
/// Elsewhere: np.tril, xt::tril, torch.tril, jnp.tril
template <class E>
[[nodiscard]] auto tril(expr<E> x, int k = 0)
{
    return detail::make_tensor<value_type_of<E>>(detail::triangle(detail::node_of(x), k, true));
}
template <class E, std::integral K>
[[nodiscard]] auto tril(expr<E> x, K k)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::triangle(detail::node_of(x), static_cast<std::ptrdiff_t>(k), true));
}

/// The matrices along the last two axes with 0 below diagonal k, whatever stood there. Throws
/// shape_error if there are no two axes.
/// Derivative: x_bar = triu(y_bar, k), y_dot = triu(x_dot, k).
/// Keeps: nothing
/// Elsewhere: np.triu, xt::triu, torch.triu, jnp.triu
template <class E>
[[nodiscard]] auto triu(expr<E> x, int k = 0)
{
    return detail::make_tensor<value_type_of<E>>(detail::triangle(detail::node_of(x), k, false));
}
template <class E, std::integral K>
[[nodiscard]] auto triu(expr<E> x, K k)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::triangle(detail::node_of(x), static_cast<std::ptrdiff_t>(k), false));
}

} // namespace backtrail
