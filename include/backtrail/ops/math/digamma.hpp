// SPDX-License-Identifier: BSD-3-Clause
// The derivatives of log Γ: digamma ψ, trigamma ψ', and polygamma of any order.
//
//     ψ:   [1/2, 5/2]: (x - x0)(1 + R(x)), x0 its zero in two parts;  below: ψ(1 + x) - 1/x;
//          above: log x - C(1/x)/x
//     ψ':  up to 3: 1/x² + 1/(x+1)² + 1/(x+2)² + ψ'(x + 3);  above: (1 + G(1/x)/x)/x
//
// R (rational), C and G are our own fits, errors below 2^-54 of the result. For x < 0 the reflection
// formulas, with d = x - nearbyint(x) in place of x in their cotangent, which is exact.
// Higher orders are n! times Hurwitz's zeta function, of terms of one sign for x > 0, so that nothing
// cancels: a sum up to where the Euler-Maclaurin formula serves (Abramowitz & Stegun 23.2 and 6.4).
// Measured: digamma 3.7 ULP (for x < 0 of its largest term), trigamma 2.3 for x > 0. polygamma loses digits
// beside its zeros at negative x.
#pragma once

#include <backtrail/ops/math/in_double.hpp>
#include <backtrail/ops/math/pow.hpp>
#include <backtrail/ops/math/trigonometric.hpp>

namespace backtrail::math {

inline constexpr double pi = 0x1.921fb54442d18p+1;

/// ψ(x) for x >= 0 and for x = -0, where it is infinity.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> digamma_positive(
    const xsimd::batch<double, A>& x)
{
    using B = xsimd::batch<double, A>;
    const B z = B(1.0) / x;
    const auto is_below = x < B(0.5);
    const B y = xsimd::select(is_below, B(x + B(1.0)), x);
    const B numerator =
        polynomial(y, 0x1.2ee620328bbb4p+34, 0x1.1e62f3f25e5a2p+35, 0x1.6484c49dc4137p+32,
                   -0x1.e67e4af9f35dep+33, -0x1.03b997c72a59ap+33, -0x1.6de0f210c2338p+30,
                   -0x1.6f68fd5f85904p+26, -0x1.7d3fdec602a05p+20);
    const B denominator =
        polynomial(y, 0x1.0000000000000p+0, 0x1.baba10454cef6p+34, 0x1.ceeb7471c857dp+35,
                   0x1.4aedf3a7af9fdp+35, 0x1.9b3accddeb4fcp+33, 0x1.c66d7e9eba26cp+30,
                   0x1.8e3ab9430e6dep+26, 0x1.7fafcef8d51f8p+20);
    const B from_zero = (y - B(0x1.762d86356be3fp+0)) - B(0x1.b86a722197829p-54);
    const B near =
        from_zero * (B(1.0) + numerator / denominator) - xsimd::select(is_below, z, B(0.0));

    const B correction = polynomial(
        z, 0x1.0000000000000p-1, 0x1.55555555554abp-4, 0x1.2adef8bf966fdp-41, -0x1.1111112c21fedp-7,
        0x1.54f5bb107da40p-29, 0x1.040ef35cf7832p-8, 0x1.b5eb73666446ap-20, -0x1.12a4df0e4989bp-8,
        0x1.0d2784357a87fp-12, 0x1.6cd23a0156abdp-8, 0x1.7affbe1131840p-7, -0x1.1c04cbadfd6a3p-4,
        0x1.1c99fd36d7f54p-3, -0x1.3e9d8485f7af2p-3, 0x1.920e42df719a1p-4, -0x1.c2f611c6e5dbep-6);
    const B far = sub_mul(math::log(x), z, correction);
    return xsimd::select(x <= B(2.5), near, far);
}

/// sin(π d) and cos(π d) for |d| <= 1/2; at most 1/4 is given to the polynomials, and the rounding error of
/// the product with π is added back.
template <class A>
[[gnu::always_inline]] inline std::array<xsimd::batch<double, A>, 2> sincos_of_half_turn(
    const xsimd::batch<double, A>& d)
{
    using B = xsimd::batch<double, A>;
    const B magnitude = xsimd::abs(d);
    const auto is_wide = magnitude > B(0.25);
    const B part = xsimd::select(is_wide, B(B(0.5) - magnitude), magnitude);
    const auto product = two_product(part, B(pi));
    const B low = mul_add(part, B(0x1.1a62633145c07p-53), product.low);
    const B square = product.high * product.high;
    const B c = cos_near_zero(square);
    const B s = sin_near_zero(product.high, square) + low;
    return {xsimd::select(is_wide, c, s) | sign_of(d), xsimd::select(is_wide, s, c)};
}

