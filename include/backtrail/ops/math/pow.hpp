// SPDX-License-Identifier: BSD-3-Clause
// pow(x, y) = exp(y log x), and its partials y x^(y-1) and x^y log x, which share its steps. As |y log x| reaches 745, log x is needed to 2^-63 and better: it is a
// double-double here, and so is its product with y (Muller 2016, sections 11.3 and 11.4). With
// x = 2^k m, f = m - 1 and s = f/(2 + f),
//
//     log x = k log 2 + 2s (1 + s²/3 + s⁴ Q(s²))
//
// where everything but s⁴ Q is a double-double. y - 1 is one as well: rounded it would cost |log x|/2
// ULP. Short powers (2, 1/2, -1 ...) are products and roots.
// Measured: pow 0.7 ULP (cubes 1.2), partials 2.0; float, computed in double, 0.5 (2.0).
#pragma once

#include <backtrail/ops/math/exp.hpp>
#include <backtrail/ops/math/log.hpp>
#include <backtrail/ops/math/rounding.hpp>

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

/// Beyond it every x but 1 overflows or underflows: |log x| >= 2^-53, and 2^-53 2^66 > 745.
inline constexpr double pow_largest_exponent = 0x1p66;

/// exp(p.high + p.low), its error before the last rounding below 0.1 ULP, so that exact powers come out
/// exact: every sum but the last keeps its rounding error. Wider limits than those of exp leave room for
/// a factor.
template <class A>
[[gnu::always_inline]] inline scaled_lanes<double, A> exact_exp(
    const double_lanes<xsimd::batch<double, A>>& p)
{
    using B = xsimd::batch<double, A>;
    const B one(1.0);
    const B held = clamp(-1400.0, p.high, 1000.0);
    const B low = xsimd::select(held == p.high, p.low, B(0.0));
    auto e = reduce_exp(held);
    const B k = e.k;
    const auto reduced = fast_two_sum(B(sub_mul(held, k, B(0x1.62e42fefa38p-1))),
                                      negated(B(k * B(0x1.ef35793c7673p-45))));
    const auto r = fast_two_sum(reduced.high, B(reduced.low + low));
    const auto sum = fast_two_sum(one, r.high);
    const B tail = mul_add(B(r.high * r.high), exp_tail(r.high), B(r.low * sum.high));
    e.m = sum.high + (sum.low + tail);
    return e;
}

/// y log x, for |y| <= pow_largest_exponent; y_low is what y lacks.
template <class A>
[[gnu::always_inline]] inline double_lanes<xsimd::batch<double, A>> power_of_log(
    const double_lanes<xsimd::batch<double, A>>& log_x, const xsimd::batch<double, A>& y,
    const xsimd::batch<double, A>& y_low)
{
    const auto product = two_product(y, log_x.high);
    return fast_two_sum(product.high,
                        mul_add(y_low, log_x.high, mul_add(y, log_x.low, product.low)));
}

/// What differs between z = x^y and its two partials, given log x and y as double-doubles.
enum class power_kind {
    value,   ///< x^y
    by_base, ///< y x^(y-1)
    by_power ///< x^y log x
};

/// The factor multiplies before the power of 2 does, so that no result is spoilt by the overflow or
/// underflow of a part of it.
template <power_kind Kind, class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> power_of_parts(
    const xsimd::batch<double, A>& k, const xsimd::batch<double, A>& m,
    const xsimd::batch<double, A>& y)
{
    using B = xsimd::batch<double, A>;
    const auto log_x = double_log(k, m);
    if constexpr (Kind == power_kind::value) {
        const auto e = exact_exp(power_of_log(log_x, y, B(0.0)));
        return scale<double, A>(e.m, e.exponent);
    } else if constexpr (Kind == power_kind::by_base) {
        const auto less = two_sum(y, B(-1.0));
        const auto e = exact_exp(power_of_log(log_x, less.high, less.low));
        const auto is_tiny = xsimd::abs(y) < B(0x1p-900); // and may be denormal
        const B factor = y * xsimd::select(is_tiny, B(0x1p128), B(1.0));
        return scale<double, A>(e.m * factor, e.exponent) *
               xsimd::select(is_tiny, B(0x1p-128), B(1.0));
    } else {
        const auto e = exact_exp(power_of_log(log_x, y, B(0.0)));
        return scale<double, A>(e.m * log_x.high, e.exponent);
    }
}

