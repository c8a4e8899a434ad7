// SPDX-License-Identifier: BSD-3-Clause
// log |Γ|. For positive x:
//
//     [1/2, 3]:   (x - 1)(x - 2)(1/2 + H(x)), which has the zeros at 1 and 2 as exact factors
//     below:      log Γ(1 + x) - log x
//     above:      (x - 1/2)(log x - 1) + (log(2π) - 1)/2 + M(1/x)/x   (Stirling)
//
// H (rational) and M are our own fits, errors below 2^-54 of the result; log x is a double-double. Between
// its poles on the negative axis log |Γ| has two zeros each, so there, near -n, it is the logarithm of
//
//     1/|Γ(-n + d)| = |d (1 - d) ... (n - d)|/Γ(1 + d)
//
// as a double-double; and next to the first eight zeros, where even that is too short, their Taylor series.
// From -40 down the reflection formula takes over, for no number comes near a zero there.
// Measured: 3.5 ULP. Float is computed in double.
#pragma once

#include <backtrail/ops/math/in_double.hpp>
#include <backtrail/ops/math/pow.hpp>

namespace backtrail::math {

/// log Γ(x) for positive normal x.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> lgamma_positive(
    const xsimd::batch<double, A>& x)
{
    using B = xsimd::batch<double, A>;
    const auto [k, m] = split_exponent(x);
    const auto log_x = double_log(k, m);
    const auto is_below = x < B(0.5);
    const B y = xsimd::select(is_below, B(x + B(1.0)), x);
    const B from_one = xsimd::select(is_below, x, B(x - B(1.0))); // y - 1, exactly
    const B numerator =
        polynomial(y, 0x1.3592abb2531f6p+1, 0x1.0b3ed3d91cfd6p+7, 0x1.9ad2deab484efp+10,
                   0x1.b3c4aa6d6ae9bp+12, 0x1.5fd315b92d040p+13, 0x1.2f5e7b528b9f1p+12,
                   -0x1.e897429b24b6ep+11, -0x1.fe6ec6274ada6p+11, -0x1.342eb3124e4d9p+10,
                   -0x1.246b4edd9e345p+7, -0x1.9479afe5b2a0ap+2, -0x1.1d1316482c77dp-4);
    const B denominator = polynomial(
        y, 0x1.0000000000000p+0, 0x1.88624233d6df7p+6, 0x1.ea0f3c583e689p+10, 0x1.b2c6846f6b1e4p+13,
        0x1.52e3107074267p+15, 0x1.00de9897d3636p+16, 0x1.8d0abd53c7388p+15, 0x1.3bcd4822267e0p+14,
        0x1.f7cceeb81d4dcp+11, 0x1.76ecac7fcae7ep+8, 0x1.bd5bc608a0af3p+3, 0x1.1f7abfa0ce04ap-3);
    const B near = from_one * (from_one - B(1.0)) * (B(0.5) + numerator / denominator) -
                   xsimd::select(is_below, log_x.high, B(0.0));

    const B z = B(1.0) / x;
    const B remainder = polynomial(
        z, 0x1.5555555555555p-4, 0x1.ce3d3b13c1344p-49, -0x1.6c16c16d80925p-9,
        0x1.c7be915dc0145p-35, 0x1.a019b52a398b9p-11, 0x1.f5f85d5c51d5bp-25, -0x1.389bae1201c87p-11,
        0x1.9951e0594fc32p-17, 0x1.82b276b4b94b7p-11, 0x1.4df90a9df79f4p-11, -0x1.31fdc2bb42d22p-8,
        0x1.0548e72bab17fp-7, -0x1.b56687ca9c64cp-8, 0x1.371cf2a7ce891p-9);
    const B h = x - B(0.5);
    const B rest = mul_add(h, log_x.low, mul_add(z, remainder, B(0x1.acfe390c97d69p-2)));
    const B far = mul_add(h, B(log_x.high - B(1.0)), rest); // the difference is exact
    return xsimd::select(x <= B(3.0), near, far);
}

