// SPDX-License-Identifier: BSD-3-Clause
// Einstein summation: any product of arrays, written as an equation between the letters of their
// axes.
#pragma once

#include <backtrail/graph/products.hpp>

#include <string_view>

namespace backtrail {

/// `einsum("bij,bjk->bik", x, y)`: the product of the operands, summed over the letters that the
/// result does not have. A letter twice in one operand takes the diagonal; "..." stands for axes
/// that broadcast; without "->" the result has the axes of "...", then the letters that occur once,
/// in alphabetical order; a result without "..." sums over its axes; an axis of extent 1 is
/// repeated. Operands are joined from left to right. Throws value_error for an equation that makes
/// no sense, shape_error for extents that differ, both quoting it.
/// Derivative: for each operand the einsum of z_bar and the others onto its letters
/// Keeps: the operands, and the products of the first two, three ... of them
/// Elsewhere: np.einsum, -, torch.einsum, jnp.einsum
template <class... X>
    requires detail::product_operands<X...>
[[nodiscard]] auto einsum(std::string_view equation, X&&... x)
{
    const node_ptr nodes[] = {detail::operand_node(x)...};
    return detail::as_product_of<X...>(detail::einsum(equation, nodes));
}
template <element T>
[[nodiscard]] tensor<T> einsum(std::string_view equation, const std::vector<tensor<T>>& x)
{
    std::vector<node_ptr> nodes;
    for (const auto& operand : x) nodes.push_back(detail::node_of(operand));
    return {detail::from_node, detail::einsum(equation, nodes)};
}

} // namespace backtrail
