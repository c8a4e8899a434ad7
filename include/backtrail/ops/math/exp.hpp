// SPDX-License-Identifier: BSD-3-Clause
// exp, expm1, exp2, gaussian and its slope. One reduction serves them and most of the other functions:
//
//     x = k log 2 + r,  |r| <= log(2)/2,   exp(x) = 2^k exp(r)
//
// k log 2 is subtracted in two parts, of which the first product is exact (Cody & Waite 1980,
// chapter 6); exp(r) is a minimax polynomial of our own (fpminimax of Sollya; Brisebarre & Chevillard
// 2007). 2^k is multiplied in two steps, so that results reach every denormal with one rounding, and
// infinity, without a branch.
// Measured: exp 1.0 ULP, expm1 2.2, exp2 1.1, gaussian 1.2; the same in float, with or without FMA.
#pragma once

#include <backtrail/ops/math/double_double.hpp>

#include <cmath>

namespace backtrail::math {

/// 2^k m with the exponent kept apart; `exponent` holds k + 2 bias in its last bits.
template <class T, class A>
struct scaled_lanes {
    xsimd::batch<T, A> m;
    bit_lanes<T, A> exponent;
    xsimd::batch<T, A> k;
};

/// (exp(r) - 1 - r)/r² for |r| <= log(2)/2. Error below 2^-57 (float: 2^-27) of exp(r).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> exp_tail(const xsimd::batch<T, A>& r)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(r, 0.5, 0x1.555555555556bp-3, 0x1.5555555553141p-5, 0x1.111111110aeb4p-7,
                          0x1.6c16c17d02f5p-10, 0x1.a01a01c81e299p-13, 0x1.a019aa6287c13p-16,
                          0x1.71ddc2853e2f5p-19, 0x1.28a055d315e2fp-22, 0x1.afb377ce7008bp-26);
    } else {
        return polynomial(r, 0x1.fffffap-2F, 0x1.55548ep-3F, 0x1.55595ap-5F, 0x1.123bf2p-7F,
                          0x1.6a39ap-10F);
    }
}

/// k and r, in place of m. The largest k of use is 1039 and the smallest -1131, or 130 and -175:
/// callers clamp x.
template <class T, class A>
[[gnu::always_inline]] inline scaled_lanes<T, A> reduce_exp(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    using format = binary_format<T>;
    constexpr T rounder = format::rounder + T(2 * format::bias);
    constexpr T log2_high = format::is_double ? T(0x1.62e42fefa38p-1) : T(0x1.62e4p-1);
    constexpr T log2_low = format::is_double ? T(0x1.ef35793c7673p-45) : T(0x1.7f7d1cp-20);
    const B shifted = mul_add(x, B(T(0x1.71547652b82fep+0)), B(rounder));
    const B k = shifted - B(rounder);
    const B r = sub_mul(sub_mul(x, k, B(log2_high)), k, B(log2_low));
    return {r, to_bits(shifted), k};
}

/// 2^k m, where `exponent` is k + 2 bias: two factors of about 2^(k/2), and one rounding.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> scale(const xsimd::batch<T, A>& m,
                                                       const bit_lanes<T, A>& exponent)
{
    constexpr int width = binary_format<T>::fraction_width;
    const bit_lanes<T, A> half = exponent >> 1;
    const bit_lanes<T, A> other = exponent - half;
    return (m * from_bits<T, A>(half << width)) * from_bits<T, A>(other << width);
}

/// exp(x + low) with its exponent apart, for x within the limits of reduce_exp and a small low.
template <class T, class A>
[[gnu::always_inline]] inline scaled_lanes<T, A> scaled_exp(const xsimd::batch<T, A>& x,
                                                            const xsimd::batch<T, A>& low)
{
    using B = xsimd::batch<T, A>;
    scaled_lanes<T, A> e = reduce_exp(x);
    const B r = e.m + low;
    e.m = B(T(1)) + mul_add(B(r * r), exp_tail(r), r);
    return e;
}
template <class T, class A>
[[gnu::always_inline]] inline scaled_lanes<T, A> scaled_exp(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    scaled_lanes<T, A> e = reduce_exp(x);
    const B r = e.m;
    e.m = B(T(1)) + mul_add(B(r * r), exp_tail(r), r);
    return e;
}

