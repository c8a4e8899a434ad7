// SPDX-License-Identifier: BSD-3-Clause
// Products of matrices, vectors and whole arrays. One operand at least is ours; others may be
// xtensor expressions, as constants. Operands have one element type; see graph/einsum.hpp for the
// products that have no name.
#pragma once

#include <backtrail/expr/build.hpp>
#include <backtrail/graph/operand.hpp>
#include <backtrail/graph/structure.hpp>

namespace backtrail {

namespace detail {

template <class... X>
concept product_operands = any_expr<X...> && (array_operand<X> && ...);

template <class... X>
[[nodiscard]] tensor<operand_type<X...>> as_product_of(node_ptr n)
{
    return {from_node, std::move(n)};
}

template <element T>
[[nodiscard]] tensor<T> add_product(const char* operation, std::size_t rank, const node_ptr& c,
                                    const node_ptr& x, const node_ptr& y, double beta, double alpha)
{
    const auto product = make_tensor<T>(matmul_to_add(operation, rank, c, x, y));
    const auto added = make_tensor<T>(c);
    if (beta == 0) return where(false, added, alpha * product);
    return beta * added + alpha * product;
}

} // namespace detail

/// The matrix product, by NumPy's rules: leading axes broadcast, a vector on the left is a row and
/// on the right a column. Throws shape_error if the inner extents differ, dtype_error for integers.
/// Derivative: x_bar = z_bar y^T, y_bar = x^T z_bar, summed over axes that were broadcast;
///   z_dot = x_dot y + x y_dot
/// Keeps: both operands
/// Elsewhere: np.matmul, xt::linalg::dot, torch.matmul, jnp.matmul
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto matmul(X&& x, Y&& y)
{
    return detail::as_product_of<X, Y>(
        detail::matmul(detail::operand_node(x), detail::operand_node(y)));
}

/// The inner product of two vectors. Throws shape_error unless both are vectors of one length.
/// Derivative: x_bar = z_bar y, y_bar = z_bar x; z_dot = x_dot . y + x . y_dot
/// Keeps: both operands
/// Elsewhere: np.dot, xt::linalg::dot, torch.dot, jnp.dot
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto dot(X&& x, Y&& y)
{
    return detail::as_product_of<X, Y>(
        detail::dot(detail::operand_node(x), detail::operand_node(y)));
}

/// z[i, j] = x[i] y[j]; operands of other ranks are flattened.
/// Derivative: x_bar = z_bar y, y_bar = z_bar^T x; z_dot = outer(x_dot, y) + outer(x, y_dot)
/// Keeps: both operands
/// Elsewhere: np.outer, xt::linalg::outer, torch.outer, jnp.outer
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto outer(X&& x, Y&& y)
{
    return detail::as_product_of<X, Y>(
        detail::outer(detail::operand_node(x), detail::operand_node(y)));
}

/// The sum over the last axes of both, z[i..., j...] = sum_k x[i..., k] y[j..., k]; a product with
/// a 0-d operand is elementwise. Throws shape_error if the last extents differ.
/// Derivative: x_bar = z_bar y and y_bar = z_bar^T x, summed over the axes of the other operand;
///   z_dot = inner(x_dot, y) + inner(x, y_dot)
/// Keeps: both operands
/// Elsewhere: np.inner, -, torch.inner, jnp.inner
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto inner(X&& x, Y&& y)
{
    return detail::as_product_of<X, Y>(
        detail::inner(detail::operand_node(x), detail::operand_node(y)));
}

/// The sum of x y along one axis; the other axes broadcast. Throws shape_error if the extents of
/// the axis differ.
/// Derivative: x_bar = z_bar y, y_bar = z_bar x; z_dot = vecdot(x_dot, y) + vecdot(x, y_dot)
/// Keeps: both operands
/// Elsewhere: np.linalg.vecdot, -, torch.linalg.vecdot, jnp.vecdot
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto vecdot(X&& x, Y&& y, std::ptrdiff_t axis = -1)
{
    const auto [left, right] =
        detail::vectors_last("vecdot", detail::operand_node(x), detail::operand_node(y), axis);
    using T = detail::operand_type<X, Y>;
    return sum(detail::make_tensor<T>(left) * detail::make_tensor<T>(right), -1);
}

/// The Kronecker product: z[i * m + k, ...] = x[i, ...] y[k, ...] with m the extent of y, on every
/// axis; missing leading axes count as extent 1.
/// Derivative: x_bar = sum over the blocks of z_bar y, y_bar = sum of the blocks of z_bar times x;
///   z_dot = kron(x_dot, y) + kron(x, y_dot)
/// Keeps: both operands
/// Elsewhere: np.kron, xt::linalg::kron, torch.kron, jnp.kron
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto kron(X&& x, Y&& y)
{
    return detail::as_product_of<X, Y>(
        detail::kron(detail::operand_node(x), detail::operand_node(y)));
}

/// The vector product of vectors of 3 along an axis; the other axes broadcast, and the vectors of
/// the result lie along the same axis. Throws shape_error if the extent is not 3.
/// Derivative: x_bar = cross(y, z_bar), y_bar = cross(z_bar, x);
///   z_dot = cross(x_dot, y) + cross(x, y_dot)
/// Keeps: both operands, each twice over
/// Elsewhere: np.cross, xt::linalg::cross, torch.cross, jnp.cross
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto cross(X&& x, Y&& y, std::ptrdiff_t axis = -1)
{
    using T = detail::operand_type<X, Y>;
    const detail::rotated_vectors v =
        detail::rotate_for_cross(detail::operand_node(x), detail::operand_node(y), axis);
    const tensor<T> z = detail::make_tensor<T>(v.x_once) * detail::make_tensor<T>(v.y_twice) -
                        detail::make_tensor<T>(v.x_twice) * detail::make_tensor<T>(v.y_once);
    return detail::make_tensor<T>(detail::move_axis(z.get_node(), z.rank() - 1, v.axis));
}

/// The sum over pairs of axes, over_x[i] of x with over_y[i] of y, or over the last `axes` axes of
/// x with the first of y. The result has the other axes of x, then those of y. Throws shape_error
/// if extents or counts differ, index_error for an axis out of range or given twice.
/// Derivative: that of the matrix product it is: x_bar = tensordot of z_bar and y over the axes of
///   y, y_bar likewise; z_dot = tensordot(x_dot, y) + tensordot(x, y_dot)
/// Keeps: both operands
/// Elsewhere: np.tensordot, xt::linalg::tensordot, torch.tensordot, jnp.tensordot
template <class X, class Y>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto tensordot(X&& x, Y&& y, std::size_t axes = 2)
{
    return detail::as_product_of<X, Y>(
        detail::tensordot(detail::operand_node(x), detail::operand_node(y), axes));
}
template <class X, class Y, class A, class B>
    requires(detail::product_operands<X, Y> && iterable<A> && iterable<B>)
[[nodiscard]] auto tensordot(X&& x, Y&& y, const A& over_x, const B& over_y)
{
    const detail::integers a = detail::to_integers(over_x), b = detail::to_integers(over_y);
    return detail::as_product_of<X, Y>(
        detail::tensordot(detail::operand_node(x), detail::operand_node(y),
                          std::span(a.data(), a.size()), std::span(b.data(), b.size())));
}
template <class X, class Y, class I, std::size_t N, class J, std::size_t M>
    requires detail::product_operands<X, Y>
[[nodiscard]] auto tensordot(X&& x, Y&& y, const I (&over_x)[N], const J (&over_y)[M])
{
    return tensordot(x, y, std::to_array(over_x), std::to_array(over_y));
}

/// x w^T + b for x (..., in), w (out, in) and b (out), which may be left out: the affine map of a
/// layer. Throws shape_error if the shapes do not fit.
/// Derivative: x_bar = z_bar w, w_bar = z_bar^T x, b_bar = z_bar, both summed over the leading axes
/// Keeps: x and w
/// Elsewhere: -, -, torch.nn.functional.linear, -
template <class X, class W>
    requires detail::product_operands<X, W>
[[nodiscard]] auto linear(X&& x, W&& w)
{
    return detail::as_product_of<X, W>(
        detail::linear(detail::operand_node(x), detail::operand_node(w)));
}
template <class X, class W, class B>
    requires detail::product_operands<X, W, B>
[[nodiscard]] auto linear(X&& x, W&& w, B&& b)
{
    using T = detail::operand_type<X, W, B>;
    const node_ptr weights = detail::operand_node(w), bias = detail::operand_node(b);
    const node_ptr product = detail::linear(detail::operand_node(x), weights);
    detail::require_one_type("linear", product, bias);
    detail::require_fits("linear", "bias", bias, {detail::shape_of(weights)[0]});
    return tensor<T>(detail::make_tensor<T>(product) + detail::make_tensor<T>(bias));
}

struct addmm_options {
    double beta = 1;  ///< times c
    double alpha = 1; ///< times the product
};

/// beta c + alpha x y for matrices x and y; c broadcasts to the product. With beta = 0 the values
/// of c, NaN too, do not matter. Throws shape_error if the shapes do not fit.
/// Derivative: c_bar = beta z_bar, x_bar = alpha z_bar y^T, y_bar = alpha x^T z_bar
/// Keeps: x and y
/// Elsewhere: -, -, torch.addmm, -
template <class C, class X, class Y>
    requires detail::product_operands<C, X, Y>
[[nodiscard]] auto addmm(C&& c, X&& x, Y&& y, const addmm_options& options = {})
{
    using T = detail::operand_type<C, X, Y>;
    return detail::add_product<T>("addmm", 2, detail::operand_node(c), detail::operand_node(x),
                                  detail::operand_node(y), options.beta, options.alpha);
}

/// beta c + alpha x y for batches of matrices (batch, n, k) and (batch, k, m), otherwise as addmm.
/// Derivative: as of addmm, for each matrix of the batch
/// Keeps: x and y
/// Elsewhere: -, -, torch.baddbmm, -
template <class C, class X, class Y>
    requires detail::product_operands<C, X, Y>
[[nodiscard]] auto baddbmm(C&& c, X&& x, Y&& y, const addmm_options& options = {})
{
    using T = detail::operand_type<C, X, Y>;
    return detail::add_product<T>("baddbmm", 3, detail::operand_node(c), detail::operand_node(x),
                                  detail::operand_node(y), options.beta, options.alpha);
}

} // namespace backtrail
