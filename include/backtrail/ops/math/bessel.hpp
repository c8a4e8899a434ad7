// SPDX-License-Identifier: BSD-3-Clause
// The modified Bessel functions of the first kind I0 and I1, the same times exp(-|x|), and the integer
// orders beyond. Up to |x| = 12 they are polynomials in x² of positive terms, beyond
//
//     I(x) = exp(x)/sqrt(x) J(1/x)
//
// with polynomials J; our own fits, errors below 2^-53 (the division is Clenshaw's, Chebyshev Series
// for Mathematical Functions, 1962). The difference exp(-x)(I0 - I1), which is the derivative of i0e, is
//
//     1/π integral from 0 to π of exp(-x (1 - cos θ)) (1 - cos θ)
//
// by the trapezoidal rule: it converges exponentially, and no digits cancel.
// Measured: i0, i1, i0e, i1e 3.4 ULP, slopes 3.9, higher orders 5.8. Float is computed in double.
#pragma once

#include <backtrail/ops/math/exp.hpp>
#include <backtrail/ops/math/in_double.hpp>

namespace backtrail::math {

/// Up to here the polynomials in x².
inline constexpr double bessel_series_end = 12;

/// I0 or I1 of |x|: `series`, to be multiplied by 1, where |x| <= bessel_series_end, and elsewhere `tail`,
/// to be multiplied by exp(|x|).
template <class A>
struct bessel_parts {
    xsimd::batch<double, A> series;
    xsimd::batch<double, A> tail;
};

/// What the rounding error of x² adds to I_n(x)/x^n, relative to it: at x = 12 six times as much as to x²
/// itself. The logarithmic derivative, I_(n+1)/(2 x I_n), is taken from Amos's bound (Math. Comp. 28 (1974)
/// 239), good to a few percent; c = n + 1/2.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> square_error_effect(
    const xsimd::batch<double, A>& x, const xsimd::batch<double, A>& square, double c)
{
    using B = xsimd::batch<double, A>;
    const B error = two_product(x, x).low;
    return error * B(0.5) / (B(c) + xsimd::sqrt(square + B((c + 1.0) * (c + 1.0))));
}

template <class A>
[[gnu::always_inline]] inline bessel_parts<A> i0_parts(const xsimd::batch<double, A>& t)
{
    using B = xsimd::batch<double, A>;
    const B held = xsimd::min(B(bessel_series_end), t);
    const B square = held * held;
    const B z = B(1.0) / xsimd::max(B(bessel_series_end), t);
    const B series =
        mul_add(square,
                polynomial(square, 0x1.0000000000000p-2, 0x1.0000000000000p-6,
                           0x1.c71c71c71c714p-12, 0x1.c71c71c71c790p-18, 0x1.23456789ab913p-24,
                           0x1.02e85c089b5e9p-31, 0x1.522a43f62a9e5p-39, 0x1.522a43f839e5ep-47,
                           0x1.0b31327930574p-55, 0x1.5601893c7cf4bp-64, 0x1.69ca93e44aae7p-73,
                           0x1.4197f22ec166dp-82, 0x1.e7219c4002f2ep-92, 0x1.3e35c71b25e95p-101,
                           0x1.696223347b33fp-111, 0x1.6d86ea3c968d0p-121, 0x1.305a9fbf1bd7ep-131,
                           0x1.332ab555fed55p-141, 0x1.dfbde139e91f3p-154, 0x1.0ca56b2c2ad04p-161),
                B(1.0));
    return {mul_add(series, square_error_effect(held, square, 0.5), series),
            polynomial(z, 0x1.9884533d43651p-2, 0x1.9884533d43508p-5, 0x1.cb94dda5ea99ep-6,
                       0x1.debb0f1b17b2dp-6, 0x1.6e88ccb3d5bc8p-5, 0x1.727dd212ceba5p-4,
                       0x1.fce51853da055p-3, -0x1.2e43d28503849p+0, 0x1.0185fc99520ecp+7,
                       -0x1.8c5e064c3aeebp+12, 0x1.d7ca72470848ap+17, -0x1.abdaac7470af2p+22,
                       0x1.29281d33164c2p+27, -0x1.3af9632d52dbep+31, 0x1.f83350df984f4p+34,
                       -0x1.2aad32601ae07p+38, 0x1.fa2e0f62a1805p+40, -0x1.212ef5e756475p+43,
                       0x1.8dfe46de548b5p+44, -0x1.f13e21f4ae72cp+44) *
                xsimd::sqrt(z)};
}