/// Arguments beyond these give 0 and infinity all the same.
template <class T>
inline constexpr T exp_lowest = binary_format<T>::is_double ? T(-760) : T(-110);
template <class T>
inline constexpr T exp_highest = binary_format<T>::is_double ? T(720) : T(90);

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> exp(const xsimd::batch<T, A>& x)
{
    const auto e = scaled_exp(clamp(exp_lowest<T>, x, exp_highest<T>));
    return scale<T, A>(e.m, e.exponent);
}

/// 2^x with its exponent apart, for x within the limits of reduce_exp: x - k is exact, and so are powers.
template <class T, class A>
[[gnu::always_inline]] inline scaled_lanes<T, A> scaled_exp2(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    using format = binary_format<T>;
    constexpr T rounder = format::rounder + T(2 * format::bias);
    const B shifted = x + B(rounder);
    const B k = shifted - B(rounder);
    const B r = (x - k) * B(T(0x1.62e42fefa39efp-1)); // log 2
    return {B(T(1)) + mul_add(B(r * r), exp_tail(r), r), to_bits(shifted), k};
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> exp2(const xsimd::batch<T, A>& x)
{
    constexpr bool is_double = binary_format<T>::is_double;
    constexpr T lowest = is_double ? T(-1100) : T(-160), highest = is_double ? T(1030) : T(130);
    const auto e = scaled_exp2(clamp(lowest, x, highest));
    return scale<T, A>(e.m, e.exponent);
}

/// exp(x) - 1 = 2^k ((1 - 2^-k) + expm1(r)), where 1 - 2^-k is exact wherever it matters.
///   case 1, |x| < epsilon/2: x itself, which keeps denormals and the sign of 0.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> expm1(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    using format = binary_format<T>;
    constexpr T lowest = T(-50);
    const auto e = reduce_exp(clamp(lowest, x, exp_highest<T>));
    const B tail = mul_add(B(e.m * e.m), exp_tail(e.m), e.m);
    const B inverse_exponent =
        B(format::rounder + T(format::bias)) - xsimd::min(B(T(format::bias - 1)), e.k);
    const B inverse = from_bits<T, A>(to_bits(inverse_exponent) << format::fraction_width); // 2^-k
    const B y = scale<T, A>((B(T(1)) - inverse) + tail, e.exponent);
    return xsimd::select(xsimd::abs(x) < B(std::numeric_limits<T>::epsilon() / 2), x, y); // case 1
}

/// exp(-x²): the rounding error of x² is added back, for it is multiplied by exp(-x²) itself, which at
/// x = 27 would cost ten bits.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> gaussian(const xsimd::batch<T, A>& x)
{
    constexpr T vanishing = binary_format<T>::is_double ? T(28) : T(11);
    const auto held = clamp(T(-vanishing), x, vanishing);
    const auto square = two_product(held, held);
    const auto e = scaled_exp(negated(square.high), negated(square.low));
    return scale<T, A>(e.m, e.exponent);
}

/// -2x exp(-x²), of which exp(-x²) is denormal long before the product is: the factor goes in first.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> gaussian_slope(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    constexpr T vanishing = binary_format<T>::is_double ? T(28) : T(11);
    const auto held = clamp(T(-vanishing), x, vanishing);
    const auto square = two_product(held, held);
    const auto e = scaled_exp(negated(square.high), negated(square.low));
    return scale<T, A>(e.m * (held * B(T(-2))), e.exponent);
}

[[gnu::always_inline]] inline double exp(double x) { return std::exp(x); }
[[gnu::always_inline]] inline float exp(float x) { return std::exp(x); }
[[gnu::always_inline]] inline double exp2(double x) { return std::exp2(x); }
[[gnu::always_inline]] inline float exp2(float x) { return std::exp2(x); }
[[gnu::always_inline]] inline double expm1(double x) { return std::expm1(x); }
[[gnu::always_inline]] inline float expm1(float x) { return std::expm1(x); }
[[gnu::always_inline]] inline double gaussian(double x)
{
    if (std::abs(x) > 28) {
        return 0; // and x² would not be finite, nor its error a number
    }
    const double high = x * x;
    const double e = std::exp(-high);
    return e - std::fma(x, x, -high) * e;
}
[[gnu::always_inline]] inline float gaussian(float x)
{
    return static_cast<float>(std::exp(-double(x) * double(x)));
}
[[gnu::always_inline]] inline double gaussian_slope(double x)
{
    return on_one_lane([](const auto& lane) { return math::gaussian_slope(lane); }, x);
}
[[gnu::always_inline]] inline float gaussian_slope(float x)
{
    return on_one_lane([](const auto& lane) { return math::gaussian_slope(lane); }, x);
}

} // namespace backtrail::math
