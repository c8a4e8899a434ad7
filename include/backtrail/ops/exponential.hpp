// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: roots and exponentials here; logarithms, logarithms of sums and powers in headers of
// their own, which belong to this family.
#pragma once

#include <backtrail/ops/log_sum.hpp>
#include <backtrail/ops/logarithmic.hpp>
#include <backtrail/ops/math/cbrt.hpp>
#include <backtrail/ops/math/exp.hpp>
#include <backtrail/ops/math/plane.hpp>
#include <backtrail/ops/power.hpp>

namespace backtrail::ops {

struct Sqrt : elementwise<1>, word<Sqrt> {
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
    static constexpr documentation about = {.formula = "y = √x",
                                            .derivative = "dy = 1/(2y)",
                                            .at_singular_points =
                                                "inf at 0; NaN below, as the value",
                                            .numpy = "np.sqrt",
                                            .xtensor = "xt::sqrt",
                                            .torch = "torch.sqrt",
                                            .jax = "jnp.sqrt"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0, {infinity}}, {{4.0}, 2, {0.25}}, {{1e-300}, 1e-150, {5e149}}}};
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{0.5 / y};
    }
};

/// The partial is -y/(2x) rather than -y³/2, which is wrong by three times the error of y.
struct Rsqrt : elementwise<1>, word<Rsqrt> {
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
    static constexpr documentation about = {.formula = "y = 1/√x",
                                            .derivative = "dy = -y/(2x)",
                                            .at_singular_points =
                                                "-inf at 0; NaN below, as the value",
                                            .torch = "torch.rsqrt",
                                            .jax = "jax.lax.rsqrt"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{4.0}, 0.5, {-0.0625}},
         {{1e-200}, 1e+100, {-5e+299}},
         {{1e-310}, 1.0000000000000016e+155, {-infinity}},
         {{3.0}, 0.5773502691896257, {-0.09622504486493763}},
         {{1e+300}, 1e-150, {-0.0}},
         {{0.0}, infinity, {-infinity}},
         {{infinity}, 0, {-0.0}},
         {{-1.0}, not_a_number, {not_a_number}}}};
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-0.5 * y / x};
    }
};

struct Cbrt : elementwise<1> {
    static constexpr std::string_view name = "cbrt";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
    static constexpr documentation about = {.formula = "y = ∛x",
                                            .derivative = "dy = 1/(3y²)",
                                            .at_singular_points = "inf at 0",
                                            .numpy = "np.cbrt",
                                            .xtensor = "xt::cbrt",
                                            .jax = "jnp.cbrt"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{27.0}, 3, {0.037037037037037035}},
         {{-2.0}, -1.2599210498948732, {0.20998684164914552}},
         {{5e-324}, 1.7031839360032603e-108, {1.1490942214795806e+215}},
         {{1e+300}, 1e+100, {3.3333333333333335e-201}},
         {{0.3}, 0.6694329500821695, {0.7438143889801884}},
         {{0.0}, 0, {infinity}},
         {{-0.0}, -0.0, {infinity}},
         {{-infinity}, -infinity, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::cbrt(x.get());
    }
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{0.3333333333333333 / (y * y)};
    }
};

struct Exp : elementwise<1>, word<Exp> {
    static constexpr documentation about = {.formula = "y = exp(x)",
                                            .derivative = "dy = y",
                                            .numpy = "np.exp",
                                            .xtensor = "xt::exp",
                                            .torch = "torch.exp",
                                            .jax = "jnp.exp"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{1.0}, 2.718281828459045, {2.718281828459045}},
         {{-700.0}, 9.859676543759770e-305, {9.859676543759770e-305}},
         {{-740.0}, 4.199557757370e-322, {4.199557757370e-322}},
         {{710.0}, infinity, {infinity}}}};
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{y};
    }
};

