// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: modified Bessel functions of the first kind, plain and times exp(-|x|).
#pragma once

#include <backtrail/ops/math/bessel.hpp>
#include <backtrail/ops/special/order.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

struct I0;
struct I0eSlope;
struct I1eSlope;
struct Ive;

/// n is rounded to an integer, and is no variable: the partial there is 0. The derivative is a sum
/// of positive terms for x > 0; I0 - I1/x and the like would be 0/0 at 0.
struct Iv : elementwise<2> {
    static constexpr std::string_view name = "iv";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {1.6, 2.4};
    static constexpr std::array<reference_point<2>, 5> reference_points = {
        {{{2.0, 0.5}, 0.031906149177738256, {0, 0.1302697086799433}},
         {{3.0, 10.0}, 1758.3807166108531, {0, 1754.0047527427475}},
         {{5.0, -3.0}, -0.09120647766151335, {0, 0.1736943858354132}},
         {{2.0, 0.0}, 0, {0, 0}},
         {{4.0, 100.0}, 9.908078782703992e+41, {0, 9.866417024343741e+41}}}};
    static constexpr documentation about = {.formula = "y = Iₙ(x)",
                                            .derivative = "dy = (Iₙ₋₁(x) + Iₙ₊₁(x))/2",
                                            .numpy = "scipy.special.iv"};
    template <class X>
    static X value(X n, X x)
    {
        return math::iv(n.get(), x.get());
    }
    template <class X>
    static auto partials_from_inputs(X n, X x)
    {
        return std::tuple{0.0, 0.5 * (call<Iv>(n - 1.0, x) + call<Iv>(n + 1.0, x))};
    }
};

/// n is rounded to an integer, and is no variable: the partial there is 0. Beyond x = 10 the terms
/// of the derivative cancel; the first derivatives of i0e and i1e are ops of their own, where they
/// do not.
struct Ive : elementwise<2> {
    static constexpr std::string_view name = "ive";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {1.6, 2.4};
    static constexpr std::array<reference_point<2>, 3> reference_points = {
        {{{2.0, 0.5}, 0.01935205770966328, {0, 0.0596605146365553}},
         {{5.0, -3.0}, -0.00454090313892582, {0, 0.004106831123776035}},
         {{2.0, 0.0}, 0, {0, 0}}}};
    static constexpr documentation about = {.formula = "y = exp(-|x|) Iₙ(x)",
                                            .derivative =
                                                "dy = exp(-|x|) (Iₙ₋₁(x) + Iₙ₊₁(x))/2 - sign(x) y",
                                            .numpy = "scipy.special.ive"};
    template <class X>
    static X value(X n, X x)
    {
        return math::ive(n.get(), x.get());
    }
    template <class X>
    static auto partials_from_inputs(X n, X x)
    {
        return std::tuple{0.0, 0.5 * (call<Ive>(n - 1.0, x) + call<Ive>(n + 1.0, x)) -
                                   call<Sign>(x) * call<Ive>(n, x)};
    }
};

struct I1 : elementwise<1> {
    static constexpr std::string_view name = "i1";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{0.5}, 0.2578943053908963, {0.5476947599595309}},
         {{0.0}, 0, {0.5}},
         {{10.0}, 2670.9883037012546, {2548.617798096129}},
         {{700.0}, 1.5285003902339006e+302, {1.5274097756858254e+302}},
         {{-3.0}, -3.9533702174026093, {3.5630025133974876}}}};
    static constexpr documentation about = {.formula = "y = I₁(x)",
                                            .derivative =
                                                "dy = (I₀(x) + I₂(x))/2 = I₀(x) - I₁(x)/x",
                                            .numpy = "scipy.special.i1",
                                            .torch = "torch.special.i1",
                                            .jax = "jax.scipy.special.i1"};
    template <class X>
    static X value(X x)
    {
        return math::i1(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{0.5 * (call<I0>(x) + call<Iv>(2.0, x))};
    }
};

struct I0 : elementwise<1> {
    static constexpr std::string_view name = "i0";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{0.5}, 1.0634833707413236, {0.2578943053908963}},
         {{0.0}, 1, {0}},
         {{10.0}, 2815.7166284662544, {2670.9883037012546}},
         {{700.0}, 1.5295933476718737e+302, {1.5285003902339006e+302}},
         {{-3.0}, 4.8807925858650245, {-3.9533702174026093}},
         {{-infinity}, infinity, {-infinity}}}};
    static constexpr documentation about = {.formula = "y = I₀(x)",
                                            .derivative = "dy = I₁(x)",
                                            .numpy = "np.i0",
                                            .torch = "torch.special.i0",
                                            .jax = "jax.scipy.special.i0"};
    template <class X>
    static X value(X x)
    {
        return math::i0(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<I1>(x)};
    }
};

