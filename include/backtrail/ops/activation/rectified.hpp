// SPDX-License-Identifier: BSD-3-Clause
// Activations, part four: piecewise linear (hard_swish: quadratic) functions. At a kink each takes the
// derivative of its flatter side. All are masked, so that a flat side gets exactly 0 even from an
// infinite cotangent. A NaN stays one; nothing passes back through it.
#pragma once

#include <backtrail/core/error.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

struct Relu : elementwise<1> {
    static constexpr std::string_view name = "relu";
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "y = max(x, 0)",
                                            .derivative = "dy = 1 where x > 0, else 0",
                                            .at_singular_points = "0 at 0",
                                            .numpy = "np.maximum(x, 0)",
                                            .torch = "torch.relu",
                                            .jax = "jax.nn.relu"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, 0, {0}},
         {{2.0}, 2, {1}},
         {{-infinity}, 0, {0}},
         {{not_a_number}, not_a_number, {0}}}};
    template <class X>
    static X value(X x)
    {
        return dropped(x <= X(0), x);
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Greater>(x, 0.0)};
    }
};

/// The derivative of leaky_relu, an op so that it has the element type of x where the slope is a number.
struct LeakyStep : elementwise<2> {
    static constexpr std::string_view name = "leaky_step";
    static constexpr scaling scales = scaling::masked;
    static constexpr documentation about = {.formula = "z = 1 where x > 0, else a",
                                            .derivative = "dx = 0, da = 0 or 1",
                                            .at_singular_points = "a at 0"};
    static constexpr std::array<reference_point<2>, 3> reference_points = {
        {{{0.0, 0.25}, 0.25, {0, 1}}, {{3.0, 0.25}, 1, {0, 0}}, {{-3.0, 0.25}, 0.25, {0, 1}}}};
    template <class X>
    static X value(X x, X slope)
    {
        return select(x > X(0), X(1), slope);
    }
    template <class X>
    static auto partials_from_inputs(X x, X)
    {
        return std::tuple{0.0, call<Equal>(call<Greater>(x, 0.0), 0.0)};
    }
};

struct LeakyRelu : elementwise<2> {
    static constexpr std::string_view name = "leaky_relu";
    static constexpr scaling scales = scaling::masked;
    static constexpr documentation about = {.formula = "z = x where x > 0, else a x",
                                            .derivative = "dx = 1 or a, da = 0 or x",
                                            .at_singular_points =
                                                "at 0 the slope of the negative side, a",
                                            .torch = "torch.nn.functional.leaky_relu",
                                            .jax = "jax.nn.leaky_relu"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{0.0, 0.25}, 0, {0.25, 0}},
         {{-4.0, 0.25}, -1, {0.25, -4}},
         {{3.0, 0.25}, 3, {1, 0}},
         {{not_a_number, 0.25}, not_a_number, {0.25, not_a_number}}}};
    template <class X>
    static X value(X x, X slope)
    {
        return select(x > X(0), x, slope * x);
    }
    template <class X>
    static auto partials_from_inputs(X x, X slope)
    {
        return std::tuple{call<LeakyStep>(x, slope), choose<Greater>(x, 0.0, 0.0, x)};
    }
};

/// Not `clip`, whose derivative at its bounds is 1. Where high < low, high prevails.
struct HardTanh : elementwise<3> {
    static constexpr std::string_view name = "hard_tanh";
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {
        .formula = "y = min(max(x, low), high)",
        .derivative = "dx = 1 where low < x < high, else 0; 1 to the bound taken",
        .at_singular_points = "at a bound the bound has it all: dx = 0",
        .numpy = "np.clip",
        .xtensor = "xt::clip",
        .torch = "torch.nn.functional.hardtanh",
        .jax = "jax.nn.hard_tanh"};
    static constexpr std::array<reference_point<3>, 6> reference_points = {
        {{{0.5, -1.0, 1.0}, 0.5, {1, 0, 0}},
         {{1.0, -1.0, 1.0}, 1, {0, 0, 1}},
         {{-1.0, -1.0, 1.0}, -1, {0, 1, 0}},
         {{-infinity, -1.0, 1.0}, -1, {0, 1, 0}},
         {{0.0, 2.0, 1.0}, 1, {0, 0, 1}},
         {{not_a_number, -1.0, 1.0}, not_a_number, {0, 0, 0}}}};
    template <class X>
    static X value(X x, X low, X high)
    {
        const X from_low = select(x <= low, low, x);
        return select(from_low >= high, high, from_low);
    }
    template <class X>
    static auto partials_from_inputs(X x, X low, X high)
    {
        return std::tuple{call<Greater>(x, low) * call<Less>(x, high),
                          call<LessEqual>(x, low) * call<Less>(low, high),
                          call<GreaterEqual>(call<Maximum>(x, low), high)};
    }
};