/// ψ where some lane is below 0: ψ(-t) = ψ(1 + t) - π cot(π d).
///   case 1, an integer below 0, or -infinity: NaN, as the limits differ in sign.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> digamma_any(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B d = x - xsimd::nearbyint(x);
    const auto [s, c] = sincos_of_half_turn(d);
    const B reflected = digamma_positive(B(B(1.0) - x)) - B(pi) * c / s;
    const B nan(std::numeric_limits<double>::quiet_NaN());
    const B below = xsimd::select(d == B(0.0), nan, reflected); // case 1
    return xsimd::select(x < B(0.0), below, digamma_positive(x));
}

template <class A>
[[gnu::noinline]] xsimd::batch<double, A> digamma(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    if (xsimd::any(x < B(0.0))) [[unlikely]] {
        return digamma_any(x);
    }
    return digamma_positive(x);
}

/// ψ'(x) for x >= 3.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> trigamma_far(const xsimd::batch<double, A>& x)
{
    using B = xsimd::batch<double, A>;
    const B z = B(1.0) / x;
    const B correction = polynomial(
        z, 0x1.0000000000000p-1, 0x1.555555555533dp-3, 0x1.0ed2553f33649p-38, -0x1.11111147bc60fp-5,
        0x1.77076d27d9509p-26, 0x1.86154ef4d3041p-6, 0x1.11c69ceba0e0cp-16, -0x1.1325ad8eb778cp-5,
        0x1.75a9d9c3f526dp-9, 0x1.ac38cbd8eaae8p-5, 0x1.23cee0bc36998p-3, -0x1.c2f61488a2ae2p-1,
        0x1.ea0b9b2184effp+0, -0x1.2adb1cc6c553fp+1, 0x1.9b83cda7f3483p+0, -0x1.f869a582cc825p-2);
    return mul_add(B(z * z), correction, z);
}

/// ψ'(x) for x >= 0: below 3 by three steps of ψ'(x) = 1/x² + ψ'(1 + x), whose terms are positive.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> trigamma_positive(
    const xsimd::batch<double, A>& x)
{
    using B = xsimd::batch<double, A>;
    const B one(1.0);
    const auto is_near = x <= B(3.0);
    const B z = one / x, z1 = one / (x + one), z2 = one / (x + B(2.0));
    const B above = trigamma_far(B(xsimd::select(is_near, B(x + B(3.0)), x)));
    const B near = mul_add(z, z, B(mul_add(z1, z1, B(mul_add(z2, z2, above)))));
    return xsimd::select(is_near, near, above);
}

/// ψ' where some lane is below 0: ψ'(-t) = (π/sin(π d))² - ψ'(1 + t), infinite at the poles.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> trigamma_any(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const auto [s, c] = sincos_of_half_turn(B(x - xsimd::nearbyint(x)));
    const B quotient = B(pi) / s;
    const B below = quotient * quotient - trigamma_positive(B(B(1.0) - x));
    return xsimd::select(x < B(0.0), below, trigamma_positive(x));
}

template <class A>
[[gnu::noinline]] xsimd::batch<double, A> trigamma(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    if (xsimd::any(x < B(0.0))) [[unlikely]] {
        return trigamma_any(x);
    }
    return trigamma_positive(x);
}

