// SPDX-License-Identifier: BSD-3-Clause
// Rounding to integers and remainders of division: exact, on every architecture with the same bits.
//
// Adding 2^52 to a smaller |x| leaves no place for a fraction, so the processor rounds it away, to
// even (Hacker's Delight, chapter 17); from there floor, ceil and trunc are one step down or up.
// A remainder x - q y is a number of the format wherever q is; its two roundings are undone by an exact
// product (Dekker 1971). Quotients that do not fit, and extreme exponents, go to the libc lane by lane.
#pragma once

#include <backtrail/ops/math/double_double.hpp>

#include <cmath>

namespace backtrail::math {

/// From here on every number is an integer.
template <class T>
inline constexpr T all_integers = T(std::uint64_t(1) << binary_format<T>::fraction_width);

/// |x| rounded to an integer, halves to even; a = |x|. NaN and infinities stay.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> rint_magnitude(const xsimd::batch<T, A>& a)
{
    using B = xsimd::batch<T, A>;
    const B big(all_integers<T>);
    return xsimd::select(a < big, B((a + big) - big), a);
}

/// Half to even, the sign of zero kept.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> rint(const xsimd::batch<T, A>& x)
{
    return rint_magnitude(xsimd::batch<T, A>(xsimd::abs(x))) | sign_of(x);
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> floor(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const B r = math::rint(x);
    return r - xsimd::select(r > x, B(T(1)), B(T(0)));
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> ceil(const xsimd::batch<T, A>& x)
{
    return negated(math::floor(negated(x)));
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> trunc(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const B a = xsimd::abs(x);
    const B r = rint_magnitude(a);
    return (r - xsimd::select(r > a, B(T(1)), B(T(0)))) | sign_of(x);
}

/// |x| with the sign of y.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> copysign(const xsimd::batch<T, A>& x,
                                                          const xsimd::batch<T, A>& y)
{
    return xsimd::batch<T, A>(xsimd::abs(x)) | sign_of(y);
}

/// x - trunc(x/y) y, exactly. The rounded quotient can reach the next integer, never miss one, so the
/// remainder of the magnitudes lies in [-|y|, |y|) and one addition mends it.
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> fmod(xsimd::batch<T, A> x, xsimd::batch<T, A> y)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    constexpr T most = all_integers<T>;
    // where all products and their errors are normal numbers
    constexpr T least = limits::min() * most * most * T(4), largest = limits::max() / (most * T(4));
    const B a = xsimd::abs(x);
    const B b = xsimd::abs(y);
    const B q = math::trunc(B(a / b));
    const auto product = two_product(q, b);
    const B r = (a - product.high) - product.low;
    const B mended = xsimd::select(r < B(T(0)), r + b, r) | sign_of(x);
    const auto is_plain = (b >= B(least)) & (b <= B(largest)) & (q <= B(most)) & (a <= B(largest));
    if (!xsimd::all(is_plain)) [[unlikely]] {
        const B rare = lane_by_lane<T, A>(x, y, [](T v, T w) { return std::fmod(v, w); });
        return xsimd::select(is_plain, mended, rare);
    }
    return mended;
}

/// x - floor(x/y) y: the sign of y, as in Python. Where the signs of fmod and y differ, the sum is the
/// one rounding; a zero takes the sign of y.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> remainder(const xsimd::batch<T, A>& x,
                                                           const xsimd::batch<T, A>& y)
{
    using B = xsimd::batch<T, A>;
    const B zero(T(0));
    const B r = math::fmod(x, y);
    const auto differs = ((r < zero) & (y > zero)) | ((r > zero) & (y < zero));
    return xsimd::select(r == zero, sign_of(y), B(xsimd::select(differs, r + y, r)));
}

template <std::floating_point T>
[[gnu::always_inline]] inline T rint(T x)
{
    return std::nearbyint(x);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T floor(T x)
{
    return std::floor(x);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T ceil(T x)
{
    return std::ceil(x);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T trunc(T x)
{
    return std::trunc(x);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T copysign(T x, T y)
{
    return std::copysign(x, y);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T fmod(T x, T y)
{
    return std::fmod(x, y);
}
/// Division by zero gives 0, as in NumPy, and so does the least integer by -1, where the machine traps.
template <std::integral T>
[[gnu::always_inline]] inline T fmod(T x, T y)
{
    return y == 0 || y == T(-1) ? T(0) : T(x % y);
}
template <class T>
    requires std::is_arithmetic_v<T>
[[gnu::always_inline]] inline T remainder(T x, T y)
{
    const T r = math::fmod(x, y);
    if constexpr (std::floating_point<T>) {
        if (r == 0) return std::copysign(T(0), y);
    }
    return (r < 0 && y > 0) || (r > 0 && y < 0) ? T(r + y) : r;
}

} // namespace backtrail::math
