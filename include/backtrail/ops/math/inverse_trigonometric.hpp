// SPDX-License-Identifier: BSD-3-Clause
// asin, acos, atan and atan2.
//
// atan of a quotient y/x of positive numbers is k pi/4 + atan(u), |u| <= tan(pi/8), where u is y/x, or
// (y - x)/(x + y) around the diagonal, or -x/y: one division, chosen before it is done, and the rest by
// an odd polynomial; the sign of x turns k into 4 - k. asin is an odd polynomial up to 1/2; from there on
// asin(x) = pi/2 - 2 asin(sqrt((1 - x)/2)), where 1 - x is exact (Cody & Waite 1980, chapters 10 and 11;
// polynomials of our own). Multiples of pi/4 come in two parts.
// Measured: asin 2.2 ULP (float 2.4), acos 1.1, atan 1.8, atan2 1.8; the same in float.
#pragma once

#include <backtrail/ops/math/rounding.hpp>

namespace backtrail::math {

/// pi/4 in two parts; the first has trailing zeros, so that small multiples of it are exact.
template <class T>
inline constexpr T eighth_turn =
    binary_format<T>::is_double ? T(0x1.921fb54442d18p-1) : T(0x1.921fbp-1);
template <class T>
inline constexpr T eighth_turn_low =
    binary_format<T>::is_double ? T(0x1.1a62633145c07p-55) : T(0x1.5110b4p-23);

/// (atan(u) - u)/u³ in terms of u², |u| <= tan(pi/8). Error below 2^-58 (float: 2^-28) of atan(u).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> atan_series(const xsimd::batch<T, A>& square)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(square, -0x1.5555555555553p-2, 0x1.99999999988fep-3,
                          -0x1.24924923d1147p-3, 0x1.c71c715258062p-4, -0x1.745d046bd62ffp-4,
                          0x1.3b11dcd8ac889p-4, -0x1.10f4026f26738p-4, 0x1.df829b7ec3077p-5,
                          -0x1.9ec4794f0b5d1p-5, 0x1.3c93914627ce7p-5, -0x1.2f6786f25c472p-6);
    } else {
        return polynomial(square, -0x1.555552p-2F, 0x1.9994fp-3F, -0x1.23ed02p-3F, 0x1.b4d5d2p-4F,
                          -0x1.ff74b8p-5F);
    }
}

/// The angle of (x, y), where y >= 0 and x counts as negative where `is_left` says so; in [0, pi].
template <class T, class A, class Mask>
[[gnu::always_inline]] inline xsimd::batch<T, A> angle(const xsimd::batch<T, A>& y,
                                                       const xsimd::batch<T, A>& x_magnitude,
                                                       const Mask& is_left)
{
    using B = xsimd::batch<T, A>;
    const B zero(T(0)), one(T(1));
    const B tan_16th(T(0.41421356237309503)); // of a turn
    const B& x = x_magnitude;
    const auto is_flat = y <= x * tan_16th;
    const auto is_steep = x <= y * tan_16th;
    const B numerator = xsimd::select(is_flat, y, B(xsimd::select(is_steep, negated(x), B(y - x))));
    const B denominator = xsimd::select(is_flat, x, B(xsimd::select(is_steep, y, B(x + y))));
    const B quotient = xsimd::select(denominator == zero, zero, numerator / denominator);
    const B u = quotient ^ xsimd::select(is_left, B(T(-0.0)), zero);
    const B from_right = xsimd::select(is_flat, zero, B(xsimd::select(is_steep, B(T(2)), one)));
    const B k = xsimd::select(is_left, B(T(4)) - from_right, from_right);

    const B square = u * u;
    const B small = mul_add(k, B(eighth_turn_low<T>), B(u * (square * atan_series(square))));
    return k * B(eighth_turn<T>) + (u + small);
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> atan(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B one(T(1)), magnitude = xsimd::abs(x);
    return angle(magnitude, one, one < B(T(0))) ^ sign_of(x); // nowhere left
}

/// Of the four quadrants, with the signed zeros and infinities of C99, annex F.9.1.4:
///   case 1, both infinite: the diagonal;   case 2, x + y may overflow: both are halved;
///   case 3, products are denormal: both are scaled up.
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> atan2(xsimd::batch<T, A> y, xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    const B one(T(1)), infinity(limits::infinity());
    B a = xsimd::abs(y), b = xsimd::abs(x);
    const auto is_left = (one | sign_of(x)) < B(T(0));
    const auto is_huge = (a > B(limits::max() / 2)) | (b > B(limits::max() / 2));
    const auto is_tiny = (a < B(limits::min() * 16)) & (b < B(limits::min() * 16));
    if (xsimd::any(is_huge | is_tiny)) [[unlikely]] {
        const auto is_far = (a == infinity) & (b == infinity);
        const B s =
            xsimd::select(is_huge, B(T(0.5)), B(xsimd::select(is_tiny, B(all_integers<T>), one)));
        a = xsimd::select(is_far, one, a * s);
        b = xsimd::select(is_far, one, b * s);
    }
    return angle(a, b, is_left) | sign_of(y);
}

/// (asin(s) - s)/s³ in terms of s² <= 1/4. Error below 2^-58 (float: 2^-29) of asin(s).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> asin_series(const xsimd::batch<T, A>& square)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(square, 0x1.5555555555558p-3, 0x1.3333333331fd7p-4, 0x1.6db6db6f4e4p-5,
                          0x1.f1c71b90c09d6p-6, 0x1.6e8bc485de95ap-6, 0x1.1c4bb3cb74bc7p-6,
                          0x1.c9f71ddee1153p-7, 0x1.76c2da62a6157p-7, 0x1.5a8e2f2b2d091p-7,
                          0x1.23a3a2a00d92dp-8, 0x1.4702706f42573p-6, -0x1.30cb5db75e9b1p-6,
                          0x1.fec51c6a8186cp-6);
    } else {
        return polynomial(square, 0x1.555552p-3F, 0x1.33362p-4F, 0x1.6cfe8cp-5F, 0x1.023994p-5F,
                          0x1.f9a23ap-7F, 0x1.28be6ap-5F);
    }
}

