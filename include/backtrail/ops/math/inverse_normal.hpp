// SPDX-License-Identifier: BSD-3-Clause
// The inverses of erf, erfc and Φ, and their derivatives. With x = erf(y) and p = 1 - |x|:
//
//     |x| <= 3/4:   y = x + x R(9/16 - x²)
//     elsewhere:    y = r - r R(r),  r = sqrt(-log p), one R up to r = 4.5 and one beyond
//
// (the division is Wichura's, Applied Statistics 37 (1988) 477; the rational functions are our own fits,
// their errors below 2^-58 and, after rounding of the coefficients, 2^-53). The derivative of y
// is sqrt(pi)/2 exp(y²), in which y² would magnify the error of y; but exp(y²) = erfcx(y)/p does not.
// Measured: erfinv 2.8 ULP, erfcinv 2.8, ndtri 3.0; derivatives 4.5. Float is computed in double.
#pragma once

#include <backtrail/ops/math/normal.hpp>

namespace backtrail::math {

inline constexpr double half_root_pi = 0x1.c5bf891b4ef6bp-1; // sqrt(pi)/2
inline constexpr double root_half = 0x1.6a09e667f3bcdp-1;    // sqrt(1/2)

inline constexpr double erfinv_central = 0.75; // |erf(y)| up to which the first form is used
inline constexpr double erfcinv_far = 4.5;     // r from which the last one is

/// erfinv(x) for |x| <= 3/4.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> erfinv_inside(
    const xsimd::batch<double, A>& x)
{
    using B = xsimd::batch<double, A>;
    const B v = sub_mul(B(0.5625), x, x);
    const B numerator = polynomial(
        v, 0x1.5a5b5f9cc7c0bp-4, 0x1.4421ed255df10p-5, -0x1.ab18a606981cdp+0, -0x1.4393e62c5a320p+2,
        -0x1.71a25558fb364p+2, -0x1.6b630efbaecfdp+1, -0x1.12891a2855673p-1, -0x1.a1729459f6e1bp-6);
    const B denominator = polynomial(
        v, 0x1.0000000000000p+0, 0x1.c7c4449433bf7p+2, 0x1.3b5347a7a7d93p+4, 0x1.ac8733778f754p+4,
        0x1.29b9137075ac3p+4, 0x1.8fd8fea877178p+2, 0x1.b4fecb6b12012p-1, 0x1.ed4c2f46f0559p-6);
    return mul_add(x, B(numerator / denominator), x) | sign_of(x); // which x = -0 would lose
}

/// erfcinv(exp(-r²)) for r from erfcinv_far to 27.4, where exp(-r²) ends.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> erfcinv_far_out(xsimd::batch<double, A> r)
{
    using B = xsimd::batch<double, A>;
    const B numerator = polynomial(
        r, 0x1.b59ddbb53560dp-1, 0x1.2035c0c69c28ap-1, -0x1.20c6a86d8e74cp+0, -0x1.605e6b25a1a99p-1,
        -0x1.ca82d3aba826ap-4, -0x1.a85ea32ff0be6p-8, -0x1.165300f0dee23p-13,
        -0x1.9a9b7bb2245f6p-21, -0x1.0dacd0914a568p-32, 0x1.dbed86be7f659p-43);
    const B denominator = polynomial(
        r, 0x1.0000000000000p+0, 0x1.991a6a91d05a8p-1, 0x1.9c32590ceb4f8p-1, -0x1.6eea24ca48b53p+0,
        -0x1.e98316afceec9p+0, -0x1.36db2566d2cc5p-1, -0x1.1d6e8159cedf9p-4, -0x1.978490b3adee1p-9,
        -0x1.a6e92187ff110p-15, -0x1.dc254f6175434p-23);
    return sub_mul(r, r, B(numerator / denominator));
}

