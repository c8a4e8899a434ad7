// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops of the family exponential: logarithms of sums of two exponentials, and the shares in
// them. The family's list is in exponential.hpp.
#pragma once

#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// The share of exp(x) in exp(x) + exp(y): the partial of logaddexp, whose own partials are its product
/// with the other share, so that nothing cancels in either tail.
struct ExpShare : elementwise<2> {
    static constexpr std::string_view name = "exp_share";
    static constexpr documentation about = {
        .formula = "z = 1/(1 + exp(y - x))",
        .derivative = "dz = (z w, -z w), w = 1/(1 + exp(x - y))",
        .at_singular_points = "z = 1/2 for two infinities, 0 for two negative ones"};
    static constexpr std::array<reference_point<2>, 5> reference_points = {
        {{{1.0, 1.0}, 0.5, {0.25, -0.25}},
         {{-0.3, 700.25},
          5.688538512335132e-305,
          {5.688538512335132e-305, -5.688538512335132e-305}},
         {{40.0, 0.0}, 1, {4.248354255291589e-18, -4.248354255291589e-18}},
         {{-infinity, -infinity}, 0, {0, -0.0}},
         {{infinity, infinity}, 0.5, {0.25, -0.25}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::exp_share(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_both(X z, X x, X y)
    {
        const X slope = z * call<ExpShare>(y, x);
        return std::tuple{slope, -slope};
    }
};

struct Logaddexp : elementwise<2> {
    static constexpr std::string_view name = "logaddexp";
    static constexpr documentation about = {
        .formula = "z = log(exp(x) + exp(y)), without overflow",
        .derivative = "dz = (exp(x - z), exp(y - z))",
        .at_singular_points = "shared by two infinities, (0, 0) for two negative ones",
        .numpy = "np.logaddexp",
        .torch = "torch.logaddexp",
        .jax = "jnp.logaddexp"};
    static constexpr std::array<reference_point<2>, 9> reference_points = {
        {{{0.0, 0.0}, 0.6931471805599453, {0.5, 0.5}},
         {{1000.0, 1000.0}, 1000.6931471805599, {0.5, 0.5}},
         {{0.0, -700.0}, 9.85967654375977e-305, {1, 9.85967654375977e-305}},
         {{700.25, -0.3}, 700.25, {1, 5.688538512335132e-305}},
         {{-1e-10, -25.0}, -8.611205613374363e-11, {0.9999999999861121, 1.388794386615994e-11}},
         {{-infinity, -infinity}, -infinity, {0, 0}},
         {{infinity, infinity}, infinity, {0.5, 0.5}},
         {{infinity, 1.0}, infinity, {1, 0}},
         {{-infinity, 1.0}, 1, {0, 1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::logaddexp(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<ExpShare>(x, y), call<ExpShare>(y, x)};
    }
};

/// As ExpShare, to base 2.
struct Exp2Share : elementwise<2> {
    static constexpr std::string_view name = "exp2_share";
    static constexpr documentation about = {
        .formula = "z = 1/(1 + 2^(y - x))",
        .derivative = "dz = log(2) (z w, -z w), w = 1/(1 + 2^(x - y))",
        .at_singular_points = "z = 1/2 for two infinities, 0 for two negative ones"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{1.0, 1.0}, 0.5, {0.17328679513998632, -0.17328679513998632}},
         {{-0.3, 1000.25},
          6.374378365198366e-302,
          {4.4183823916595615e-302, -4.4183823916595615e-302}},
         {{40.0, 0.0}, 0.9999999999990905, {6.304136882669668e-13, -6.304136882669668e-13}},
         {{-infinity, -infinity}, 0, {0, -0.0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::exp2_share(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_both(X z, X x, X y)
    {
        const X slope = 0.6931471805599453 * (z * call<Exp2Share>(y, x));
        return std::tuple{slope, -slope};
    }
};

struct Logaddexp2 : elementwise<2> {
    static constexpr std::string_view name = "logaddexp2";
    static constexpr documentation about = {
        .formula = "z = log2(2^x + 2^y), without overflow",
        .derivative = "dz = (2^(x - z), 2^(y - z))",
        .at_singular_points = "shared by two infinities, (0, 0) for two negative ones",
        .numpy = "np.logaddexp2",
        .torch = "torch.logaddexp2",
        .jax = "jnp.logaddexp2"};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{0.0, 0.0}, 1, {0.5, 0.5}},
         {{2000.0, 2000.0}, 2001, {0.5, 0.5}},
         {{0.0, -1000.0}, 1.3464147942566833e-301, {1, 9.332636185032189e-302}},
         {{1000.25, -0.3}, 1000.25, {1, 6.374378365198366e-302}},
         {{-infinity, -infinity}, -infinity, {0, 0}},
         {{infinity, infinity}, infinity, {0.5, 0.5}},
         {{-infinity, 1.0}, 1, {0, 1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::logaddexp2(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Exp2Share>(x, y), call<Exp2Share>(y, x)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// log(exp(x) + exp(y)), without overflow
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto logaddexp(X&& x, Y&& y)
{
    return detail::express<ops::Logaddexp>(std::forward<X>(x), std::forward<Y>(y));
}
/// log2(2^x + 2^y), without overflow
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto logaddexp2(X&& x, Y&& y)
{
    return detail::express<ops::Logaddexp2>(std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