/// s and asin(s) - s for s = |x| up to 1/2, for s = sqrt((1 - |x|)/2) beyond.
template <class T, class A>
struct half_arc {
    xsimd::batch<T, A> s, rest;
};
template <class T, class A, class Mask>
[[gnu::always_inline]] inline half_arc<T, A> arc_of(const xsimd::batch<T, A>& magnitude,
                                                    const Mask& is_beyond)
{
    using B = xsimd::batch<T, A>;
    const B halved = (B(T(1)) - magnitude) * B(T(0.5)); // exact beyond 1/2
    const B square = xsimd::select(is_beyond, halved, magnitude * magnitude);
    const B s = xsimd::select(is_beyond, B(xsimd::sqrt(halved)), magnitude);
    return {s, s * (square * asin_series(square))};
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> asin(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B magnitude = xsimd::abs(x);
    const auto is_beyond = magnitude > B(T(0.5));
    const auto [s, rest] = arc_of(magnitude, is_beyond);
    const B arc = s + rest;
    const B quarter(2 * eighth_turn<T>), quarter_low(2 * eighth_turn_low<T>);
    const B large = quarter - ((arc + arc) - quarter_low);
    return xsimd::select(is_beyond, large, arc) ^ sign_of(x);
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> acos(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B magnitude = xsimd::abs(x);
    const auto is_beyond = magnitude > B(T(0.5));
    const auto [s, rest] = arc_of(magnitude, is_beyond);
    const B quarter(2 * eighth_turn<T>), quarter_low(2 * eighth_turn_low<T>);
    const B sign = sign_of(x);
    const B middle = quarter - ((s ^ sign) - (quarter_low - (rest ^ sign)));
    const B half_left = quarter - (s + (rest - quarter_low));
    const B half = xsimd::select(x < B(T(0)), half_left, s + rest);
    return xsimd::select(is_beyond, half + half, middle);
}

[[gnu::always_inline]] inline double asin(double x) { return std::asin(x); }
[[gnu::always_inline]] inline float asin(float x) { return std::asin(x); }
[[gnu::always_inline]] inline double acos(double x) { return std::acos(x); }
[[gnu::always_inline]] inline float acos(float x) { return std::acos(x); }
[[gnu::always_inline]] inline double atan(double x) { return std::atan(x); }
[[gnu::always_inline]] inline float atan(float x) { return std::atan(x); }
[[gnu::always_inline]] inline double atan2(double y, double x) { return std::atan2(y, x); }
[[gnu::always_inline]] inline float atan2(float y, float x) { return std::atan2(y, x); }

} // namespace backtrail::math