/// z = |x|^y where x is finite, not 0, and y no NaN; here the rest, by the cases of C99, annex F.9.4.4:
///   case 1, x = 0 or infinite: 0 or infinity, by the sign of y;
///   case 2, x negative or -0: odd y give their sign; if x is finite and not 0, y must be an integer;
///   case 3, a NaN: NaN;   case 4, x = 1 or y = 0: 1, even of NaN.
/// A later case overrules an earlier one.
template <class T, class A, class Mask>
[[gnu::always_inline]] inline xsimd::batch<T, A> pow_cases(xsimd::batch<T, A> z,
                                                           const xsimd::batch<T, A>& x,
                                                           const xsimd::batch<T, A>& y,
                                                           const Mask& is_integer,
                                                           const Mask& is_odd)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    const B zero(T(0)), infinity(limits::infinity()), nan(limits::quiet_NaN());
    const B magnitude = xsimd::abs(x);
    z = xsimd::select(magnitude == zero, xsimd::select(y < zero, infinity, zero), z);     // case 1
    z = xsimd::select(magnitude == infinity, xsimd::select(y < zero, zero, infinity), z); // case 1
    z = z ^ xsimd::select(is_odd, sign_of(x), zero);                                      // case 2
    z = xsimd::select((x < zero) & (magnitude < infinity) & ~is_integer, nan, z);         // case 2
    z = xsimd::select(xsimd::isnan(x) | xsimd::isnan(y), nan, z);                         // case 3
    return xsimd::select((x == B(T(1))) | (y == zero), B(T(1)), z);                       // case 4
}

/// The cases of x^y and of its partials, given |x|^y, y |x|^(y-1) or |x|^y log |x|:
///   case 5, by the base: those of x^(y-1), times y where z was replaced; y - 1 is odd where y is even,
///           also where it is rounded; but y for y = +-0, for then the power is constant;
///   case 6, by the power: 0 where x^y is 0, and at (0, 0), the derivative along y >= 0 but at the jump;
///           NaN for negative x.
template <power_kind Kind, class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> power_cases(xsimd::batch<T, A> z,
                                                             const xsimd::batch<T, A>& x,
                                                             const xsimd::batch<T, A>& y)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    const B zero(T(0)), infinity(limits::infinity()), nan(limits::quiet_NaN()), one(T(1));
    const B magnitude = xsimd::abs(x);
    const B half_y = y * B(T(0.5));
    const auto is_integer = math::trunc(y) == y;
    const auto is_even = math::trunc(half_y) == half_y;
    if constexpr (Kind == power_kind::value) {
        return pow_cases(z, x, y, is_integer, is_integer & ~is_even);
    } else if constexpr (Kind == power_kind::by_base) { // case 5
        const B less = y - one;
        z = pow_cases(z, x, less, is_integer, is_integer & is_even);
        const auto was_replaced =
            (magnitude == zero) | (magnitude == infinity) | (x == one) | (less == zero);
        z = xsimd::select(was_replaced & ~(z == zero), z * y, z);
        return xsimd::select(y == zero, y, z);
    } else { // case 6
        z = xsimd::select(magnitude == zero, xsimd::select(y < zero, negated(infinity), zero), z);
        z = xsimd::select(x == infinity, xsimd::select(y < zero, zero, infinity), z);
        z = xsimd::select(x == one, zero, z);
        return xsimd::select((x < zero) | xsimd::isnan(x) | xsimd::isnan(y), nan, z);
    }
}

/// Where some lane is not a positive normal number to a moderate power. A denormal x is scaled by
/// 2^54, which k takes back; an infinite y is as good as a huge one.
template <power_kind Kind, class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> power_any(xsimd::batch<double, A> x,
                                                               xsimd::batch<double, A> y)
{
    using B = xsimd::batch<double, A>;
    const B magnitude = xsimd::abs(x);
    const auto is_tiny = magnitude < B(std::numeric_limits<double>::min());
    const auto [k, m] = split_exponent(B(xsimd::select(is_tiny, magnitude * B(0x1p54), magnitude)));
    const B true_k = k - xsimd::select(is_tiny, B(54.0), B(0.0));
    const B held_y = clamp(-pow_largest_exponent, y, pow_largest_exponent);
    return power_cases<Kind>(power_of_parts<Kind>(true_k, m, held_y), x, y);
}

/// x^y, y x^(y-1) or x^y log x.
template <power_kind Kind, class A>
[[gnu::noinline, gnu::const]] xsimd::batch<double, A> power(xsimd::batch<double, A> x,
                                                            xsimd::batch<double, A> y)
{
    using B = xsimd::batch<double, A>;
    using limits = std::numeric_limits<double>;
    const auto is_plain = (x >= B(limits::min())) & (x <= B(limits::max())) &
                          (xsimd::abs(y) <= B(pow_largest_exponent));
    if (!xsimd::all(is_plain)) [[unlikely]] {
        return power_any<Kind>(x, y);
    }
    const auto [k, m] = split_exponent(x);
    return power_of_parts<Kind>(k, m, y);
}

