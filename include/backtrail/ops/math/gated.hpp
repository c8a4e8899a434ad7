// SPDX-License-Identifier: BSD-3-Clause
// silu, gelu_tanh and mish, and their slopes: x times a gate that rises from 0 to 1.
//
//     silu      = x σ(x)                 gelu_tanh = x σ(v),  v = 2 sqrt(2/π) (x + 0.044715 x³)
//     mish      = x tanh(log(1 + exp x))
//
// The factor exp(x) or exp(v) of the negative tail keeps its exponent apart until everything else is
// multiplied, so that denormal results are rounded once, and nothing there is a difference of near
// equals. gelu_tanh needs v in two parts: an error of v is multiplied by v itself, up to 750.
// As σ(v) + σ(-v) = 1, the slopes of silu and gelu_tanh at x > 0 are 1 less those at -x.
// References: Elfwing, Uchibe & Doya, Neural Networks 107 (2018) 3; Hendrycks & Gimpel,
// arXiv:1606.08415; Misra, BMVC 2020.
// Measured, value and slope: silu 3.0 and 5.6 ULP, gelu_tanh 3.0 and 5.9, mish 3.2 and 5.6; the same in
// float, with or without FMA. The last two slopes are counted in ULP of the larger of their two terms,
// which cancel at a zero near -1; that of silu holds at its zero, too.
#pragma once

#include <backtrail/ops/math/exp.hpp>

namespace backtrail::math {

/// σ(v), v <= 0, as exp(v)/(1 + exp(v)): m 2^k and the denominator.
template <class T, class A>
struct gate_lanes {
    xsimd::batch<T, A> m;
    bit_lanes<T, A> exponent;
    xsimd::batch<T, A> denominator;
};

template <class T, class A>
[[gnu::always_inline]] inline gate_lanes<T, A> gate_of(const scaled_lanes<T, A>& e)
{
    return {e.m, e.exponent, xsimd::batch<T, A>(T(1)) + scale<T, A>(e.m, e.exponent)};
}

/// x σ(v), with the gate at -|v|; `held` is x, held where the result has vanished.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> gated(const xsimd::batch<T, A>& held,
                                                       const gate_lanes<T, A>& g)
{
    using B = xsimd::batch<T, A>;
    const auto is_negative = held < B(T(0));
    const B y = B(held * xsimd::select(is_negative, g.m, B(T(1)))) / g.denominator;
    return xsimd::select(is_negative, scale<T, A>(y, g.exponent), y);
}

