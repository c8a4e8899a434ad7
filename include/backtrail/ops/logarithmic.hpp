// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops of the family exponential: logarithms and what is made with them. The family's list is
// in exponential.hpp.
#pragma once

#include <backtrail/ops/math/log.hpp>
#include <backtrail/ops/math/log_bases.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// The partial is NaN below 0, like the value.
struct Log : elementwise<1> {
    static constexpr std::string_view name = "log";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
    static constexpr documentation about = {.formula = "y = log(x)",
                                            .derivative = "dy = 1/x",
                                            .at_singular_points =
                                                "inf at 0; NaN below, as the value",
                                            .numpy = "np.log",
                                            .xtensor = "xt::log",
                                            .torch = "torch.log",
                                            .jax = "jnp.log"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, -infinity, {infinity}},
         {{-1.0}, not_a_number, {not_a_number}},
         {{5e-324}, -744.4400719213812, {infinity}},
         {{2.0}, 0.6931471805599453, {0.5}}}};
    template <class X>
    static X value(X x)
    {
        return math::log(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{choose<Less>(x, 0.0, not_a_number, 1.0 / call<Abs>(x))};
    }
};

/// 1 + x is exact near -1, where the partial needs it.
struct Log1p : elementwise<1>, word<Log1p> {
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-0.9, 3.0};
    static constexpr documentation about = {.formula = "y = log(1 + x)",
                                            .derivative = "dy = 1/(1 + x)",
                                            .at_singular_points =
                                                "inf at -1; NaN below, as the value",
                                            .numpy = "np.log1p",
                                            .xtensor = "xt::log1p",
                                            .torch = "torch.log1p",
                                            .jax = "jnp.log1p"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{-1.0}, -infinity, {infinity}},
         {{-2.0}, not_a_number, {not_a_number}},
         {{1e-20}, 1e-20, {1}},
         {{-0.0}, -0.0, {1}}}};
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{choose<Less>(x, -1.0, not_a_number, 1.0 / (1.0 + x))};
    }
};

/// The common part of logarithms of other bases, whose derivative is Scale/x.
struct log_op : elementwise<1> {
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
    template <class X>
    static auto slope(X x, double scale)
    {
        return std::tuple{choose<Less>(x, 0.0, not_a_number, scale / call<Abs>(x))};
    }
};

struct Log2 : log_op {
    static constexpr std::string_view name = "log2";
    static constexpr documentation about = {.formula = "y = log(x)/log(2)",
                                            .derivative = "dy = 1/(x log 2)",
                                            .at_singular_points =
                                                "inf at 0; NaN below, as the value",
                                            .numpy = "np.log2",
                                            .xtensor = "xt::log2",
                                            .torch = "torch.log2",
                                            .jax = "jnp.log2"};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{8.0}, 3, {0.18033688011112042}},
         {{1.0000000000000002}, 3.203426503814917e-16, {1.4426950408889632}},
         {{0.3}, -1.7369655941662063, {4.8089834696298785}},
         {{5e-324}, -1074, {infinity}},
         {{1.7e+308}, 1023.9193879716706, {8.486441416993903e-309}},
         {{0.0}, -infinity, {infinity}},
         {{-1.0}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        return math::log2(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return slope(x, 1.4426950408889634);
    }
};

struct Log10 : log_op {
    static constexpr std::string_view name = "log10";
    static constexpr documentation about = {.formula = "y = log(x)/log(10)",
                                            .derivative = "dy = 1/(x log 10)",
                                            .at_singular_points =
                                                "inf at 0; NaN below, as the value",
                                            .numpy = "np.log10",
                                            .xtensor = "xt::log10",
                                            .torch = "torch.log10",
                                            .jax = "jnp.log10"};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{1000.0}, 3, {0.00043429448190325184}},
         {{0.9999999999999999}, -4.821637332766436e-17, {0.43429448190325187}},
         {{0.3}, -0.5228787452803376, {1.4476482730108395}},
         {{5e-324}, -323.3062153431158, {infinity}},
         {{1.7e+308}, 308.2304489213783, {2.554673422960305e-309}},
         {{0.0}, -infinity, {infinity}},
         {{-1.0}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        return math::log10(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return slope(x, 0.4342944819032518);
    }
};

