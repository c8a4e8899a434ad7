// SPDX-License-Identifier: BSD-3-Clause
// Arithmetic, part one: the four operations, signs and squares, and the masked product that scales
// adjoints.
#pragma once

#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

struct Neg : elementwise<1> {
    static constexpr std::string_view name = "neg";
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "y = -x",
                                            .derivative = "dy = -1",
                                            .numpy = "np.negative",
                                            .xtensor = "-x",
                                            .torch = "torch.neg",
                                            .jax = "jnp.negative"};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{-3.5}, 3.5, {-1}}, {{1e308}, -1e308, {-1}}}};
    template <class X>
    static X value(X x)
    {
        return -x;
    }
    static constexpr auto partials_constant() { return std::tuple{-1.0}; }
};

struct Sign : elementwise<1>, word<Sign> {
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "y = -1, 0 or 1, the sign of x",
                                            .derivative = "dy = 0",
                                            .at_singular_points =
                                                "0 at 0, where it jumps; NaN at NaN",
                                            .numpy = "np.sign",
                                            .xtensor = "xt::sign",
                                            .torch = "torch.sign",
                                            .jax = "jnp.sign"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{-3.5}, -1, {0}},
         {{0.0}, 0, {0}},
         {{5e-324}, 1, {0}},
         {{not_a_number}, not_a_number, {not_a_number}}}};
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Flat>(x)};
    }
};

struct Abs : elementwise<1>, word<Abs> {
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "y = |x|",
                                            .derivative = "dy = sign(x)",
                                            .at_singular_points =
                                                "0 at 0, the mean of the one-sided derivatives",
                                            .numpy = "np.abs",
                                            .xtensor = "xt::abs",
                                            .torch = "torch.abs",
                                            .jax = "jnp.abs"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{-3.5}, 3.5, {-1}}, {{0.0}, 0, {0}}, {{-0.0}, 0, {0}}}};
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Sign>(x)};
    }
};

struct Square : elementwise<1>, word<Square> {
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "y = x²",
                                            .derivative = "dy = 2x",
                                            .numpy = "np.square",
                                            .xtensor = "xt::square",
                                            .torch = "torch.square",
                                            .jax = "jnp.square"};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{-3.0}, 9, {-6}}, {{1e200}, infinity, {2e200}}}};
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{x + x};
    }
};

/// The derivative is y² rather than 1/x², for x² overflows where y² is not yet 0; the product is a masked
/// one, since its own derivative may meet a zero cotangent with an infinite y.
struct Reciprocal : elementwise<1> {
    static constexpr std::string_view name = "reciprocal";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 3.0};
    static constexpr documentation about = {.formula = "y = 1/x",
                                            .derivative = "dy = -1/x² = -y²",
                                            .at_singular_points = "-infinity at 0, as the limit is",
                                            .numpy = "np.reciprocal",
                                            .xtensor = "1.0 / x",
                                            .torch = "torch.reciprocal",
                                            .jax = "jnp.reciprocal"};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{4.0}, 0.25, {-0.0625}},
         {{1e155}, 1e-155, {-1e-310}},
         {{0.0}, infinity, {-infinity}},
         {{1e-160}, 1e160, {-infinity}},
         {{-1e200}, -1e-200, {0}}}};
    template <class X>
    static X value(X x)
    {
        return X(1) / x;
    }
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{-call<Masked>(y, y)};
    }
};

struct Add : elementwise<2> {
    static constexpr std::string_view name = "add";
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "z = x + y",
                                            .derivative = "dz = (1, 1)",
                                            .numpy = "np.add",
                                            .xtensor = "x + y",
                                            .torch = "torch.add",
                                            .jax = "jnp.add"};
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{1e16, 1.0}, 1e16, {1, 1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return x + y;
    }
    static constexpr auto partials_constant() { return std::tuple{1.0, 1.0}; }
};

struct Sub : elementwise<2> {
    static constexpr std::string_view name = "sub";
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "z = x - y",
                                            .derivative = "dz = (1, -1)",
                                            .numpy = "np.subtract",
                                            .xtensor = "x - y",
                                            .torch = "torch.sub",
                                            .jax = "jnp.subtract"};
    static constexpr std::array<reference_point<2>, 1> reference_points = {
        {{{1.0, 3.0}, -2, {1, -1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return x - y;
    }
    static constexpr auto partials_constant() { return std::tuple{1.0, -1.0}; }
};

struct Mul : elementwise<2>, word<Mul> {
    static constexpr bool keeps_masks = true;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "z = x y",
                                            .derivative = "dz = (y, x)",
                                            .numpy = "np.multiply",
                                            .xtensor = "x * y",
                                            .torch = "torch.mul",
                                            .jax = "jnp.multiply"};
    static constexpr std::array<reference_point<2>, 2> reference_points = {
        {{{3.0, -4.0}, -12, {-4, 3}}, {{0.0, 5.0}, 0, {5, 0}}}};
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{y, x};
    }
};

