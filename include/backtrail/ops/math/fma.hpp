// SPDX-License-Identifier: BSD-3-Clause
// fma: a b + c rounded once, also where the machine has no such instruction. There the exact sum of
// product and addend is formed of three parts, the two small ones are added with rounding to odd, and
// the last addition then rounds correctly (Boldo & Melquiond, IEEE Trans. Comput. 57 (2008) 462).
// The exact product needs factors that are neither huge nor tiny; other lanes go to the C library.
#pragma once

#include <backtrail/ops/math/double_double.hpp>

#include <cmath>

namespace backtrail::math {

/// a + b rounded to odd: of the two neighbours of an inexact sum, the one whose last bit is 1.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> add_to_odd(const xsimd::batch<double, A>& a,
                                                                 const xsimd::batch<double, A>& b)
{
    using B = xsimd::batch<double, A>;
    using bits = bit_lanes<double, A>;
    const auto sum = two_sum(a, b);
    const B zero(0.0);
    const auto is_inexact =
        (sum.low > zero) | (sum.low < zero); // false of NaN: the sum is no number
    const bits pattern = to_bits(sum.high);
    // The next pattern is larger in magnitude: away from 0 where the error has the sum's sign.
    const B same_sign = sum.low ^ sign_of(sum.high);
    const bits away = pattern + bits(1), toward = pattern - bits(1);
    const B moved =
        xsimd::select(same_sign > zero, from_bits<double, A>(away), from_bits<double, A>(toward));
    const B is_odd = from_bits<double, A>((pattern & bits(1)) << 62); // 0 or 2
    return xsimd::select(is_inexact & (is_odd == zero), moved, sum.high);
}

template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> fma_lane_by_lane(xsimd::batch<double, A> a,
                                                                      xsimd::batch<double, A> b,
                                                                      xsimd::batch<double, A> c)
{
    using B = xsimd::batch<double, A>;
    std::array<double, B::size> x, y, z;
    a.store_unaligned(x.data());
    b.store_unaligned(y.data());
    c.store_unaligned(z.data());
    for (std::size_t i = 0; i < B::size; ++i) {
        z[i] = __builtin_fma(x[i], y[i], z[i]);
    }
    return B::load_unaligned(z.data());
}

/// The same bits as the fused instruction, for
///   case 1, a factor of 0, an infinity or a NaN: the product is exact, or nothing is to be rounded;
///   case 2, 2^-900 <= |a b| <= 2^900, |a| and |b| < 2^990, |c| < 2^1000: by exact parts;
///   case 3, all else: the C library.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> emulated_fma(xsimd::batch<double, A> a,
                                                       xsimd::batch<double, A> b,
                                                       xsimd::batch<double, A> c)
{
    using B = xsimd::batch<double, A>;
    const B product = a * b;
    const B size_a = xsimd::abs(a), size_b = xsimd::abs(b), size = xsimd::abs(product);
    const B infinity(std::numeric_limits<double>::infinity());
    const auto has_finite_product = (size_a < infinity) & (size_b < infinity);
    const auto has_infinite_sum = has_finite_product & (xsimd::abs(c) == infinity);
    const B plain = xsimd::select(has_infinite_sum, c, B(product + c)); // a b alone may overflow
    const auto is_plain =
        (~(has_finite_product & (xsimd::abs(c) < infinity))) | (a == B(0.0)) | (b == B(0.0));
    const auto is_moderate = (size >= B(0x1p-900)) & (size <= B(0x1p900)) & (size_a < B(0x1p990)) &
                             (size_b < B(0x1p990)) & (xsimd::abs(c) < B(0x1p1000));
    if (!xsimd::all(is_plain | is_moderate)) [[unlikely]] {
        return xsimd::select(is_plain, plain, fma_lane_by_lane(a, b, c)); // cases 1, 3
    }
    const auto exact = two_product(a, b);
    const auto tail = two_sum(c, exact.low);
    const auto lead = two_sum(exact.high, tail.high);
    const B y = lead.high + add_to_odd(tail.low, lead.low);
    return xsimd::select(is_plain, plain, y);
}

template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> fma(const xsimd::batch<double, A>& a,
                                                          const xsimd::batch<double, A>& b,
                                                          const xsimd::batch<double, A>& c)
{
    if constexpr (has_fma<A>) {
        return fused_mul_add(a, b, c);
    } else {
        return emulated_fma(a, b, c);
    }
}

/// In double the product of floats is exact, and a sum rounded to odd keeps what the rounding to float
/// must know.
template <class A>
[[gnu::noinline]] xsimd::batch<float, A> emulated_fma(xsimd::batch<float, A> a,
                                                      xsimd::batch<float, A> b,
                                                      xsimd::batch<float, A> c)
{
    using B = xsimd::batch<double, A>;
    const auto [a0, a1] = math::widen(a);
    const auto [b0, b1] = math::widen(b);
    const auto [c0, c1] = math::widen(c);
    return math::narrow(add_to_odd(B(a0 * b0), c0), add_to_odd(B(a1 * b1), c1));
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> fma(const xsimd::batch<float, A>& a,
                                                         const xsimd::batch<float, A>& b,
                                                         const xsimd::batch<float, A>& c)
{
    if constexpr (has_fma<A>) {
        return fused_mul_add(a, b, c);
    } else {
        return emulated_fma(a, b, c);
    }
}

[[gnu::always_inline]] inline double fma(double a, double b, double c)
{
    return __builtin_fma(a, b, c);
}
[[gnu::always_inline]] inline float fma(float a, float b, float c)
{
    return __builtin_fmaf(a, b, c);
}

} // namespace backtrail::math
