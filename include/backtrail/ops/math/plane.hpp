// SPDX-License-Identifier: BSD-3-Clause
// Points of the plane: the length hypot(x, y), the direction x/hypot(x, y), the inversion
// x/(x² + y²), and 1/(1 + x²). Powers of two keep the squares between overflow and underflow; they
// come off last, so that a result is spoilt by neither unless it overflows or underflows itself.
// Measured: hypot 1.2 ULP, direction 2.4, inversion 2.3, lorentzian 2.3; the same in float.
#pragma once

#include <backtrail/ops/math/lanewise.hpp>

#include <cmath>

namespace backtrail::math {

/// Squares of numbers between `low` and `high` are safe, and `factor` brings all others there.
template <class T>
struct safe_squares {
    static constexpr bool is_double = binary_format<T>::is_double;
    static constexpr T low = is_double ? T(0x1p-450) : T(0x1p-50);
    static constexpr T high = is_double ? T(0x1p500) : T(0x1p60);
    static constexpr T factor = is_double ? T(0x1p600) : T(0x1p100);
};

/// A point and the powers of two that make its squares safe: `up` >= 1, `down` <= 1, one of them 1.
template <class T, class A>
struct plane_point {
    xsimd::batch<T, A> x, y, up, down;
    [[gnu::always_inline]] xsimd::batch<T, A> square() const
    {
        const xsimd::batch<T, A> s = up * down, a = x * s, b = y * s;
        return a * a + b * b; // not fused: the same bits for (y, x)
    }
};

template <class T, class A>
[[gnu::always_inline]] inline plane_point<T, A> scaled_point(const xsimd::batch<T, A>& x,
                                                             const xsimd::batch<T, A>& y)
{
    using B = xsimd::batch<T, A>;
    using safe = safe_squares<T>;
    const B one(T(1));
    const B largest = xsimd::max(B(xsimd::abs(x)), B(xsimd::abs(y)));
    return {x, y, xsimd::select(largest < B(safe::low), B(safe::factor), one),
            xsimd::select(largest > B(safe::high), B(T(1) / safe::factor), one)};
}

template <class T, class A>
[[gnu::always_inline]] inline auto is_infinite(const xsimd::batch<T, A>& x)
{
    return xsimd::abs(x) == xsimd::batch<T, A>(std::numeric_limits<T>::infinity());
}

/// sqrt(x² + y²): infinite if either is, even beside a NaN (C99, annex F.9.4.3).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> hypot(const xsimd::batch<T, A>& x,
                                                       const xsimd::batch<T, A>& y)
{
    using B = xsimd::batch<T, A>;
    using safe = safe_squares<T>;
    const auto p = scaled_point(x, y);
    const B one(T(1));
    const B grown = xsimd::select(p.down < one, B(safe::factor), one);
    const B shrunk = xsimd::select(p.up > one, B(T(1) / safe::factor), one);
    const B length = (xsimd::sqrt(p.square()) * grown) * shrunk;
    return xsimd::select(is_infinite(x) | is_infinite(y), B(std::numeric_limits<T>::infinity()),
                         length);
}

/// x/sqrt(x² + y²), the cosine of the point's angle:
///   case 1, (0, 0): 0;   case 2, infinite coordinates outweigh finite ones and equal each other.
template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> direction(xsimd::batch<T, A> x, xsimd::batch<T, A> y)
{
    using B = xsimd::batch<T, A>;
    const B zero(T(0));
    const auto far_x = is_infinite(x), far_y = is_infinite(y);
    if (xsimd::any(far_x | far_y)) [[unlikely]] { // case 2
        const B one(T(1));
        const B limit_x = xsimd::select(far_x, one, zero) | sign_of(x);
        const B limit_y = xsimd::select(far_y, one, zero);
        x = xsimd::select((far_x | far_y) & (x == x), limit_x, x);
        y = xsimd::select((far_x | far_y) & (y == y), limit_y, y);
    }
    const auto p = scaled_point(x, y);
    const B length = xsimd::sqrt(p.square());
    return xsimd::select(length == zero, x, ((x * p.up) / length) * p.down); // case 1
}

/// x/(x² + y²), a coordinate of the point's inversion in the unit circle: 0 at (0, 0) and at infinity.
template <class A>
[[gnu::noinline]] xsimd::batch<double, A> inversion(xsimd::batch<double, A> x,
                                                    xsimd::batch<double, A> y)
{
    using B = xsimd::batch<double, A>;
    const auto p = scaled_point(x, y);
    const B s = p.up * p.down;
    const B square = p.square();
    const B inside = s * ((x * s) / square);
    return xsimd::select((square == B(0.0)) | (is_infinite(x) & (y == y)), sign_of(x), inside);
}
/// In double, for the exponents of floats leave no room for a scaled quotient.
template <class A>
[[gnu::noinline]] xsimd::batch<float, A> inversion(xsimd::batch<float, A> x,
                                                   xsimd::batch<float, A> y)
{
    const auto [x0, x1] = math::widen(x);
    const auto [y0, y1] = math::widen(y);
    return math::narrow(math::inversion(x0, y0), math::inversion(x1, y1));
}

/// 1/(1 + x²), also where x² overflows and the result is denormal.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> lorentzian(const xsimd::batch<T, A>& x)
{
    using B = xsimd::batch<T, A>;
    using safe = safe_squares<T>;
    const B one(T(1));
    const B s = xsimd::select(xsimd::abs(x) > B(safe::high), B(T(1) / safe::factor), one);
    const B scaled = x * s;
    return s * (s / mul_add(scaled, scaled, B(s * s)));
}

template <std::floating_point T>
[[gnu::always_inline]] inline T hypot(T x, T y)
{
    return std::hypot(x, y);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T direction(T x, T y)
{
    return on_one_lane([](auto a, auto b) { return math::direction(a, b); }, x, y);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T inversion(T x, T y)
{
    return on_one_lane([](auto a, auto b) { return math::inversion(a, b); }, x, y);
}
template <std::floating_point T>
[[gnu::always_inline]] inline T lorentzian(T x)
{
    return on_one_lane([](auto a) { return math::lorentzian(a); }, x);
}

} // namespace backtrail::math