/// The derivative is not y + 1, which loses every digit at large negative x.
struct Expm1 : elementwise<1>, word<Expm1> {
    static constexpr documentation about = {.formula = "y = exp(x) - 1",
                                            .derivative = "dy = exp(x)",
                                            .numpy = "np.expm1",
                                            .xtensor = "xt::expm1",
                                            .torch = "torch.expm1",
                                            .jax = "jnp.expm1"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{-50.0}, -1, {1.9287498479639178e-22}}, {{1e-20}, 1e-20, {1}}, {{-0.0}, -0.0, {1}}}};
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Exp>(x)};
    }
};

struct Exp2 : elementwise<1> {
    static constexpr std::string_view name = "exp2";
    static constexpr documentation about = {.formula = "y = 2^x",
                                            .derivative = "dy = y log 2",
                                            .numpy = "np.exp2",
                                            .xtensor = "xt::exp2",
                                            .torch = "torch.exp2",
                                            .jax = "jnp.exp2"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{0.0}, 1, {0.6931471805599453}},
         {{10.0}, 1024, {709.782712893384}},
         {{-1074.0}, 5e-324, {5e-324}},
         {{0.3}, 1.2311444133449163, {0.8533642789721566}},
         {{-1022.7}, 1.3696936250904357e-308, {9.493992744623664e-309}},
         {{1023.9}, 1.6773070034857416e+308, {1.1626206203995922e+308}},
         {{1024.0}, infinity, {infinity}},
         {{-infinity}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return math::exp2(x.get());
    }
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{0.6931471805599453 * y};
    }
};

/// The cosine of the angle of (x, y), partial of hypot: an op of its own, for x/hypot(x, y) has lost its
/// digits where the hypot is denormal, and is 0 where it overflows.
struct Direction : elementwise<2> {
    static constexpr std::string_view name = "direction";
    static constexpr scaling scales = scaling::masked;
    static constexpr documentation about = {.formula = "z = x/√(x² + y²)",
                                            .derivative =
                                                "dz = (w², -z w)/√(x² + y²), w = y/√(x² + y²)",
                                            .at_singular_points = "z = 0 and dz = 0 at (0, 0)"};
    static constexpr std::array<reference_point<2>, 5> reference_points = {
        {{{3.0, 4.0}, 0.6, {0.128, -0.096}},
         {{1e+300, 1e+299}, 0.9950371902099892, {9.851853368415734e-303, -9.851853368415734e-302}},
         {{1e-310, 1e-300},
          9.999999999999969e-11,
          {9.999999999999999e+299, -9.99999999999997e+289}},
         {{0.0, 0.0}, 0, {0, 0}},
         {{infinity, 1.0}, 1, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::direction(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_both(X z, X x, X y);
};

struct Hypot : elementwise<2>, word<Hypot> {
    static constexpr documentation about = {.formula = "z = √(x² + y²), without overflow",
                                            .derivative = "dz = (x, y)/z",
                                            .at_singular_points = "(0, 0) at (0, 0)",
                                            .numpy = "np.hypot",
                                            .xtensor = "xt::hypot",
                                            .torch = "torch.hypot",
                                            .jax = "jnp.hypot"};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{3.0, 4.0}, 5, {0.6, 0.8}},
         {{1e+300, 1e+300}, 1.4142135623730952e+300, {0.7071067811865476, 0.7071067811865476}},
         {{5e-324, 1e-320}, 1e-320, {0.0004940710859421312, 0.9999998779468736}},
         {{1.5e+308, 1.5e+308}, infinity, {0.7071067811865476, 0.7071067811865476}},
         {{-1e-200, 1e+200}, 1e+200, {-0.0, 1}},
         {{0.0, 0.0}, 0, {0, 0}},
         {{infinity, -infinity}, infinity, {0.7071067811865476, -0.7071067811865476}}}};
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Direction>(x, y), call<Direction>(y, x)};
    }
};

