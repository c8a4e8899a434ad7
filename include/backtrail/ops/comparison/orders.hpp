// SPDX-License-Identifier: BSD-3-Clause
// Comparisons, part one: the six orders of two operands. Their results are bool, and they have no
// derivative.
#pragma once

#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// The common part of the six comparisons: 1 where it holds, 0 elsewhere and at NaN (1 for !=).
struct comparison_op : elementwise<2> {
    static constexpr bool is_predicate = true;
    static constexpr bool accepts_integers = true;
    static constexpr auto partials_constant() { return std::tuple{0.0, 0.0}; }
};

struct Less : comparison_op, word<Less> {
    static constexpr documentation about = {.formula = "z = (x < y)",
                                            .derivative = "no derivative",
                                            .numpy = "np.less",
                                            .xtensor = "x < y",
                                            .torch = "torch.lt",
                                            .jax = "jnp.less"};
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{1.0, 2.0}, 1, {0, 0}}, {{not_a_number, 2.0}, 0, {0, 0}}}};
};

struct LessEqual : comparison_op, word<LessEqual> {
    static constexpr documentation about = {.formula = "z = (x <= y)",
                                            .derivative = "no derivative",
                                            .numpy = "np.less_equal",
                                            .xtensor = "x <= y",
                                            .torch = "torch.le",
                                            .jax = "jnp.less_equal"};
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{2.0, 2.0}, 1, {0, 0}}}};
};

struct Greater : comparison_op, word<Greater> {
    static constexpr documentation about = {.formula = "z = (x > y)",
                                            .derivative = "no derivative",
                                            .numpy = "np.greater",
                                            .xtensor = "x > y",
                                            .torch = "torch.gt",
                                            .jax = "jnp.greater"};
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{2.0, 2.0}, 0, {0, 0}}}};
};

struct GreaterEqual : comparison_op, word<GreaterEqual> {
    static constexpr documentation about = {.formula = "z = (x >= y)",
                                            .derivative = "no derivative",
                                            .numpy = "np.greater_equal",
                                            .xtensor = "x >= y",
                                            .torch = "torch.ge",
                                            .jax = "jnp.greater_equal"};
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{2.0, 2.0}, 1, {0, 0}}}};
};

struct Equal : comparison_op, word<Equal> {
    static constexpr documentation about = {.formula = "z = (x == y)",
                                            .derivative = "no derivative",
                                            .numpy = "np.equal",
                                            .xtensor = "xt::equal",
                                            .torch = "torch.eq",
                                            .jax = "jnp.equal"};
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{0.0, -0.0}, 1, {0, 0}}, {{not_a_number, not_a_number}, 0, {0, 0}}}};
};

struct NotEqual : comparison_op, word<NotEqual> {
    static constexpr documentation about = {.formula = "z = (x != y)",
                                            .derivative = "no derivative",
                                            .numpy = "np.not_equal",
                                            .xtensor = "xt::not_equal",
                                            .torch = "torch.ne",
                                            .jax = "jnp.not_equal"};
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{not_a_number, 1.0}, 1, {0, 0}}}};
};

} // namespace backtrail::ops

namespace backtrail {

/// A bool tensor, element by element: whether x < y. The operator and `less` are the same; false at
/// NaN. Shapes broadcast, and throw shape_error if they do not.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.less, x < y, torch.lt, jnp.less
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator<(X&& x, Y&& y)
{
    return detail::express<ops::Less>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto less(X&& x, Y&& y)
{
    return detail::express<ops::Less>(std::forward<X>(x), std::forward<Y>(y));
}

/// A bool tensor, element by element: whether x <= y. The operator and `less_equal` are the same; false at
/// NaN. Shapes broadcast, and throw shape_error if they do not.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.less_equal, x <= y, torch.le, jnp.less_equal
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator<=(X&& x, Y&& y)
{
    return detail::express<ops::LessEqual>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto less_equal(X&& x, Y&& y)
{
    return detail::express<ops::LessEqual>(std::forward<X>(x), std::forward<Y>(y));
}

/// A bool tensor, element by element: whether x > y. The operator and `greater` are the same; false at
/// NaN. Shapes broadcast, and throw shape_error if they do not.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.greater, x > y, torch.gt, jnp.greater
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator>(X&& x, Y&& y)
{
    return detail::express<ops::Greater>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto greater(X&& x, Y&& y)
{
    return detail::express<ops::Greater>(std::forward<X>(x), std::forward<Y>(y));
}

/// A bool tensor, element by element: whether x >= y. The operator and `greater_equal` are the same; false at
/// NaN. Shapes broadcast, and throw shape_error if they do not.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.greater_equal, x >= y, torch.ge, jnp.greater_equal
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator>=(X&& x, Y&& y)
{
    return detail::express<ops::GreaterEqual>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto greater_equal(X&& x, Y&& y)
{
    return detail::express<ops::GreaterEqual>(std::forward<X>(x), std::forward<Y>(y));
}

/// A bool tensor, element by element: whether x == y. The operator and `equal` are the same; false at
/// NaN. Shapes broadcast, and throw shape_error if they do not.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.equal, xt::equal, torch.eq, jnp.equal
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator==(X&& x, Y&& y)
{
    return detail::express<ops::Equal>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto equal(X&& x, Y&& y)
{
    return detail::express<ops::Equal>(std::forward<X>(x), std::forward<Y>(y));
}

/// A bool tensor, element by element: whether x != y. The operator and `not_equal` are the same; true at
/// NaN. Shapes broadcast, and throw shape_error if they do not.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.not_equal, xt::not_equal, torch.ne, jnp.not_equal
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator!=(X&& x, Y&& y)
{
    return detail::express<ops::NotEqual>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto not_equal(X&& x, Y&& y)
{
    return detail::express<ops::NotEqual>(std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
