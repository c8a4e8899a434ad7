// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: comparisons (bool results, no derivative) and what chooses by them.
#pragma once

#include <backtrail/ops/arithmetic.hpp>

namespace backtrail::ops {

/// The common part of the six comparisons: 1 where it holds, 0 elsewhere and at NaN (1 for !=).
struct comparison_op : elementwise<2> {
    static constexpr bool is_predicate = true;
    static constexpr bool accepts_integers = true;
    static auto partials_constant() { return std::tuple{0.0, 0.0}; }
};

struct Less : comparison_op {
    static constexpr std::string_view name = "less";
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{1.0, 2.0}, 1, {0, 0}}, {{not_a_number, 2.0}, 0, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(x < y);
    }
};

struct LessEqual : comparison_op {
    static constexpr std::string_view name = "less_equal";
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{2.0, 2.0}, 1, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(x <= y);
    }
};

struct Greater : comparison_op {
    static constexpr std::string_view name = "greater";
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{2.0, 2.0}, 0, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(x > y);
    }
};

struct GreaterEqual : comparison_op {
    static constexpr std::string_view name = "greater_equal";
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{2.0, 2.0}, 1, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(x >= y);
    }
};

struct Equal : comparison_op {
    static constexpr std::string_view name = "equal";
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{0.0, -0.0}, 1, {0, 0}}, {{not_a_number, not_a_number}, 0, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(x == y);
    }
};

struct NotEqual : comparison_op {
    static constexpr std::string_view name = "not_equal";
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{not_a_number, 1.0}, 1, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return indicator<X>(x != y);
    }
};

/// x where c is true, else y. The branch not taken gets exactly 0, whatever its cotangent.
struct Where : elementwise<3> {
    static constexpr std::string_view name = "where";
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<3>, 2> reference_points = {
        {{{1.0, 2.0, not_a_number}, 2, {0, 1, 0}}, {{0.0, infinity, 3.0}, 3, {0, 0, 1}}}};
    template <class X>
    static X value(X c, X x, X y)
    {
        return select(c != X(0), x, y);
    }
    template <class X>
    static auto partials_from_inputs(X c, X, X)
    {
        return std::tuple{0.0, call<NotEqual>(c, 0.0), call<Equal>(c, 0.0)};
    }
};

/// The share of x in max(x, y): 1 if x is larger or the only NaN, 1/2 for equals, else 0.
struct Preference : elementwise<2> {
    static constexpr std::string_view name = "preference";
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 1, {0, 0}},
         {{1.0, 1.0}, 0.5, {0, 0}},
         {{not_a_number, 1.0}, 1, {0, 0}},
         {{1.0, not_a_number}, 0, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        const X x_is_nan = indicator<X>(x != x), y_is_nan = indicator<X>(y != y);
        const X with_nan = select(x_is_nan == y_is_nan, X(0.5), x_is_nan);
        return select(x > y, X(1), select(x < y, X(0), with_nan));
    }
    static auto partials_constant() { return std::tuple{0.0, 0.0}; }
};

/// max(x, y), NaN if either is. Equal arguments share the derivative; one NaN takes all of it.
struct Maximum : elementwise<2> {
    static constexpr std::string_view name = "maximum";
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 2, {1, 0}},
         {{1.0, 1.0}, 1, {0.5, 0.5}},
         {{not_a_number, 1.0}, not_a_number, {1, 0}},
         {{1.0, not_a_number}, not_a_number, {0, 1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return select(x > y, x, select(y >= x, y, x + y));
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Preference>(x, y), call<Preference>(y, x)};
    }
};

/// min(x, y), NaN if either is. The derivative as for the maximum.
struct Minimum : elementwise<2> {
    static constexpr std::string_view name = "minimum";
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 1, {0, 1}},
         {{1.0, 1.0}, 1, {0.5, 0.5}},
         {{not_a_number, 1.0}, not_a_number, {1, 0}},
         {{1.0, not_a_number}, not_a_number, {0, 1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return select(x < y, x, select(y <= x, y, x + y));
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Preference>(-x, -y), call<Preference>(-y, -x)};
    }
};

using comparison = op_list<Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual, Where,
                           Preference, Maximum, Minimum>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::comparison> {
    using list = ops::comparison;
};

/// A bool tensor, as the five that follow.
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator<(X&& x, Y&& y)
{
    return detail::express<ops::Less>(std::forward<X>(x), std::forward<Y>(y));
}
/// x <= y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator<=(X&& x, Y&& y)
{
    return detail::express<ops::LessEqual>(std::forward<X>(x), std::forward<Y>(y));
}
/// x > y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator>(X&& x, Y&& y)
{
    return detail::express<ops::Greater>(std::forward<X>(x), std::forward<Y>(y));
}
/// x >= y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator>=(X&& x, Y&& y)
{
    return detail::express<ops::GreaterEqual>(std::forward<X>(x), std::forward<Y>(y));
}
/// x == y, element by element
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator==(X&& x, Y&& y)
{
    return detail::express<ops::Equal>(std::forward<X>(x), std::forward<Y>(y));
}
/// x != y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator!=(X&& x, Y&& y)
{
    return detail::express<ops::NotEqual>(std::forward<X>(x), std::forward<Y>(y));
}
/// Logic on masks, element by element; both sides are always computed.
template <class X, class Y>
    requires(any_expr<X, Y> && mask_operand<X> && mask_operand<Y>)
[[nodiscard]] auto operator&&(X&& x, Y&& y)
{
    return detail::express<ops::Mul>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires(any_expr<X, Y> && mask_operand<X> && mask_operand<Y>)
[[nodiscard]] auto operator||(X&& x, Y&& y)
{
    return detail::express<ops::Maximum>(std::forward<X>(x), std::forward<Y>(y));
}
template <class E>
    requires mask_operand<expr<E>>
[[nodiscard]] auto operator!(expr<E> x)
{
    return detail::express<ops::Equal>(std::move(x), false);
}

/// The larger of x and y; equal arguments share the derivative.
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto maximum(X&& x, Y&& y)
{
    return detail::express<ops::Maximum>(std::forward<X>(x), std::forward<Y>(y));
}
/// The smaller of x and y; equal arguments share the derivative.
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto minimum(X&& x, Y&& y)
{
    return detail::express<ops::Minimum>(std::forward<X>(x), std::forward<Y>(y));
}
/// x where c is true, else y; the branch not taken contributes exactly nothing.
template <class C, class X, class Y>
    requires any_expr<C, X, Y>
[[nodiscard]] auto where(C&& c, X&& x, Y&& y)
{
    return detail::express<ops::Where>(std::forward<C>(c), std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