template <class X>
auto Direction::partials_from_both(X z, X x, X y)
{
    const X w = call<Direction>(y, x);
    const X inverse = 1.0 / call<Hypot>(x, y);
    return std::tuple{call<Masked>(w * w, inverse), -call<Masked>(z * w, inverse)};
}

/// log(1 - exp(-x)) has two forms (Maechler 2012): below log(2) the difference is small and expm1 has it
/// exactly; above, its logarithm is small and log1p has it. The partial is 1/expm1(x) rather than
/// exp(-x - y), whose exponent has lost digits.
struct Log1mexp : elementwise<1> {
    static constexpr std::string_view name = "log1mexp";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
    static constexpr documentation about = {.formula = "y = log(1 - exp(-x))",
                                            .derivative = "dy = 1/(exp(x) - 1)",
                                            .at_singular_points =
                                                "inf at 0; NaN below, as the value",
                                            .jax = "jax.nn.log1mexp"};
    static constexpr std::array<reference_point<1>, 10> reference_points = {
        {{{1.0}, -0.4586751453870819, {0.5819767068693265}},
         {{1e-10}, -23.025850929990458, {9999999999.5}},
         {{0.6931471805599453}, -0.6931471805599453, {1.0}},
         {{0.7}, -0.6863410028083852, {0.9864338636344634}},
         {{40.0}, -4.248354255291589e-18, {4.248354255291589e-18}},
         {{700.0}, -9.85967654375977e-305, {9.85967654375977e-305}},
         {{1e-300}, -690.7755278982137, {9.999999999999999e+299}},
         {{0.0}, -infinity, {infinity}},
         {{infinity}, 0, {0}},
         {{-1.0}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        const X near = call<Log>(-call<Expm1>(-x)), far = call<Log1p>(-call<Exp>(-x));
        return select(x < X(0.6931471805599453), near, far);
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X slope = 1.0 / call<Abs>(call<Expm1>(x));
        return std::tuple{choose<Less>(x, 0.0, not_a_number, slope)};
    }
};

using exponential = op_list<Sqrt, Rsqrt, Cbrt, Exp, Expm1, Exp2, Log, Log1p, Log2, Log10, Logit,
                            Log1mexp, Xlogy, Xlog1py, Entr, ExpShare, Logaddexp, Exp2Share,
                            Logaddexp2, Direction, Hypot, PowByBase, PowByPower, Pow>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::exponential> {
    using list = ops::exponential;
};

/// The square root; its derivative at 0 is infinite.
template <class E>
[[nodiscard]] auto sqrt(expr<E> x)
{
    return detail::express<ops::Sqrt>(std::move(x));
}
/// 1/√x
template <class E>
[[nodiscard]] auto rsqrt(expr<E> x)
{
    return detail::express<ops::Rsqrt>(std::move(x));
}
/// The cube root, of negative numbers too.
template <class E>
[[nodiscard]] auto cbrt(expr<E> x)
{
    return detail::express<ops::Cbrt>(std::move(x));
}
/// exp(x)
template <class E>
[[nodiscard]] auto exp(expr<E> x)
{
    return detail::express<ops::Exp>(std::move(x));
}
/// exp(x) - 1, exact near 0
template <class E>
[[nodiscard]] auto expm1(expr<E> x)
{
    return detail::express<ops::Expm1>(std::move(x));
}
/// 2 to the power x
template <class E>
[[nodiscard]] auto exp2(expr<E> x)
{
    return detail::express<ops::Exp2>(std::move(x));
}
/// √(x² + y²), without overflow
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto hypot(X&& x, Y&& y)
{
    return detail::express<ops::Hypot>(std::forward<X>(x), std::forward<Y>(y));
}
/// log(1 - exp(-x)), exact near 0 and far out: the logarithm of the probability that is left
template <class E>
[[nodiscard]] auto log1mexp(expr<E> x)
{
    return detail::express<ops::Log1mexp>(std::move(x));
}

} // namespace backtrail
