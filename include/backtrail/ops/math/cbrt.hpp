// SPDX-License-Identifier: BSD-3-Clause
// cbrt. With |x| = 2^(3q) a and 1/2 sqrt(1/2) <= a < 2 sqrt(2), a polynomial of the fraction of x (our own
// fit) times a constant gives the root to 2^-19 (float: 2^-10), and one step of Halley's iteration
//
//     y' = y + y (a - y³)/(2y³ + a)
//
// cubes that error (Muller 2016, section 9.5). Measured: 1.0 ULP; float 1.0.
#pragma once

#include <backtrail/ops/math/log.hpp>

namespace backtrail::math {

/// The cube root of m within [sqrt(1/2), sqrt(2)), roughly.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> rough_cbrt(const xsimd::batch<T, A>& m)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(m, 0x1.afcf8fc9bb4dp-2, 0x1.0e56dc67f3dcp+0, -0x1.ac10c9eef4127p-1,
                          0x1.059ccdc213715p-1, -0x1.6fba8f1a73fc9p-3, 0x1.b99fc473bdc4bp-6);
    } else {
        return polynomial(m, 0x1.1b7f4p-1F, 0x1.1b79bp-1F, -0x1.b83a1p-4F);
    }
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> cbrt(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    using format = binary_format<T>;
    using limits = std::numeric_limits<T>;
    constexpr int shift = format::fraction_width + 1;
    const B zero(T(0)), one(T(1)), magnitude = xsimd::abs(x);
    const auto is_tiny = magnitude < B(limits::min());
    const auto [biased, m] = split_exponent(
        B(xsimd::select(is_tiny, magnitude * B(T(std::uint64_t(1) << shift)), magnitude)));
    const B k = biased - xsimd::select(is_tiny, B(T(shift)), zero);

    const B shifted = mul_add(k, B(T(1) / T(3)), B(format::rounder + T(format::bias)));
    const B q = shifted - B(format::rounder + T(format::bias));
    const B rest = k - (q + q + q); // -1, 0 or 1
    const auto is_low = rest<zero, is_high = rest> zero;
    const B a = m * xsimd::select(is_low, B(T(0.5)), B(xsimd::select(is_high, B(T(2)), one)));
    const B root = xsimd::select(is_low, B(T(0.7937005259840998)),
                                 B(xsimd::select(is_high, B(T(1.2599210498948732)), one)));
    const B rough = rough_cbrt(m) * root;
    const B cube = (rough * rough) * rough;
    const B y = rough + rough * ((a - cube) / ((cube + cube) + a));
    const B power = from_bits<T, A>(to_bits(shifted) << format::fraction_width); // 2^q
    const auto is_own_root = (magnitude == zero) | ~(magnitude <= B(limits::max()));
    return xsimd::select(is_own_root, x, (y * power) ^ sign_of(x));
}

/// The libc's is wrong by up to 4 ULP.
template <std::floating_point T>
[[gnu::always_inline]] inline T cbrt(T x)
{
    return on_one_lane([](auto a) { return math::cbrt(a); }, x);
}

} // namespace backtrail::math
