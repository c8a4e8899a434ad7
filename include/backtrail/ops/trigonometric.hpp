// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: trigonometric functions, sinc, and degrees. The inverses are in a header of their own,
// which belongs to this family.
#pragma once

#include <backtrail/ops/inverse_trigonometric.hpp>
#include <backtrail/ops/math/sinc.hpp>
#include <backtrail/ops/math/trigonometric.hpp>

#include <utility>

namespace backtrail::ops {

struct Cos;

/// Value and derivative come from one argument reduction.
struct Sin : elementwise<1> {
    static constexpr std::string_view name = "sin";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr documentation about = {.formula = "y = sin(x)",
                                            .derivative = "dy = cos(x)",
                                            .numpy = "np.sin",
                                            .xtensor = "xt::sin",
                                            .torch = "torch.sin",
                                            .jax = "jnp.sin"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{3.141592653589793}, 1.2246467991473532e-16, {-1}},
         {{1e22}, -0.8522008497671888, {0.5232147853951389}},
         {{-0.0}, -0.0, {1}}}};
    template <class X>
    static X value(X x)
    {
        return math::sin(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Cos>(x)};
    }
    template <class X>
        requires is_lanes<X>
    static auto value_and_partials(X x)
    {
        const auto [s, c] = math::sincos(x.get());
        return std::pair{X(s), std::tuple{X(c)}};
    }
};

struct Cos : elementwise<1> {
    static constexpr std::string_view name = "cos";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr documentation about = {.formula = "y = cos(x)",
                                            .derivative = "dy = -sin(x)",
                                            .numpy = "np.cos",
                                            .xtensor = "xt::cos",
                                            .torch = "torch.cos",
                                            .jax = "jnp.cos"};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{1.5707963267948966}, 6.123233995736766e-17, {-1}},
         {{1e22}, 0.5232147853951389, {0.8522008497671888}}}};
    template <class X>
    static X value(X x)
    {
        return math::cos(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{-call<Sin>(x)};
    }
    template <class X>
        requires is_lanes<X>
    static auto value_and_partials(X x)
    {
        const auto [s, c] = math::sincos(x.get());
        return std::pair{X(c), std::tuple{-X(s)}};
    }
};

/// Both terms of the derivative are positive, so that nothing cancels.
struct Tan : elementwise<1> {
    static constexpr std::string_view name = "tan";
    static constexpr interval domain = {-1.2, 1.2};
    static constexpr documentation about = {.formula = "y = tan(x)",
                                            .derivative = "dy = 1 + y²",
                                            .numpy = "np.tan",
                                            .xtensor = "xt::tan",
                                            .torch = "torch.tan",
                                            .jax = "jnp.tan"};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.7853981633974483}, 0.9999999999999999, {1.9999999999999998}},
         {{1.5}, 14.101419947171719, {199.85004452649244}}}};
    template <class X>
    static X value(X x)
    {
        return math::tan(x.get());
    }
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{1.0 + y * y};
    }
};

/// sinc and its derivatives of every order in one: (cos(πx) - sinc(x))/x and what follows from it divide
/// by x, so that no composition of such formulas is exact near 0.
struct SincDerivative : elementwise<2> {
    static constexpr std::string_view name = "sinc_derivative";
    static constexpr interval domain = {0.6, 1.4};
    static constexpr documentation about = {
        .formula = "y = the derivative of sinc(x) of order n, rounded to an integer >= 0",
        .derivative = "dy = the derivative of order n + 1 by x, 0 by n"};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{0.0, 2.0}, -3.289868133696453, {0, 0}},
         {{0.0, 4.0}, 19.481818206800487, {0, 0}},
         {{0.25, 2.0}, -2.703060757258859, {4.52127228855079, 0}},
         {{-0.5, 3.0}, -7.141362769433615, {4.8816512051307255, 0}},
         {{7.3, 2.0}, 0.368900564372276, {0.6430830438088203, 0}},
         {{1e-05, 3.0}, 0.00019481818204511466, {19.48181819993342, 0}},
         {{10000000000.0, 2.0}, -2e-20, {-9.86960440108936e-10, 0}}}};
    template <class X>
    static X value(X x, X n)
    {
        return math::sinc_derivative(x.get(), n.get());
    }
    template <class X>
    static auto partials_from_inputs(X x, X n)
    {
        return std::tuple{call<SincDerivative>(x, n + 1.0), 0.0};
    }
};

