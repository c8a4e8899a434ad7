// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: the normal distribution, and gelu, which is made of it.
#pragma once

#include <backtrail/ops/special/error_function.hpp>

namespace backtrail::ops {

struct NormalExcess;
struct NdtriSlope;

struct NormalDensity : elementwise<1> {
    static constexpr std::string_view name = "normal_density";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, 0.3989422804014327, {0}},
         {{-37.0}, 2.1200065515246056e-298, {7.84402424064104e-297}},
         {{5.0}, 1.4867195147342977e-06, {-7.433597573671489e-06}},
         {{infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = φ(x) = exp(-x²/2)/√(2π)",
                                            .derivative = "dy = -x y",
                                            .numpy = "scipy.stats.norm.pdf",
                                            .jax = "jax.scipy.stats.norm.pdf"};
    template <class X>
    static X value(X x)
    {
        return math::normal_density(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-call<Masked>(x, y)};
    }
};

/// In terms of x itself: x/√2 rounded would cost ten bits in the tail.
struct Ndtr : elementwise<1> {
    static constexpr std::string_view name = "ndtr";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{0.0}, 0.5, {0.3989422804014327}},
         {{-38.25}, 2.0795e-320, {7.96024e-319}},
         {{-37.0}, 5.725571222524577e-300, {2.1200065515246056e-298}},
         {{8.0}, 0.9999999999999993, {5.052271083536892e-15}},
         {{-infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = Φ(x) = (1 + erf(x/√2))/2",
                                            .derivative = "dy = φ(x)",
                                            .numpy = "scipy.special.ndtr",
                                            .torch = "torch.special.ndtr",
                                            .jax = "jax.scipy.special.ndtr"};
    template <class X>
    static X value(X x)
    {
        return math::ndtr(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<NormalDensity>(x)};
    }
};

/// The derivative of log Φ. Its own is written with x + y as an op: the difference cancels for x <
/// 0. (So does 1 - y (x + y), from the third derivative of log Φ on, where digits are lost as x²
/// grows.)
struct NormalHazard : elementwise<1> {
    static constexpr std::string_view name = "normal_hazard";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, 0.7978845608028654, {-0.6366197723675814}},
         {{-50.0}, 50.019984031905636, {-0.999600956813196}},
         {{6.0}, 6.075882855817676e-09, {-3.645529717182241e-08}},
         {{-100000.0}, 100000.00001, {-0.9999999999}}}};
    static constexpr documentation about = {.formula = "y = φ(x)/Φ(x)",
                                            .derivative = "dy = -y (x + y)"};
    template <class X>
    static X value(X x)
    {
        return math::normal_hazard(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-y * call<NormalExcess>(x)};
    }
};

struct NormalExcess : elementwise<1> {
    static constexpr std::string_view name = "normal_excess";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.0}, 0.7978845608028654, {0.3633802276324187}},
         {{6.0}, 6.000000006075883, {0.9999999635447028}}}};
    static constexpr documentation about = {.formula = "y = x + φ(x)/Φ(x)",
                                            .derivative = "dy = 1 - φ(x)/Φ(x) y"};
    template <class X>
    static X value(X x)
    {
        return math::normal_excess(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{1.0 - call<NormalHazard>(x) * y};
    }
};

struct LogNdtr : elementwise<1> {
    static constexpr std::string_view name = "log_ndtr";
    static constexpr interval domain = {-6.0, 3.0};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{0.0}, -0.6931471805599453, {0.7978845608028654}},
         {{-50.0}, -1254.8313611394199, {50.019984031905636}},
         {{-100000.0}, -5000000012.431864, {100000.00001}},
         {{6.0}, -9.865876455243758e-10, {6.075882855817676e-09}},
         {{-1e10}, -5e19, {1e10}},
         {{-infinity}, -infinity, {infinity}}}};
    static constexpr documentation about = {.formula = "y = log Φ(x)",
                                            .derivative = "dy = φ(x)/Φ(x)",
                                            .numpy = "scipy.special.log_ndtr",
                                            .torch = "torch.special.log_ndtr",
                                            .jax = "jax.scipy.special.log_ndtr"};
    template <class X>
    static X value(X x)
    {
        return math::log_ndtr(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<NormalHazard>(x)};
    }
};

