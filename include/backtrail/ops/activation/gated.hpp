// SPDX-License-Identifier: BSD-3-Clause
// Activations, part two: x times a smooth gate. Their slopes are ops of their own, for a formula that
// is exact in the negative tail, down to denormals, is more than a line (math/gated.hpp).
#pragma once

#include <backtrail/ops/activation/saturating.hpp>
#include <backtrail/ops/math/gated.hpp>

namespace backtrail::ops {

/// x, held within ±limit. The second derivatives below have vanished there, and would else be a
/// product of 0 and infinity; a NaN stays one.
template <class X>
[[gnu::always_inline]] inline X held_within(const X& x, double limit)
{
    return choose<Greater>(call<Abs>(x), limit, limit, x);
}

struct SiluSlope : elementwise<1> {
    static constexpr std::string_view name = "silu_slope";
    static constexpr interval domain = {-1.0, 4.0}; // to the right of its zero
    static constexpr documentation about = {
        .formula = "y = σ(x) (1 + x σ(-x)), the derivative of silu; σ is the sigmoid",
        .derivative = "dy = σ(x) σ(-x) (2 + x (σ(-x) - σ(x)))"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, 0.5, {0.5}},
         {{-1.25}, 0.0063191550846875815, {0.22620474048075928}},
         {{-30.0}, -2.713710660963134e-12, {-2.620134431274233e-12}},
         {{-1000.0}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::silu_slope(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X at = held_within(x, 800.0);
        const X p = call<Sigmoid>(at), q = call<Sigmoid>(-at);
        return std::tuple{p * q * (2.0 + at * (q - p))};
    }
};

struct Silu : elementwise<1> {
    static constexpr std::string_view name = "silu";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr documentation about = {.formula = "y = x sigmoid(x)",
                                            .derivative = "dy = silu_slope(x)",
                                            .at_singular_points = "0 at -infinity, the limit",
                                            .torch = "torch.nn.functional.silu",
                                            .jax = "jax.nn.silu"};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{3.0}, 2.8577223804672998, {1.0881041060151697}},
         {{40.0}, 40, {1.0000000000000002}},
         {{-30.0}, -2.8072868906517896e-12, {-2.713710660963134e-12}},
         {{-730.0}, -6.735208906e-315, {-6.72598259e-315}},
         {{-infinity}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::silu(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<SiluSlope>(x)};
    }
};

struct GeluTanh;

/// With v as for GeluTanh, v' = c + 3d x² and v'' = 6d x. The derivative is even, and taken at u = -|x|,
/// where σ(v) is gelu_tanh(u)/u to full accuracy; `Where`, not `Abs`, makes it smooth at 0.
struct GeluTanhSlope : elementwise<1> {
    static constexpr std::string_view name = "gelu_tanh_slope";
    static constexpr interval domain = {-0.5, 3.0}; // to the right of its zero
    static constexpr documentation about = {
        .formula = "y = σ(v) (1 + x v' σ(-v)), the derivative of gelu_tanh",
        .derivative = "dy = σ(v) σ(-v) (2v' + x v'' + x v'² (σ(-v) - σ(v)))"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0.5, {0.7978845608028654}},
         {{-5.0}, -1.5463619875325946e-06, {-9.934132224996203e-06}},
         {{-1000.0}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::gelu_tanh_slope(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X at = held_within(x, 30.0);
        const X u = choose<Greater>(at, 0.0, -at, at);
        const X bend = 0.07135481627260025 * u * u; // d x²
        const X v = u * (1.5957691216057308 + bend), slope = 1.5957691216057308 + 3.0 * bend;
        const X p = choose<Greater>(u, -1.0, call<Sigmoid>(v), call<GeluTanh>(u) / u);
        const X q = call<Sigmoid>(-v);
        return std::tuple{p * q * (2.0 * slope + 6.0 * bend + u * slope * slope * (q - p))};
    }
};

/// (1 + tanh(v/2))/2 is σ(v), which does not cancel in the negative tail. v needs twice the working
/// precision there, because its error is multiplied by v.
struct GeluTanh : elementwise<1> {
    static constexpr std::string_view name = "gelu_tanh";
    static constexpr interval domain = {-3.0, 3.0};
    static constexpr documentation about = {
        .formula = "y = x (1 + tanh(v/2))/2 = x σ(v), v = 2 sqrt(2/π) (x + 0.044715 x³)",
        .derivative = "dy = gelu_tanh_slope(x)",
        .at_singular_points = "0 at -infinity, the limit",
        .torch = "torch.nn.functional.gelu(approximate='tanh')",
        .jax = "jax.nn.gelu(approximate=True)"};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{3.0}, 2.996362607918227, {1.0115841666309697}},
         {{6.0}, 5.9999999999156035, {1.0000000007709975}},
         {{-5.0}, -2.291796196629506e-07, {-1.5463619875325946e-06}},
         {{-20.5}, -1.3502940601643467e-280, {-1.2356213261882888e-278}},
         {{-infinity}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::gelu_tanh(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<GeluTanhSlope>(x)};
    }
};

/// With s = softplus(x): d(tanh s)/dx = sech²(s) σ(x), and once more by the product rule.
struct MishSlope : elementwise<1> {
    static constexpr std::string_view name = "mish_slope";
    static constexpr interval domain = {-1.0, 4.0}; // to the right of its zero
    static constexpr documentation about = {
        .formula = "y = tanh(s) + x sech²(s) σ(x), s = softplus(x), the derivative of mish",
        .derivative = "dy = sech²(s) σ(x) (2 + x (σ(-x) - 2 tanh(s) σ(x)))"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0.6, {0.64}},
         {{-30.0}, -2.713710660963392e-12, {-2.620134431274741e-12}},
         {{-1000.0}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::mish_slope(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X at = held_within(x, 800.0);
        const X s = call<Softplus>(at);
        const X p = call<Sigmoid>(at), q = call<Sigmoid>(-at);
        const X dense = call<Sech>(s);
        return std::tuple{dense * dense * p * (2.0 + at * (q - 2.0 * call<Tanh>(s) * p))};
    }
};

struct Mish : elementwise<1> {
    static constexpr std::string_view name = "mish";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr documentation about = {.formula = "y = x tanh(softplus(x))",
                                            .derivative = "dy = mish_slope(x)",
                                            .at_singular_points = "0 at -infinity, the limit",
                                            .torch = "torch.nn.functional.mish",
                                            .jax = "jax.nn.mish"};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{3.0}, 2.9865350049679575, {1.0211069109294437}},
         {{40.0}, 40, {1}},
         {{-30.0}, -2.807286890651921e-12, {-2.713710660963392e-12}},
         {{-730.0}, -6.735208906e-315, {-6.72598259e-315}},
         {{-infinity}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::mish(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<MishSlope>(x)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// x sigmoid(x), also known as swish; exact in the negative tail.
/// Derivative: x_bar = y_bar σ(x) (1 + x σ(-x)), σ the sigmoid
/// Keeps: the operand
/// At singular points: 0 at -infinity, the limit
/// Elsewhere: -, -, torch.nn.functional.silu, jax.nn.silu
template <class E>
[[nodiscard]] auto silu(expr<E> x)
{
    return detail::express<ops::Silu>(std::move(x));
}

/// The approximation x (1 + tanh(v/2))/2 of x Φ(x), with v = 2 sqrt(2/π) (x + 0.044715 x³); exact in
/// the negative tail.
/// Derivative: x_bar = y_bar σ(v) (1 + x v' σ(-v)), σ the sigmoid
/// Keeps: the operand
/// At singular points: 0 at -infinity, the limit
/// Elsewhere: -, -, torch.nn.functional.gelu(approximate='tanh'), jax.nn.gelu(approximate=True)
template <class E>
[[nodiscard]] auto gelu_tanh(expr<E> x)
{
    return detail::express<ops::GeluTanh>(std::move(x));
}

/// x tanh(softplus(x)), exact in the negative tail.
/// Derivative: x_bar = y_bar (tanh(s) + x sech²(s) sigmoid(x)), s = softplus(x)
/// Keeps: the operand
/// At singular points: 0 at -infinity, the limit
/// Elsewhere: -, -, torch.nn.functional.mish, jax.nn.mish
template <class E>
[[nodiscard]] auto mish(expr<E> x)
{
    return detail::express<ops::Mish>(std::move(x));
}

} // namespace backtrail