/// y where erf(y) = x, given p = 1 - |x| too, each as exact as the caller has it:
///   case 1, p = 0: infinity with the sign of x;   case 2, p < 0 or NaN: NaN, as log p is.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> inverse_erf(const xsimd::batch<double, A>& x,
                                                                  const xsimd::batch<double, A>& p)
{
    using B = xsimd::batch<double, A>;
    const B r = xsimd::sqrt(negated(math::log(p)));
    const B numerator = polynomial(r, 0x1.ff37e2ad5e509p-1, 0x1.29fe395ad2f78p-2,
                                   0x1.9c14dd9f68a83p+1, 0x1.1ee55846c227dp+1, 0x1.02d8a4b7ceb3fp+2,
                                   0x1.537e5064a550cp+1, 0x1.65400ba768777p-2, 0x1.249762a6c7c40p-7,
                                   0x1.f42699d82e201p-18, 0x1.7d32fd2ce5995p-26);
    const B denominator = polynomial(
        r, 0x1.0000000000000p+0, 0x1.287d131f29817p+0, 0x1.16e0fc01add2dp+2, 0x1.507361a75db3cp+2,
        0x1.25a1197118923p+3, 0x1.e3484d01e67bep+2, 0x1.c5d7bd9b4823dp+2, 0x1.1c3ed4338708ep+1,
        0x1.7b2b601b56bdcp-3, 0x1.977f80f861c77p-9);
    B tail = sub_mul(r, r, B(numerator / denominator));
    if (const auto is_far = r > B(erfcinv_far); xsimd::any(is_far)) [[unlikely]] {
        tail = xsimd::select(is_far, erfcinv_far_out(r), tail);
        tail =
            xsimd::select(p == B(0.0), B(std::numeric_limits<double>::infinity()), tail); // case 1
    }
    const auto is_central = xsimd::abs(x) <= B(erfinv_central);
    return xsimd::select(is_central, erfinv_inside(x), B(tail ^ sign_of(x)));
}

/// exp(y²) where erfc(|y|) = p: erfcx(|y|)/p.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> exp_square_of_inverse(
    const xsimd::batch<double, A>& y, const xsimd::batch<double, A>& p)
{
    using B = xsimd::batch<double, A>;
    const auto tail = erfcx_of<of_error_function>(B(xsimd::abs(y)));
    const B slope = tail.numerator / tail.denominator / p;
    return xsimd::select(p == B(0.0), B(std::numeric_limits<double>::infinity()), slope);
}

template <class A>
[[gnu::noinline]] xsimd::batch<double, A> erfinv(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    return inverse_erf(x, B(B(1.0) - xsimd::abs(x)));
}

/// y where erfc(y) = p.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> erfcinv(xsimd::batch<double, A> p)
{
    using B = xsimd::batch<double, A>;
    return inverse_erf(B(B(1.0) - p), B(xsimd::min(B(B(2.0) - p), p)));
}

/// y where Φ(y) = p: sqrt(2) erfinv(2p - 1).
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> ndtri(xsimd::batch<double, A> p)
{
    using B = xsimd::batch<double, A>;
    const B twice = p + p;
    const B y = inverse_erf(B(twice - B(1.0)), B(xsimd::min(B(B(2.0) - twice), twice)));
    return y * B(0x1.6a09e667f3bcdp+0);
}

/// The derivative of erfinv.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> erfinv_slope(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    return B(half_root_pi) * exp_square_of_inverse(math::erfinv(x), B(B(1.0) - xsimd::abs(x)));
}
/// The derivative of erfcinv.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> erfcinv_slope(xsimd::batch<double, A> p)
{
    using B = xsimd::batch<double, A>;
    const B other = B(2.0) - p;
    return B(-half_root_pi) * exp_square_of_inverse(math::erfcinv(p), B(xsimd::min(other, p)));
}
/// The derivative of ndtri.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> ndtri_slope(xsimd::batch<double, A> p)
{
    using B = xsimd::batch<double, A>;
    const B other = B(1.0) - p;
    const B y = math::ndtri(p) * B(root_half);
    return B(root_half_pi) * exp_square_of_inverse(y, B(xsimd::min(other, p)));
}

template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> erfinv(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::erfinv(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> erfcinv(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::erfcinv(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> ndtri(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::ndtri(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> erfinv_slope(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::erfinv_slope(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> erfcinv_slope(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::erfcinv_slope(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> ndtri_slope(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::ndtri_slope(half); });
}

[[gnu::always_inline]] inline double erfinv(double x) { return math::erfinv(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float erfinv(float x)
{
    return static_cast<float>(math::erfinv(double(x)));
}
[[gnu::always_inline]] inline double erfcinv(double x)
{
    return math::erfcinv(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float erfcinv(float x)
{
    return static_cast<float>(math::erfcinv(double(x)));
}
[[gnu::always_inline]] inline double ndtri(double x) { return math::ndtri(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float ndtri(float x)
{
    return static_cast<float>(math::ndtri(double(x)));
}
[[gnu::always_inline]] inline double erfinv_slope(double x)
{
    return math::erfinv_slope(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float erfinv_slope(float x)
{
    return static_cast<float>(math::erfinv_slope(double(x)));
}
[[gnu::always_inline]] inline double erfcinv_slope(double x)
{
    return math::erfcinv_slope(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float erfcinv_slope(float x)
{
    return static_cast<float>(math::erfcinv_slope(double(x)));
}
[[gnu::always_inline]] inline double ndtri_slope(double x)
{
    return math::ndtri_slope(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float ndtri_slope(float x)
{
    return static_cast<float>(math::ndtri_slope(double(x)));
}

} // namespace backtrail::math
