// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops of the family trigonometric: the inverse functions. The family's list is in
// trigonometric.hpp.
#pragma once

#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// (1 - x)(1 + x) keeps all digits near 1, which 1 - x² loses.
struct Asin : elementwise<1> {
    static constexpr std::string_view name = "asin";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-0.9, 0.9};
    static constexpr documentation about = {.formula = "y = asin(x)",
                                            .derivative = "dy = 1/√((1 - x)(1 + x))",
                                            .at_singular_points =
                                                "inf at ±1; NaN beyond, as the value",
                                            .numpy = "np.arcsin",
                                            .xtensor = "xt::asin",
                                            .torch = "torch.asin",
                                            .jax = "jnp.arcsin"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{0.5}, 0.5235987755982989, {1.1547005383792515}},
         {{1e-300}, 1e-300, {1}},
         {{0.9999999999999999}, 1.5707963118937354, {67108864}},
         {{-0.75}, -0.848062078981481, {1.511857892036909}},
         {{1.0}, 1.5707963267948966, {infinity}},
         {{-1.0}, -1.5707963267948966, {infinity}},
         {{-0.0}, -0.0, {1}},
         {{1.5}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        return math::asin(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Rsqrt>((1.0 - x) * (1.0 + x))};
    }
};

struct Acos : elementwise<1> {
    static constexpr std::string_view name = "acos";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-0.9, 0.9};
    static constexpr documentation about = {.formula = "y = acos(x)",
                                            .derivative = "dy = -1/√((1 - x)(1 + x))",
                                            .at_singular_points =
                                                "-inf at ±1; NaN beyond, as the value",
                                            .numpy = "np.arccos",
                                            .xtensor = "xt::acos",
                                            .torch = "torch.acos",
                                            .jax = "jnp.arccos"};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{0.5}, 1.0471975511965979, {-1.1547005383792515}},
         {{1e-300}, 1.5707963267948966, {-1}},
         {{0.9999999999999999}, 1.4901161193847656e-08, {-67108864}},
         {{-0.75}, 2.4188584057763776, {-1.511857892036909}},
         {{1.0}, 0, {-infinity}},
         {{-1.0}, 3.141592653589793, {-infinity}},
         {{-1.5}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        return math::acos(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{-call<Rsqrt>((1.0 - x) * (1.0 + x))};
    }
};

/// The partial of atan2 by y at (x, y), and closed under differentiation: with p and q for x and y
/// exchanged, its own partials are (q - p)(q + p) and -2pq.
struct Inversion : elementwise<2> {
    static constexpr std::string_view name = "inversion";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 2.0};
    static constexpr documentation about = {
        .formula = "z = x/(x² + y²), a coordinate of the point inverted in the unit circle",
        .derivative = "dz = ((y² - x²), -2xy)/(x² + y²)²",
        .at_singular_points = "z = 0 and dz = 0 at (0, 0) and at infinity"};
    static constexpr std::array<reference_point<2>, 6> reference_points = {
        {{{3.0, 4.0}, 0.12, {0.0112, -0.0384}},
         {{1e+300, 1e+300}, 5e-301, {0, -0.0}},
         {{1e-200, 1e-150}, 1e+100, {1e+300, -2e+250}},
         {{-1e-100, 3e-100}, -1e+99, {8e+198, 5.999999999999999e+198}},
         {{0.0, 0.0}, 0, {0, -0.0}},
         {{infinity, 1.0}, 0, {0, -0.0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::inversion(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        const X p = call<Inversion>(x, y);
        const X q = call<Inversion>(y, x);
        return std::tuple{(q - p) * (q + p), -2.0 * p * q};
    }
};

/// The derivative of atan: an op of its own, for x² overflows where the result is still a number.
struct Lorentzian : elementwise<1> {
    static constexpr std::string_view name = "lorentzian";
    static constexpr documentation about = {.formula = "y = 1/(1 + x²)",
                                            .derivative = "dy = -2x/(1 + x²)²"};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{1.0}, 0.5, {-0.5}},
         {{-0.5}, 0.8, {0.64}},
         {{1e-300}, 1, {-2e-300}},
         {{1e+100}, 1e-200, {-2e-300}},
         {{1e+160}, 1e-320, {-0.0}},
         {{infinity}, 0, {-0.0}}}};
    template <class X>
    static X value(X x)
    {
        return math::lorentzian(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-2.0 * y * call<Inversion>(x, 1.0)};
    }
};

