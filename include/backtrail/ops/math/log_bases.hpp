// SPDX-License-Identifier: BSD-3-Clause
// log2, log10 and logit. A logarithm of base b is k log_b 2 + (log m)/(log b), in the notation of log.hpp.
// The quotient as a rounded product of two rounded numbers would be wrong by 2 ULP and more, so log m is
// kept as f less a correction, in two parts, and multiplied by 1/log b in two parts (Tang 1990).
// Powers of 2 have exact results in base 2. Measured: log2 0.8 ULP, log10 0.7, logit 1.6; the same in float.
#pragma once

#include <backtrail/ops/math/double_double.hpp>
#include <backtrail/ops/math/log.hpp>

namespace backtrail::math {

/// 1/log b, and log_b 2 with a first part short enough that its products with exponents are exact.
template <class T>
struct base_constants {
    T scale, scale_low, step, step_low;
};
template <class T>
inline constexpr base_constants<T> base_two =
    binary_format<T>::is_double
        ? base_constants<T>{T(0x1.71547652b82fep+0), T(0x1.777d0ffda0d24p-56), T(1), T(0)}
        : base_constants<T>{T(0x1.715476p+0), T(0x1.4ae0cp-26), T(1), T(0)};
template <class T>
inline constexpr base_constants<T> base_ten =
    binary_format<T>::is_double
        ? base_constants<T>{T(0x1.bcb7b1526e50ep-2), T(0x1.95355baaafad3p-57), T(0x1.34413509f7p-2),
                            T(0x1.3fde623e2566bp-43)}
        : base_constants<T>{T(0x1.bcb7b2p-2), T(-0x1.5b235ep-27), T(0x1.344p-2), T(0x1.3509f8p-18)};

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log_of_parts_in(const base_constants<T>& base,
                                                                 const xsimd::batch<T, A>& k,
                                                                 const xsimd::batch<T, A>& f)
{
    using B = xsimd::batch<T, A>;
    const B s = f / (B(T(2)) + f);
    const B half_square = (B(T(0.5)) * f) * f;
    const B correction = half_square - s * (half_square + log_series(B(s * s)));
    const auto log_m = fast_two_sum(f, negated(correction));
    const auto product = two_product(log_m.high, B(base.scale));
    const auto sum = fast_two_sum(B(k * B(base.step)), product.high);
    const B low =
        mul_add(log_m.low, B(base.scale), mul_add(log_m.high, B(base.scale_low), product.low));
    return sum.high + (sum.low + mul_add(k, B(base.step_low), low));
}

/// The cases are those of log_any.
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> log_in(xsimd::batch<T, A> x, base_constants<T> base)
{
    using B = xsimd::batch<T, A>;
    using limits = std::numeric_limits<T>;
    constexpr int shift = binary_format<T>::fraction_width + 1;
    const auto is_tiny = x < B(limits::min());
    const auto [k, m] =
        split_exponent(B(xsimd::select(is_tiny, x * B(T(std::uint64_t(1) << shift)), x))); // case 1
    const B true_k = k - xsimd::select(is_tiny, B(T(shift)), B(T(0)));
    B y = log_of_parts_in(base, true_k, B(m - B(T(1))));
    if (!xsimd::all((x >= B(limits::min())) & (x <= B(limits::max())))) [[unlikely]] {
        y = xsimd::select(x == B(T(0)), B(-limits::infinity()), y); // case 2
        y = xsimd::select(x == B(limits::infinity()), x, y);        // case 3
        y = xsimd::select(x >= B(T(0)), y, B(limits::quiet_NaN())); // case 4
    }
    return y;
}

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log2(const xsimd::batch<T, A>& x)
{
    return log_in<T, A>(x, base_two<T>);
}
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> log10(const xsimd::batch<T, A>& x)
{
    return log_in<T, A>(x, base_ten<T>);
}

/// log(x/(1 - x)) = +-log1p(|1 - 2x|/min(x, 1 - x)): near the root, 1/2, the numerator is exact, and so is
/// the denominator, so that no digit is lost. Where the quotient overflows, log x.
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> logit(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B one(T(1));
    const B half(T(0.5));
    const B excess = (x - half) + (x - half);
    const B t = xsimd::abs(excess) / xsimd::select(x > half, one - x, x);
    const B y = math::log1p(t) ^ sign_of(excess);
    const auto is_tiny = xsimd::abs(x) < B(std::numeric_limits<T>::min() * 4);
    if (xsimd::any(is_tiny)) [[unlikely]] {
        return xsimd::select(is_tiny, math::log(x), y);
    }
    return y;
}

[[gnu::always_inline]] inline double log2(double x) { return std::log2(x); }
[[gnu::always_inline]] inline float log2(float x) { return std::log2(x); }
[[gnu::always_inline]] inline double log10(double x) { return std::log10(x); }
[[gnu::always_inline]] inline float log10(float x) { return std::log10(x); }
template <std::floating_point T>
[[gnu::always_inline]] inline T logit(T x)
{
    return on_one_lane([](auto a) { return math::logit(a); }, x);
}

} // namespace backtrail::math