/// The product x(1 - x) is negative just where the value is NaN.
struct Logit : elementwise<1> {
    static constexpr std::string_view name = "logit";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.05, 0.95};
    static constexpr documentation about = {.formula = "y = log(x/(1 - x))",
                                            .derivative = "dy = 1/(x (1 - x))",
                                            .at_singular_points =
                                                "inf at 0 and 1; NaN outside, as the value",
                                            .numpy = "scipy.special.logit",
                                            .torch = "torch.logit",
                                            .jax = "jax.scipy.special.logit"};
    static constexpr std::array<reference_point<1>, 11> reference_points = {
        {{{0.5}, 0, {4}},
         {{0.5000000000000001}, 4.440892098500626e-16, {4}},
         {{0.49999999999999994}, -2.220446049250313e-16, {4}},
         {{0.9999999999999999}, 36.7368005696771, {9007199254740994.0}},
         {{1e-300}, -690.7755278982137, {9.999999999999999e+299}},
         {{0.3}, -0.8472978603872037, {4.761904761904762}},
         {{5e-324}, -744.4400719213812, {infinity}},
         {{0.0}, -infinity, {infinity}},
         {{1.0}, infinity, {infinity}},
         {{-0.1}, not_a_number, {not_a_number}},
         {{1.5}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        return math::logit(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X p = x * (1.0 - x);
        return std::tuple{choose<Less>(p, 0.0, not_a_number, 1.0 / call<Abs>(p))};
    }
};

/// At (0, y <= 0) nothing is taken from either operand; elsewhere x = 0 is an ordinary point, whose
/// second derivatives are those of x log y.
struct Xlogy : elementwise<2> {
    static constexpr std::string_view name = "xlogy";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 3.0};
    static constexpr documentation about = {
        .formula = "z = x log(y), 0 where x = 0 and y is no NaN",
        .derivative = "dz = (log(y), x/y)",
        .at_singular_points = "(0, 0) where x = 0 and y <= 0; NaN for other y < 0, as the value",
        .numpy = "scipy.special.xlogy",
        .torch = "torch.xlogy",
        .jax = "jax.scipy.special.xlogy"};
    static constexpr std::array<reference_point<2>, 9> reference_points = {
        {{{2.0, 3.0}, 2.1972245773362196, {1.0986122886681098, 0.6666666666666666}},
         {{0.0, 3.0}, 0, {1.0986122886681098, 0}},
         {{1e-300, 1e-300}, -6.9077552789821376e-298, {-690.7755278982137, 1}},
         {{3.0, 1.0000000000000002},
          6.661338147750938e-16,
          {2.2204460492503128e-16, 2.9999999999999996}},
         {{0.0, 0.0}, 0, {0, 0}},
         {{0.0, -1.0}, 0, {0, 0}},
         {{1.0, 0.0}, -infinity, {-infinity, infinity}},
         {{1.0, -1.0}, not_a_number, {not_a_number, not_a_number}},
         {{0.0, not_a_number}, not_a_number, {not_a_number, not_a_number}}}};
    template <class X>
    static X value(X x, X y)
    {
        return select(x == X(0), select(y == y, X(0), y), x * call<Log>(y));
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        const auto is_idle = call<Mul>(call<Equal>(x, 0.0), call<LessEqual>(y, 0.0));
        const X by_y = choose<Less>(y, 0.0, not_a_number, x / call<Abs>(y));
        return std::tuple{call<Where>(is_idle, 0.0, call<Log>(y)), call<Where>(is_idle, 0.0, by_y)};
    }
};

/// As for xlogy, with the pole at -1.
struct Xlog1py : elementwise<2> {
    static constexpr std::string_view name = "xlog1py";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 3.0};
    static constexpr documentation about = {
        .formula = "z = x log(1 + y), 0 where x = 0 and y is no NaN",
        .derivative = "dz = (log(1 + y), x/(1 + y))",
        .at_singular_points = "(0, 0) where x = 0 and y <= -1; NaN for other y < -1, as the value",
        .numpy = "scipy.special.xlog1py",
        .torch = "torch.special.xlog1py",
        .jax = "jax.scipy.special.xlog1py"};
    static constexpr std::array<reference_point<2>, 8> reference_points = {
        {{{2.0, 3.0}, 2.772588722239781, {1.3862943611198906, 0.5}},
         {{0.0, 3.0}, 0, {1.3862943611198906, 0}},
         {{1e+300, 1e-300}, 1, {1e-300, 1e+300}},
         {{3.0, -0.9999999999999999},
          -110.2104017090313,
          {-36.7368005696771, 2.7021597764222976e+16}},
         {{0.0, -1.0}, 0, {0, 0}},
         {{0.0, -2.0}, 0, {0, 0}},
         {{1.0, -1.0}, -infinity, {-infinity, infinity}},
         {{1.0, -2.0}, not_a_number, {not_a_number, not_a_number}}}};
    template <class X>
    static X value(X x, X y)
    {
        return select(x == X(0), select(y == y, X(0), y), x * call<Log1p>(y));
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        const auto is_idle = call<Mul>(call<Equal>(x, 0.0), call<LessEqual>(y, -1.0));
        const X by_y = choose<Less>(y, -1.0, not_a_number, x / (1.0 + y));
        return std::tuple{call<Where>(is_idle, 0.0, call<Log1p>(y)),
                          call<Where>(is_idle, 0.0, by_y)};
    }
};

