// SPDX-License-Identifier: BSD-3-Clause
// erfc and the normal distribution: its density, Φ, log Φ, the quotient φ/Φ, and x Φ(x) with its
// derivative. One smooth function carries all of them, erfcx(x) = exp(x²) erfc(x) on [0, infinity):
//
//     erfcx(x) = P(q)/(1 + a x),   q = (x - k)/(x + k)
//
// (Shepherd & Laframboise, Math. Comp. 36 (1981) 249). P is our own fit, and a and k are chosen such
// that a/sqrt(2) and k sqrt(2) are nearly exact numbers too: then erfcx(x/sqrt(2)) is the same
// polynomial, with no rounding of x/sqrt(2). exp(-x²) has x² in two parts, and powers of 2 are
// multiplied last, so that denormal results are rounded once.
//
// All of it is computed in double; float is as good as correctly rounded. Measured, in ULP: erfc 3.0,
// density 2.1, ndtr 3.3, log_ndtr 3.4, gelu 3.2, gelu_slope 3.1 (of its largest term), normal_hazard 3.6,
// normal_excess 4.0.
#pragma once

#include <backtrail/ops/math/exp.hpp>
#include <backtrail/ops/math/in_double.hpp>
#include <backtrail/ops/math/log.hpp>

namespace backtrail::math {

/// The constants of erfcx(x) and of erfcx(x/sqrt(2)).
struct of_error_function {
    static constexpr double a = 0x1.299dp+0, k = 0x1.ecc0p+1;
};
struct of_normal_distribution {
    static constexpr double a = 0x1.a4e38460e7868p-1, k = 0x1.5c6d471e4b32dp+2;
};

inline constexpr double root_half_pi = 0x1.40d931ff62706p+0;        // sqrt(pi/2)
inline constexpr double root_two_over_pi = 0x1.9884533d43651p-1;    // sqrt(2/pi)
inline constexpr double normal_density_peak = 0x1.9884533d43651p-2; // 1/sqrt(2 pi)

/// erfcx as numerator/denominator, for x >= 0; infinite ones give the limit. Error of the numerator
/// below 2^-56.
template <class A>
struct erfcx_parts {
    xsimd::batch<double, A> numerator;
    xsimd::batch<double, A> denominator;
};
template <class Constants, class A>
[[gnu::always_inline]] inline erfcx_parts<A> erfcx_of(const xsimd::batch<double, A>& x)
{
    using B = xsimd::batch<double, A>;
    const B held = clamp(0.0, x, 1e300);
    const B q = (held - B(Constants::k)) / (held + B(Constants::k));
    const B tail = polynomial(q, -0x1.8c2efbafef19fp-3, 0x1.930040a167f1ep-4, -0x1.8cb27ee450227p-6,
                              -0x1.1d5907fc01f40p-6, 0x1.e7e2221018a19p-6, -0x1.95350fe5d093ep-6,
                              0x1.d783c751f4cdfp-7, -0x1.8a5acdc4acd46p-8, 0x1.9fabb6f15997cp-10,
                              -0x1.181fc3bbc4371p-14, -0x1.30846964e639ep-13, 0x1.c65dce17451abp-15,
                              0x1.3e7d60d7b597ap-19, -0x1.f06bd86086338p-18, 0x1.3e9c708b5472ap-20,
                              0x1.b6acaaeab978bp-21, -0x1.2f8963991dedbp-22, -0x1.816680cc45a95p-24,
                              0x1.b0187a68494f8p-25, 0x1.6f04566475529p-27, -0x1.166cb5b047277p-27,
                              -0x1.5dcb04adcc289p-30, 0x1.2d3ed9b7c8fbbp-30, 0x1.bd8e988261df7p-34,
                              -0x1.86483e440aa1bp-34);
    const B p = mul_add(q, tail,
                        B(0x1.8e34af92d9688p-1)); // alone, so that only this sum is rounded as p is
    return {p, mul_add(B(Constants::a), x, B(1.0))};
}

/// exp(-x²/2), its exponent apart.
template <class A>
[[gnu::always_inline]] inline scaled_lanes<double, A> exp_half_square(
    const xsimd::batch<double, A>& x)
{
    using B = xsimd::batch<double, A>;
    const auto square = two_product(x, x);
    return scaled_exp(B(B(-0.5) * square.high), B(B(-0.5) * square.low));
}

/// Φ(-t) = exp(-t²/2) erfcx(t/sqrt(2))/2 for 0 <= t <= 40; 2^k m as in scaled_lanes.
template <class A>
[[gnu::always_inline]] inline scaled_lanes<double, A> normal_tail(const xsimd::batch<double, A>& t)
{
    auto e = exp_half_square(t);
    const auto tail = erfcx_of<of_normal_distribution>(t);
    e.m = e.m * tail.numerator / tail.denominator;
    e.exponent = e.exponent - bit_lanes<double, A>(std::uint64_t(1));
    return e;
}

/// Beyond, Φ(-t), t Φ(-t) and t φ(t) are 0.
inline constexpr double normal_vanishes = 40;

template <class A>
[[gnu::noinline]] xsimd::batch<double, A> erfc(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = clamp(0.0, B(xsimd::abs(x)), 28.0); // erfc(28) is 0
    const auto square = two_product(t, t);
    const auto e = scaled_exp(negated(square.high), negated(square.low));
    const auto tail = erfcx_of<of_error_function>(t);
    const B y = scale<double, A>(e.m * tail.numerator / tail.denominator, e.exponent);
    return xsimd::select(x < B(0.0), B(B(2.0) - y), y);
}

/// φ(x) = exp(-x²/2)/sqrt(2 pi)
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> normal_density(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const auto e = exp_half_square(clamp(-normal_vanishes, x, normal_vanishes));
    return scale<double, A>(e.m * B(normal_density_peak), e.exponent);
}

/// Φ(x) = erfc(-x/sqrt(2))/2
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> ndtr(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const auto tail = normal_tail(clamp(0.0, B(xsimd::abs(x)), normal_vanishes));
    const B p = scale<double, A>(tail.m, tail.exponent);
    return xsimd::select(x < B(0.0), p, B(B(1.0) - p));
}

/// log Φ(x). For x < 0 it is -x²/2 + log(erfcx(-x/sqrt(2))/2), two negative terms.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> log_ndtr(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = xsimd::abs(x);
    const auto tail = erfcx_of<of_normal_distribution>(t);
    const B half_erfcx = B(0.5) * tail.numerator / tail.denominator;
    const auto e = exp_half_square(clamp(0.0, t, normal_vanishes));
    const B p = scale<double, A>(e.m * half_erfcx, e.exponent);
    const B lower = math::log(half_erfcx) - B(0.5) * t * t;
    return xsimd::select(x < B(0.0), lower, math::log1p(negated(p)));
}

