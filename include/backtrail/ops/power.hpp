// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops of the family exponential: powers. The family's list is in exponential.hpp.
#pragma once

#include <backtrail/ops/logarithmic.hpp>

namespace backtrail::ops {

/// The partial of pow by x. y - 1 is rounded for most y < 1, which x^(y-1) as a power of its own would
/// amplify by |log x|; and the factor keeps results alive that x^(y-1) alone overflows or underflows.
struct PowByBase : elementwise<2> {
    static constexpr std::string_view name = "pow_by_base";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 2.5};
    static constexpr documentation about = {.formula = "z = y x^(y-1)",
                                            .derivative =
                                                "dz = (y (y-1) x^(y-2), x^(y-1) (1 + y log x))",
                                            .at_singular_points = "z = 0 where y = 0"};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{1.5, 2.5}, 4.592793267718459, {4.592793267718459, 3.699334725901298}},
         {{0.3, 0.3}, 0.696845301935949, {-1.625972371183881, 1.4838348807666517}},
         {{10000000000.0, 0.75},
          0.0023717082451262844,
          {-5.929270612815712e-14, 0.057772878161756885}},
         {{0.0, 2.0}, 0, {2, 0}},
         {{0.0, 1.0}, 1, {0, -infinity}},
         {{-2.0, 3.0}, 12, {-12, not_a_number}},
         {{2.0, 0.0}, 0, {0, 0.5}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::pow_by_base(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_inputs(X x, X y);
};

/// The partial of pow by y.
struct PowByPower : elementwise<2> {
    static constexpr std::string_view name = "pow_by_power";
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 2.5};
    static constexpr documentation about = {
        .formula = "z = x^y log x",
        .derivative = "dz = (x^(y-1) (1 + y log x), x^y log² x)",
        .at_singular_points = "z = 0 where x^y = 0 and at (0, 0); NaN for x < 0"};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{1.5, 2.5}, 1.1173304512883486, {3.699334725901298, 0.4530385122241744}},
         {{0.3, 0.3}, -0.8389827923531781, {1.4838348807666517, 1.0101124652906603}},
         {{10000000000.0, 0.75}, 728141340.02118, {0.057772878161756885, 16766073951.25478}},
         {{0.0, 2.0}, 0, {0, 0}},
         {{0.0, 1.0}, 0, {-infinity, 0}},
         {{0.0, 0.0}, 0, {infinity, 0}},
         {{-2.0, 2.0}, not_a_number, {not_a_number, not_a_number}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::pow_by_power(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_inputs(X x, X y);
};

/// The conventions are numbered where they are computed, in math/pow.hpp. Exponents 2, 3, 1, -1 and 1/2
/// cost a few products, and for a literal exponent no logarithm is taken.
struct Pow : elementwise<2>, word<Pow> {
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.3, 2.5};
    static constexpr documentation about = {
        .formula = "z = x^y",
        .derivative = "dz = (y x^(y-1), z log x)",
        .at_singular_points =
            "by x: 0 where y = 0, inf at (0, 1/2); by y: 0 where z = 0 and at (0, 0), "
            "NaN for x < 0; values as in C99",
        .numpy = "np.power",
        .xtensor = "xt::pow",
        .torch = "torch.pow",
        .jax = "jnp.power"};
    static constexpr std::array<reference_point<2>, 17> reference_points = {
        {{{1.5, 1000.0}, 1.2338405969061735e+176, {8.225603979374489e+178, 5.002793110128037e+175}},
         {{10000000000.0, 0.3}, 999.9999999999998, {2.999999999999999e-08, 23025.85092994045}},
         {{1e+300, 0.1}, 1.0000000000000038e+30, {1.0000000000000039e-271, 6.907755278982164e+32}},
         {{1e-320, 0.001}, 0.4786300869941073, {infinity, -352.6676864072749}},
         {{0.9999999999999999, 1e+18},
          6.076124616751106e-49,
          {6.076124616751106e-31, -6.745853450008784e-65}},
         {{3.0, 3.0}, 27, {27, 29.662531794038962}},
         {{5.0, -2.0}, 0.04, {-0.016, 0.06437751649736402}},
         {{0.0, 0.0}, 1, {0, 0}},
         {{0.0, 1.0}, 0, {1, 0}},
         {{0.0, 2.0}, 0, {0, 0}},
         {{0.0, 0.5}, 0, {infinity, 0}},
         {{0.0, -1.0}, infinity, {-infinity, -infinity}},
         {{-2.0, 2.0}, 4, {-4, not_a_number}},
         {{-2.0, 3.0}, -8, {12, not_a_number}},
         {{-2.0, 0.5}, not_a_number, {not_a_number, not_a_number}},
         {{not_a_number, 0.0}, 1, {0, not_a_number}},
         {{1.0, infinity}, 1, {infinity, 0}}}};
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<PowByBase>(x, y), call<PowByPower>(x, y)};
    }
};

namespace detail {

/// d²(x^y)/dx dy = x^(y-1) (1 + y log x). Zeros win: at x = 0, y = 2 the power beats the logarithm.
template <class X>
auto mixed_partial_of_pow(X x, X y)
{
    return call<Masked>(call<Pow>(x, y - 1.0), 1.0 + call<Masked>(y, call<Log>(x)));
}

} // namespace detail

template <class X>
auto PowByBase::partials_from_inputs(X x, X y)
{
    return std::tuple{call<Masked>(y, call<PowByBase>(x, y - 1.0)),
                      detail::mixed_partial_of_pow(x, y)};
}
template <class X>
auto PowByPower::partials_from_inputs(X x, X y)
{
    return std::tuple{detail::mixed_partial_of_pow(x, y),
                      call<Masked>(call<PowByPower>(x, y), call<Log>(x))};
}

} // namespace backtrail::ops

namespace backtrail {

/// x to the power y
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto pow(X&& x, Y&& y)
{
    return detail::express<ops::Pow>(std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
