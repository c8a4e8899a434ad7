// SPDX-License-Identifier: BSD-3-Clause
// asinh, acosh and atanh, as log1p of arguments in which nothing cancels (Muller 2016, section 9.6):
//
//     asinh(x) = log1p(x + x²/(1 + sqrt(1 + x²))), for x >= 0
//     acosh(x) = log1p(t + sqrt(t (t + 2))), t = x - 1, which is exact where it matters
//     atanh(x) = log1p(2x/(1 - x))/2, for x >= 0, and 1 - x is exact where it matters
//
// Where squares overflow, asinh and acosh are log(2x). Measured: asinh 1.8 ULP, acosh 2.3, atanh 1.9; the
// same in float.
#pragma once

#include <backtrail/ops/math/log.hpp>

namespace backtrail::math {

/// From here on 1 + x² is x², and its square root x.
template <class T>
inline constexpr T square_swallows_one =
    T(std::uint64_t(1) << (binary_format<T>::fraction_width / 2 + 2));

/// log(2x) for large x, without the overflow of 2x.
template <class T, class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<T, A> log_of_double(xsimd::batch<T, A> x)
{
    return math::log(x) + xsimd::batch<T, A>(T(0.6931471805599453));
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> asinh(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B one(T(1)), a = xsimd::abs(x), square = a * a;
    B y = math::log1p(B(a + square / (one + xsimd::sqrt(one + square))));
    const auto is_large = a > B(square_swallows_one<T>);
    if (xsimd::any(is_large)) [[unlikely]] {
        y = xsimd::select(is_large, log_of_double(a), y);
    }
    return y ^ sign_of(x);
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> acosh(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B one(T(1)), t = x - one;
    B y = math::log1p(B(t + xsimd::sqrt(t * (t + B(T(2))))));
    const auto is_large = x > B(square_swallows_one<T>);
    if (xsimd::any(is_large)) [[unlikely]] {
        y = xsimd::select(is_large, log_of_double(x), y);
    }
    return xsimd::select(x >= one, y, B(std::numeric_limits<T>::quiet_NaN()));
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> atanh(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B a = xsimd::abs(x);
    return (math::log1p(B((a + a) / (B(T(1)) - a))) * B(T(0.5))) ^ sign_of(x);
}

[[gnu::always_inline]] inline double asinh(double x) { return std::asinh(x); }
[[gnu::always_inline]] inline float asinh(float x) { return std::asinh(x); }
[[gnu::always_inline]] inline double acosh(double x) { return std::acosh(x); }
[[gnu::always_inline]] inline float acosh(float x) { return std::acosh(x); }
[[gnu::always_inline]] inline double atanh(double x) { return std::atanh(x); }
[[gnu::always_inline]] inline float atanh(float x) { return std::atanh(x); }

} // namespace backtrail::math