struct HardSwish : elementwise<1> {
    static constexpr std::string_view name = "hard_swish";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-2.9, 2.9};
    static constexpr documentation about = {
        .formula = "y = x min(max(x + 3, 0), 6)/6",
        .derivative = "dy = (2x + 3)/6 where -3 < x < 3, 0 below, 1 above",
        .at_singular_points = "0 at -3, 1 at 3",
        .torch = "torch.nn.functional.hardswish",
        .jax = "jax.nn.hard_swish"};
    static constexpr std::array<reference_point<1>, 5> reference_points = {{{{-3.0}, 0, {0}},
                                                                            {{3.0}, 3, {1}},
                                                                            {{-infinity}, 0, {0}},
                                                                            {{1e308}, 1e308, {1}},
                                                                            {{1.5}, 1.125, {1}}}};
    template <class X>
    static X value(X x)
    {
        return select(x <= X(-3), X(0), select(x >= X(3), x, x * (x + 3.0) / 6.0));
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{
            choose<Less>(call<Abs>(x), 3.0, (x + x + 3.0) / 6.0, call<GreaterEqual>(x, 3.0))};
    }
};

struct SoftShrink : elementwise<2> {
    static constexpr std::string_view name = "soft_shrink";
    static constexpr scaling scales = scaling::masked;
    static constexpr documentation about = {.formula = "y = sign(x) max(|x| - λ, 0)",
                                            .derivative =
                                                "dx = 1 where |x| > λ, else 0; dλ = -sign(x) or 0",
                                            .at_singular_points = "0 at ±λ",
                                            .torch = "torch.nn.functional.softshrink"};
    static constexpr std::array<reference_point<2>, 5> reference_points = {
        {{{0.5, 0.5}, 0, {0, 0}},
         {{-0.5, 0.5}, 0, {0, 0}},
         {{-2.0, 0.5}, -1.5, {1, 1}},
         {{0.75, 0.5}, 0.25, {1, -1}},
         {{not_a_number, 0.5}, not_a_number, {0, 0}}}};
    template <class X>
    static X value(X x, X lambda)
    {
        return select(magnitude(x) <= lambda, X(0), x - select(x < X(0), -lambda, lambda));
    }
    template <class X>
    static auto partials_from_inputs(X x, X lambda)
    {
        const X is_outside = call<Greater>(call<Abs>(x), lambda);
        return std::tuple{is_outside, call<Where>(is_outside, -call<Sign>(x), 0.0)};
    }
};