struct Entr : elementwise<1> {
    static constexpr std::string_view name = "entr";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 2.0};
    static constexpr documentation about = {.formula = "y = -x log(x), 0 at 0, -inf for x < 0",
                                            .derivative = "dy = -1 - log(x)",
                                            .at_singular_points = "inf at 0; NaN for x < 0",
                                            .numpy = "scipy.special.entr",
                                            .torch = "torch.special.entr",
                                            .jax = "jax.scipy.special.entr"};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{0.5}, 0.34657359027997264, {-0.3068528194400547}},
         {{1.0}, 0, {-1}},
         {{1e-300}, 6.9077552789821376e-298, {689.7755278982137}},
         {{1e+300}, -6.907755278982137e+302, {-691.7755278982137}},
         {{0.3}, 0.3611918412977808, {0.20397280432593604}},
         {{0.0}, 0, {infinity}},
         {{-1.0}, -infinity, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        const X inside = select(x == X(0), X(0), -(x * call<Log>(x)));
        return select(x < X(0), X(-infinity), inside);
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{-1.0 - call<Log>(x)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The natural logarithm.
template <class E>
[[nodiscard]] auto log(expr<E> x)
{
    return detail::express<ops::Log>(std::move(x));
}
/// log(1 + x), exact near 0
template <class E>
[[nodiscard]] auto log1p(expr<E> x)
{
    return detail::express<ops::Log1p>(std::move(x));
}
/// The logarithm to base 2.
template <class E>
[[nodiscard]] auto log2(expr<E> x)
{
    return detail::express<ops::Log2>(std::move(x));
}
/// The logarithm to base 10.
template <class E>
[[nodiscard]] auto log10(expr<E> x)
{
    return detail::express<ops::Log10>(std::move(x));
}
/// log(x/(1 - x)), exact near 1/2: the inverse of sigmoid
template <class E>
[[nodiscard]] auto logit(expr<E> x)
{
    return detail::express<ops::Logit>(std::move(x));
}
/// x log(y), but 0 where x is 0
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto xlogy(X&& x, Y&& y)
{
    return detail::express<ops::Xlogy>(std::forward<X>(x), std::forward<Y>(y));
}
/// x log(1 + y), but 0 where x is 0
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto xlog1py(X&& x, Y&& y)
{
    return detail::express<ops::Xlog1py>(std::forward<X>(x), std::forward<Y>(y));
}
/// The entropy -x log(x).
template <class E>
[[nodiscard]] auto entr(expr<E> x)
{
    return detail::express<ops::Entr>(std::move(x));
}

} // namespace backtrail
