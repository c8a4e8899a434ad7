// SPDX-License-Identifier: BSD-3-Clause
// The ground the elementary functions stand on: bit patterns of lanes, fused multiply-add where the
// machine has one, polynomials, and the scalar fallback of rare cases. Start reading at exp.hpp.
//
// Every function here and above treats each lane by itself: where one lane needs a rare path, the
// path is computed for all and taken by that lane alone. A lane's bits never depend on its neighbours.
#pragma once

#include <xsimd/xsimd.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace backtrail::math {

/// Can the architecture round a b + c once? Elsewhere it is a product and a sum, so that error-free
/// products need Dekker's splitting.
template <class Arch>
inline constexpr bool has_fma =
    std::derived_from<Arch, xsimd::neon64> || std::derived_from<Arch, xsimd::avx512f>;
template <class Arch>
inline constexpr bool has_fma<xsimd::fma3<Arch>> = true;

/// The IEEE 754 binary format of T.
template <class T>
struct binary_format {
    static constexpr bool is_double = std::same_as<T, double>;
    using bits = std::conditional_t<is_double, std::uint64_t, std::uint32_t>;
    static constexpr int fraction_width = std::numeric_limits<T>::digits - 1;
    static constexpr int width = int(sizeof(T)) * 8;
    static constexpr int bias = std::numeric_limits<T>::max_exponent - 1;
    static constexpr bits fraction_mask = (bits(1) << fraction_width) - 1;
    static constexpr bits sign_mask = bits(1) << (width - 1);
    static constexpr bits one = bits(bias) << fraction_width;
    /// Adding this number to a small x leaves rint(x) in the last bits of the sum.
    static constexpr T rounder = T(3) * T(bits(1) << (fraction_width - 1));
};

template <class T, class A>
using bit_lanes = xsimd::batch<typename binary_format<T>::bits, A>;

template <class To, class From>
[[gnu::always_inline]] inline To reinterpret_lanes(const From& x)
{
    if constexpr (std::same_as<decltype(xsimd::bitwise_cast<To>(x)), To>) {
        return xsimd::bitwise_cast<To>(x); // xsimd 8
    } else {
        return xsimd::bitwise_cast<typename To::value_type>(x); // xsimd 9 and later
    }
}
template <class T, class A>
[[gnu::always_inline]] inline bit_lanes<T, A> to_bits(const xsimd::batch<T, A>& x)
{
    return reinterpret_lanes<bit_lanes<T, A>>(x);
}
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> from_bits(const bit_lanes<T, A>& x)
{
    return reinterpret_lanes<xsimd::batch<T, A>>(x);
}

// ---- what differs among the instruction sets -------------------------------------------------------
// All else here and above is written in terms of these and of operations that IEEE 754 defines to the last
// bit. Hence AVX-512 and AVX2 give the same bits (test/ops/instruction_sets.cpp), which takes two detours
// around xsimd 8: its fused operations round twice on AVX-512, and its unary minus turns 0 into +0 there.

/// -x, of zeros too.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> negated(const xsimd::batch<T, A>& x)
{
    return x ^ xsimd::batch<T, A>(T(-0.0));
}

/// a b + c rounded once, on architectures that can; below a b - c, and c - a b.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> fused_mul_add(const xsimd::batch<T, A>& a,
                                                               const xsimd::batch<T, A>& b,
                                                               const xsimd::batch<T, A>& c)
{
    if constexpr (!std::derived_from<A, xsimd::avx512f>) {
        return xsimd::fma(a, b, c);
    } else if constexpr (binary_format<T>::is_double) {
        return _mm512_fmadd_pd(a, b, c);
    } else {
        return _mm512_fmadd_ps(a, b, c);
    }
}
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> fused_mul_sub(const xsimd::batch<T, A>& a,
                                                               const xsimd::batch<T, A>& b,
                                                               const xsimd::batch<T, A>& c)
{
    if constexpr (!std::derived_from<A, xsimd::avx512f>) {
        return xsimd::fms(a, b, c);
    } else if constexpr (binary_format<T>::is_double) {
        return _mm512_fmsub_pd(a, b, c);
    } else {
        return _mm512_fmsub_ps(a, b, c);
    }
}
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> fused_sub_mul(const xsimd::batch<T, A>& a,
                                                               const xsimd::batch<T, A>& b,
                                                               const xsimd::batch<T, A>& c)
{
    if constexpr (!std::derived_from<A, xsimd::avx512f>) {
        return xsimd::fnma(a, b, c);
    } else if constexpr (binary_format<T>::is_double) {
        return _mm512_fnmadd_pd(a, b, c);
    } else {
        return _mm512_fnmadd_ps(a, b, c);
    }
}

