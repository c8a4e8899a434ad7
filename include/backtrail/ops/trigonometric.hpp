// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops, family 4: trigonometric and hyperbolic functions.
#pragma once

#include <backtrail/ops/arithmetic.hpp>

#include <utility>

namespace backtrail::ops {

struct Cos;
struct Cosh;
struct Tanh;

/// y = sin(x),  dy = cos(x); both come from one argument reduction.
struct Sin : elementwise<1> {
    static constexpr std::string_view name = "sin";
    static constexpr interval domain = {-4.0, 4.0};
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

/// y = cos(x),  dy = -sin(x)
struct Cos : elementwise<1> {
    static constexpr std::string_view name = "cos";
    static constexpr interval domain = {-4.0, 4.0};
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

/// y = tan(x),  dy = 1 + y²: both terms positive, so nothing cancels.
struct Tan : elementwise<1> {
    static constexpr std::string_view name = "tan";
    static constexpr interval domain = {-1.2, 1.2};
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

/// y = sinh(x),  dy = cosh(x)
struct Sinh : elementwise<1> {
    static constexpr std::string_view name = "sinh";
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{1e-10}, 1e-10, {1}}, {{700.0}, 5.07116027367502255e303, {5.07116027367502255e303}}}};
    template <class X>
    static X value(X x)
    {
        return math::sinh(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Cosh>(x)};
    }
};

/// y = cosh(x),  dy = sinh(x)
struct Cosh : elementwise<1> {
    static constexpr std::string_view name = "cosh";
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.0}, 1, {0}}, {{700.0}, 5.07116027367502255e303, {5.07116027367502255e303}}}};
    template <class X>
    static X value(X x)
    {
        return math::cosh(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Sinh>(x)};
    }
};

/// y = 1/cosh(x),  dy = -y tanh(x)
struct Sech : elementwise<1> {
    static constexpr std::string_view name = "sech";
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.0}, 1, {0}}, {{40.0}, 8.496708510583177e-18, {-8.496708510583177e-18}}}};
    template <class X>
    static X value(X x)
    {
        return math::sech(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-(y * call<Tanh>(x))};
    }
};

/// y = tanh(x),  dy = 1/cosh²(x): the familiar 1 - y² has lost every digit at x = 20.
struct Tanh : elementwise<1> {
    static constexpr std::string_view name = "tanh";
    static constexpr interval domain = {-3.0, 3.0};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{20.0}, 1, {1.6993417021166355e-17}},
         {{0.5}, 0.46211715726000975, {0.7864477329659274}},
         {{-0.0}, -0.0, {1}}}};
    template <class X>
    static X value(X x)
    {
        return math::tanh(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X s = call<Sech>(x);
        return std::tuple{s * s};
    }
};

using trigonometric = op_list<Sin, Cos, Tan, Sinh, Cosh, Sech, Tanh>;

} // namespace backtrail::ops

namespace backtrail {

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
/// sinh(x)
template <class E>
[[nodiscard]] auto sinh(expr<E> x)
{
    return detail::express<ops::Sinh>(std::move(x));
}
/// cosh(x)
template <class E>
[[nodiscard]] auto cosh(expr<E> x)
{
    return detail::express<ops::Cosh>(std::move(x));
}
/// 1/cosh(x)
template <class E>
[[nodiscard]] auto sech(expr<E> x)
{
    return detail::express<ops::Sech>(std::move(x));
}
/// tanh(x)
template <class E>
[[nodiscard]] auto tanh(expr<E> x)
{
    return detail::express<ops::Tanh>(std::move(x));
}

} // namespace backtrail
