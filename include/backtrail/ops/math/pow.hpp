// SPDX-License-Identifier: BSD-3-Clause
// pow(x, y) = exp(y log x). As |y log x| reaches 745, log x is needed to 2^-63 and better: it is a
// double-double here, and so is its product with y (Muller 2016, sections 11.3 and 11.4). With
// x = 2^k m, f = m - 1 and s = f/(2 + f),
//
//     log x = k log 2 + 2s (1 + s²/3 + s⁴ Q(s²))
//
// where everything but s⁴ Q is a double-double. It is one function out of line, the largest of all.
// Measured: 1.5 ULP; float, computed in double, 0.51.
#pragma once

#include <backtrail/ops/math/exp.hpp>
#include <backtrail/ops/math/log.hpp>

namespace backtrail::math {

/// k log 2 + log m, its error below 2^-68 of it. Q is our own fit, error below 2^-76 of log m.
template <class A>
[[gnu::always_inline]] inline double_lanes<xsimd::batch<double, A>> double_log(
    const xsimd::batch<double, A>& k, const xsimd::batch<double, A>& m)
{
    using B = xsimd::batch<double, A>;
    const B one(1.0);
    const B f = m - one;
    const B d = m + one;
    const B d_low = m - (d - one);
    const B reciprocal = one / d;
    const B s = f * reciprocal;
    const auto s_d = two_product(s, d);
    const B s_low = (((f - s_d.high) - s_d.low) - s * d_low) * reciprocal;

    const auto z = two_product(s, s);
    const B z_low = mul_add(B(s + s), s_low, z.low);
    const B third(0x1.5555555555555p-2);
    const B third_low(0x1.5555555555555p-56);
    const auto w = two_product(z.high, third);
    const B series = polynomial(z.high, 0x1.9999999999993p-3, 0x1.249249249357fp-3,
                                0x1.c71c71c4f728ap-4, 0x1.745d186bcbed6p-4, 0x1.3b1355188e878p-4,
                                0x1.11228d91b08ffp-4, 0x1.ddef475a972p-5, 0x1.ed1aaf13598c5p-5);
    const B w_low = mul_add(B(z.high * z.high), series,
                            mul_add(z_low, third, mul_add(z.high, third_low, w.low)));

    const B twice = s + s;
    const auto tail = two_product(twice, w.high);
    const B tail_low = mul_add(twice, w_low, mul_add(B(s_low + s_low), B(one + w.high), tail.low));
    const auto lead = two_sum(B(k * B(0x1.62e42fefa38p-1)), twice); // the product is exact
    const auto sum = fast_two_sum(lead.high, tail.high);
    const B low = mul_add(k, B(0x1.ef35793c7673p-45), tail_low);
    return fast_two_sum(sum.high, B((lead.low + sum.low) + low));
}

/// exp(y log x) for a positive normal x given by its parts, and |y| <= pow_largest_exponent.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> pow_of_parts(const xsimd::batch<double, A>& k,
                                                                   const xsimd::batch<double, A>& m,
                                                                   const xsimd::batch<double, A>& y)
{
    using B = xsimd::batch<double, A>;
    const auto log_x = double_log(k, m);
    const auto product = two_product(y, log_x.high);
    const auto power = fast_two_sum(product.high, mul_add(y, log_x.low, product.low));
    const B held = clamp(exp_lowest<double>, power.high, exp_highest<double>);
    const auto e = scaled_exp(held, B(xsimd::select(held == power.high, power.low, B(0.0))));
    return scale<double, A>(e.m, e.exponent);
}

/// Beyond it every x but 1 overflows or underflows: |log x| >= 2^-53, and 2^-53 2^66 > 745.
inline constexpr double pow_largest_exponent = 0x1p66;