/// exp(-x) I1(x) over sqrt(z), z = 1/x <= 1/12.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> i1_tail(const xsimd::batch<double, A>& z)
{
    return polynomial(z, 0x1.9884533d43651p-2, -0x1.32633e6df2867p-3, -0x1.7efc0e09f2ddap-5,
                      -0x1.4f1c8b056db7ep-5, -0x1.d741c5f9db961p-5, -0x1.c4f09e8ce3440p-4,
                      -0x1.29a45bfde8e5ap-2, 0x1.2287f7d58e187p+0, -0x1.0a2b6a18bfd60p+7,
                      0x1.989de9a853bddp+12, -0x1.e619c6692c4a5p+17, 0x1.b878a931f03c3p+22,
                      -0x1.31a3cc55e41e4p+27, 0x1.43a04cc5b704dp+31, -0x1.02b6e9960a855p+35,
                      0x1.32174dd5096a9p+38, -0x1.02f6518779f28p+41, 0x1.275a704432fd5p+43,
                      -0x1.95a1ec1020357p+44, 0x1.f993b03258a99p+44);
}

template <class A>
[[gnu::always_inline]] inline bessel_parts<A> i1_parts(const xsimd::batch<double, A>& t)
{
    using B = xsimd::batch<double, A>;
    const B held = xsimd::min(B(bessel_series_end), t);
    const B square = held * held;
    const B z = B(1.0) / xsimd::max(B(bessel_series_end), t);
    const B series =
        mul_add(square,
                polynomial(square, 0x1.0000000000000p-4, 0x1.5555555555553p-9,
                           0x1.c71c71c71c757p-15, 0x1.6c16c16c1693ep-21, 0x1.845c8a0ce7c48p-28,
                           0x1.27e4fb776ecc2p-35, 0x1.522a43f7d5cd2p-43, 0x1.2c9758cb5c48ap-51,
                           0x1.ab81eb6899db8p-60, 0x1.f1768c8d2a564p-69, 0x1.e263e340223cdp-78,
                           0x1.8bcb77ba3c155p-87, 0x1.166e723c1415dp-96, 0x1.52cf710a9e3e6p-106,
                           0x1.6d79258a62bcdp-116, 0x1.4384b49d63fe3p-126, 0x1.595a1b119b28ep-136,
                           0x1.1d30216b42109p-148, 0x1.4fed1f382b74fp-156),
                B(0.5));
    return {held * mul_add(series, square_error_effect(held, square, 1.5), series),
            i1_tail(z) * xsimd::sqrt(z)};
}

