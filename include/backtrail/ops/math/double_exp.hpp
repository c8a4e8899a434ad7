// SPDX-License-Identifier: BSD-3-Clause
// exp(x) - 1 + exp(y), or the same with powers of 2, as a double-double: where the sum cancels and a double
// would have lost every digit. With x = k log 2 + r, the Taylor series of exp(r) is summed from its end, by
// Horner's rule: in doubles where its terms are below 2^-61 of the whole, then in double-doubles (Dekker
// 1971). Slow, out of line, for rare lanes only.
#pragma once

#include <backtrail/ops/math/double_double.hpp>
#include <backtrail/ops/math/rounding.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace backtrail::math {

/// a b to about 2^-104 of it.
template <class A>
[[gnu::always_inline]] inline double_lanes<xsimd::batch<double, A>> product_of_doubles(
    const double_lanes<xsimd::batch<double, A>>& a, const double_lanes<xsimd::batch<double, A>>& b)
{
    const auto p = two_product(a.high, b.high);
    return fast_two_sum(p.high, xsimd::batch<double, A>(p.low + (a.high * b.low + a.low * b.high)));
}

template <class A>
[[gnu::always_inline]] inline double_lanes<xsimd::batch<double, A>> sum_of_doubles(
    const double_lanes<xsimd::batch<double, A>>& a, const double_lanes<xsimd::batch<double, A>>& b)
{
    using B = xsimd::batch<double, A>;
    const auto high = two_sum(a.high, b.high);
    const auto low = two_sum(a.low, b.low);
    const auto sum = fast_two_sum(high.high, B(high.low + low.high));
    return fast_two_sum(sum.high, B(sum.low + low.low));
}

/// The coefficients of (exp(r) - 1)/r, which are 1/(j + 1)!: for j from 22 to 14, and from 13 to 0.
inline constexpr std::array<double, 9> far_coefficients = {
    3.868170170630684e-23,  8.896791392450574e-22, 1.9572941063391263e-20,
    4.110317623312165e-19,  8.22063524662433e-18,  1.5619206968586225e-16,
    2.8114572543455206e-15, 4.779477332387385e-14, 7.647163731819816e-13};
inline constexpr std::array<std::pair<double, double>, 14> near_coefficients = {{
    {1.1470745597729725e-11, 2.0655512752830745e-28},
    {1.6059043836821613e-10, 1.2585294588752098e-26},
    {2.08767569878681e-09, -1.20734505911326e-25},
    {2.505210838544172e-08, -1.448814070935912e-24},
    {2.755731922398589e-07, 2.3767714622250297e-23},
    {2.7557319223985893e-06, -1.858393274046472e-22},
    {2.48015873015873e-05, 2.1511947866775882e-23},
    {0.0001984126984126984, 1.7209558293420705e-22},
    {0.001388888888888889, -5.300543954373577e-20},
    {0.008333333333333333, 1.1564823173178714e-19},
    {0.041666666666666664, 2.3129646346357427e-18},
    {0.16666666666666666, 9.25185853854297e-18},
    {0.5, 0.0},
    {1.0, 0.0},
}};

/// exp(x) = 2^k (1 + t), for x in [-500, 0]: 2^k, and t to about 2^-100 of it.
template <class A>
struct double_exp_parts {
    xsimd::batch<double, A> power;
    double_lanes<xsimd::batch<double, A>> t;
};
template <bool ToBaseTwo, class A>
[[gnu::always_inline]] inline double_exp_parts<A> double_exp(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    using pair = double_lanes<B>;
    const B zero(0.0);
    const B k = math::rint(ToBaseTwo ? x : B(x * B(0x1.71547652b82fep+0)));
    pair r;
    if constexpr (ToBaseTwo) {
        const pair log_2 = {B(0x1.62e42fefa39efp-1), B(0x1.abc9e3b39803fp-56)};
        r = product_of_doubles(pair{x - k, zero}, log_2);
    } else {
        const B rest = x - k * B(0x1.62e42fefa38p-1); // exact
        const auto next = two_product(k, B(0x1.ef35793c7673p-45));
        r = sum_of_doubles(
            pair{rest, zero},
            pair{negated(next.high), negated(next.low) - k * B(0x1.f97b57a079a19p-103)});
    }
    B end(far_coefficients[0]);
    for (std::size_t j = 1; j < far_coefficients.size(); ++j) {
        end = end * r.high + B(far_coefficients[j]);
    }
    pair s = {end, zero};
    for (const auto& [high, low] : near_coefficients) {
        const pair product = product_of_doubles(s, r);
        const auto sum = fast_two_sum(B(high), product.high); // |r s| is less than the coefficient
        s = fast_two_sum(sum.high, B(sum.low + (B(low) + product.low)));
    }
    const auto exponent = to_bits(B(k + B(binary_format<double>::rounder + 1023.0)));
    return {from_bits<double, A>(exponent << binary_format<double>::fraction_width),
            product_of_doubles(r, s)};
}

/// exp(x) - 1 + exp(y), or 2^x - 1 + 2^y, for x and y in [-500, 0].
template <bool ToBaseTwo, class A>
[[gnu::always_inline]] inline double_lanes<xsimd::batch<double, A>> sum_of_exps_less_one(
    const xsimd::batch<double, A>& x, const xsimd::batch<double, A>& y)
{
    using B = xsimd::batch<double, A>;
    using pair = double_lanes<B>;
    const auto a = double_exp<ToBaseTwo>(x), b = double_exp<ToBaseTwo>(y);
    const pair whole = two_sum(B(a.power - B(1.0)), b.power);
    return sum_of_doubles(sum_of_doubles(whole, pair{a.t.high * a.power, a.t.low * a.power}),
                          pair{b.t.high * b.power, b.t.low * b.power});
}

} // namespace backtrail::math
