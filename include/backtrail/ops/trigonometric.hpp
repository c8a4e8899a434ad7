// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: trigonometric functions.
#pragma once

#include <backtrail/ops/arithmetic.hpp>

#include <utility>

namespace backtrail::ops {

struct Cos;

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

using trigonometric = op_list<Sin, Cos, Tan>;

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

} // namespace backtrail