/// 1/Γ(1 + d) for |d| <= 1/2, error below 2^-99: the Taylor series (Wrench, Math. Comp. 22 (1968) 617).
template <class A>
[[gnu::noinline, gnu::cold]] double_lanes<xsimd::batch<double, A>> reciprocal_gamma(
    xsimd::batch<double, A> d)
{
    using B = xsimd::batch<double, A>;
    static constexpr std::array<double, 17> high = {
        0x1.0000000000000p+0,   0x1.2788cfc6fb619p-1,  -0x1.4fcf4026afa2ep-1,
        -0x1.5815e8fa27048p-5,  0x1.5512320b43fbep-3,  -0x1.59af103c34092p-5,
        -0x1.3b4af28483e21p-7,  0x1.d919c527f60b2p-8,  -0x1.317112ce3a2a8p-10,
        -0x1.c364fe6f1563dp-13, 0x1.0c8a78cd9f9d2p-13, -0x1.51ce8af47eabep-16,
        -0x1.4fad41fc34fbbp-20, 0x1.302509dbc0de3p-20, -0x1.b9986666c225dp-23,
        0x1.a44b7ba22d629p-28,  0x1.57bc3fc384334p-28};
    static constexpr std::array<double, 17> low = {0x0.0p+0,
                                                   -0x1.6cb90701fbfabp-58,
                                                   0x1.8a3db7a90c42ap-56,
                                                   0x1.b85ea59bc3638p-60,
                                                   0x1.77e9bfd84d0f8p-57,
                                                   -0x1.ef8da0241c465p-59,
                                                   -0x1.38dbcf40c139bp-61,
                                                   -0x1.a91714b11611fp-62,
                                                   0x1.0b48922be53b9p-64,
                                                   0x1.6707f71f86f2ep-69,
                                                   -0x1.6193e5e682992p-67,
                                                   0x1.26de8c501cb48p-75,
                                                   -0x1.01776ab160dc8p-75,
                                                   -0x1.bf09003481b1ap-75,
                                                   -0x1.d12e45de59d01p-79,
                                                   -0x1.4d6f19c81365fp-82,
                                                   -0x1.30a82205f48c5p-86};
    double_lanes<B> sum = {
        polynomial(d, -0x1.44b4cedca388fp-30, 0x1.cae7675c18607p-34, 0x1.11d065bfaf067p-37,
                   -0x1.0423bac8ca3fbp-38, 0x1.1f20151323cd0p-41, -0x1.72cb88ea5ae6ep-46,
                   -0x1.815f72a05f16fp-48, 0x1.6198491a83bcdp-50, -0x1.10613dde57a89p-53,
                   0x1.5e3fee81de0eap-60, 0x1.a0dc770fb8a4ap-60, -0x1.0f635344a29eap-62),
        B(0.0)};
    for (std::size_t i = high.size(); i-- > 0;) {
        const auto product = two_product(sum.high, d);
        const auto next = two_sum(B(high[i]), product.high);
        sum =
            fast_two_sum(next.high, B(next.low + mul_add(sum.low, d, B(product.low + B(low[i])))));
    }
    return sum;
}

/// A zero in two parts and the first three Taylor coefficients there.
struct lgamma_zero {
    double high, low, c1, c2, c3;
};
inline constexpr std::array<lgamma_zero, 8> lgamma_zeros = {
    {{-0x1.3a7fc9600f86cp+1, -0x1.55f64f98af8d0p-55, 0x1.83fe966af535fp+0, 0x1.36eebb002f55dp+2,
      0x1.694a6058a7858p+0},
     {-0x1.5fb410a1bd901p+1, 0x1.a19a96d2e6f85p-54, -0x1.ea12da904b18cp+0, 0x1.3267f3c265a52p+3,
      -0x1.4185ac30c8bf2p+4},
     {-0x1.9260dbc9e59afp+1, -0x1.f717cd335a7b3p-53, 0x1.f20a65f2fac55p+2, 0x1.9d4d2977150efp+4,
      0x1.c1137124d5c5bp+6},
     {-0x1.fa471547c2fe5p+1, -0x1.70d4561291237p-56, -0x1.4b99d966c5647p+4, 0x1.f76deae0436bep+7,
      -0x1.d25359d4b2f38p+11},
     {-0x1.0284e78599581p+2, 0x1.e78c1e9e43cfep-53, 0x1.aca5cf4921642p+4, 0x1.44415cd813f8ep+8,
      0x1.559b11b2a9c7cp+12},
     {-0x1.3f7577a6eeafdp+2, 0x1.5de5eab7f12cfp-53, -0x1.d224a3ef9e41fp+6, 0x1.b533c678a3956p+12,
      -0x1.0d3f7fee65d34p+19},
     {-0x1.4086a57f0b6d9p+2, -0x1.95262b72ca9cap-55, 0x1.ed72e0829ae02p+6, 0x1.cecc32ec22f9bp+12,
      0x1.253d8563f7264p+19},
     {-0x1.7fe92f591f40dp+2, -0x1.7dd4ed62cbd32p-52, -0x1.661f6a43a5e12p+9, 0x1.f79dcb794f26fp+17,
      -0x1.d6e8088a19ffep+26}}};

