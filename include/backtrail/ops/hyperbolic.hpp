// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: hyperbolic functions and their inverses.
#pragma once

#include <backtrail/ops/math/hyperbolic.hpp>
#include <backtrail/ops/math/inverse_hyperbolic.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

struct Cosh;
struct Tanh;

struct Sinh : elementwise<1> {
    static constexpr std::string_view name = "sinh";
    static constexpr documentation about = {.formula = "y = sinh(x)",
                                            .derivative = "dy = cosh(x)",
                                            .numpy = "np.sinh",
                                            .xtensor = "xt::sinh",
                                            .torch = "torch.sinh",
                                            .jax = "jnp.sinh"};
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

struct Cosh : elementwise<1> {
    static constexpr std::string_view name = "cosh";
    static constexpr documentation about = {.formula = "y = cosh(x)",
                                            .derivative = "dy = sinh(x)",
                                            .numpy = "np.cosh",
                                            .xtensor = "xt::cosh",
                                            .torch = "torch.cosh",
                                            .jax = "jnp.cosh"};
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

struct Sech : elementwise<1>, word<Sech> {
    static constexpr documentation about = {.formula = "y = 1/cosh(x)",
                                            .derivative = "dy = -y tanh(x)"};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.0}, 1, {0}}, {{40.0}, 8.496708510583177e-18, {-8.496708510583177e-18}}}};
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-(y * call<Tanh>(x))};
    }
};

/// The familiar derivative 1 - y² has lost every digit at x = 20.
struct Tanh : elementwise<1>, word<Tanh> {
    static constexpr interval domain = {-3.0, 3.0};
    static constexpr documentation about = {.formula = "y = tanh(x)",
                                            .derivative = "dy = 1/cosh²(x)",
                                            .numpy = "np.tanh",
                                            .xtensor = "xt::tanh",
                                            .torch = "torch.tanh",
                                            .jax = "jnp.tanh"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{20.0}, 1, {1.6993417021166355e-17}},
         {{0.5}, 0.46211715726000975, {0.7864477329659274}},
         {{-0.0}, -0.0, {1}}}};
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X s = call<Sech>(x);
        return std::tuple{s * s};
    }
};

/// The root in the derivative is a hypot, for x² overflows where its reciprocal is far from 0.
struct Asinh : elementwise<1> {
    static constexpr std::string_view name = "asinh";
    static constexpr documentation about = {.formula = "y = asinh(x)",
                                            .derivative = "dy = 1/√(1 + x²)",
                                            .numpy = "np.arcsinh",
                                            .xtensor = "xt::asinh",
                                            .torch = "torch.asinh",
                                            .jax = "jnp.arcsinh"};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{0.5}, 0.48121182505960347, {0.8944271909999159}},
         {{1e-300}, 1e-300, {1}},
         {{-10000000000.0}, -23.7189981105004, {1e-10}},
         {{1e+300}, 691.4686750787737, {1e-300}},
         {{1.7e+308}, 710.4199840737882, {5.88235294117647e-309}},
         {{-0.0}, -0.0, {1}},
         {{-infinity}, -infinity, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::asinh(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{1.0 / call<Hypot>(x, 1.0)};
    }
};

/// Two roots, for the product overflows, and a quotient, so that zero cotangents stay zero at x = 1.
struct Acosh : elementwise<1> {
    static constexpr std::string_view name = "acosh";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {1.1, 4.0};
    static constexpr documentation about = {.formula = "y = acosh(x)",
                                            .derivative = "dy = 1/(√(x - 1) √(x + 1))",
                                            .at_singular_points =
                                                "inf at 1; NaN below, as the value",
                                            .numpy = "np.arccosh",
                                            .xtensor = "xt::acosh",
                                            .torch = "torch.acosh",
                                            .jax = "jnp.arccosh"};
    static constexpr std::array<reference_point<1>, 9> reference_points = {
        {{{2.0}, 1.3169578969248168, {0.5773502691896257}},
         {{1.0000000000000002}, 2.1073424255447014e-08, {47453132.81212577}},
         {{10000000000.0}, 23.7189981105004, {1e-10}},
         {{1e+300}, 691.4686750787737, {1e-300}},
         {{1.5}, 0.9624236501192069, {0.8944271909999159}},
         {{1.0}, 0, {infinity}},
         {{0.5}, not_a_number, {not_a_number}},
         {{-3.0}, not_a_number, {not_a_number}},
         {{infinity}, infinity, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::acosh(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Rsqrt>(x - 1.0) / call<Sqrt>(x + 1.0)};
    }
};

/// (1 - x)(1 + x) keeps all digits near 1, which 1 - x² loses.
struct Atanh : elementwise<1> {
    static constexpr std::string_view name = "atanh";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-0.9, 0.9};
    static constexpr documentation about = {.formula = "y = atanh(x)",
                                            .derivative = "dy = 1/((1 - x)(1 + x))",
                                            .at_singular_points =
                                                "inf at ±1; NaN beyond, as the value",
                                            .numpy = "np.arctanh",
                                            .xtensor = "xt::atanh",
                                            .torch = "torch.atanh",
                                            .jax = "jnp.arctanh"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{0.5}, 0.5493061443340549, {1.3333333333333333}},
         {{1e-300}, 1e-300, {1}},
         {{-0.9999999999999999}, -18.714973875118524, {4503599627370496.0}},
         {{0.75}, 0.9729550745276566, {2.2857142857142856}},
         {{1.0}, infinity, {infinity}},
         {{-1.0}, -infinity, {infinity}},
         {{-0.0}, -0.0, {1}},
         {{2.0}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        return math::atanh(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X p = (1.0 - x) * (1.0 + x);
        return std::tuple{choose<Less>(p, 0.0, not_a_number, 1.0 / p)};
    }
};

using hyperbolic = op_list<Sinh, Cosh, Sech, Tanh, Asinh, Acosh, Atanh>;

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
/// The inverse of sinh.
template <class E>
[[nodiscard]] auto asinh(expr<E> x)
{
    return detail::express<ops::Asinh>(std::move(x));
}
/// The inverse of cosh, not negative; NaN for x < 1.
template <class E>
[[nodiscard]] auto acosh(expr<E> x)
{
    return detail::express<ops::Acosh>(std::move(x));
}
/// The inverse of tanh; NaN beyond ±1.
template <class E>
[[nodiscard]] auto atanh(expr<E> x)
{
    return detail::express<ops::Atanh>(std::move(x));
}

} // namespace backtrail