struct HardShrink : elementwise<2> {
    static constexpr std::string_view name = "hard_shrink";
    static constexpr scaling scales = scaling::masked;
    static constexpr documentation about = {.formula = "y = x where |x| > λ, else 0",
                                            .derivative = "dx = 1 where |x| > λ, else 0; dλ = 0",
                                            .at_singular_points = "0 at ±λ",
                                            .torch = "torch.nn.functional.hardshrink"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{0.5, 0.5}, 0, {0, 0}},
         {{-2.0, 0.5}, -2, {1, 0}},
         {{0.75, 0.5}, 0.75, {1, 0}},
         {{not_a_number, 0.5}, not_a_number, {0, 0}}}};
    template <class X>
    static X value(X x, X lambda)
    {
        return dropped(magnitude(x) <= lambda, x);
    }
    template <class X>
    static auto partials_from_inputs(X x, X lambda)
    {
        return std::tuple{call<Greater>(call<Abs>(x), lambda), 0.0};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// max(x, 0).
/// Derivative: x_bar = y_bar where x > 0, else 0
/// Keeps: the operand
/// At singular points: 0 at 0 and at NaN
/// Elsewhere: np.maximum(x, 0), -, torch.relu, jax.nn.relu
template <class E>
[[nodiscard]] auto relu(expr<E> x)
{
    return detail::express<ops::Relu>(std::move(x));
}

/// x where x > 0, else x times a slope, a number or a tensor.
/// Derivative: x_bar = y_bar where x > 0, else y_bar slope; slope_bar = 0, or y_bar x
/// Keeps: the operands
/// At singular points: the slope of the negative side at 0
/// Elsewhere: -, -, torch.nn.functional.leaky_relu, jax.nn.leaky_relu
template <class E, class S = double>
    requires mixed<expr<E>, S>
[[nodiscard]] auto leaky_relu(expr<E> x, S&& slope = 0.01)
{
    return detail::express<ops::LeakyRelu>(std::move(x), std::forward<S>(slope));
}

/// x between two bounds, numbers or tensors, and the bound beyond. Throws value_error for numbers
/// low > high; elsewhere high prevails.
/// Derivative: x_bar = y_bar where low < x < high, else 0; the bound taken gets y_bar
/// Keeps: the operands
/// At singular points: 0 at the bounds and at NaN; clip has 1 at the bounds
/// Elsewhere: np.clip, xt::clip, torch.nn.functional.hardtanh, jax.nn.hard_tanh
template <class E, class L = int, class H = int>
    requires(mixed<expr<E>, L> && mixed<expr<E>, H>)
[[nodiscard]] auto hard_tanh(expr<E> x, L&& low = -1, H&& high = 1)
{
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<L>> &&
                  std::is_arithmetic_v<std::remove_cvref_t<H>>) {
        if (low > high) throw value_error("[hard_tanh] the lower bound is above the upper");
    }
    return detail::express<ops::HardTanh>(std::move(x), std::forward<L>(low),
                                          std::forward<H>(high));
}

/// min(max(x, 0), 6).
/// Derivative: x_bar = y_bar where 0 < x < 6, else 0
/// Keeps: the operand
/// At singular points: 0 at 0, 6 and NaN
/// Elsewhere: -, -, torch.nn.functional.relu6, jax.nn.relu6
template <class E>
[[nodiscard]] auto relu6(expr<E> x)
{
    return detail::express<ops::HardTanh>(std::move(x), 0, 6);
}

/// relu6(x + 3)/6; not x/6 + 1/2, for x + 3 is exact near -3, where it matters.
/// Derivative: x_bar = y_bar/6 where -3 < x < 3, else 0
/// Keeps: the operand
/// At singular points: 0 at ±3 and at NaN
/// Elsewhere: -, -, torch.nn.functional.hardsigmoid, jax.nn.hard_sigmoid
template <class E>
[[nodiscard]] auto hard_sigmoid(expr<E> x)
{
    return relu6(std::move(x) + 3.0) / 6.0;
}

/// x relu6(x + 3)/6.
/// Derivative: x_bar = y_bar (2x + 3)/6 where -3 < x < 3, 0 below and y_bar above
/// Keeps: the operand
/// At singular points: 0 at -3, y_bar at 3
/// Elsewhere: -, -, torch.nn.functional.hardswish, jax.nn.hard_swish
template <class E>
[[nodiscard]] auto hard_swish(expr<E> x)
{
    return detail::express<ops::HardSwish>(std::move(x));
}

/// x moved towards 0 by λ, a number or a tensor, and 0 where |x| <= λ. Throws value_error for a number
/// λ < 0.
/// Derivative: x_bar = y_bar where |x| > λ, else 0; λ_bar = -y_bar sign(x), or 0
/// Keeps: the operands
/// At singular points: 0 at ±λ and at NaN
/// Elsewhere: -, -, torch.nn.functional.softshrink, -
template <class E, class L = double>
    requires mixed<expr<E>, L>
[[nodiscard]] auto soft_shrink(expr<E> x, L&& lambda = 0.5)
{
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<L>>) {
        if (lambda < 0) throw value_error("[soft_shrink] lambda must not be negative");
    }
    return detail::express<ops::SoftShrink>(std::move(x), std::forward<L>(lambda));
}

/// x where |x| > λ, a number or a tensor, else 0.
/// Derivative: x_bar = y_bar where |x| > λ, else 0; nothing to λ
/// Keeps: the operands
/// At singular points: 0 at ±λ and at NaN
/// Elsewhere: -, -, torch.nn.functional.hardshrink, -
template <class E, class L = double>
    requires mixed<expr<E>, L>
[[nodiscard]] auto hard_shrink(expr<E> x, L&& lambda = 0.5)
{
    return detail::express<ops::HardShrink>(std::move(x), std::forward<L>(lambda));
}

} // namespace backtrail