/// σ(v) (1 + w σ(-v)), w = x dv/dx, at -|x|, where it is (1 + exp v + w) σ(v)/(1 + exp v); `sum` is that
/// sum in brackets.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> gated_slope(const xsimd::batch<T, A>& x,
                                                             const xsimd::batch<T, A>& sum,
                                                             const gate_lanes<T, A>& g)
{
    using B = xsimd::batch<T, A>;
    const B slope = scale<T, A>(B(B(sum / g.denominator) * g.m) / g.denominator, g.exponent);
    return xsimd::select(x < B(T(0)), slope, B(B(T(1)) - slope));
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> silu(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const B held = xsimd::max(B(exp_lowest<T>), x);
    return gated(held, gate_of(scaled_exp(clamp(exp_lowest<T>, negated(xsimd::abs(x)), T(0)))));
}

/// 1 + exp(x) + x, x <= 0, which is 0 at x0 = -1.278 and cancels around it. There it is taken as
/// (x - x0) + c (exp(x - x0) - 1), c = exp(x0) = -1 - x0: two terms of one sign.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> silu_slope_sum(const xsimd::batch<T, A>& x,
                                                                const gate_lanes<T, A>& g)
{
    using B = xsimd::batch<T, A>;
    constexpr bool is_double = binary_format<T>::is_double;
    const B zero(is_double ? T(-0x1.474973c84120bp+0) : T(-0x1.474974p+0));
    const B zero_low(is_double ? T(-0x1.f8d74bc9ac154p-54) : T(0x1.bdf6fap-27));
    const B c(is_double ? T(0x1.1d25cf210482ep-2) : T(0x1.1d25dp-2));
    const B r = B(x - zero) - zero_low;
    const auto is_near = xsimd::abs(r) < B(T(0.34)); // within the limits of exp_tail
    const B held = xsimd::select(is_near, r, B(T(0)));
    const B near = mul_add(B(c * held) * held, exp_tail(held), negated(B(zero * held)));
    return xsimd::select(is_near, near, B(g.denominator + x));
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> silu_slope(xsimd::batch<T, A> x)
{
    const auto held = clamp(exp_lowest<T>, negated(xsimd::abs(x)), T(0));
    const auto g = gate_of(scaled_exp(held));
    return gated_slope(x, silu_slope_sum(held, g), g);
}

/// v = x (2 sqrt(2/π) + 0.08943 sqrt(2/π) x²) and x dv/dx, for |x| <= 22.
template <class T, class A>
struct gelu_argument {
    double_lanes<xsimd::batch<T, A>> v;
    xsimd::batch<T, A> x_times_slope;

    [[gnu::always_inline]] explicit gelu_argument(const xsimd::batch<T, A>& x)
    {
        using B = xsimd::batch<T, A>;
        constexpr bool is_double = binary_format<T>::is_double;
        const B linear(is_double ? T(0x1.9884533d43651p+0) : T(0x1.988454p+0));
        const B linear_low(is_double ? T(-0x1.cbc0d30ebfd15p-54) : T(-0x1.857936p-25));
        const B cubic(is_double ? T(0x1.2444f2a4d8b4bp-4) : T(0x1.2444f2p-4));
        const B cubic_low(is_double ? T(-0x1.6c843a29d1c7p-61) : T(0x1.49b16ap-29));
        const auto square = two_product(x, x);
        const auto bend = two_product(cubic, square.high);
        const B bend_low = mul_add(cubic, square.low, mul_add(cubic_low, square.high, bend.low));
        const auto sum = two_sum(linear, bend.high);
        const B sum_low = (sum.low + linear_low) + bend_low;
        const auto product = two_product(x, sum.high);
        v = fast_two_sum(product.high, mul_add(x, sum_low, product.low));
        x_times_slope = x * mul_add(B(T(2)), bend.high, sum.high);
    }
};

/// Below it gelu_tanh and its slope are 0, and exp(v) is still within the limits of reduce_exp.
template <class T>
inline constexpr T gelu_lowest = binary_format<T>::is_double ? T(-21.65) : T(-11);

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> gelu_tanh(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B low = clamp(gelu_lowest<T>, negated(xsimd::abs(x)), T(0));
    const gelu_argument<T, A> at(low);
    const B held = xsimd::max(B(gelu_lowest<T>), x);
    return gated(held, gate_of(scaled_exp(at.v.high, at.v.low)));
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> gelu_tanh_slope(xsimd::batch<T, A> x)
{
    const gelu_argument<T, A> at(clamp(gelu_lowest<T>, negated(xsimd::abs(x)), T(0)));
    const auto g = gate_of(scaled_exp(at.v.high, at.v.low));
    return gated_slope(x, xsimd::batch<T, A>(g.denominator + at.x_times_slope), g);
}

/// tanh(log(1 + exp x)) = n/d, and exp(-|x|) = w = 2^k m:
///   x < 0:  n = w (w + 2), d = n + 2;   x >= 0:  n = 1 + 2w, d = n + 2w².
template <class T, class A>
struct mish_gate {
    scaled_lanes<T, A> e;
    xsimd::batch<T, A> held, w, n_over_w, n, d; ///< n is of x >= 0, n_over_w of x < 0

    [[gnu::always_inline]] explicit mish_gate(const xsimd::batch<T, A>& x)
    {
        using B = xsimd::batch<T, A>;
        const B two(T(2));
        e = scaled_exp(clamp(exp_lowest<T>, negated(xsimd::abs(x)), T(0)));
        w = scale<T, A>(e.m, e.exponent);
        held = xsimd::max(B(exp_lowest<T>), x);
        n_over_w = w + two;
        n = mul_add(two, w, B(T(1)));
        d = xsimd::select(x < B(T(0)), mul_add(w, n_over_w, two), mul_add(B(w + w), w, n));
    }
};

/// x w (1 - c), c = w (1 + w)/d <= 2/5, or x (1 - c), c = 2w²/d: the error of c counts little.
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> mish(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const mish_gate<T, A> g(x);
    const auto is_negative = x < B(T(0));
    const B c = B(xsimd::select(is_negative, mul_add(g.w, g.w, g.w), B(B(g.w + g.w) * g.w))) / g.d;
    const B y = B(g.held * xsimd::select(is_negative, g.e.m, B(T(1)))) * B(B(T(1)) - c);
    return xsimd::select(is_negative, scale<T, A>(y, g.e.exponent), y);
}

/// n/d + 4x c/d², c = w (1 + w) or w² (1 + w): sech²(log(1 + exp x)) σ(x) = 4c/d².
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> mish_slope(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const mish_gate<T, A> g(x);
    const auto is_negative = x < B(T(0));
    const B n = xsimd::select(is_negative, g.n_over_w, g.n);
    const B c = B(B(T(1)) + g.w) * xsimd::select(is_negative, B(T(1)), B(g.w * g.w));
    const B held = xsimd::min(B(-exp_lowest<T>), g.held);
    const B slope = (n + B(B(T(4)) * held) * c / g.d) / g.d;
    return xsimd::select(is_negative, scale<T, A>(B(g.e.m * slope), g.e.exponent), slope);
}

template <std::floating_point T>
[[gnu::always_inline]] inline T silu(T x)
{
    return first_lane(math::silu(on_all_lanes(x)));
}
template <std::floating_point T>
[[gnu::always_inline]] inline T silu_slope(T x)
{
    return first_lane(math::silu_slope(on_all_lanes(x)));
}
template <std::floating_point T>
[[gnu::always_inline]] inline T gelu_tanh(T x)
{
    return first_lane(math::gelu_tanh(on_all_lanes(x)));
}
template <std::floating_point T>
[[gnu::always_inline]] inline T gelu_tanh_slope(T x)
{
    return first_lane(math::gelu_tanh_slope(on_all_lanes(x)));
}
template <std::floating_point T>
[[gnu::always_inline]] inline T mish(T x)
{
    return first_lane(math::mish(on_all_lanes(x)));
}
template <std::floating_point T>
[[gnu::always_inline]] inline T mish_slope(T x)
{
    return first_lane(math::mish_slope(on_all_lanes(x)));
}

} // namespace backtrail::math
