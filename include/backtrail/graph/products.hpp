// SPDX-License-Identifier: BSD-3-Clause
// Products of matrices and vectors. Either operand may be an xtensor expression, as a constant.
#pragma once

#include <backtrail/graph/build.hpp>

namespace backtrail {

namespace detail {

/// The node of an operand; xtensor expressions become constants.
template <class X>
[[nodiscard]] node_ptr operand_node(const X& x)
{
    if constexpr (is_expr<X>) {
        return node_of(x);
    } else {
        return constant_node<element_for<typename X::value_type>>(x);
    }
}

template <class X, class Y>
using product_type = typename std::conditional_t<is_expr<X>, X, Y>::value_type;

template <class X>
concept array_operand = is_expr<std::remove_cvref_t<X>> || array_expression<X>;

} // namespace detail

/// The matrix product, by NumPy's rules: leading axes broadcast, a vector on the left is a row and
/// on the right a column. Throws shape_error if the inner extents differ.
template <class X, class Y>
    requires(any_expr<X, Y> && detail::array_operand<X> && detail::array_operand<Y>)
[[nodiscard]] auto matmul(X&& x, Y&& y)
{
    using T = detail::product_type<std::remove_cvref_t<X>, std::remove_cvref_t<Y>>;
    return tensor<T>(detail::from_node,
                     detail::matmul(detail::operand_node(x), detail::operand_node(y)));
}

/// The inner product of two vectors.
template <class X, class Y>
    requires(any_expr<X, Y> && detail::array_operand<X> && detail::array_operand<Y>)
[[nodiscard]] auto dot(X&& x, Y&& y)
{
    using T = detail::product_type<std::remove_cvref_t<X>, std::remove_cvref_t<Y>>;
    return tensor<T>(detail::from_node,
                     detail::dot(detail::operand_node(x), detail::operand_node(y)));
}

} // namespace backtrail