/// φ(x)/Φ(x), the derivative of log Φ: for x < 0 it is sqrt(2/pi)/erfcx(-x/sqrt(2)).
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> normal_hazard(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = xsimd::abs(x);
    const auto tail = erfcx_of<of_normal_distribution>(t);
    // sqrt(2/pi) (1 + a t): one rounding less than a product with the denominator
    const B lower = mul_add(B(0x1.4fd2149297f2bp-1), t, B(root_two_over_pi)) / tail.numerator;
    const auto e = exp_half_square(clamp(0.0, t, normal_vanishes));
    const B density = scale<double, A>(e.m * B(normal_density_peak), e.exponent);
    const B p = scale<double, A>(e.m * B(0.5) * tail.numerator / tail.denominator, e.exponent);
    return xsimd::select(x < B(0.0), lower, B(density / (B(1.0) - p)));
}

/// x + φ(x)/Φ(x), where nothing cancels: for x < 0 it is N(q)/(D(q) (1.25 - x)) with q as above, our own
/// fit, error below 2^-54. It falls like -1/x.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> normal_excess(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = xsimd::abs(x);
    const B held = clamp(0.0, t, 1e300);
    const B k(0x1.21a1851ff630ap+2); // 3.2 sqrt(2)
    const B q = (held - k) / (held + k);
    const B numerator = polynomial(
        q, 0x1.2ca2cada5f1a7p+0, 0x1.da54777a91304p-2, 0x1.5362ad05f2b4ap+0, 0x1.43f05a82d0b9cp-1,
        0x1.1f92650d86f98p-1, 0x1.4808084cae468p-2, 0x1.a82e12b00ac26p-4, 0x1.21de731cc0447p-4,
        0x1.ecb56dc661b5dp-8, 0x1.93efeb653639fp-8, 0x1.31875bd3ba875p-13, 0x1.25d4c8ec89c9ap-13,
        0x1.41fa7c125f430p-24);
    const B denominator =
        polynomial(q, 1.0, 0x1.143526edfa489p-1, 0x1.4aa184dbc7702p+0, 0x1.3e511921938f5p-1,
                   0x1.5eb2a45755e50p-1, 0x1.16442a717b993p-2, 0x1.69baf6e9bdc97p-3,
                   0x1.b7c7967b6a61cp-5, 0x1.5a843b9123bebp-6, 0x1.1f7ebf4ec8849p-8,
                   0x1.e83633d658942p-11, 0x1.a008a06c1009dp-14, 0x1.b680ace43cd20p-18);
    const B lower = numerator / (denominator * (t + B(1.25)));
    return xsimd::select(x < B(0.0), lower, B(x + math::normal_hazard(x)));
}

