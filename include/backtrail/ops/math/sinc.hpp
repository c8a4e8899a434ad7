// SPDX-License-Identifier: BSD-3-Clause
// sinc(x) = sin(pi x)/(pi x), its derivative, and its derivatives of any order.
//
// x = k/2 + r is reduced exactly, before the multiplication by pi, so that the zeros at the integers are
// zeros. Up to 1/4 (the derivative: 1/2) even polynomials of our own take the place of the quotient
// (of the difference cos(pi x) - sinc(x), which cancels there).
// Measured: sinc 3.2 ULP, its derivative 3.8 of the larger term; the same in float.
#pragma once

#include <backtrail/ops/math/lanewise.hpp>

#include <cmath>

namespace backtrail::math {

/// sin(pi x) and cos(pi x), for |x| below 2^50 (float: 2^21).
template <class B>
struct half_turn_lanes {
    B sin, cos;
};
template <class T, class A>
[[gnu::always_inline]] inline half_turn_lanes<xsimd::batch<T, A>> sincos_pi(
    const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    using bits = bit_lanes<T, A>;
    using format = binary_format<T>;
    const B shifted = (x + x) + B(format::rounder);
    const B r = x - (shifted - B(format::rounder)) * B(T(0.5));
    const bits k = to_bits(shifted);
    const B square = r * r;
    B sin_series, cos_series, pi_low; // (sin(pi r) - pi r)/r³ and (cos(pi r) - 1)/r²
    if constexpr (format::is_double) {
        pi_low = B(0x1.1a62633145c07p-53);
        sin_series =
            polynomial(square, -0x1.4abbce625be51p+2, 0x1.466bc6775a025p+1, -0x1.32d2cce488c7fp-1,
                       0x1.507831704d75p-4, -0x1.e301db253deadp-8, 0x1.e46be6b5ef37ep-12);
        cos_series = polynomial(square, -0x1.3bd3cc9be45dep+2, 0x1.03c1f081b5abep+2,
                                -0x1.55d3c7e3cabcep+0, 0x1.e1f50685c074dp-3, -0x1.a6d1ee4015874p-6,
                                0x1.f9cd8c3ad5a8bp-10, -0x1.b2c346f14822cp-14);
    } else {
        pi_low = B(-0x1.777a5cp-24F);
        sin_series =
            polynomial(square, -0x1.4abbcep+2F, 0x1.466bcp+1F, -0x1.32cd14p-1F, 0x1.4c65dap-4F);
        cos_series =
            polynomial(square, -0x1.3bd3ccp+2F, 0x1.03c1e6p+2F, -0x1.55c9c8p+0F, 0x1.dad62cp-3F);
    }
    const B sin_r = mul_add(r, B(T(3.141592653589793)), B(r * mul_add(square, sin_series, pi_low)));
    const B cos_r = mul_add(square, cos_series, B(T(1)));
    const bits one(typename format::bits(1)), sign(format::sign_mask);
    const B is_odd = from_bits<T, A>(bits(typename format::bits(0)) - (k & one));
    const B swap = (sin_r ^ cos_r) & is_odd;
    const B sin_sign = from_bits<T, A>((k << (format::width - 2)) & sign);
    const B cos_sign = from_bits<T, A>(((k + one) << (format::width - 2)) & sign);
    return {(sin_r ^ swap) ^ sin_sign, (cos_r ^ swap) ^ cos_sign};
}

/// |x| from which on every number is an even integer, with a bit to spare: the sine is 0, the cosine 1.
template <class T>
inline constexpr T all_even = T(std::uint64_t(1) << (binary_format<T>::fraction_width + 2));

/// x, or 0 where the reduction would not be exact: at NaN, and among numbers that are all even. Those
/// between its limit and there are reduced by the remainder of a division by 2, a power of two.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> within_turns(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    constexpr T exact = T(std::uint64_t(1) << (binary_format<T>::fraction_width - 2));
    const B a = xsimd::abs(x);
    const B even = B(T(2)) * (((a * B(T(0.5))) + B(all_even<T> / 4)) - B(all_even<T> / 4));
    const B reduced = xsimd::select(a < B(exact), a, a - even);
    return xsimd::select(a < B(all_even<T>), reduced, B(T(0)));
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> sinc(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B a = xsimd::abs(x), one(T(1));
    const B square = xsimd::min(B(T(0.0625)), a * a);
    B series; // (sinc(x) - 1)/x²
    if constexpr (binary_format<T>::is_double) {
        series =
            polynomial(square, -0x1.a51a6625307d1p+0, 0x1.9f9cb402bb6cp-1, -0x1.86a8e46ff824cp-3,
                       0x1.ac6801df461e6p-6, -0x1.337df175ca031p-9, 0x1.34646da679ddp-13);
    } else {
        series =
            polynomial(square, -0x1.a51a66p+0F, 0x1.9f9cacp-1F, -0x1.86a19cp-3F, 0x1.a738dcp-6F);
    }
    const B quotient = sincos_pi(within_turns(x)).sin / (a * B(T(3.141592653589793)));
    const B y = xsimd::select(a < B(T(0.25)), mul_add(square, series, one), quotient);
    return xsimd::select(a <= B(std::numeric_limits<T>::max()), y, a - a); // NaN at infinity
}

/// sinc'(x) = (cos(pi x) - sinc(x))/x
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> sinc_slope(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B a = xsimd::abs(x);
    const B square = xsimd::min(B(T(0.25)), a * a);
    B series; // sinc'(x)/x
    if constexpr (binary_format<T>::is_double) {
        series =
            polynomial(square, -0x1.a51a6625307d3p+1, 0x1.9f9cb402bc46cp+1, -0x1.24feab558a46cp+0,
                       0x1.ac6805cf3274p-3, -0x1.8061c54bd48cfp-6, 0x1.d2eaa5cc10647p-10,
                       -0x1.999f879730f99p-14, 0x1.0faa98b8af692p-18, -0x1.12208131ab488p-23);
    } else {
        series = polynomial(square, -0x1.a51a66p+1F, 0x1.9f9caep+1F, -0x1.24fd3ap+0F, 0x1.abe8ap-3F,
                            -0x1.6e54e6p-6F);
    }
    const auto turn = sincos_pi(within_turns(x));
    const B difference = (turn.cos - turn.sin / (a * B(T(3.141592653589793)))) / a;
    const B y = xsimd::select(a < B(T(0.5)), a * series, difference);
    return xsimd::select(a <= B(std::numeric_limits<T>::max()), y ^ sign_of(x), a - a);
}

/// The derivative of order n at x >= 0: with t = pi x, the power series below t = 0.4 (n + 1), beyond it
/// the recurrence that follows from (x f)⁽ⁿ⁾ = pi^(n-1) sin(t + n pi/2), from order 0 up:
///
///     x f⁽ⁿ⁾ = pi^(n-1) sin(t + n pi/2) - n f⁽ⁿ⁻¹⁾
///
/// The boundary is where both lose as much, about n/6 decimal digits (after Gautschi, SIAM Review 9
/// (1967) 24). A template, so that each instruction set has its own.
template <class A>
double sinc_derivative_of_one(double x, double order)
{
    constexpr double pi = 3.141592653589793;
    const int n = static_cast<int>(order);
    const double t = pi * x;
    if (t < 0.4 * (n + 1)) {
        // pi^n times the sum over k >= n/2 of (-1)^k t^(2k - n) / ((2k - n)! (2k + 1))
        const int first = (n + 1) / 2;
        double term = (n % 2 == 0 ? 1 : t) * (first % 2 == 0 ? 1 : -1), sum = 0;
        for (int k = first; k < first + 40 + n; ++k) {
            sum += term / (2 * k + 1);
            const int done = 2 * k - n;
            term *= -t * t / ((done + 1.0) * (done + 2.0));
        }
        return sum * std::pow(pi, double(n));
    }
    const auto turn = sincos_pi(within_turns(xsimd::batch<double, A>(x)));
    std::array<double, xsimd::batch<double, A>::size> sine, cosine;
    turn.sin.store_unaligned(sine.data());
    turn.cos.store_unaligned(cosine.data());
    const double cycle[4] = {sine[0], cosine[0], -sine[0], -cosine[0]};
    double f = sine[0] / t, power = 1;
    for (int i = 1; i <= n; ++i) {
        f = (power * cycle[i % 4] - i * f) / x;
        power *= pi;
    }
    return f;
}

/// The derivative of sinc of order n, rounded to an integer: slow, for derivatives of derivatives.
template <class T, class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<T, A> sinc_derivative(xsimd::batch<T, A> x,
                                                                xsimd::batch<T, A> n)
{
    constexpr double most = 170; // beyond it the powers of pi times factorials overflow
    return lane_by_lane<T, A>(x, n, [](T v, T order) {
        const double rounded = std::nearbyint(std::abs(static_cast<double>(order)));
        if (!(rounded <= most) || !(std::abs(v) <= std::numeric_limits<T>::max())) {
            return std::numeric_limits<T>::quiet_NaN();
        }
        const double y = sinc_derivative_of_one<A>(std::abs(static_cast<double>(v)), rounded);
        return static_cast<T>(v < 0 && static_cast<int>(rounded) % 2 == 1 ? -y : y);
    });
}

template <std::floating_point T>
[[gnu::always_inline]] inline T sinc(T x)
{
    return on_one_lane([](auto a) { return math::sinc(a); }, x);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T sinc_slope(T x)
{
    return on_one_lane([](auto a) { return math::sinc_slope(a); }, x);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T sinc_derivative(T x, T n)
{
    return on_one_lane([](auto a, auto b) { return math::sinc_derivative(a, b); }, x, n);
}

} // namespace backtrail::math
