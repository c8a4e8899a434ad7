// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: arithmetic. Also the masked product that scales adjoints.
#pragma once

#include <backtrail/ops/op.hpp>

namespace backtrail::ops {

/// y = -x
struct Neg : elementwise<1> {
    static constexpr std::string_view name = "neg";
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{-3.5}, 3.5, {-1}}, {{1e308}, -1e308, {-1}}}};
    template <class X>
    static X value(X x)
    {
        return -x;
    }
    static auto partials_constant() { return std::tuple{-1.0}; }
};

/// y = sign(x): -1, 0 or 1; NaN at NaN. Locally constant, so its derivative is 0.
struct Sign : elementwise<1> {
    static constexpr std::string_view name = "sign";
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{-3.5}, -1, {0}}, {{0.0}, 0, {0}}, {{5e-324}, 1, {0}}}};
    template <class X>
    static X value(X x)
    {
        return select(x > X(0), X(1), select(x < X(0), X(-1), x));
    }
    static auto partials_constant() { return std::tuple{0.0}; }
};

/// y = |x|,  dy = sign(x): 0 at 0, the mean of the one-sided derivatives.
struct Abs : elementwise<1> {
    static constexpr std::string_view name = "abs";
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{-3.5}, 3.5, {-1}}, {{0.0}, 0, {0}}, {{-0.0}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return magnitude(x);
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Sign>(x)};
    }
};

/// y = x²,  dy = 2x
struct Square : elementwise<1> {
    static constexpr std::string_view name = "square";
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{-3.0}, 9, {-6}}, {{1e200}, infinity, {2e200}}}};
    template <class X>
    static X value(X x)
    {
        return x * x;
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{x + x};
    }
};

/// y = 1/x,  dy = -1/x²: infinite at 0, as the limit is. Not -y², whose own derivative would meet a
/// zero cotangent with an infinite y unmasked.
struct Reciprocal : elementwise<1> {
    static constexpr std::string_view name = "reciprocal";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 3.0};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{4.0}, 0.25, {-0.0625}}, {{0.0}, infinity, {-infinity}}, {{-1e200}, -1e-200, {0}}}};
    template <class X>
    static X value(X x)
    {
        return X(1) / x;
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{-(1.0 / (x * x))};
    }
};

/// z = x + y
struct Add : elementwise<2> {
    static constexpr std::string_view name = "add";
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{1e16, 1.0}, 1e16, {1, 1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return x + y;
    }
    static auto partials_constant() { return std::tuple{1.0, 1.0}; }
};

/// z = x - y
struct Sub : elementwise<2> {
    static constexpr std::string_view name = "sub";
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{1.0, 3.0}, -2, {1, -1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return x - y;
    }
    static auto partials_constant() { return std::tuple{1.0, -1.0}; }
};

/// z = x y,  dz = (y, x)
struct Mul : elementwise<2> {
    static constexpr std::string_view name = "mul";
    static constexpr bool keeps_masks = true;
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{3.0, -4.0}, -12, {-4, 3}}, {{0.0, 5.0}, 0, {5, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return x * y;
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{y, x};
    }
};

/// z = x / y,  dz = (1/y, -z/y): through z, so that nothing overflows that need not.
struct Div : elementwise<2> {
    static constexpr std::string_view name = "div";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 3.0};
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{3.0, 4.0}, 0.75, {0.25, -0.1875}}, {{1e200, 1e200}, 1, {1e-200, -1e-200}}}};
    template <class X>
    static X value(X x, X y)
    {
        return x / y;
    }
    template <class X>
    static auto partials_from_both(X z, X, X y)
    {
        return std::tuple{call<Reciprocal>(y), -(z / y)};
    }
};

/// g p, but 0 where either is 0. A zero cotangent contributes nothing through an infinite partial,
/// and an operand that was not taken gets nothing even from an infinite cotangent.
struct Masked : elementwise<2> {
    static constexpr std::string_view name = "masked";
    static constexpr scaling scales = scaling::masked;
    static constexpr std::array<reference_point<2>, 3> reference_points = {
        {{{0.0, infinity}, 0, {infinity, 0}},
         {{not_a_number, 0.0}, 0, {0, not_a_number}},
         {{2.0, 3.0}, 6, {3, 2}}}};
    template <class X>
    static X value(X g, X p)
    {
        return select(g == X(0), X(0), select(p == X(0), X(0), g * p));
    }
    template <class X>
    static auto partials_from_inputs(X g, X p)
    {
        return std::tuple{p, g};
    }
};

using arithmetic = op_list<Neg, Sign, Abs, Square, Reciprocal, Add, Sub, Mul, Div, Masked>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::arithmetic> {
    using list = ops::arithmetic;
};

/// -x
template <class E>
[[nodiscard]] auto operator-(expr<E> x)
{
    return detail::express<ops::Neg>(std::move(x));
}
/// -x
template <class E>
[[nodiscard]] auto neg(expr<E> x)
{
    return detail::express<ops::Neg>(std::move(x));
}
/// -1, 0 or 1
template <class E>
[[nodiscard]] auto sign(expr<E> x)
{
    return detail::express<ops::Sign>(std::move(x));
}
/// |x|
template <class E>
[[nodiscard]] auto abs(expr<E> x)
{
    return detail::express<ops::Abs>(std::move(x));
}
/// x²
template <class E>
[[nodiscard]] auto square(expr<E> x)
{
    return detail::express<ops::Square>(std::move(x));
}
/// 1/x
template <class E>
[[nodiscard]] auto reciprocal(expr<E> x)
{
    return detail::express<ops::Reciprocal>(std::move(x));
}
/// x + y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator+(X&& x, Y&& y)
{
    return detail::express<ops::Add>(std::forward<X>(x), std::forward<Y>(y));
}
/// x - y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator-(X&& x, Y&& y)
{
    return detail::express<ops::Sub>(std::forward<X>(x), std::forward<Y>(y));
}
/// x y, element by element
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator*(X&& x, Y&& y)
{
    return detail::express<ops::Mul>(std::forward<X>(x), std::forward<Y>(y));
}
/// x / y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator/(X&& x, Y&& y)
{
    return detail::express<ops::Div>(std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
