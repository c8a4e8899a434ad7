// SPDX-License-Identifier: BSD-3-Clause
// prelu: the leaky rectifier whose slopes are weights, one for each channel.
#pragma once

#include <backtrail/expr/build.hpp>
#include <backtrail/graph/leaf.hpp>

namespace backtrail {

namespace detail {
/// The weight in a shape that broadcasts with x along its axis 1.
[[nodiscard]] BACKTRAIL_API node_ptr weight_of_channels(const node_ptr& x, const node_ptr& weight);
} // namespace detail

/// x where x > 0, else weight x. A weight of one element is shared by all; else x has rank 2 or more, its
/// axis 1 counts channels, and the weight is a vector with an element for each. Throws shape_error for
/// other shapes.
/// Derivative: x_bar = y_bar where x > 0, else y_bar weight; weight_bar sums y_bar x where x <= 0
/// Keeps: the operands
/// At singular points: the slope of the negative side at 0
/// Elsewhere: -, -, torch.nn.functional.prelu, -
template <class E, class W>
[[nodiscard]] auto prelu(expr<E> x, expr<W> weight)
{
    const auto t = as_tensor(x);
    const tensor<value_type_of<W>> w(
        detail::from_node, detail::weight_of_channels(t.get_node(), detail::node_of(weight)));
    return tensor<value_type_of<E>>(leaky_relu(t, w));
}
template <class E, foreign_operand W>
[[nodiscard]] auto prelu(expr<E> x, const W& weight)
{
    return prelu(std::move(x), constant<value_type_of<E>>(weight));
}

} // namespace backtrail
