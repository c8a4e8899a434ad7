// SPDX-License-Identifier: BSD-3-Clause
// sin, cos, their pair, and tan. x = k pi/2 + r with |r| <= pi/4 (and a hair); sin r and cos r are
// minimax polynomials of our own, and the last two bits of k say which of them, with which sign.
//
// k pi/2 is subtracted in parts (Cody & Waite 1980, chapter 8). With FMA the first step is exact: x and
// k P1 are multiples of one unit so large that their small difference is a number. Without FMA the
// parts have so many trailing zeros that k times each is exact. Beyond a limit the libc's reduction
// (after Payne & Hanek 1983) takes over, lane by lane.
// Measured: sin, cos 1.6 ULP, tan 2.7; the same in float.
#pragma once

#include <backtrail/ops/math/lanewise.hpp>

#include <cmath>
#include <utility>

namespace backtrail::math {

template <class T, class A>
struct quarter_turns {
    xsimd::batch<T, A> r;
    bit_lanes<T, A> k; // its last two bits count
};

/// |x| up to which the reduction in parts is accurate: the products k P must be exact.
template <class T, class A>
inline constexpr T trigonometric_limit = binary_format<T>::is_double ? T(1e6)
                                         : has_fma<A>                ? T(1e5)
                                                                     : T(8192);

/// rest - k part1 - k part2 - ...
template <class B, class... T>
[[gnu::always_inline]] inline B minus_multiples(B rest, const B& k, T... parts)
{
    ((rest = sub_mul(rest, k, B(parts))), ...);
    return rest;
}
/// rest - k part - k next, where the rounding error of the first step goes into the second, smaller, one.
template <class B, class T>
[[gnu::always_inline]] inline B minus_two_multiples(const B& rest, const B& k, T part, T next)
{
    const B product = k * B(part);
    const B high = rest - product;
    const B error = (rest - high) - product;
    return high - (k * B(next) - error);
}

/// Every part of pi/2 is positive, so that r keeps the sign of x = -0.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> subtract_turns(const xsimd::batch<T, A>& x,
                                                                const xsimd::batch<T, A>& k)
{
    using B = xsimd::batch<T, A>;
    constexpr bool is_double = binary_format<T>::is_double;
    if constexpr (has_fma<A> && is_double) {
        return minus_multiples(x, k, 0x1.921fb54442d18p+0, 0x1.1a62633145c06p-54,
                               0x1.c1cd129024e09p-107);
    } else if constexpr (has_fma<A>) {
        return minus_multiples(x, k, 0x1.921fb4p+0F, 0x1.4442dp-24F, 0x1.84698ap-48F);
    } else if constexpr (is_double) {
        const B rest = minus_multiples(x, k, 0x1.921fb544p+0);
        return minus_multiples(minus_two_multiples(rest, k, 0x1.0b4611a6p-34, 0x1.3198a2ep-69), k,
                               0x1.b839a252049c1p-104);
    } else {
        const B rest = minus_multiples(x, k, 0x1.92p+0F, 0x1.fb4p-12F);
        return minus_two_multiples(rest, k, 0x1.444p-24F, 0x1.68c234p-39F);
    }
}

template <class T, class A>
[[gnu::always_inline]] inline quarter_turns<T, A> reduce_turns(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    constexpr T rounder = binary_format<T>::rounder;
    const B shifted = mul_add(x, B(T(0x1.45f306dc9c883p-1)), B(rounder)); // 2/pi
    return {subtract_turns(x, B(shifted - B(rounder))), to_bits(shifted)};
}

/// (sin(r) - r)/r³ in terms of r², |r| <= pi/4: our own fit, error below 2^-59 (float: 2^-29).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sin_series(const xsimd::batch<T, A>& square)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(square, -0x1.555555555553dp-3, 0x1.111111110eaa6p-7,
                          -0x1.a01a019aa91bep-13, 0x1.71de346d2185ep-19, -0x1.ae5daee54dcadp-26,
                          0x1.5d63594a2618fp-33);
    } else {
        return polynomial(square, -0x1.55554p-3F, 0x1.1105bcp-7F, -0x1.98dc2ap-13F);
    }
}
/// sin r for |r| <= pi/4. The sum loses the sign of r = -0, which is put back.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sin_near_zero(const xsimd::batch<T, A>& r,
                                                               const xsimd::batch<T, A>& square)
{
    return mul_add(xsimd::batch<T, A>(r * square), sin_series(square), r) | sign_of(r);
}

/// cos r for |r| <= pi/4: our own fit, error below 2^-64 (float: 2^-33).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> cos_near_zero(const xsimd::batch<T, A>& square)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(square, 1.0, -0.5, 0x1.555555555554cp-5, -0x1.6c16c16c1521fp-10,
                          0x1.a01a019cbf4c9p-16, -0x1.27e4f81290f33p-22, 0x1.1ee9f1294505cp-29,
                          -0x1.8fb11364b5ed3p-37);
    } else {
        return polynomial(square, 1.0F, -0.5F, 0x1.55554ap-5F, -0x1.6c0c2ep-10F, 0x1.99eac8p-16F);
    }
}

/// b where k is odd, else a, by bits: a comparison of 64-bit integers is slow before SSE4.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> select_odd(const bit_lanes<T, A>& k,
                                                            const xsimd::batch<T, A>& b,
                                                            const xsimd::batch<T, A>& a)
{
    using bits = bit_lanes<T, A>;
    const bits odd =
        bits(typename binary_format<T>::bits(0)) - (k & bits(typename binary_format<T>::bits(1)));
    return a ^ ((a ^ b) & from_bits<T, A>(odd));
}

