// SPDX-License-Identifier: BSD-3-Clause
// What the verbs of the op families accept: our expressions, xtensor's, and numbers.
#pragma once

#include <concepts>
#include <type_traits>

namespace backtrail {

template <class Tree>
class expr; // the expressions of users, see expr/handle.hpp

template <class X>
inline constexpr bool is_expr = false;
template <class Tree>
inline constexpr bool is_expr<expr<Tree>> = true;

template <class... X>
concept any_expr = (is_expr<std::remove_cvref_t<X>> || ...);

/// An array expression of xtensor, told by its form, so that its headers are not needed here.
template <class X>
concept array_expression =
    !is_expr<std::remove_cvref_t<X>> && requires(const std::remove_cvref_t<X>& x) {
        typename std::remove_cvref_t<X>::value_type;
        typename std::remove_cvref_t<X>::expression_tag;
        x.dimension();
    };

template <class X>
concept foreign_operand = array_expression<X> || std::is_arithmetic_v<std::remove_cvref_t<X>>;

/// Operand pairs of which at least one is ours; the other may be an xtensor expression or a number.
template <class X, class Y>
concept mixed = any_expr<X, Y> && (is_expr<std::remove_cvref_t<X>> || foreign_operand<X>) &&
                (is_expr<std::remove_cvref_t<Y>> || foreign_operand<Y>);

/// Arrays of bool, ours or xtensor's.
template <class X>
concept mask_operand = std::same_as<typename std::remove_cvref_t<X>::value_type, bool>;

namespace detail {
/// The expression that applies an op to operands of any kind; defined in expr/build.hpp.
template <class Op, class... X>
auto express(X&&... x);
} // namespace detail

} // namespace backtrail
