// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: the logarithm of the gamma function and its derivatives of every order.
#pragma once

#include <backtrail/ops/special/order.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

struct Polygamma;

/// n is rounded to an integer, and is no variable: the partial there is 0. Any order, so that log Γ
/// has every derivative.
struct Polygamma : elementwise<2> {
    static constexpr std::string_view name = "polygamma";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {1.6, 2.4};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{2.0, 1.0}, -2.4041138063191885, {0, 6.493939402266829}},
         {{3.0, 0.125}, 24580.143419063566, {0, -786445.9854310638}},
         {{5.0, 40.0}, 2.4938943509996704e-07, {0, -3.155817955236394e-08}},
         {{0.0, 3.0}, 0.9227843350984671, {0, 0.39493406684822646}},
         {{1.0, -0.75}, 18.975106932284888, {0, -124.58699919679619}},
         {{3.0, -2.25}, 1558.4550231887144, {0, 24481.479910902563}},
         {{2.0, infinity}, 0, {0, 0}}}};
    static constexpr documentation about = {
        .formula = "y = ψ⁽ⁿ⁾(x)",
        .derivative = "dy = ψ⁽ⁿ⁺¹⁾(x)",
        .at_singular_points =
            "infinity at 0 and the negative integers for odd n, -infinity for even n > 0",
        .numpy = "scipy.special.polygamma",
        .torch = "torch.polygamma",
        .jax = "jax.scipy.special.polygamma"};
    template <class X>
    static X value(X n, X x)
    {
        return math::polygamma(n.get(), x.get());
    }
    template <class X>
    static auto partials_from_inputs(X n, X x)
    {
        return std::tuple{0.0, call<Polygamma>(n + 1.0, x)};
    }
};

struct Trigamma : elementwise<1> {
    static constexpr std::string_view name = "trigamma";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.2, 6.0};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{1.0}, 1.6449340668482264, {-2.4041138063191885}},
         {{1e-10}, 1e+20, {-1.9999999999999998e+30}},
         {{1e10}, 1.00000000005e-10, {-1.0000000001e-20}},
         {{1e150}, 1e-150, {-1e-300}},
         {{-0.75}, 18.975106932284888, {-124.58699919679619}},
         {{2.5}, 0.49035775610023485, {-0.2362040516417274}},
         {{infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = ψ'(x)",
                                            .derivative = "dy = ψ″(x)",
                                            .at_singular_points =
                                                "infinity at 0 and the negative integers",
                                            .numpy = "scipy.special.polygamma(1, x)",
                                            .torch = "torch.polygamma(1, x)",
                                            .jax = "jax.scipy.special.polygamma(1, x)"};
    template <class X>
    static X value(X x)
    {
        return math::trigamma(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Polygamma>(2.0, x)};
    }
};

struct Digamma : elementwise<1> {
    static constexpr std::string_view name = "digamma";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.2, 6.0};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{1.0}, -0.5772156649015329, {1.6449340668482264}},
         {{0x1.762d86356be3fp+0}, -9.241265521729427e-17, {0.9676722454476212}},
         {{1e-10}, -10000000000.577215, {1e+20}},
         {{1e10}, 23.025850929890456, {1.00000000005e-10}},
         {{-0.75}, -2.894120200042932, {18.975106932284888}},
         {{0.0}, -infinity, {infinity}},
         {{-0.0}, infinity, {infinity}},
         {{-3.0}, not_a_number, {infinity}}}};
    static constexpr documentation about = {
        .formula = "y = ψ(x) = (log Γ)'(x)",
        .derivative = "dy = ψ'(x)",
        .at_singular_points =
            "-infinity at 0, infinity at -0, NaN at the negative integers; dy is infinite there",
        .numpy = "scipy.special.digamma",
        .torch = "torch.digamma",
        .jax = "jax.scipy.special.digamma"};
    template <class X>
    static X value(X x)
    {
        return math::digamma(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Trigamma>(x)};
    }
};

struct Lgamma : elementwise<1> {
    static constexpr std::string_view name = "lgamma";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.2, 6.0};
    static constexpr std::array<reference_point<1>, 11> reference_points = {
        {{{0.5}, 0.5723649429247001, {-1.9635100260214235}},
         {{1.25}, -0.09827183642181316, {-0.22745353337626542}},
         {{1.0}, 0, {-0.5772156649015329}},
         {{1e-300}, 690.7755278982137, {-9.999999999999999e+299}},
         {{100.5}, 361.4355404677776, {4.605174352581845}},
         {{2.5e305}, 1.7555118602376452e+308, {703.2047440950581}},
         {{0x1p1023}, infinity, {709.0895657128241}},
         {{-2.5}, -0.056243716497674054, {1.103156640645243}},
         {{-0x1.3a7fc9600f86cp+1}, 5.619192358950097e-17, {1.5156034480216576}},
         {{0.0}, infinity, {-infinity}},
         {{-4.0}, infinity, {not_a_number}}}};
    static constexpr documentation about = {
        .formula = "y = log |Γ(x)|",
        .derivative = "dy = ψ(x)",
        .at_singular_points =
            "infinity at 0 and the negative integers; dy is -infinity at 0, NaN at the others",
        .numpy = "scipy.special.gammaln",
        .xtensor = "xt::lgamma",
        .torch = "torch.lgamma",
        .jax = "jax.scipy.special.gammaln"};
    template <class X>
    static X value(X x)
    {
        return math::lgamma(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Digamma>(x)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The logarithm of the absolute value of the gamma function.
template <class E>
[[nodiscard]] auto lgamma(expr<E> x)
{
    return detail::express<ops::Lgamma>(std::move(x));
}
/// ψ, the derivative of the logarithm of the gamma function.
template <class E>
[[nodiscard]] auto digamma(expr<E> x)
{
    return detail::express<ops::Digamma>(std::move(x));
}
/// ψ', the second derivative of the logarithm of the gamma function.
template <class E>
[[nodiscard]] auto trigamma(expr<E> x)
{
    return detail::express<ops::Trigamma>(std::move(x));
}
/// The n-th derivative of digamma. Throws value_error for n < 0.
template <class E>
[[nodiscard]] auto polygamma(int n, expr<E> x)
{
    detail::require_order("polygamma", n);
    return detail::express<ops::Polygamma>(double(n), std::move(x));
}

} // namespace backtrail