struct I0e : elementwise<1> {
    static constexpr std::string_view name = "i0e";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{0.5}, 0.6450352704491501, {-0.4886144672642784}},
         {{0.0}, 1, {0}},
         {{10.0}, 0.1278333371634286, {-0.006570655778973088}},
         {{-3.0}, 0.2430003541618254, {0.046173640864524544}},
         {{700.0}, 0.015081295651531358, {-1.0776206814510638e-05}},
         {{infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = exp(-|x|) I₀(x)",
                                            .derivative = "dy = exp(-|x|) (I₁(x) - sign(x) I₀(x))",
                                            .at_singular_points = "dy is 0 at 0, where it jumps",
                                            .numpy = "scipy.special.i0e",
                                            .torch = "torch.special.i0e",
                                            .jax = "jax.scipy.special.i0e"};
    template <class X>
    static X value(X x)
    {
        return math::i0e(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<I0eSlope>(x)};
    }
};

/// The derivative of i0e: at x = 100 the difference has lost two digits.
struct I0eSlope : elementwise<1> {
    static constexpr std::string_view name = "i0e_slope";
    static constexpr interval domain = {0.5, 4.0};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.5}, -0.4886144672642784, {0.6643873281588133}}, {{0.0}, 0, {0.5}}}};
    static constexpr documentation about = {.formula = "y = exp(-|x|) (I₁(x) - sign(x) I₀(x))",
                                            .derivative = "dy = i1e_slope(x) - sign(x) y"};
    template <class X>
    static X value(X x)
    {
        return math::i0e_slope(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{call<I1eSlope>(x) - call<Sign>(x) * y};
    }
};

struct I1e : elementwise<1> {
    static constexpr std::string_view name = "i1e";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{0.5}, 0.1564208031848717, {0.17577286089453498}},
         {{0.0}, 0, {0.5}},
         {{10.0}, 0.12126268138445552, {-0.005555612359472464}},
         {{-3.0}, -0.19682671329730086, {-0.01943526356790907}},
         {{700.0}, 0.015070519444716848, {-1.0753106677942001e-05}},
         {{infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = exp(-|x|) I₁(x)",
                                            .derivative = "dy = exp(-|x|) (I₁′(x) - sign(x) I₁(x))",
                                            .numpy = "scipy.special.i1e",
                                            .torch = "torch.special.i1e",
                                            .jax = "jax.scipy.special.i1e"};
    template <class X>
    static X value(X x)
    {
        return math::i1e(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<I1eSlope>(x)};
    }
};

/// The derivative of i1e, from the derivative of i0e, with which little cancels. So is its own derivative
/// beyond 1; nearer to 0 that would be a difference of two poles.
struct I1eSlope : elementwise<1> {
    static constexpr std::string_view name = "i1e_slope";
    static constexpr interval domain = {0.1, 0.6}; // far from its zero
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.5}, 0.17577286089453498, {-0.3902498372083965}}, {{0.0}, 0.5, {0}}}};
    static constexpr documentation about = {.formula = "y = exp(-|x|) (I₁′(x) - sign(x) I₁(x))",
                                            .derivative =
                                                "dy = exp(-|x|) (I₁″ - 2 sign(x) I₁′ + I₁)(x)"};
    template <class X>
    static X value(X x)
    {
        return math::i1e_slope(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        const X s = call<Sign>(x);
        const X near = 0.25 * (7.0 * call<Ive>(1.0, x) + call<Ive>(3.0, x)) -
                       s * (call<Ive>(0.0, x) + call<Ive>(2.0, x));
        const X far = call<I0eSlope>(x) - s * y - (y - call<I1e>(x) / x) / x;
        return std::tuple{choose<Greater>(call<Abs>(x), 1.0, far, near)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The modified Bessel function of the first kind, of order 0.
template <class E>
[[nodiscard]] auto i0(expr<E> x)
{
    return detail::express<ops::I0>(std::move(x));
}
/// The modified Bessel function of the first kind, of order 1.
template <class E>
[[nodiscard]] auto i1(expr<E> x)
{
    return detail::express<ops::I1>(std::move(x));
}
/// The modified Bessel function of the first kind, of the integer order n. Throws value_error for n < 0.
template <class E>
[[nodiscard]] auto iv(int n, expr<E> x)
{
    detail::require_order("iv", n);
    return detail::express<ops::Iv>(double(n), std::move(x));
}
/// exp(-|x|) I0(x), which does not overflow.
template <class E>
[[nodiscard]] auto i0e(expr<E> x)
{
    return detail::express<ops::I0e>(std::move(x));
}
/// exp(-|x|) I1(x), which does not overflow.
template <class E>
[[nodiscard]] auto i1e(expr<E> x)
{
    return detail::express<ops::I1e>(std::move(x));
}
/// exp(-|x|) times the modified Bessel function of the first kind of the integer order n. Throws value_error for n < 0.
template <class E>
[[nodiscard]] auto ive(int n, expr<E> x)
{
    detail::require_order("ive", n);
    return detail::express<ops::Ive>(double(n), std::move(x));
}

} // namespace backtrail
