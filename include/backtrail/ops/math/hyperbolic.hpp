// SPDX-License-Identifier: BSD-3-Clause
// sinh, cosh, tanh and sech, from exp(|x|) with its exponent kept apart, so that nothing overflows or
// underflows before the result does.
// Measured: sinh 1.7 ULP, cosh 1.5, tanh 2.7, sech 2.4; the same in float.
#pragma once

#include <backtrail/ops/math/exp.hpp>

namespace backtrail::math {

/// exp(|x|)/2, infinite only where cosh x is.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> half_exp(const xsimd::batch<T, A>& magnitude)
{
    const auto e = scaled_exp(clamp(T(0), magnitude, exp_highest<T>));
    return scale<T, A>(e.m, e.exponent - bit_lanes<T, A>(typename binary_format<T>::bits(1)));
}

/// (sinh(x) - x)/x³ in terms of x² <= 1: our own fit, error below 2^-63 (float: 2^-32).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sinh_series(const xsimd::batch<T, A>& square)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(square, 0x1.5555555555556p-3, 0x1.1111111111042p-7, 0x1.a01a01a031431p-13,
                          0x1.71de3a4096847p-19, 0x1.ae646b1948da2p-26, 0x1.6118f39ae04cp-33,
                          0x1.b528bcca64745p-41);
    } else {
        return polynomial(square, 0x1.555554p-3F, 0x1.111188p-7F, 0x1.9fe03ep-13F, 0x1.7d9956p-19F);
    }
}

/// h - 1/(4h), h = exp(|x|)/2: for |x| >= 1 little cancels. Below 1 the odd series, which keeps
/// denormals and the sign of 0.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sinh(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const B magnitude = xsimd::abs(x);
    const B h = half_exp(magnitude);
    const B large = h - B(T(0.25)) / h;
    const B square = magnitude * magnitude;
    const B small = mul_add(B(magnitude * square), sinh_series(square), magnitude);
    return xsimd::select(magnitude < B(T(1)), small, large) ^ sign_of(x);
}

/// h + 1/(4h), h = exp(|x|)/2
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> cosh(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const B h = half_exp(B(xsimd::abs(x)));
    return h + B(T(0.25)) / h;
}

/// t/(t + 2), t = expm1(2|x|): no digit is lost near 0, and an error of t counts less and less.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> tanh(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    constexpr T saturated = T(22); // 1 - tanh(22) < 2^-62
    const B magnitude = clamp(T(0), B(xsimd::abs(x)), saturated);
    const B t = math::expm1(B(magnitude + magnitude));
    return (t / (t + B(T(2)))) ^ sign_of(x);
}

/// 1/cosh(x) = 2e/(1 + e²), e = exp(-|x|) = 2^k m: the power of 2 is multiplied last, so that a denormal
/// result is rounded once. Its square is tanh', which is why it is a function of its own.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sech(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    const auto e = scaled_exp(clamp(exp_lowest<T>, negated(xsimd::abs(x)), T(0)));
    const B whole = scale<T, A>(e.m, e.exponent);
    const B quotient = e.m / mul_add(whole, whole, B(T(1)));
    return scale<T, A>(quotient, e.exponent + bit_lanes<T, A>(typename binary_format<T>::bits(1)));
}

[[gnu::always_inline]] inline double sinh(double x) { return std::sinh(x); }
[[gnu::always_inline]] inline float sinh(float x) { return std::sinh(x); }
[[gnu::always_inline]] inline double cosh(double x) { return std::cosh(x); }
[[gnu::always_inline]] inline float cosh(float x) { return std::cosh(x); }
[[gnu::always_inline]] inline double tanh(double x) { return std::tanh(x); }
[[gnu::always_inline]] inline float tanh(float x) { return std::tanh(x); }
[[gnu::always_inline]] inline double sech(double x)
{
    const double e = std::exp(-std::abs(x));
    return 2 * e / (1 + e * e);
}
[[gnu::always_inline]] inline float sech(float x)
{
    return static_cast<float>(math::sech(double(x)));
}

} // namespace backtrail::math
