// SPDX-License-Identifier: BSD-3-Clause
// Arithmetic, part two: a few sums and products at once. No operand is evaluated twice.
#pragma once

#include <backtrail/ops/arithmetic/basic.hpp>
#include <backtrail/ops/math/fma.hpp>

namespace backtrail::ops {

struct Cube : elementwise<1> {
    static constexpr std::string_view name = "cube";
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "y = x³",
                                            .derivative = "dy = 3x²",
                                            .numpy = "np.power(x, 3)",
                                            .xtensor = "xt::cube",
                                            .torch = "torch.pow(x, 3)",
                                            .jax = "jnp.power(x, 3)"};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{-3.0}, -27, {27}}, {{1e-200}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return x * x * x;
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{3.0 * (x * x)};
    }
};

struct SquaredDifference : elementwise<2> {
    static constexpr std::string_view name = "squared_difference";
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "z = (x - y)²",
                                            .derivative = "dz = (2 (x - y), -2 (x - y))",
                                            .numpy = "np.square(x - y)",
                                            .xtensor = "xt::square(x - y)",
                                            .torch = "torch.square(x - y)",
                                            .jax = "jnp.square(x - y)"};
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{1.0, 3.0}, 4, {-4, 4}}, {{2.0, 2.0}, 0, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        const X d = x - y;
        return d * d;
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        const X d = x - y;
        return std::tuple{d + d, -(d + d)};
    }
};

/// Rounded once on every machine: math/fma.hpp says how, where there is no such instruction.
struct Fma : elementwise<3> {
    static constexpr std::string_view name = "fma";
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "w = x y + z, rounded once",
                                            .derivative = "dw = (y, x, 1)",
                                            .xtensor = "xt::fma",
                                            .torch = "torch.addcmul(z, x, y)"};
    static constexpr std::array<reference_point<3>, 6> reference_points = {
        {{{0x1.0000001p0, 0x1.0000001p0, -0x1.0000002p0},
          0x1p-56,
          {0x1.0000001p0, 0x1.0000001p0, 1}},
         {{0x1.002p0, 0x1.002p0, -0x1.004p0}, 0x1p-22, {0x1.002p0, 0x1.002p0, 1}},
         {{1e200, 1e200, -infinity}, -infinity, {1e200, 1e200, 1}},
         {{1e200, 1e-300, -1e-100}, -2.5199685754883763e-117, {1e-300, 1e200, 1}},
         {{0x1p-540, 0x1p-540, 0x1p-1074}, 0x1p-1074, {0x1p-540, 0x1p-540, 1}},
         {{0.0, -2.0, 3.0}, 3, {-2, 0, 1}}}};
    template <class X>
    static X value(X x, X y, X z)
    {
        if constexpr (std::integral<typename X::value_type>) {
            return x * y + z;
        } else {
            return math::fma(x.get(), y.get(), z.get());
        }
    }
    template <class X>
    static auto partials_from_inputs(X x, X y, X)
    {
        return std::tuple{y, x, 1.0};
    }
};

