// SPDX-License-Identifier: BSD-3-Clause
// Numbers of twice the working precision: the unevaluated sum of two lanes, high + low. Sums and
// products of two single lanes are exact (Dekker 1971; Knuth, The Art of Computer Programming 2, 4.2.2).
#pragma once

#include <backtrail/ops/math/lanewise.hpp>

namespace backtrail::math {

template <class B>
struct double_lanes {
    B high;
    B low;
};

/// a + b exactly, in any order of magnitude (Knuth).
template <class B>
[[gnu::always_inline]] inline double_lanes<B> two_sum(const B& a, const B& b)
{
    const B sum = a + b;
    const B b_part = sum - a;
    return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// a + b exactly, where a = 0 or |a| >= |b| (Dekker).
template <class B>
[[gnu::always_inline]] inline double_lanes<B> fast_two_sum(const B& a, const B& b)
{
    const B sum = a + b;
    return {sum, b - (sum - a)};
}

/// x as a sum of two numbers of half the length (Veltkamp); x must stay below 2^-27 (float: 2^-12) of
/// the largest number.
template <class T, class A>
[[gnu::always_inline]] inline double_lanes<xsimd::batch<T, A>> split(const xsimd::batch<T, A>& x)
{
    constexpr T splitter = T((1 << (std::numeric_limits<T>::digits + 1) / 2) + 1);
    const xsimd::batch<T, A> scaled = x * xsimd::batch<T, A>(splitter);
    const xsimd::batch<T, A> high = scaled - (scaled - x);
    return {high, x - high};
}

/// a b exactly, unless the error is below the smallest normal number.
template <class T, class A>
[[gnu::always_inline]] inline double_lanes<xsimd::batch<T, A>> two_product(
    const xsimd::batch<T, A>& a, const xsimd::batch<T, A>& b)
{
    const xsimd::batch<T, A> product = a * b;
    if constexpr (has_fma<A>) {
        return {product, fused_mul_sub(a, b, product)};
    } else {
        const auto [ah, al] = split(a);
        const auto [bh, bl] = split(b);
        return {product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
    }
}

} // namespace backtrail::math