/// The parts times exp(t), where the function is not yet infinite.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> bessel_value(const bessel_parts<A>& parts,
                                                                   const xsimd::batch<double, A>& t)
{
    using B = xsimd::batch<double, A>;
    const auto e = scaled_exp(clamp(0.0, t, 720.0));
    const B far = scale<double, A>(e.m * parts.tail, e.exponent);
    const B infinity(std::numeric_limits<double>::infinity());
    return xsimd::select(t <= B(bessel_series_end), parts.series,
                         xsimd::select(t > B(715.0), infinity, far));
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> bessel_scaled_value(
    const bessel_parts<A>& parts, const xsimd::batch<double, A>& t)
{
    using B = xsimd::batch<double, A>;
    const B near = parts.series * math::exp(negated(xsimd::min(B(bessel_series_end), t)));
    return xsimd::select(t <= B(bessel_series_end), near, parts.tail);
}

template <class A>
[[gnu::noinline]] xsimd::batch<double, A> i0(xsimd::batch<double, A> x)
{
    const xsimd::batch<double, A> t = xsimd::abs(x);
    return xsimd::select(x == x, bessel_value(i0_parts(t), t), x);
}
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> i1(xsimd::batch<double, A> x)
{
    const xsimd::batch<double, A> t = xsimd::abs(x);
    return xsimd::select(x == x, bessel_value(i1_parts(t), t), x) ^ sign_of(x);
}
/// exp(-|x|) I0(x)
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> i0e(xsimd::batch<double, A> x)
{
    const xsimd::batch<double, A> t = xsimd::abs(x);
    return xsimd::select(x == x, bessel_scaled_value(i0_parts(t), t), x);
}
/// exp(-|x|) I1(x)
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> i1e(xsimd::batch<double, A> x)
{
    const xsimd::batch<double, A> t = xsimd::abs(x);
    return xsimd::select(x == x, bessel_scaled_value(i1_parts(t), t), x) ^ sign_of(x);
}

/// exp(-x) (I0(x) - I1(x)) over z sqrt(z), z = 1/x <= 1/12.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> decay_tail(const xsimd::batch<double, A>& z)
{
    return polynomial(z, 0x1.9884533d43651p-3, 0x1.32633e6df2b47p-4, 0x1.1f3d0a85e213cp-4,
                      0x1.a2e3b2e6bc3dbp-4, 0x1.9c5556f9d3de4p-3, 0x1.ff9ce355c7122p-2,
                      0x1.456ef603e06cdp+0, 0x1.db8027cb17a8ep+4, -0x1.ffb3f3ffd8c08p+10,
                      0x1.ffc0031c15817p+16, -0x1.83b1af8e0ce7ep+22, 0x1.c84127577290dp+27,
                      -0x1.a3c84c06a7172p+32, 0x1.2ed8c4059be10p+37, -0x1.5604019b07ec2p+41,
                      0x1.2c3d00e312a65p+45, -0x1.946000b6a5c90p+48, 0x1.98c7daa6338c6p+51,
                      -0x1.2b694f66dc328p+54, 0x1.2b72bd8505dc5p+56, -0x1.6d414c28aef43p+57,
                      0x1.997369d17b713p+57);
}

/// 1/π integral from 0 to π of exp(-t u) weight(u), u = 1 - cos θ, for 0 <= t <= bessel_series_end and a
/// weight that is 0 at 0.
template <class A, class F>
[[gnu::always_inline]] inline xsimd::batch<double, A> mean_of_decays(
    const xsimd::batch<double, A>& t, F weight)
{
    using B = xsimd::batch<double, A>;
    // 1 - cos θ at 20 of 40 equidistant points; it is 0 at the first, and symmetric.
    static constexpr std::array<double, 20> nodes = {
        0x1.936daf406e919p-7, 0x1.90f1ecbbab00ap-5, 0x1.be6ff16169c9bp-4, 0x1.8722191a02d61p-3,
        0x1.2bec333018867p-2, 0x1.a61b9f7154b44p-2, 0x1.178e8ea5d9100p-1, 0x1.61c8864680b58p-1,
        0x1.afe7d2615eb23p-1, 0x1.0000000000000p+0, 0x1.280c16cf50a6fp+0, 0x1.4f1bbcdcbfa54p+0,
        0x1.7438b8ad13780p+0, 0x1.96791823aad2fp+0, 0x1.b504f333f9de6p+0, 0x1.cf1bbcdcbfa54p+0,
        0x1.e41900e9e9636p+0, 0x1.f378709a22a80p+0, 0x1.fcd924a17f22ep+0, 0x1.0000000000000p+1};
    B sum(0.0);
    for (std::size_t j = 0; j + 1 < nodes.size(); ++j) {
        sum = mul_add(B(weight(nodes[j])), math::exp(negated(B(t * B(nodes[j])))), sum);
    }
    // the last point is there once, the others twice
    return mul_add(B(0.5 * weight(2.0)), math::exp(B(t * B(-2.0))), sum) * B(0.05);
}

/// exp(-t) (I0(t) - I1(t)) for t >= 0.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> i0e_decay(xsimd::batch<double, A> t)
{
    using B = xsimd::batch<double, A>;
    const B held = xsimd::min(B(bessel_series_end), t);
    const B near = mean_of_decays(held, [](double u) { return u; });
    const B z = B(1.0) / xsimd::max(B(bessel_series_end), t);
    const B far = decay_tail(z) * (z * xsimd::sqrt(z));
    return xsimd::select(t <= B(bessel_series_end), near, far);
}

/// The derivative of i0e: exp(-|x|) (I1(x) - sign(x) I0(x)); 0 at 0, where it jumps.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> i0e_slope(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B decay = i0e_decay(B(xsimd::abs(x)));
    const B signed_decay = negated(decay) ^ sign_of(x);
    return xsimd::select(xsimd::abs(x) > B(0.0), signed_decay, x); // 0 and NaN as they are
}

/// The derivative of i1e, for x > 0 exp(-x) (I0 - I1 - I1/x) and the mean of exp(-x u) u (u - 1), whose
/// terms cancel beside its zero alone; even. At 0 it is 1/2, the derivative of I1.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> i1e_slope(xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = xsimd::abs(x);
    const B held = xsimd::min(B(bessel_series_end), t);
    const B near = mean_of_decays(held, [](double u) { return u * (u - 1.0); });
    const B z = B(1.0) / xsimd::max(B(bessel_series_end), t);
    const B far = (decay_tail(z) - i1_tail(z)) * (z * xsimd::sqrt(z));
    const B slope = xsimd::select(t <= B(bessel_series_end), near, far);
    return xsimd::select(x == x, xsimd::select(t == B(0.0), B(0.5), slope), x);
}

inline constexpr double highest_bessel_order = 1000;