/// The second partial goes through z, so that nothing overflows that need not.
struct Div : elementwise<2> {
    static constexpr std::string_view name = "div";
    static constexpr bool is_quotient = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 3.0};
    static constexpr documentation about = {.formula = "z = x / y",
                                            .derivative = "dz = (1/y, -z/y)",
                                            .at_singular_points = "infinite at y = 0",
                                            .numpy = "np.divide",
                                            .xtensor = "x / y",
                                            .torch = "torch.div",
                                            .jax = "jnp.divide"};
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

/// A zero cotangent contributes nothing through an infinite partial, and an operand that was not taken
/// gets nothing even from an infinite cotangent.
struct Masked : elementwise<2>, word<Masked> {
    static constexpr scaling scales = scaling::masked;
    static constexpr documentation about = {.formula = "z = g p, but 0 where either is 0",
                                            .derivative = "dz = (p, g)"};
    static constexpr std::array<reference_point<2>, 3> reference_points = {
        {{{0.0, infinity}, 0, {infinity, 0}},
         {{not_a_number, 0.0}, 0, {0, not_a_number}},
         {{2.0, 3.0}, 6, {3, 2}}}};
    template <class X>
    static auto partials_from_inputs(X g, X p)
    {
        return std::tuple{p, g};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// +x, x itself: no node is made.
/// Derivative: x_bar = y_bar
/// Keeps: nothing
/// Elsewhere: np.positive, +x, torch.positive, jnp.positive
template <class E>
[[nodiscard]] auto operator+(expr<E> x)
{
    return x;
}

/// -x; `neg` is the same, by name.
/// Derivative: x_bar = -y_bar
/// Keeps: nothing
/// Elsewhere: np.negative, -x, torch.neg, jnp.negative
template <class E>
[[nodiscard]] auto operator-(expr<E> x)
{
    return detail::express<ops::Neg>(std::move(x));
}
template <class E>
[[nodiscard]] auto neg(expr<E> x)
{
    return detail::express<ops::Neg>(std::move(x));
}

/// The sign of x: -1, 0 or 1, NaN at NaN.
/// Derivative: x_bar = 0
/// Keeps: the operand
/// At singular points: 0 at 0, where it jumps; NaN at NaN
/// Elsewhere: np.sign, xt::sign, torch.sign, jnp.sign
template <class E>
[[nodiscard]] auto sign(expr<E> x)
{
    return detail::express<ops::Sign>(std::move(x));
}

/// The absolute value |x|.
/// Derivative: x_bar = y_bar sign(x)
/// Keeps: the operand
/// At singular points: 0 at 0; NaN at NaN
/// Elsewhere: np.abs, xt::abs, torch.abs, jnp.abs
template <class E>
[[nodiscard]] auto abs(expr<E> x)
{
    return detail::express<ops::Abs>(std::move(x));
}

/// The square x².
/// Derivative: x_bar = 2x y_bar
/// Keeps: the operand
/// Elsewhere: np.square, xt::square, torch.square, jnp.square
template <class E>
[[nodiscard]] auto square(expr<E> x)
{
    return detail::express<ops::Square>(std::move(x));
}

/// The reciprocal 1/x.
/// Derivative: x_bar = -y_bar/x²
/// Keeps: the result
/// At singular points: -infinity at 0, but 0 for a y_bar of 0
/// Elsewhere: np.reciprocal, 1.0 / x, torch.reciprocal, jnp.reciprocal
template <class E>
[[nodiscard]] auto reciprocal(expr<E> x)
{
    return detail::express<ops::Reciprocal>(std::move(x));
}

/// The sum x + y; shapes broadcast, and throw shape_error if they do not.
/// Derivative: x_bar = y_bar = z_bar
/// Keeps: nothing
/// Elsewhere: np.add, x + y, torch.add, jnp.add
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator+(X&& x, Y&& y)
{
    return detail::express<ops::Add>(std::forward<X>(x), std::forward<Y>(y));
}

/// The difference x - y; shapes broadcast, and throw shape_error if they do not.
/// Derivative: x_bar = z_bar, y_bar = -z_bar
/// Keeps: nothing
/// Elsewhere: np.subtract, x - y, torch.sub, jnp.subtract
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator-(X&& x, Y&& y)
{
    return detail::express<ops::Sub>(std::forward<X>(x), std::forward<Y>(y));
}

/// The product x y, element by element; shapes broadcast, and throw shape_error if they do not.
/// Derivative: x_bar = z_bar y, y_bar = z_bar x
/// Keeps: the operands
/// Elsewhere: np.multiply, x * y, torch.mul, jnp.multiply
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator*(X&& x, Y&& y)
{
    return detail::express<ops::Mul>(std::forward<X>(x), std::forward<Y>(y));
}

/// The quotient x / y; shapes broadcast, and throw shape_error if they do not.
/// Derivative: x_bar = z_bar/y, y_bar = -z_bar z/y
/// Keeps: the divisor and the result
/// At singular points: infinite at y = 0, but 0 for a z_bar of 0
/// Elsewhere: np.divide, x / y, torch.div, jnp.divide
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto operator/(X&& x, Y&& y)
{
    return detail::express<ops::Div>(std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