/// x with its sign changed after half a turn, where the second last bit of k is set.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> negate_half_turn(const bit_lanes<T, A>& k,
                                                                  const xsimd::batch<T, A>& x)
{
    using bits = bit_lanes<T, A>;
    const bits sign = (k << (binary_format<T>::width - 2)) & bits(binary_format<T>::sign_mask);
    return x ^ from_bits<T, A>(sign);
}

template <class T, class A>
[[gnu::always_inline]] inline auto beyond_parts(const xsimd::batch<T, A>& x)
{
    return ~(xsimd::abs(x) <= xsimd::batch<T, A>(trigonometric_limit<T, A>)); // NaN is beyond
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sin(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const auto [r, k] = reduce_turns(x);
    const B square = r * r;
    const B y = negate_half_turn(k, select_odd(k, cos_near_zero(square), sin_near_zero(r, square)));
    if (const auto beyond = beyond_parts(x); xsimd::any(beyond)) [[unlikely]] {
        return xsimd::select(beyond, lane_by_lane<T, A>(x, [](T v) { return std::sin(v); }), y);
    }
    return y;
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> cos(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const auto [r, k] = reduce_turns(x);
    const B square = r * r;
    const bit_lanes<T, A> next = k + bit_lanes<T, A>(typename binary_format<T>::bits(1));
    const B y =
        negate_half_turn(next, select_odd(k, sin_near_zero(r, square), cos_near_zero(square)));
    if (const auto beyond = beyond_parts(x); xsimd::any(beyond)) [[unlikely]] {
        return xsimd::select(beyond, lane_by_lane<T, A>(x, [](T v) { return std::cos(v); }), y);
    }
    return y;
}

/// The same bits as sin and cos give, with one reduction.
template <class T, class A>
[[gnu::always_inline]] inline std::pair<xsimd::batch<T, A>, xsimd::batch<T, A>> sincos(
    const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const auto [r, k] = reduce_turns(x);
    const B square = r * r;
    const B sin_r = sin_near_zero(r, square);
    const B cos_r = cos_near_zero(square);
    const bit_lanes<T, A> next = k + bit_lanes<T, A>(typename binary_format<T>::bits(1));
    B s = negate_half_turn(k, select_odd(k, cos_r, sin_r));
    B c = negate_half_turn(next, select_odd(k, sin_r, cos_r));
    if (const auto beyond = beyond_parts(x); xsimd::any(beyond)) [[unlikely]] {
        s = xsimd::select(beyond, lane_by_lane<T, A>(x, [](T v) { return std::sin(v); }), s);
        c = xsimd::select(beyond, lane_by_lane<T, A>(x, [](T v) { return std::cos(v); }), c);
    }
    return {s, c};
}

/// (tan(r) - r)/r³ in terms of r², |r| <= pi/4: our own fit, error below 2^-57 (float: 2^-30). It takes no
/// more terms than sin r and cos r do together, and their quotient would be wrong by 3.5 ULP.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> tan_series(const xsimd::batch<T, A>& square)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(square, 0x1.55555555553bep-2, 0x1.1111111126f54p-3, 0x1.ba1ba1abd009dp-5,
                          0x1.664f4afaea2dep-6, 0x1.226df2c102957p-7, 0x1.d6dd125c2c323p-9,
                          0x1.7d31c7033bcbfp-10, 0x1.393472c95054p-11, 0x1.c550d901e17fcp-13,
                          0x1.36ef1ffffb859p-13, -0x1.5d7e969d59d33p-15, 0x1.adeb27d267ed1p-14,
                          -0x1.afac8cb3477abp-15, 0x1.76f869f07bc59p-16);
    } else {
        return polynomial(square, 0x1.55557p-2F, 0x1.110a6ep-3F, 0x1.bb4e24p-5F, 0x1.58c878p-6F,
                          0x1.74c18ap-7F, -0x1.118b5ep-11F, 0x1.30be6cp-8F);
    }
}

/// tan r, or -1/tan r after an odd number of quarter turns.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> tan(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const auto [r, k] = reduce_turns(x);
    const B square = r * r;
    const B t = mul_add(B(r * square), tan_series(square), r);
    const B y = select_odd(k, B(B(T(-1)) / t), t);
    if (const auto beyond = beyond_parts(x); xsimd::any(beyond)) [[unlikely]] {
        return xsimd::select(beyond, lane_by_lane<T, A>(x, [](T v) { return std::tan(v); }), y);
    }
    return y;
}

[[gnu::always_inline]] inline double sin(double x) { return std::sin(x); }
[[gnu::always_inline]] inline float sin(float x) { return std::sin(x); }
[[gnu::always_inline]] inline double cos(double x) { return std::cos(x); }
[[gnu::always_inline]] inline float cos(float x) { return std::cos(x); }
[[gnu::always_inline]] inline std::pair<double, double> sincos(double x)
{
    return {std::sin(x), std::cos(x)};
}
[[gnu::always_inline]] inline std::pair<float, float> sincos(float x)
{
    return {std::sin(x), std::cos(x)};
}
[[gnu::always_inline]] inline double tan(double x) { return std::tan(x); }
[[gnu::always_inline]] inline float tan(float x) { return std::tan(x); }

} // namespace backtrail::math