/// From the nearer end, so that both ends are met exactly.
struct Lerp : elementwise<3> {
    static constexpr std::string_view name = "lerp";
    static constexpr documentation about = {
        .formula = "z = x + w (y - x), and y - (1 - w) (y - x) for w >= 1/2",
        .derivative = "dz = (1 - w, w, y - x)",
        .torch = "torch.lerp"};
    static constexpr std::array<reference_point<3>, 4> reference_points = {
        {{{1.0, 5.0, 0.25}, 2, {0.75, 0.25, 4}},
         {{1e16, 1.0, 1.0}, 1, {0, 1, -1e16}},
         {{1e16, 1.0, 0.0}, 1e16, {1, 0, -1e16}},
         {{-2.0, 3.0, 2.0}, 8, {-1, 2, 5}}}};
    template <class X>
    static X value(X x, X y, X w)
    {
        const X d = y - x;
        return select(w < X(0.5), x + w * d, y - (1.0 - w) * d);
    }
    template <class X>
    static auto partials_from_inputs(X x, X y, X w)
    {
        return std::tuple{1.0 - w, w, y - x};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The cube x³.
/// Derivative: x_bar = 3x² y_bar
/// Keeps: the operand
/// Elsewhere: np.power(x, 3), xt::cube, torch.pow(x, 3), jnp.power(x, 3)
template <class E>
[[nodiscard]] auto cube(expr<E> x)
{
    return detail::express<ops::Cube>(std::move(x));
}

/// (x - y)², element by element; shapes broadcast, and throw shape_error if they do not.
/// Derivative: x_bar = 2 (x - y) z_bar, y_bar = -x_bar
/// Keeps: the operands
/// Elsewhere: np.square(x - y), xt::square(x - y), torch.square(x - y), jnp.square(x - y)
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto squared_difference(X&& x, Y&& y)
{
    return detail::express<ops::SquaredDifference>(std::forward<X>(x), std::forward<Y>(y));
}

/// x y + z, rounded once, also where the machine has no fused instruction. Shapes broadcast, and throw
/// shape_error if they do not.
/// Derivative: x_bar = w_bar y, y_bar = w_bar x, z_bar = w_bar
/// Keeps: the factors
/// Elsewhere: -, xt::fma, torch.addcmul(z, x, y), -
template <class X, class Y, class Z>
    requires any_expr<X, Y, Z>
[[nodiscard]] auto fma(X&& x, Y&& y, Z&& z)
{
    return detail::express<ops::Fma>(std::forward<X>(x), std::forward<Y>(y), std::forward<Z>(z));
}

/// x + w (y - x): exactly x at w = 0 and y at w = 1. The weight is a number or a tensor. Shapes
/// broadcast, and throw shape_error if they do not.
/// Derivative: x_bar = z_bar (1 - w), y_bar = z_bar w, w_bar = z_bar (y - x)
/// Keeps: the operands
/// Elsewhere: -, -, torch.lerp, -
template <class X, class Y, class W>
    requires any_expr<X, Y, W>
[[nodiscard]] auto lerp(X&& x, Y&& y, W&& w)
{
    return detail::express<ops::Lerp>(std::forward<X>(x), std::forward<Y>(y), std::forward<W>(w));
}

/// x + value a b, element by element, with `value` a number. Shapes broadcast, and throw shape_error if
/// they do not.
/// Derivative: x_bar = z_bar, a_bar = z_bar value b, b_bar = z_bar value a
/// Keeps: the factors
/// Elsewhere: x + value * a * b, x + value * a * b, torch.addcmul, x + value * a * b
template <class X, class A, class B, class C = int>
    requires(any_expr<X, A, B> && std::is_arithmetic_v<C>)
[[nodiscard]] auto addcmul(X&& x, A&& a, B&& b, C value = 1)
{
    return detail::express<ops::Add>(
        std::forward<X>(x),
        detail::express<ops::Mul>(
            value, detail::express<ops::Mul>(std::forward<A>(a), std::forward<B>(b))));
}

/// x + value a/b, element by element, with `value` a number. Shapes broadcast, and throw shape_error if
/// they do not.
/// Derivative: x_bar = z_bar, a_bar = z_bar value/b, b_bar = -z_bar value a/b²
/// Keeps: the divisor and the quotient
/// At singular points: infinite at b = 0, but 0 for a z_bar of 0
/// Elsewhere: x + value * a / b, x + value * a / b, torch.addcdiv, x + value * a / b
template <class X, class A, class B, class C = int>
    requires(any_expr<X, A, B> && std::is_arithmetic_v<C>)
[[nodiscard]] auto addcdiv(X&& x, A&& a, B&& b, C value = 1)
{
    return detail::express<ops::Add>(
        std::forward<X>(x),
        detail::express<ops::Mul>(
            value, detail::express<ops::Div>(std::forward<A>(a), std::forward<B>(b))));
}

} // namespace backtrail
