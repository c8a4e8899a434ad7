// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: the error function, its complement, their inverses, and exp(-x²).
#pragma once

#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

struct GaussianSlope;
struct Erfinv;
struct ErfinvSlope;
struct Erfcinv;
struct ErfcinvSlope;

/// x² is kept in two parts, so that the tail keeps its digits.
struct Gaussian : elementwise<1> {
    static constexpr std::string_view name = "gaussian";
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, 1, {0}},
         {{26.0}, 2.61174176128405547e-294, {-1.35810571586770884e-292}},
         {{27.0}, 2.507972e-317, {-1.35430491e-315}},
         {{-infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = exp(-x²)",
                                            .derivative = "dy = -2x exp(-x²)"};
    template <class X>
    static X value(X x)
    {
        return math::gaussian(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<GaussianSlope>(x)};
    }
};

/// The derivative of the gaussian: where that is denormal, 2x times it has 50 times its error. Its own
/// derivative is 0, not NaN, at infinity.
struct GaussianSlope : elementwise<1> {
    static constexpr std::string_view name = "gaussian_slope";
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, 0, {-2}},
         {{26.0}, -1.3581057158677088e-292, {7.056926238989518e-291}},
         {{-0.5}, 0.7788007830714049, {-0.7788007830714049}},
         {{-infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = -2x exp(-x²), the slope of gaussian",
                                            .derivative = "dy = -2 (exp(-x²) + x y)"};
    template <class X>
    static X value(X x)
    {
        return math::gaussian_slope(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-2.0 * (call<Gaussian>(x) + call<Masked>(x, y))};
    }
};

struct Erf : elementwise<1> {
    static constexpr std::string_view name = "erf";
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.5}, 0.5204998778130465, {0.8787825789354448}},
         {{5.0}, 0.9999999999984626, {1.56708665310173353e-11}},
         {{1e300}, 1, {0}},
         {{-0.0}, -0.0, {1.1283791670955126}}}};
    static constexpr documentation about = {.formula = "y = 2/√π ∫₀ˣ exp(-t²) dt",
                                            .derivative = "dy = 2/√π exp(-x²)",
                                            .numpy = "scipy.special.erf",
                                            .xtensor = "xt::erf",
                                            .torch = "torch.erf",
                                            .jax = "jax.scipy.special.erf"};
    template <class X>
    static X value(X x)
    {
        return math::erf(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{1.1283791670955126 * call<Gaussian>(x)};
    }
};

/// Not 1 - erf(x), which has no digits left at x = 6.
struct Erfc : elementwise<1> {
    static constexpr std::string_view name = "erfc";
    static constexpr interval domain = {-2.0, 4.0};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.5}, 0.4795001221869535, {-0.8787825789354448}},
         {{26.0}, 5.663192408856143e-296, {-2.9470349932662697e-294}},
         {{-3.0}, 1.9999779095030015, {-0.00013925305194674786}},
         {{infinity}, 0, {0}}}};
    static constexpr documentation about = {.formula = "y = 1 - erf(x)",
                                            .derivative = "dy = -2/√π exp(-x²)",
                                            .numpy = "scipy.special.erfc",
                                            .xtensor = "xt::erfc",
                                            .torch = "torch.erfc",
                                            .jax = "jax.scipy.special.erfc"};
    template <class X>
    static X value(X x)
    {
        return math::erfc(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{-1.1283791670955126 * call<Gaussian>(x)};
    }
};

struct Erfinv : elementwise<1> {
    static constexpr std::string_view name = "erfinv";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-0.9, 0.9};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{0.5}, 0.4769362762044699, {1.1125848189719498}},
         {{1e-300}, 8.86226925452758e-301, {0.886226925452758}},
         {{0x1.fffffffffep-1}, 5.05125408524939, {106817285124.65913}},
         {{-0.8125}, -0.9319744431610971, {2.1123353261030373}},
         {{-1.0}, -infinity, {infinity}},
         {{1.5}, not_a_number, {not_a_number}}}};
    static constexpr documentation about = {.formula = "erf(y) = x",
                                            .derivative = "dy = √π/2 exp(y²)",
                                            .at_singular_points =
                                                "±infinity at ±1, where dy is infinite; NaN beyond",
                                            .numpy = "scipy.special.erfinv",
                                            .torch = "torch.erfinv",
                                            .jax = "jax.scipy.special.erfinv"};
    template <class X>
    static X value(X x)
    {
        return math::erfinv(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<ErfinvSlope>(x)};
    }
};