struct Ndtri : elementwise<1> {
    static constexpr std::string_view name = "ndtri";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.05, 0.95};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{1e-300}, -37.0470962993612, {2.697304465042612e+298}},
         {{0.0625}, -1.5341205443525463, {8.131142605015354}},
         {{0.75}, 0.6744897501960817, {3.1468650805610925}},
         {{0.5}, 0, {2.5066282746310007}},
         {{1e-20}, -9.262340089798407, {1.0674725333014e+19}},
         {{0.0}, -infinity, {infinity}},
         {{1.0}, infinity, {infinity}},
         {{2.0}, not_a_number, {not_a_number}}}};
    static constexpr documentation about = {
        .formula = "Φ(y) = x",
        .derivative = "dy = √(2π) exp(y²/2)",
        .at_singular_points = "-infinity at 0 and infinity at 1, where dy is infinite; NaN beyond",
        .numpy = "scipy.special.ndtri",
        .torch = "torch.special.ndtri",
        .jax = "jax.scipy.special.ndtri"};
    template <class X>
    static X value(X x)
    {
        return math::ndtri(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<NdtriSlope>(x)};
    }
};

/// The derivative of ndtri, made as that of erfinv is.
struct NdtriSlope : elementwise<1> {
    static constexpr std::string_view name = "ndtri_slope";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.05, 0.95};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0625}, 8.131142605015354, {-101.42911626452656}},
         {{0.75}, 3.1468650805610925, {6.679310007532782}},
         {{0.5}, 2.5066282746310007, {0}},
         {{0.0}, infinity, {-infinity}}}};
    static constexpr documentation about = {.formula = "y = √(2π) exp(ndtri(x)²/2)",
                                            .derivative = "dy = ndtri(x) y²"};
    template <class X>
    static X value(X x)
    {
        return math::ndtri_slope(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{call<Ndtri>(x) * y * y};
    }
};

/// The derivative of x Φ(x): below 0 both terms have the factor φ(x), which is taken out. Tests
/// draw arguments beside its zero, near which ULPs count of the terms.
struct GeluSlope : elementwise<1> {
    static constexpr std::string_view name = "gelu_slope";
    static constexpr interval domain = {-0.5, 4.0};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{0.0}, 0.5, {0.7978845608028654}},
         {{-37.0}, -7.838298669418516e-297, {-2.898048955934136e-295}},
         {{-1.0}, -0.0833154705876863, {0.24197072451914334}},
         {{3.0}, 1.011945647204184, {-0.03102293888356605}},
         {{infinity}, 1, {0}}}};
    static constexpr documentation about = {.formula = "y = Φ(x) + x φ(x)",
                                            .derivative = "dy = (2 - x²) φ(x)"};
    template <class X>
    static X value(X x)
    {
        return math::gelu_slope(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{2.0 * call<NormalDensity>(x) -
                          call<Masked>(x, call<Masked>(x, call<NormalDensity>(x)))};
    }
};

/// At -infinity the limit, 0, and not the product, NaN.
struct Gelu : elementwise<1> {
    static constexpr std::string_view name = "gelu";
    static constexpr interval domain = {-4.0, 4.0};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{0.0}, 0, {0.5}},
         {{-37.0}, -2.1184613523340935e-298, {-7.838298669418516e-297}},
         {{-1.0}, -0.15865525393145705, {-0.0833154705876863}},
         {{3.0}, 2.99595030590511, {1.011945647204184}},
         {{-infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = x Φ(x)",
                                            .derivative = "dy = Φ(x) + x φ(x)",
                                            .torch = "torch.nn.functional.gelu",
                                            .jax = "jax.nn.gelu"};
    template <class X>
    static X value(X x)
    {
        return math::gelu(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<GeluSlope>(x)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The density of the normal distribution, exp(-x²/2)/√(2π).
template <class E>
[[nodiscard]] auto normal_density(expr<E> x)
{
    return detail::express<ops::NormalDensity>(std::move(x));
}
/// The normal distribution function Φ(x).
template <class E>
[[nodiscard]] auto ndtr(expr<E> x)
{
    return detail::express<ops::Ndtr>(std::move(x));
}
/// log Φ(x), exact in both tails.
template <class E>
[[nodiscard]] auto log_ndtr(expr<E> x)
{
    return detail::express<ops::LogNdtr>(std::move(x));
}
/// The quantile of the normal distribution: the y with Φ(y) = x.
template <class E>
[[nodiscard]] auto ndtri(expr<E> x)
{
    return detail::express<ops::Ndtri>(std::move(x));
}
/// x Φ(x), the Gaussian error linear unit (Hendrycks & Gimpel 2016), exact in its tail.
template <class E>
[[nodiscard]] auto gelu(expr<E> x)
{
    return detail::express<ops::Gelu>(std::move(x));
}

} // namespace backtrail
