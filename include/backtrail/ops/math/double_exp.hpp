// SPDX-License-Identifier: BSD-3-Clause
// exp(x) - 1 + exp(y), or the same with powers of 2, as a double-double: where the sum cancels and a double
// would have lost every digit. With x = k log 2 + r, the Taylor series of exp(r) is summed from its end,
// s = 1 + s r/j, in double-doubles (Dekker 1971). Slow, out of line, for rare lanes only.
#pragma once

#include <backtrail/ops/math/double_double.hpp>
#include <backtrail/ops/math/rounding.hpp>

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

/// exp(x) = 2^k (1 + t), for x in [-500, 0]: 2^k, and t to about 2^-100 of it.
template <class A>
struct double_exp_parts {
    xsimd::batch<double, A> power;
    double_lanes<xsimd::batch<double, A>> t;
};
template <bool ToBaseTwo, class A>
[[gnu::noinline, gnu::cold]] double_exp_parts<A> double_exp(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    using pair = double_lanes<B>;
    const B one(1.0), zero(0.0);
    const B k = math::rint(ToBaseTwo ? x : B(x * B(0x1.71547652b82fep+0)));
    pair r;
    if constexpr (ToBaseTwo) {
        const pair log_2 = {B(0x1.62e42fefa39efp-1), B(0x1.abc9e3b39803fp-56)};
        r = product_of_doubles(pair{x - k, zero}, log_2);
    } else {
        const B rest = x - k * B(0x1.62e42fefa38p-1); // exact
        const auto next = two_product(k, B(0x1.ef35793c7673p-45));
        r = sum_of_doubles(pair{rest, zero},
                           pair{-next.high, -next.low - k * B(0x1.f97b57a079a19p-103)});
    }
    pair s = {one, zero};
    for (int j = 24; j > 1; --j) {
        const B divisor(static_cast<double>(j));
        const pair product = product_of_doubles(s, r);
        const B q = product.high / divisor;
        const auto back = two_product(q, divisor);
        const B q_low = (((product.high - back.high) - back.low) + product.low) / divisor;
        s = sum_of_doubles(pair{one, zero}, pair{q, q_low});
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