/// ζ(s, x) = sum of (x + k)^-s over k >= 0, for s >= 2 and x > 0; infinite at 0.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> hurwitz_zeta(xsimd::batch<double, A> s,
                                                                  xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B limit = s + B(10.0);
    B sum(0.0);
    B w = x;
    for (auto is_short = w < limit; xsimd::any(is_short); is_short = w < limit) {
        sum = xsimd::select(is_short, B(sum + math::pow(w, negated(s))), sum);
        w = xsimd::select(is_short, B(w + B(1.0)), w);
    }
    // w^(1 - s) (1/(s - 1) + (1/2 + sum over j of B(2j)/(2j)! s (s + 1) ... (s + 2j - 2) w^(1 - 2j))/w),
    // because w^-s underflows first
    constexpr std::array<double, 9> bernoulli = {1.0 / 12,
                                                 -1.0 / 720,
                                                 1.0 / 30240,
                                                 -1.0 / 1209600,
                                                 1.0 / 47900160,
                                                 -691.0 / 1307674368000,
                                                 1.0 / 74724249600,
                                                 -3617.0 / 10670622842880000,
                                                 43867.0 / 5109094217170944000};
    const B z = B(1.0) / w;
    B factor = s * z;
    B series(0.5);
    for (std::size_t j = 0; j < bernoulli.size(); ++j) {
        series = mul_add(factor, B(bernoulli[j]), series);
        const B next = s + B(double(2 * j + 1));
        factor = factor * (next * z) * ((next + B(1.0)) * z);
    }
    const B order = s - B(1.0);
    return mul_add(math::pow(w, negated(order)), B(B(1.0) / order + series * z), sum);
}

/// The n-th derivative of ψ, n rounded to an integer:
///   case 1, n = 0: ψ;   case 2, x < 0: with d = x - floor(x) and s = n + 1, the sum runs over the terms
///   below 0, which are those of ζ(s, 1 - d) up to -x, and then over ζ(s, d);
///   case 3, n < 0: NaN;   case 4, x infinite: 0, or NaN for -infinity.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> polygamma(xsimd::batch<double, A> n,
                                                               xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B one(1.0);
    const B order = xsimd::nearbyint(n);
    const B bounded = xsimd::min(xsimd::max(order, one), B(200.0)); // 171! is infinite
    const B s = bounded + one;
    const auto is_odd = ~(xsimd::nearbyint(order * B(0.5)) == order * B(0.5));
    const auto is_below = x < B(0.0);
    const B from_floor = x - xsimd::floor(x);
    const B first = xsimd::select(is_below, from_floor, x);
    B sum = hurwitz_zeta(s, first);
    if (xsimd::any(is_below)) {
        const B others = hurwitz_zeta(s, B(one - from_floor)) -
                         hurwitz_zeta(s, xsimd::select(is_below, B(one - x), one));
        const B all = sum + xsimd::select(is_odd, others, negated(others));
        sum = xsimd::select(is_below & ~(from_floor == B(0.0)), all, sum); // case 2
    }
    B factorial(1.0);
    for (B j(1.0); xsimd::any(j <= bounded); j = j + one) {
        factorial = xsimd::select(j <= bounded, B(factorial * j), factorial);
    }
    const B y = sum * xsimd::select(is_odd, factorial, negated(factorial));
    const B nan(std::numeric_limits<double>::quiet_NaN());
    const B positive =
        xsimd::select(order >= one, y, xsimd::select(order == B(0.0), math::digamma(x), nan));
    const B infinity(std::numeric_limits<double>::infinity());
    const B finite = xsimd::select((x == infinity) & (order >= one), B(0.0), positive); // case 4
    return xsimd::select(x == x, finite, x);
}

template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> digamma(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::digamma(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> trigamma(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::trigamma(half); });
}

[[gnu::always_inline]] inline double digamma(double x)
{
    return math::digamma(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float digamma(float x)
{
    return static_cast<float>(math::digamma(double(x)));
}
[[gnu::always_inline]] inline double trigamma(double x)
{
    return math::trigamma(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float trigamma(float x)
{
    return static_cast<float>(math::trigamma(double(x)));
}

template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> polygamma(const xsimd::batch<float, A>& n,
                                                               const xsimd::batch<float, A>& x)
{
    const auto [n0, n1] = math::widen(n);
    const auto [x0, x1] = math::widen(x);
    return math::narrow(math::polygamma(n0, x0), math::polygamma(n1, x1));
}
[[gnu::always_inline]] inline double polygamma(double n, double x)
{
    return math::polygamma(one_batch(n), one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float polygamma(float n, float x)
{
    return static_cast<float>(math::polygamma(double(n), double(x)));
}

} // namespace backtrail::math