struct Atan : elementwise<1> {
    static constexpr std::string_view name = "atan";
    static constexpr interval domain = {-3.0, 3.0};
    static constexpr documentation about = {.formula = "y = atan(x)",
                                            .derivative = "dy = 1/(1 + x²)",
                                            .numpy = "np.arctan",
                                            .xtensor = "xt::atan",
                                            .torch = "torch.atan",
                                            .jax = "jnp.arctan"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{1.0}, 0.7853981633974483, {0.5}},
         {{-0.5}, -0.4636476090008061, {0.8}},
         {{1e-300}, 1e-300, {1}},
         {{1e+150}, 1.5707963267948966, {1e-300}},
         {{1e+160}, 1.5707963267948966, {1e-320}},
         {{-1e+300}, -1.5707963267948966, {0}},
         {{infinity}, 1.5707963267948966, {0}},
         {{-0.0}, -0.0, {1}}}};
    template <class X>
    static X value(X x)
    {
        return math::atan(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Lorentzian>(x)};
    }
};

struct Atan2 : elementwise<2> {
    static constexpr std::string_view name = "atan2";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.2, 2.0};
    static constexpr documentation about = {
        .formula = "z = the angle of the point (x, y), in [-π, π]",
        .derivative = "dz = (x, -y)/(x² + y²), by y and by x",
        .at_singular_points = "0 at (0, 0), dz = (0, 0); signed zeros and infinities as in C99",
        .numpy = "np.arctan2",
        .xtensor = "xt::atan2",
        .torch = "torch.atan2",
        .jax = "jnp.arctan2"};
    static constexpr std::array<reference_point<2>, 15> reference_points = {
        {{{3.0, 4.0}, 0.6435011087932844, {0.16, -0.12}},
         {{3.0, -4.0}, 2.498091544796509, {-0.16, -0.12}},
         {{-3.0, -4.0}, -2.498091544796509, {-0.16, 0.12}},
         {{-3.0, 4.0}, -0.6435011087932844, {0.16, 0.12}},
         {{1e+300, 1e+300}, 0.7853981633974483, {5e-301, -5e-301}},
         {{1e-310, -1e+300}, 3.141592653589793, {-1e-300, -0.0}},
         {{1.5e+308, 1.5e+308},
          0.7853981633974483,
          {3.33333333333333e-309, -3.33333333333333e-309}},
         {{5e-324, 1e-323}, 0.4636476090008061, {infinity, -infinity}},
         {{0.0, 0.0}, 0, {0, -0.0}},
         {{-0.0, 0.0}, -0.0, {0, 0}},
         {{0.0, -0.0}, 3.141592653589793, {-0.0, -0.0}},
         {{-0.0, -0.0}, -3.141592653589793, {-0.0, 0}},
         {{infinity, infinity}, 0.7853981633974483, {0, -0.0}},
         {{infinity, -infinity}, 2.356194490192345, {-0.0, -0.0}},
         {{0.0, -1.0}, 3.141592653589793, {-1, -0.0}}}};
    template <class X>
    static X value(X y, X x)
    {
        return math::atan2(y.get(), x.get());
    }
    template <class X>
    static auto partials_from_inputs(X y, X x)
    {
        return std::tuple{call<Inversion>(x, y), -call<Inversion>(y, x)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The inverse of sin, in [-π/2, π/2]; NaN beyond ±1.
template <class E>
[[nodiscard]] auto asin(expr<E> x)
{
    return detail::express<ops::Asin>(std::move(x));
}
/// The inverse of cos, in [0, π]; NaN beyond ±1.
template <class E>
[[nodiscard]] auto acos(expr<E> x)
{
    return detail::express<ops::Acos>(std::move(x));
}
/// The inverse of tan, in [-π/2, π/2].
template <class E>
[[nodiscard]] auto atan(expr<E> x)
{
    return detail::express<ops::Atan>(std::move(x));
}
/// The angle of the point (x, y), in [-π, π]; y comes first.
template <class Y, class X>
    requires mixed<Y, X>
[[nodiscard]] auto atan2(Y&& y, X&& x)
{
    return detail::express<ops::Atan2>(std::forward<Y>(y), std::forward<X>(x));
}
} // namespace backtrail