/// x Φ(x). At -infinity it is the limit, 0.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> gelu(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = clamp(0.0, B(xsimd::abs(x)), normal_vanishes);
    const auto tail = normal_tail(t);
    const B p = scale<double, A>(tail.m, tail.exponent);
    const B lower = negated(scale<double, A>(t * tail.m, tail.exponent));
    return xsimd::select(x < B(0.0), lower, B(x * (B(1.0) - p)));
}

/// Φ(x) + x φ(x), the derivative of x Φ(x). With t = |x| it is φ(t) (Φ(-t)/φ(t) - t) for x < 0, and 1
/// minus that elsewhere.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> gelu_slope(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = clamp(0.0, B(xsimd::abs(x)), normal_vanishes);
    const auto e = exp_half_square(t);
    const auto tail = erfcx_of<of_normal_distribution>(t);
    const B difference =
        sub_mul(B(B(0.5) * tail.numerator / tail.denominator), B(normal_density_peak), t);
    const B lower = scale<double, A>(e.m * difference, e.exponent);
    return xsimd::select(x < B(0.0), lower, B(B(1.0) - lower));
}

template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> erfc(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::erfc(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> normal_density(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::normal_density(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> ndtr(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::ndtr(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> log_ndtr(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::log_ndtr(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> normal_hazard(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::normal_hazard(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> normal_excess(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::normal_excess(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> gelu(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::gelu(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> gelu_slope(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::gelu_slope(half); });
}

[[gnu::always_inline]] inline double erfc(double x) { return math::erfc(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float erfc(float x)
{
    return static_cast<float>(math::erfc(double(x)));
}
[[gnu::always_inline]] inline double normal_density(double x)
{
    return math::normal_density(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float normal_density(float x)
{
    return static_cast<float>(math::normal_density(double(x)));
}
[[gnu::always_inline]] inline double ndtr(double x) { return math::ndtr(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float ndtr(float x)
{
    return static_cast<float>(math::ndtr(double(x)));
}
[[gnu::always_inline]] inline double log_ndtr(double x)
{
    return math::log_ndtr(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float log_ndtr(float x)
{
    return static_cast<float>(math::log_ndtr(double(x)));
}
[[gnu::always_inline]] inline double normal_hazard(double x)
{
    return math::normal_hazard(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float normal_hazard(float x)
{
    return static_cast<float>(math::normal_hazard(double(x)));
}
[[gnu::always_inline]] inline double normal_excess(double x)
{
    return math::normal_excess(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float normal_excess(float x)
{
    return static_cast<float>(math::normal_excess(double(x)));
}
[[gnu::always_inline]] inline double gelu(double x) { return math::gelu(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float gelu(float x)
{
    return static_cast<float>(math::gelu(double(x)));
}
[[gnu::always_inline]] inline double gelu_slope(double x)
{
    return math::gelu_slope(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float gelu_slope(float x)
{
    return static_cast<float>(math::gelu_slope(double(x)));
}

} // namespace backtrail::math