/// a b + c, rounded once where the machine can.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> mul_add(const xsimd::batch<T, A>& a,
                                                         const xsimd::batch<T, A>& b,
                                                         const xsimd::batch<T, A>& c)
{
    if constexpr (has_fma<A>) {
        return fused_mul_add(a, b, c);
    } else {
        return a * b + c;
    }
}
/// c - a b, rounded once where the machine can.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sub_mul(const xsimd::batch<T, A>& c,
                                                         const xsimd::batch<T, A>& a,
                                                         const xsimd::batch<T, A>& b)
{
    if constexpr (has_fma<A>) {
        return fused_sub_mul(a, b, c);
    } else {
        return c - a * b;
    }
}

/// c0 + c1 x + c2 x² + ...: Horner's rule in x² over pairs of terms. The pairs are independent, which
/// halves the chain of dependent operations for one more product (Muller 2016, section 4.4).
template <class B, class C>
[[gnu::always_inline]] inline B polynomial_in_pairs(const B&, const B&, C c0)
{
    return B(c0);
}
template <class B, class C>
[[gnu::always_inline]] inline B polynomial_in_pairs(const B& x, const B&, C c0, C c1)
{
    return mul_add(B(c1), x, B(c0));
}
template <class B, class C, class... Rest>
[[gnu::always_inline]] inline B polynomial_in_pairs(const B& x, const B& x2, C c0, C c1, Rest... c)
{
    return mul_add(polynomial_in_pairs(x, x2, c...), x2, mul_add(B(c1), x, B(c0)));
}
template <class B, std::same_as<typename B::value_type>... C>
[[gnu::always_inline]] inline B polynomial(const B& x, C... c)
{
    return polynomial_in_pairs(x, B(x * x), c...);
}

/// x held within [low, high]; a NaN stays one, because x comes last (x86 returns the second operand).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> clamp(T low, const xsimd::batch<T, A>& x, T high)
{
    using B = xsimd::batch<T, A>;
    return xsimd::min(B(high), xsimd::max(B(low), x));
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sign_of(const xsimd::batch<T, A>& x)
{
    return x & xsimd::batch<T, A>(T(-0.0));
}

/// f of every lane, one after the other: for arguments too rare to deserve SIMD.
template <class T, class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<T, A> lane_by_lane(xsimd::batch<T, A> x, T (*f)(T))
{
    std::array<T, xsimd::batch<T, A>::size> lane;
    x.store_unaligned(lane.data());
    for (T& v : lane) {
        v = f(v);
    }
    return xsimd::batch<T, A>::load_unaligned(lane.data());
}
template <class T, class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<T, A> lane_by_lane(xsimd::batch<T, A> x,
                                                             xsimd::batch<T, A> y, T (*f)(T, T))
{
    std::array<T, xsimd::batch<T, A>::size> lane, other;
    x.store_unaligned(lane.data());
    y.store_unaligned(other.data());
    for (std::size_t i = 0; i < lane.size(); ++i) {
        lane[i] = f(lane[i], other[i]);
    }
    return xsimd::batch<T, A>::load_unaligned(lane.data());
}

/// f, which takes lanes, of single numbers: where the C library has no function as accurate.
template <class T, class F, std::same_as<T>... Rest>
[[gnu::always_inline]] inline T on_one_lane(F f, T x, Rest... rest)
{
    using B = xsimd::batch<T, xsimd::default_arch>;
    std::array<T, B::size> lane;
    B(f(B(x), B(rest)...)).store_unaligned(lane.data());
    return lane[0];
}

/// A number on every lane, and back: for single numbers where the C library has no such function.
template <std::floating_point T>
[[gnu::always_inline]] inline xsimd::batch<T, xsimd::default_arch> on_all_lanes(T x)
{
    return xsimd::batch<T, xsimd::default_arch>(x);
}
template <class T, class A>
[[gnu::always_inline]] inline T first_lane(const xsimd::batch<T, A>& x)
{
    std::array<T, xsimd::batch<T, A>::size> lane;
    x.store_unaligned(lane.data());
    return lane[0];
}

/// The lower and the upper half of the lanes, in double.
template <class A>
[[gnu::always_inline]] inline std::array<xsimd::batch<double, A>, 2> widen(
    const xsimd::batch<float, A>& x)
{
    constexpr std::size_t half = xsimd::batch<double, A>::size;
    std::array<float, 2 * half> narrow;
    std::array<double, 2 * half> wide;
    x.store_unaligned(narrow.data());
    for (std::size_t i = 0; i < 2 * half; ++i) {
        wide[i] = narrow[i];
    }
    return {xsimd::batch<double, A>::load_unaligned(wide.data()),
            xsimd::batch<double, A>::load_unaligned(wide.data() + half)};
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> narrow(const xsimd::batch<double, A>& lower,
                                                            const xsimd::batch<double, A>& upper)
{
    constexpr std::size_t half = xsimd::batch<double, A>::size;
    std::array<double, 2 * half> wide;
    std::array<float, 2 * half> narrow;
    lower.store_unaligned(wide.data());
    upper.store_unaligned(wide.data() + half);
    for (std::size_t i = 0; i < 2 * half; ++i) {
        narrow[i] = static_cast<float>(wide[i]);
    }
    return xsimd::batch<float, A>::load_unaligned(narrow.data());
}

} // namespace backtrail::math
