// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: hyperbolic functions.
#pragma once

#include <backtrail/ops/exponential.hpp>

namespace backtrail::ops {

struct Cosh;
struct Tanh;

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

using hyperbolic = op_list<Sinh, Cosh, Sech, Tanh>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::hyperbolic> {
    using list = ops::hyperbolic;
};

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
