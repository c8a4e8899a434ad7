// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: the special functions of statistics and physics.
#pragma once

#include <backtrail/ops/exponential.hpp>

namespace backtrail::ops {

/// y = exp(-x²), with x² kept in two parts so that the tail keeps its digits;  dy = -2 x y
struct Gaussian : elementwise<1> {
    static constexpr std::string_view name = "gaussian";
    static constexpr std::array<reference_point<1>, 2> reference_points = {
        {{{0.0}, 1, {0}}, {{26.0}, 2.61174176128405547e-294, {-1.35810571586770884e-292}}}};
    template <class X>
    static X value(X x)
    {
        return math::gaussian(x.get());
    }
    template <class X>
    static auto partials_from_both(X y, X x)
    {
        return std::tuple{-2.0 * x * y};
    }
};

/// y = erf(x) = 2/sqrt(pi) ∫₀ˣ exp(-t²) dt,  dy = 2/sqrt(pi) exp(-x²)
struct Erf : elementwise<1> {
    static constexpr std::string_view name = "erf";
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.5}, 0.5204998778130465, {0.8787825789354448}},
         {{5.0}, 0.9999999999984626, {1.56708665310173353e-11}},
         {{1e300}, 1, {0}},
         {{-0.0}, -0.0, {1.1283791670955126}}}};
    template <class X>
    static X value(X x)
    {
        return math::erf(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{1.1283791670955126 * call<Gaussian>(x)}; // 2/sqrt(pi)
    }
};

using special = op_list<Gaussian, Erf>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::special> {
    using list = ops::special;
};

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

} // namespace backtrail