/// z = |x|^y where x is finite, not 0, and y no NaN; here the rest, by the cases of C99, annex F.9.4.4:
///   case 1, x = 0 or infinite: 0 or infinity, by the sign of y;
///   case 2, x negative or -0: odd y give their sign; if x is finite and not 0, y must be an integer;
///   case 3, a NaN: NaN;   case 4, x = 1 or y = 0: 1, even of NaN.
/// A later case overrules an earlier one.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> pow_cases(xsimd::batch<double, A> z,
                                                               xsimd::batch<double, A> x,
                                                               xsimd::batch<double, A> y)
{
    using B = xsimd::batch<double, A>;
    using limits = std::numeric_limits<double>;
    const B zero(0.0);
    const B infinity(limits::infinity());
    const B nan(limits::quiet_NaN());
    const B magnitude = xsimd::abs(x);
    z = xsimd::select(magnitude == zero, xsimd::select(y < zero, infinity, zero), z);     // case 1
    z = xsimd::select(magnitude == infinity, xsimd::select(y < zero, zero, infinity), z); // case 1
    const B half_y = y * B(0.5);
    const auto is_integer = xsimd::trunc(y) == y;
    const auto is_odd = is_integer & !(xsimd::trunc(half_y) == half_y);
    z = z ^ xsimd::select(is_odd, sign_of(x), zero);                              // case 2
    z = xsimd::select((x < zero) & (magnitude < infinity) & !is_integer, nan, z); // case 2
    z = xsimd::select(xsimd::isnan(x) | xsimd::isnan(y), nan, z);                 // case 3
    return xsimd::select((x == B(1.0)) | (y == zero), B(1.0), z);                 // case 4
}

/// pow where some lane is not a positive normal number to a moderate power. A denormal x is scaled by
/// 2^54, which k takes back; an infinite y is as good as a huge one.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> pow_any(xsimd::batch<double, A> x,
                                                             xsimd::batch<double, A> y)
{
    using B = xsimd::batch<double, A>;
    const B magnitude = xsimd::abs(x);
    const auto is_tiny = magnitude < B(std::numeric_limits<double>::min());
    const auto [k, m] = split_exponent(B(xsimd::select(is_tiny, magnitude * B(0x1p54), magnitude)));
    const B true_k = k - xsimd::select(is_tiny, B(54.0), B(0.0));
    const B held_y = clamp(-pow_largest_exponent, y, pow_largest_exponent);
    return pow_cases(pow_of_parts(true_k, m, held_y), x, y);
}

template <class A>
[[gnu::noinline]] xsimd::batch<double, A> pow(xsimd::batch<double, A> x, xsimd::batch<double, A> y)
{
    using B = xsimd::batch<double, A>;
    using limits = std::numeric_limits<double>;
    const auto is_plain = (x >= B(limits::min())) & (x <= B(limits::max())) &
                          (xsimd::abs(y) <= B(pow_largest_exponent));
    if (!xsimd::all(is_plain)) [[unlikely]] {
        return pow_any(x, y);
    }
    const auto [k, m] = split_exponent(x);
    return pow_of_parts(k, m, y);
}

/// |x|^y for numbers that were floats: all are normal in double, whose log is accurate enough.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> pow_of_floats(
    const xsimd::batch<double, A>& x, const xsimd::batch<double, A>& y)
{
    using B = xsimd::batch<double, A>;
    const auto [k, m] = split_exponent(B(xsimd::abs(x)));
    const B power =
        clamp(-pow_largest_exponent, y, pow_largest_exponent) * log_of_parts(k, B(m - B(1.0)));
    return math::exp(power);
}

template <class A>
[[gnu::noinline]] xsimd::batch<float, A> pow(xsimd::batch<float, A> x, xsimd::batch<float, A> y)
{
    using B = xsimd::batch<float, A>;
    const B largest(std::numeric_limits<float>::max());
    const auto [x0, x1] = math::widen(x);
    const auto [y0, y1] = math::widen(y);
    const auto z0 = pow_of_floats(x0, y0);
    const auto z1 = pow_of_floats(x1, y1);
    const auto is_plain = (x > B(0.0F)) & (x <= largest) & (xsimd::abs(y) <= largest);
    if (!xsimd::all(is_plain)) [[unlikely]] {
        return math::narrow(pow_cases(z0, x0, y0), pow_cases(z1, x1, y1));
    }
    return math::narrow(z0, z1);
}

[[gnu::always_inline]] inline double pow(double x, double y) { return std::pow(x, y); }
[[gnu::always_inline]] inline float pow(float x, float y) { return std::pow(x, y); }

} // namespace backtrail::math