/// The same for numbers that were floats: all are normal in double, whose log is accurate enough, and
/// y - 1 is nearly exact.
template <power_kind Kind, class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> power_of_floats(
    const xsimd::batch<double, A>& x, const xsimd::batch<double, A>& y)
{
    using B = xsimd::batch<double, A>;
    const auto [k, m] = split_exponent(B(xsimd::abs(x)));
    const B log_x = log_of_parts(k, B(m - B(1.0)));
    const B held = clamp(-pow_largest_exponent, y, pow_largest_exponent);
    if constexpr (Kind == power_kind::value) {
        return math::exp(B(held * log_x));
    } else if constexpr (Kind == power_kind::by_base) {
        return held * math::exp(B((held - B(1.0)) * log_x));
    } else {
        return log_x * math::exp(B(held * log_x));
    }
}

template <power_kind Kind, class A>
[[gnu::noinline, gnu::const]] xsimd::batch<float, A> power(xsimd::batch<float, A> x,
                                                           xsimd::batch<float, A> y)
{
    using B = xsimd::batch<float, A>;
    const B largest(std::numeric_limits<float>::max());
    const auto [x0, x1] = math::widen(x);
    const auto [y0, y1] = math::widen(y);
    const B z = math::narrow(power_of_floats<Kind>(x0, y0), power_of_floats<Kind>(x1, y1));
    const auto is_plain = (x > B(0.0F)) & (x <= largest) & (xsimd::abs(y) <= largest);
    if (!xsimd::all(is_plain)) [[unlikely]] {
        return power_cases<Kind>(z, x, y);
    }
    return z;
}

/// Exponents for which a few products make the power and its derivative: much faster than by logarithms.
/// Each lane that has one takes it, whatever its neighbours do.
template <class T, class A>
[[gnu::always_inline]] inline auto is_short_power(const xsimd::batch<T, A>& y)
{
    using B = xsimd::batch<T, A>;
    return (y == B(T(2))) | (y == B(T(1))) | (y == B(T(3))) | (y == B(T(-1))) | (y == B(T(0.5)));
}
/// Those powers, and powers less by one. Zeros and infinities have no sign under a root, as in C99.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> short_power(const xsimd::batch<T, A>& x,
                                                             const xsimd::batch<T, A>& y)
{
    using B = xsimd::batch<T, A>;
    const B one(T(1)), infinity(std::numeric_limits<T>::infinity());
    const B square = x * x;
    const B root = xsimd::sqrt(B(xsimd::select(x == negated(infinity), infinity, x + B(T(0)))));
    B z = xsimd::select(xsimd::abs(y) == B(T(0.5)), root, x);
    z = xsimd::select(y < B(T(0)), one / z, z);
    z = xsimd::select(y == B(T(-2)), z * z, z); // x² may overflow before 1/x² underflows
    z = xsimd::select(y == B(T(2)), square, z);
    z = xsimd::select(y == B(T(3)), square * x, z);
    return xsimd::select(y == B(T(0)), one, z);
}

template <class T, class A>
[[gnu::noinline, gnu::const]] xsimd::batch<T, A> pow(xsimd::batch<T, A> x, xsimd::batch<T, A> y)
{
    const auto is_short = is_short_power(y);
    if (!xsimd::any(is_short)) return power<power_kind::value>(x, y);
    const auto z = short_power(x, y);
    if (xsimd::all(is_short)) return z;
    return xsimd::select(is_short, z, power<power_kind::value>(x, y));
}
/// y x^(y-1), the derivative of x^y by x.
template <class T, class A>
[[gnu::noinline, gnu::const]] xsimd::batch<T, A> pow_by_base(xsimd::batch<T, A> x,
                                                             xsimd::batch<T, A> y)
{
    using B = xsimd::batch<T, A>;
    const auto is_short = is_short_power(y);
    if (!xsimd::any(is_short)) return power<power_kind::by_base>(x, y);
    const B z = y * short_power(x, B(y - B(T(1))));
    if (xsimd::all(is_short)) return z;
    return xsimd::select(is_short, z, power<power_kind::by_base>(x, y));
}
/// x^y log x, the derivative of x^y by y.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> pow_by_power(const xsimd::batch<T, A>& x,
                                                              const xsimd::batch<T, A>& y)
{
    return power<power_kind::by_power>(x, y);
}

[[gnu::always_inline]] inline double pow(double x, double y) { return std::pow(x, y); }
[[gnu::always_inline]] inline float pow(float x, float y) { return std::pow(x, y); }
template <std::floating_point T>
[[gnu::always_inline]] inline T pow_by_base(T x, T y)
{
    return on_one_lane([](auto a, auto b) { return math::pow_by_base(a, b); }, x, y);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T pow_by_power(T x, T y)
{
    return on_one_lane([](auto a, auto b) { return math::pow_by_power(a, b); }, x, y);
}

} // namespace backtrail::math