/// The first derivative of sinc, on lanes.
struct SincSlope : elementwise<1> {
    static constexpr std::string_view name = "sinc_slope";
    static constexpr interval domain = {-1.3, 1.3};
    static constexpr documentation about = {.formula = "y = (cos(πx) - sinc(x))/x",
                                            .derivative = "dy = the second derivative of sinc",
                                            .at_singular_points = "0 at 0, dy = -π²/3"};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{0.0}, 0, {-3.289868133696453}},
         {{1e-200}, -3.289868133696453e-200, {-3.289868133696453}},
         {{0.25}, -0.7728381398822342, {-2.703060757258859}},
         {{-0.5}, 1.2732395447351628, {-1.1902271282389358}},
         {{1.0}, -1, {2}},
         {{0.9999999999999999}, -1.0000000000000002, {1.9999999999999996}},
         {{7.3}, -0.07568613687999279, {0.368900564372276}}}};
    template <class X>
    static X value(X x)
    {
        return math::sinc_slope(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<SincDerivative>(x, 2.0)};
    }
};

/// The zeros at the integers are zeros: x is reduced before it is multiplied by π.
struct Sinc : elementwise<1> {
    static constexpr std::string_view name = "sinc";
    static constexpr documentation about = {.formula = "y = sin(πx)/(πx)",
                                            .derivative = "dy = (cos(πx) - y)/x",
                                            .at_singular_points = "1 at 0, dy = 0, ddy = -π²/3",
                                            .numpy = "np.sinc",
                                            .torch = "torch.sinc",
                                            .jax = "jnp.sinc"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{0.0}, 1, {0}},
         {{1e-200}, 1, {-3.289868133696453e-200}},
         {{0.25}, 0.9003163161571061, {-0.7728381398822342}},
         {{-0.5}, 0.6366197723675814, {1.2732395447351628}},
         {{10000000000.0}, 0, {1e-10}},
         {{0.9999999999999999}, 1.1102230246251565e-16, {-1.0000000000000002}},
         {{1.0}, 0, {-1}},
         {{-3.0}, 0, {0.3333333333333333}}}};
    template <class X>
    static X value(X x)
    {
        return math::sinc(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<SincSlope>(x)};
    }
};

struct Deg2rad : elementwise<1> {
    static constexpr std::string_view name = "deg2rad";
    static constexpr double factor = 0.017453292519943295;
    static constexpr documentation about = {.formula = "y = π x/180",
                                            .derivative = "dy = π/180",
                                            .numpy = "np.deg2rad",
                                            .xtensor = "xt::deg2rad",
                                            .torch = "torch.deg2rad",
                                            .jax = "jnp.deg2rad"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{180.0}, 3.141592653589793, {0.017453292519943295}},
         {{-1e-300}, -1.7453292519943295e-302, {0.017453292519943295}},
         {{1e+308}, 1.7453292519943295e+306, {0.017453292519943295}}}};
    template <class X>
    static X value(X x)
    {
        return x * factor;
    }
    static constexpr auto partials_constant() { return std::tuple{factor}; }
};

struct Rad2deg : elementwise<1> {
    static constexpr std::string_view name = "rad2deg";
    static constexpr double factor = 57.29577951308232;
    static constexpr documentation about = {.formula = "y = 180 x/π",
                                            .derivative = "dy = 180/π",
                                            .numpy = "np.rad2deg",
                                            .xtensor = "xt::rad2deg",
                                            .torch = "torch.rad2deg",
                                            .jax = "jnp.rad2deg"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{1.0}, 57.29577951308232, {57.29577951308232}},
         {{-1e-300}, -5.729577951308232e-299, {57.29577951308232}},
         {{1e+308}, infinity, {57.29577951308232}}}};
    template <class X>
    static X value(X x)
    {
        return x * factor;
    }
    static constexpr auto partials_constant() { return std::tuple{factor}; }
};

using trigonometric = op_list<Sin, Cos, Tan, Asin, Acos, Inversion, Lorentzian, Atan, Atan2,
                              SincDerivative, SincSlope, Sinc, Deg2rad, Rad2deg>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::trigonometric> {
    using list = ops::trigonometric;
};

/// sin(x), x in radians
template <class E>
[[nodiscard]] auto sin(expr<E> x)
{
    return detail::express<ops::Sin>(std::move(x));
}
/// cos(x), x in radians
template <class E>
[[nodiscard]] auto cos(expr<E> x)
{
    return detail::express<ops::Cos>(std::move(x));
}
/// tan(x), x in radians
template <class E>
[[nodiscard]] auto tan(expr<E> x)
{
    return detail::express<ops::Tan>(std::move(x));
}
/// sin(πx)/(πx), 1 at 0
template <class E>
[[nodiscard]] auto sinc(expr<E> x)
{
    return detail::express<ops::Sinc>(std::move(x));
}
/// Degrees to radians.
template <class E>
[[nodiscard]] auto deg2rad(expr<E> x)
{
    return detail::express<ops::Deg2rad>(std::move(x));
}
/// Radians to degrees.
template <class E>
[[nodiscard]] auto rad2deg(expr<E> x)
{
    return detail::express<ops::Rad2deg>(std::move(x));
}

} // namespace backtrail