/// The derivative of erfinv: from exp(y²) the error of y would come back magnified by 2 y², 70
/// times at the end, so it is made of erfcx(y) and 1 - |x|.
struct ErfinvSlope : elementwise<1> {
    static constexpr std::string_view name = "erfinv_slope";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-0.9, 0.9};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.5}, 1.1125848189719498, {1.1807463499934}},
         {{-0.8125}, 2.1123353261030373, {-8.316866360525957}},
         {{1.0}, infinity, {infinity}},
         {{0.0}, 0.886226925452758, {0}}}};
    static constexpr documentation about = {.formula = "y = √π/2 exp(erfinv(x)²)",
                                            .derivative = "dy = 2 erfinv(x) y²"};
    template <class X>
    static X value(X x)
    {
        return math::erfinv_slope(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{2.0 * call<Erfinv>(x) * y * y};
    }
};

struct Erfcinv : elementwise<1> {
    static constexpr std::string_view name = "erfcinv";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 1.9};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{1e-300}, 26.209469960516124, {-1.9063218669084349e+298}},
         {{0.125}, 1.0847870400692832, {-2.874793037400603}},
         {{1.9375}, -1.3171503349861307, {-5.023378761292894}},
         {{1.0}, 0, {-0.886226925452758}},
         {{0.0}, infinity, {-infinity}},
         {{2.0}, -infinity, {-infinity}}}};
    static constexpr documentation about = {
        .formula = "erfc(y) = x",
        .derivative = "dy = -√π/2 exp(y²)",
        .at_singular_points = "infinity at 0 and -infinity at 2, where dy is -infinity; NaN beyond",
        .numpy = "scipy.special.erfcinv"};
    template <class X>
    static X value(X x)
    {
        return math::erfcinv(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<ErfcinvSlope>(x)};
    }
};

/// The derivative of erfcinv, made as that of erfinv is.
struct ErfcinvSlope : elementwise<1> {
    static constexpr std::string_view name = "erfcinv_slope";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 1.9};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.125}, -2.874793037400603, {17.930303980101368}},
         {{1.9375}, -5.023378761292894, {-66.47482343511982}},
         {{1.0}, -0.886226925452758, {0}},
         {{0.0}, -infinity, {infinity}}}};
    static constexpr documentation about = {.formula = "y = -√π/2 exp(erfcinv(x)²)",
                                            .derivative = "dy = 2 erfcinv(x) y²"};
    template <class X>
    static X value(X x)
    {
        return math::erfcinv_slope(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{2.0 * call<Erfcinv>(x) * y * y};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// exp(-x²)
template <class E>
[[nodiscard]] auto gaussian(expr<E> x)
{
    return detail::express<ops::Gaussian>(std::move(x));
}
/// The error function.
template <class E>
[[nodiscard]] auto erf(expr<E> x)
{
    return detail::express<ops::Erf>(std::move(x));
}
/// The complementary error function 1 - erf(x), exact in its tail.
template <class E>
[[nodiscard]] auto erfc(expr<E> x)
{
    return detail::express<ops::Erfc>(std::move(x));
}
/// The y of which x is the error function.
template <class E>
[[nodiscard]] auto erfinv(expr<E> x)
{
    return detail::express<ops::Erfinv>(std::move(x));
}
/// The y of which x is the complementary error function.
template <class E>
[[nodiscard]] auto erfcinv(expr<E> x)
{
    return detail::express<ops::Erfcinv>(std::move(x));
}

} // namespace backtrail