/// From here down, the reflection formula.
inline constexpr double lgamma_reflected = -40;

/// log |Γ(x)| for x from lgamma_reflected to 0.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> lgamma_between_poles(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B n = negated(xsimd::nearbyint(x));
    const B d = x + n;
    double_lanes<B> q = reciprocal_gamma(d);
    const auto times = [&](const B& high, const B& low) {
        const auto product = two_product(q.high, high);
        return fast_two_sum(product.high, B(product.low + mul_add(q.high, low, B(q.low * high))));
    };
    q = times(d, B(0.0));
    for (double j = 1; j <= -lgamma_reflected; ++j) {
        const auto has_factor = n >= B(j);
        if (!xsimd::any(has_factor)) break;
        const auto factor = two_sum(B(j), negated(d));
        const auto next = times(factor.high, factor.low);
        q = {xsimd::select(has_factor, next.high, q.high),
             xsimd::select(has_factor, next.low, q.low)};
    }
    B y = negated(B(math::log(B(xsimd::abs(q.high))) + q.low / q.high));
    for (const lgamma_zero& zero : lgamma_zeros) {
        const B t = (x - B(zero.high)) - B(zero.low);
        const B series = t * polynomial(t, zero.c1, zero.c2, zero.c3);
        y = xsimd::select(xsimd::abs(t) < B(0x1p-30), series, y);
    }
    return y;
}

/// log |Γ(x)| for x below lgamma_reflected: with t = -x = n - d,
/// |Γ(-t)| = 1/(t |d| Γ(t)) Γ(1 + d) Γ(1 - d).
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> lgamma_by_reflection(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B d = x - xsimd::nearbyint(x);
    const B product = reciprocal_gamma(d).high * reciprocal_gamma(negated(d)).high;
    return negated(math::log(B(xsimd::abs(x * d) * product))) - lgamma_positive(negated(x));
}

/// log |Γ| where some lane is not a positive normal number:
///   case 1, |x| so small that log |Γ(x)| = -log |x|, 0 and denormal numbers among them;
///   case 2, x < 0;   case 3, a pole, or infinite: infinity;   case 4, NaN: NaN.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> lgamma_any(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B infinity(std::numeric_limits<double>::infinity());
    const B magnitude = xsimd::abs(x);
    B y = lgamma_positive(x);
    y = xsimd::select(x < B(0.0), lgamma_between_poles(clamp(lgamma_reflected, x, 0.0)), y);
    const auto is_reflected = x < B(lgamma_reflected);
    if (xsimd::any(is_reflected)) {
        y = xsimd::select(is_reflected, lgamma_by_reflection(x), y); // case 2
    }
    y = xsimd::select(magnitude < B(0x1p-60), negated(math::log(magnitude)), y); // case 1
    y = xsimd::select((x < B(0.0)) & (xsimd::nearbyint(x) == x), infinity, y);   // case 3
    y = xsimd::select(magnitude == infinity, infinity, y);                       // case 3
    return xsimd::select(x == x, y, x);                                          // case 4
}

template <class A>
[[gnu::noinline]] xsimd::batch<double, A> lgamma(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    using limits = std::numeric_limits<double>;
    if (!xsimd::all((x >= B(0x1p-60)) & (x <= B(limits::max())))) [[unlikely]] {
        return lgamma_any(x);
    }
    return lgamma_positive(x);
}

template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> lgamma(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::lgamma(half); });
}

[[gnu::always_inline]] inline double lgamma(double x) { return math::lgamma(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float lgamma(float x)
{
    return static_cast<float>(math::lgamma(double(x)));
}

} // namespace backtrail::math
