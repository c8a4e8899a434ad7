// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: roots, exponentials, logarithms and powers.
#pragma once

#include <backtrail/ops/arithmetic.hpp>
#include <backtrail/ops/comparison.hpp>

namespace backtrail::ops {

/// y = sqrt(x),  dy = 1/(2y): infinite at 0, as the limit is.
struct Sqrt : elementwise<1> {
    static constexpr std::string_view name = "sqrt";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0, {infinity}}, {{4.0}, 2, {0.25}}, {{1e-300}, 1e-150, {5e149}}}};
    template <class X>
    static X value(X x)
    {
        return math::sqrt(x.get());
    }
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{0.5 / y};
    }
};

/// y = exp(x),  dy = y
struct Exp : elementwise<1> {
    static constexpr std::string_view name = "exp";
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{1.0}, 2.718281828459045, {2.718281828459045}},
         {{-700.0}, 9.859676543759770e-305, {9.859676543759770e-305}},
         {{-740.0}, 4.199557757370e-322, {4.199557757370e-322}},
         {{710.0}, infinity, {infinity}}}};
    template <class X>
    static X value(X x)
    {
        return math::exp(x.get());
    }
    template <class X>
    static auto partials_from_output(X y)
    {
        return std::tuple{y};
    }
};

/// y = exp(x) - 1,  dy = exp(x): not y + 1, which loses every digit at large negative x.
struct Expm1 : elementwise<1> {
    static constexpr std::string_view name = "expm1";
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{-50.0}, -1, {1.9287498479639178e-22}}, {{1e-20}, 1e-20, {1}}, {{-0.0}, -0.0, {1}}}};
    template <class X>
    static X value(X x)
    {
        return math::expm1(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Exp>(x)};
    }
};

/// y = log(x),  dy = 1/x: infinite at 0; NaN, like the value, below it.
struct Log : elementwise<1> {
    static constexpr std::string_view name = "log";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 3.0};
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
        return std::tuple{call<Where>(call<Less>(x, 0.0), not_a_number, 1.0 / call<Abs>(x))};
    }
};

/// y = log(1 + x),  dy = 1/(1 + x): 1 + x is exact near -1, where it matters.
struct Log1p : elementwise<1> {
    static constexpr std::string_view name = "log1p";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {-0.9, 3.0};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{-1.0}, -infinity, {infinity}},
         {{-2.0}, not_a_number, {not_a_number}},
         {{1e-20}, 1e-20, {1}},
         {{-0.0}, -0.0, {1}}}};
    template <class X>
    static X value(X x)
    {
        return math::log1p(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Where>(call<Less>(x, -1.0), not_a_number, 1.0 / (1.0 + x))};
    }
};

/// z = x^y,  dz = (y x^(y-1), z log x), with three conventions:
///   case 1, y = 0: the result is constant in x, so the first partial is 0 (not 0 * inf at x = 0);
///   case 2, z = 0: the second partial is 0, the limit of z log x;
///   case 3, x = y = 0: the second partial is 0, the derivative along y >= 0 but at the jump.
struct Pow : elementwise<2> {
    static constexpr std::string_view name = "pow";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 2.5};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{0.0, 0.0}, 1, {0, 0}},
         {{0.0, 1.0}, 0, {1, 0}},
         {{0.0, 2.0}, 0, {0, 0}},
         {{0.0, 0.5}, 0, {infinity, 0}},
         {{0.0, -1.0}, infinity, {-infinity, -infinity}},
         {{-2.0, 2.0}, 4, {-4, not_a_number}},
         {{1.5, 1000.0},
          1.23384059690617348e176,
          {8.22560397937448986e178, 5.00279311012803701e175}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::pow(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_both(X z, X x, X y)
    {
        const auto y_is_zero = call<Equal>(y, 0.0);
        const X base = call<Where>(y_is_zero, call<Where>(call<Equal>(x, 0.0), 1.0, x), x);
        return std::tuple{call<Where>(y_is_zero, 0.0, y * call<Pow>(x, y - 1.0)),
                          call<Where>(call<Equal>(z, 0.0), 0.0, z * call<Log>(base))};
    }
};

using exponential = op_list<Sqrt, Exp, Expm1, Log, Log1p, Pow>;

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
/// x to the power y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto pow(X&& x, Y&& y)
{
    return detail::express<ops::Pow>(std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
