// SPDX-License-Identifier: BSD-3-Clause
// log and log1p. With x = 2^k m, sqrt(1/2) <= m < sqrt(2), f = m - 1 and s = f/(2 + f),
//
//     log x = k log 2 + 2 atanh(s) = k log 2 + f - (f²/2 - s (f²/2 + s² R(s²)))
//
// which adds to the exact f only terms that are small beside it (Cody & Waite 1980, chapter 5; Tang
// 1990 for the error analysis). Measured: log 0.9 ULP, log1p 1.4; the same in float.
#pragma once

#include <backtrail/ops/math/lanewise.hpp>

#include <cmath>

namespace backtrail::math {

/// x = 2^k m with sqrt(1/2) <= m < sqrt(2), for positive normal numbers.
template <class T, class A>
struct binary_parts {
    xsimd::batch<T, A> k;
    xsimd::batch<T, A> m;
};

template <class T, class A>
[[gnu::always_inline]] inline binary_parts<T, A> split_exponent(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    using format = binary_format<T>;
    using bits = typename format::bits;
    // The pattern of sqrt(1/2): subtracting it from x's makes the exponent change at sqrt(2).
    constexpr bits root_half = format::is_double ? bits(0x3fe6a09e667f3bcd) : bits(0x3f3504f3);
    constexpr T integer_base = T(bits(1) << format::fraction_width); // its last bits count ones
    const bit_lanes<T, A> moved = to_bits(x) + bit_lanes<T, A>(bits(format::one - root_half));
    const bit_lanes<T, A> biased_k = moved >> format::fraction_width;
    const B k =
        from_bits<T, A>(biased_k | to_bits(B(integer_base))) - B(integer_base + format::bias);
    const bit_lanes<T, A> fraction = moved & bit_lanes<T, A>(format::fraction_mask);
    return {k, from_bits<T, A>(fraction + bit_lanes<T, A>(root_half))};
}

/// (2 atanh(s) - 2s)/s in terms of z = s²: our own fit, error below 2^-61 (float: 2^-32).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log_series(const xsimd::batch<T, A>& z)
{
    if constexpr (binary_format<T>::is_double) {
        return z * polynomial(z, 0x1.55555555555d8p-1, 0x1.999999996dcd2p-2, 0x1.2492494f5ef08p-2,
                              0x1.c71c487826215p-3, 0x1.74680356287e3p-3, 0x1.3977ea0851fc4p-3,
                              0x1.308ce4730e653p-3);
    } else {
        return z * polynomial(z, 0x1.555588p-1F, 0x1.99542p-2F, 0x1.32d4bcp-2F);
    }
}

/// k log 2 + log(1 + f)
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log_of_parts(const xsimd::batch<T, A>& k,
                                                              const xsimd::batch<T, A>& f)
{
    using B = xsimd::batch<T, A>;
    constexpr bool is_double = binary_format<T>::is_double;
    constexpr T log2_high = is_double ? T(0x1.62e42fefa38p-1) : T(0x1.62e4p-1);
    constexpr T log2_low = is_double ? T(0x1.ef35793c7673p-45) : T(0x1.7f7d1cp-20);
    const B s = f / (B(T(2)) + f);
    const B half_square = (B(T(0.5)) * f) * f;
    const B curved = half_square + log_series(B(s * s));
    const B small = mul_add(s, curved, B(k * B(log2_low)));
    return mul_add(k, B(log2_high), B(f - (half_square - small)));
}

/// log where some lane is not a positive normal number:
///   case 1, denormal: scaled by a power of 2, which k takes back;
///   case 2, +-0: -infinity;   case 3, +infinity: itself;   case 4, x < 0 or NaN: NaN.
template <class T, class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<T, A> log_any(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    const auto is_tiny = x < B(limits::min());
    constexpr int shift = binary_format<T>::fraction_width + 1;
    const T factor = T(std::uint64_t(1) << shift);
    const auto [k, m] = split_exponent(B(xsimd::select(is_tiny, x * B(factor), x))); // case 1
    const B true_k = k - xsimd::select(is_tiny, B(T(shift)), B(T(0)));
    B y = log_of_parts(true_k, B(m - B(T(1))));
    y = xsimd::select(x == B(T(0)), B(-limits::infinity()), y);    // case 2
    y = xsimd::select(x == B(limits::infinity()), x, y);           // case 3
    return xsimd::select(x >= B(T(0)), y, B(limits::quiet_NaN())); // case 4
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    if (!xsimd::all((x >= B(limits::min())) & (x <= B(limits::max())))) [[unlikely]] {
        return log_any(x);
    }
    const auto [k, m] = split_exponent(x);
    return log_of_parts(k, B(m - B(T(1))));
}

/// u = 1 + x = 2^k m as rounded, and its rounding error c exactly (Knuth): f = (m - 1) + 2^-k c is then
/// rounded once, and for k = 0 it is x itself. The sign of x is put back for x = -0.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log1p_inside(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const B one(T(1));
    const B u = one + x;
    const B x_part = u - one;
    const B c = (one - (u - x_part)) + (x - x_part);
    const auto [k, m] = split_exponent(u);
    const B inverse = from_bits<T, A>(to_bits(m) - to_bits(u) + to_bits(one)); // 2^-k
    const B f = mul_add(c, inverse, B(m - one));
    return log_of_parts(k, f) | sign_of(x);
}

/// From here on log1p(x) is log(x), and a little further 2^-k would not be a normal number.
template <class T>
inline constexpr T log1p_huge = std::numeric_limits<T>::max() / 4;

/// log1p where some lane is not within (-1, log1p_huge]:
///   case 1, huge or infinite: log(x);   case 2, x = -1: -infinity;   case 3, x < -1 or NaN: NaN.
template <class T, class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<T, A> log1p_any(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    B y = xsimd::select(x > B(log1p_huge<T>), log_any(x), log1p_inside(x)); // case 1
    y = xsimd::select(x == B(T(-1)), B(-limits::infinity()), y);            // case 2
    return xsimd::select(x >= B(T(-1)), y, B(limits::quiet_NaN()));         // case 3
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log1p(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    if (!xsimd::all((x > B(T(-1))) & (x <= B(log1p_huge<T>)))) [[unlikely]] {
        return log1p_any(x);
    }
    return log1p_inside(x);
}

[[gnu::always_inline]] inline double log(double x) { return std::log(x); }
[[gnu::always_inline]] inline float log(float x) { return std::log(x); }
[[gnu::always_inline]] inline double log1p(double x) { return std::log1p(x); }
[[gnu::always_inline]] inline float log1p(float x) { return std::log1p(x); }

} // namespace backtrail::math