/// exp(-|x|) I_n(x) for an integer n: I_n = I_0 r_0 r_1 ... with the ratios r_k of neighbours.
///   case 1, |x| < 60: backwards from far beyond n by r_k = 1/(2 (k + 1)/x + r_(k+1)) (Gautschi, SIAM
///   Review 9 (1967) 24), all terms positive;
///   case 2, elsewhere: forwards by I_(k+1) = I_(k-1) - 2k/x I_k, which loses no more than I_0/I_n;
///   case 3, |n| > 1000: NaN.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> ive(xsimd::batch<double, A> n,
                                                         xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B one(1.0);
    const B asked = xsimd::abs(xsimd::nearbyint(n));
    const B order = xsimd::min(asked, B(highest_bessel_order)); // case 3
    const B t = xsimd::abs(x);
    const B i0 = math::i0e(t);
    const B two_over = B(2.0) / t;
    B ratio(0.0);
    B product(1.0);
    B last(0.0); // the highest order of any lane: where to start, not what to compute
    for (double k = 1; xsimd::any(order >= B(k)); ++k) {
        last = B(k);
    }
    for (B k = last + B(60.0); xsimd::any(k >= B(0.0)); k = k - one) {
        const B next = one / mul_add(two_over, B(k + one), ratio);
        ratio = xsimd::select(k < order + B(60.0), next, ratio);
        product = xsimd::select(k < order, B(product * ratio), product);
    }
    B lower = i0;
    B upper = xsimd::select(order >= one, math::i1e(t), i0);
    for (B k = one; xsimd::any(k < order); k = k + one) {
        const B next = lower - two_over * k * upper;
        lower = xsimd::select(k < order, upper, lower);
        upper = xsimd::select(k < order, next, upper);
    }
    const B known = xsimd::select(t < B(60.0), B(i0 * product), upper);
    const B nan(std::numeric_limits<double>::quiet_NaN());
    const B y = xsimd::select(asked <= B(highest_bessel_order), known, nan);
    const B half = order * B(0.5);
    return y ^ xsimd::select(xsimd::nearbyint(half) == half, B(0.0), sign_of(x));
}

/// I_n(x) for an integer n.
template <class A>
[[gnu::noinline, gnu::cold]] xsimd::batch<double, A> iv(xsimd::batch<double, A> n,
                                                        xsimd::batch<double, A> x)
{
    using B = xsimd::batch<double, A>;
    const B t = xsimd::abs(x);
    const B scaled = math::ive(n, x);
    const auto e = scaled_exp(clamp(0.0, t, 720.0));
    const B infinity = B(std::numeric_limits<double>::infinity()) ^ sign_of(scaled);
    return xsimd::select(t > B(720.0), infinity, scale<double, A>(e.m * scaled, e.exponent));
}

template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> i0(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::i0(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> i1(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::i1(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> i0e(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::i0e(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> i1e(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::i1e(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> i0e_slope(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::i0e_slope(half); });
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> i1e_slope(const xsimd::batch<float, A>& x)
{
    return in_double(x, [](const auto& half) { return math::i1e_slope(half); });
}

[[gnu::always_inline]] inline double i0(double x) { return math::i0(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float i0(float x) { return static_cast<float>(math::i0(double(x))); }
[[gnu::always_inline]] inline double i1(double x) { return math::i1(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float i1(float x) { return static_cast<float>(math::i1(double(x))); }
[[gnu::always_inline]] inline double i0e(double x) { return math::i0e(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float i0e(float x)
{
    return static_cast<float>(math::i0e(double(x)));
}
[[gnu::always_inline]] inline double i1e(double x) { return math::i1e(one_batch(x)).get(0); }
[[gnu::always_inline]] inline float i1e(float x)
{
    return static_cast<float>(math::i1e(double(x)));
}
[[gnu::always_inline]] inline double i0e_slope(double x)
{
    return math::i0e_slope(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float i0e_slope(float x)
{
    return static_cast<float>(math::i0e_slope(double(x)));
}
[[gnu::always_inline]] inline double i1e_slope(double x)
{
    return math::i1e_slope(one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float i1e_slope(float x)
{
    return static_cast<float>(math::i1e_slope(double(x)));
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> iv(const xsimd::batch<float, A>& n,
                                                        const xsimd::batch<float, A>& x)
{
    const auto [n0, n1] = math::widen(n);
    const auto [x0, x1] = math::widen(x);
    return math::narrow(math::iv(n0, x0), math::iv(n1, x1));
}
[[gnu::always_inline]] inline double iv(double n, double x)
{
    return math::iv(one_batch(n), one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float iv(float n, float x)
{
    return static_cast<float>(math::iv(double(n), double(x)));
}
template <class A>
[[gnu::always_inline]] inline xsimd::batch<float, A> ive(const xsimd::batch<float, A>& n,
                                                         const xsimd::batch<float, A>& x)
{
    const auto [n0, n1] = math::widen(n);
    const auto [x0, x1] = math::widen(x);
    return math::narrow(math::ive(n0, x0), math::ive(n1, x1));
}
[[gnu::always_inline]] inline double ive(double n, double x)
{
    return math::ive(one_batch(n), one_batch(x)).get(0);
}
[[gnu::always_inline]] inline float ive(float n, float x)
{
    return static_cast<float>(math::ive(double(n), double(x)));
}

} // namespace backtrail::math
