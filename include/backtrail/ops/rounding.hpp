// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: rounding to integers, remainders of division, and the transfer of a sign.
#pragma once

#include <backtrail/ops/math/rounding.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// Steps are flat, but a NaN shall not vanish on the way back.
struct Flat : elementwise<1>, word<Flat> {
    static constexpr documentation about = {.formula = "y = 0, NaN where x is NaN",
                                            .derivative = "dy = 0"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.5}, 0, {0}}, {{infinity}, 0, {0}}, {{not_a_number}, not_a_number, {0}}}};
    static constexpr auto partials_constant() { return std::tuple{0.0}; }
};

/// The common part of the functions that round to integers.
struct step_op : elementwise<1> {
    static constexpr bool accepts_integers = true; // and leaves them as they are
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {0.1, 0.9};
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Flat>(x)};
    }
};

struct Floor : step_op {
    static constexpr std::string_view name = "floor";
    static constexpr documentation about = {.formula = "y = ⌊x⌋",
                                            .derivative = "dy = 0",
                                            .at_singular_points = "0 at the steps too; NaN at NaN",
                                            .numpy = "np.floor",
                                            .xtensor = "xt::floor",
                                            .torch = "torch.floor",
                                            .jax = "jnp.floor"};
    static constexpr std::array<reference_point<1>, 7> reference_points = {
        {{{-0.5}, -1, {0}},
         {{2.75}, 2, {0}},
         {{-0.0}, -0.0, {0}},
         {{4503599627370495.5}, 4503599627370495.0, {0}},
         {{1e+300}, 1e+300, {0}},
         {{-infinity}, -infinity, {0}},
         {{not_a_number}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        if constexpr (std::integral<typename X::value_type>) {
            return x;
        } else {
            return math::floor(x.get());
        }
    }
};

struct Ceil : step_op {
    static constexpr std::string_view name = "ceil";
    static constexpr documentation about = {.formula = "y = ⌈x⌉",
                                            .derivative = "dy = 0",
                                            .at_singular_points = "0 at the steps too; NaN at NaN",
                                            .numpy = "np.ceil",
                                            .xtensor = "xt::ceil",
                                            .torch = "torch.ceil",
                                            .jax = "jnp.ceil"};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{-0.5}, -0.0, {0}},
         {{2.25}, 3, {0}},
         {{4503599627370495.5}, 4503599627370496.0, {0}},
         {{-1e+300}, -1e+300, {0}},
         {{infinity}, infinity, {0}},
         {{not_a_number}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        if constexpr (std::integral<typename X::value_type>) {
            return x;
        } else {
            return math::ceil(x.get());
        }
    }
};

/// Halves go to the even neighbour, as in IEEE 754, NumPy, LibTorch and JAX; std::round and xt::round
/// take them away from zero.
struct Round : step_op {
    static constexpr std::string_view name = "round";
    static constexpr interval domain = {0.6, 1.4};
    static constexpr documentation about = {.formula =
                                                "y = the integer nearest to x, halves to even",
                                            .derivative = "dy = 0",
                                            .at_singular_points = "0 at the steps too; NaN at NaN",
                                            .numpy = "np.round",
                                            .xtensor = "xt::rint",
                                            .torch = "torch.round",
                                            .jax = "jnp.round"};
    static constexpr std::array<reference_point<1>, 8> reference_points = {
        {{{0.5}, 0, {0}},
         {{1.5}, 2, {0}},
         {{2.5}, 2, {0}},
         {{-0.5}, -0.0, {0}},
         {{0.49999999999999994}, 0, {0}},
         {{4503599627370498.0}, 4503599627370498.0, {0}},
         {{infinity}, infinity, {0}},
         {{not_a_number}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        if constexpr (std::integral<typename X::value_type>) {
            return x;
        } else {
            return math::rint(x.get());
        }
    }
};

struct Trunc : step_op {
    static constexpr std::string_view name = "trunc";
    static constexpr documentation about = {.formula = "y = x without its fraction",
                                            .derivative = "dy = 0",
                                            .at_singular_points = "0 at the steps too; NaN at NaN",
                                            .numpy = "np.trunc",
                                            .xtensor = "xt::trunc",
                                            .torch = "torch.trunc",
                                            .jax = "jnp.trunc"};
    static constexpr std::array<reference_point<1>, 6> reference_points = {
        {{{-2.75}, -2, {0}},
         {{2.75}, 2, {0}},
         {{-0.5}, -0.0, {0}},
         {{4503599627370495.5}, 4503599627370495.0, {0}},
         {{-infinity}, -infinity, {0}},
         {{not_a_number}, not_a_number, {not_a_number}}}};
    template <class X>
    static X value(X x)
    {
        if constexpr (std::integral<typename X::value_type>) {
            return x;
        } else {
            return math::trunc(x.get());
        }
    }
};

struct Frac : elementwise<1> {
    static constexpr std::string_view name = "frac";
    static constexpr interval domain = {0.1, 0.9};
    static constexpr documentation about = {.formula = "y = x - trunc(x)",
                                            .derivative = "dy = 1",
                                            .at_singular_points = "1 at the steps too",
                                            .torch = "torch.frac"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{-2.75}, -0.75, {1}},
         {{2.75}, 0.75, {1}},
         {{1e+300}, 0, {1}},
         {{infinity}, not_a_number, {1}}}};
    template <class X>
    static X value(X x)
    {
        return x - call<Trunc>(x);
    }
    static constexpr auto partials_constant() { return std::tuple{1.0}; }
};

/// Exact. The quotient is found again from the result, (x - z)/y, for x/y as rounded may have reached the
/// next integer. By an integer 0 the result is 0, as in NumPy.
struct Fmod : elementwise<2> {
    static constexpr std::string_view name = "fmod";
    static constexpr bool accepts_integers = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {1.05, 1.95}; // few quotients near an integer
    static constexpr documentation about = {
        .formula = "z = x - trunc(x/y) y, with the sign of x",
        .derivative = "dz = (1, -trunc(x/y))",
        .at_singular_points = "the derivative of the formula at the steps too; NaN by y at y = 0",
        .numpy = "np.fmod",
        .xtensor = "xt::fmod",
        .torch = "torch.fmod",
        .jax = "jnp.fmod"};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{-7.0, 3.0}, -1, {1, 2}},
         {{7.0, -3.0}, 1, {1, 2}},
         {{-6.0, 3.0}, -0.0, {1, 2}},
         {{2.0, infinity}, 2, {1, 0}},
         {{1e+300, 3.0}, 0, {1, -3.3333333333333335e+299}},
         {{1.0, 0.0}, not_a_number, {1, not_a_number}},
         {{infinity, 2.0}, not_a_number, {1, not_a_number}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::fmod(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_both(X z, X x, X y)
    {
        return std::tuple{1.0, -call<Round>((x - z) / y)};
    }
};

/// Exact but where the sign of y forces one addition. The quotient as for fmod.
struct Remainder : elementwise<2> {
    static constexpr std::string_view name = "remainder";
    static constexpr bool accepts_integers = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr interval domain = {1.05, 1.95}; // few quotients near an integer
    static constexpr documentation about = {
        .formula = "z = x - floor(x/y) y, with the sign of y",
        .derivative = "dz = (1, -floor(x/y))",
        .at_singular_points = "the derivative of the formula at the steps too; NaN by y at y = 0",
        .numpy = "np.remainder",
        .torch = "torch.remainder",
        .jax = "jnp.remainder"};
    static constexpr std::array<reference_point<2>, 7> reference_points = {
        {{{-7.0, 3.0}, 2, {1, 3}},
         {{7.0, -3.0}, -2, {1, 3}},
         {{-6.0, 3.0}, 0, {1, 2}},
         {{-1.0, infinity}, infinity, {1, not_a_number}},
         {{1e+300, 3.0}, 0, {1, -3.3333333333333335e+299}},
         {{-1e-20, 3.0}, 3, {1, 1}},
         {{1.0, 0.0}, not_a_number, {1, not_a_number}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::remainder(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_both(X z, X x, X y)
    {
        return std::tuple{1.0, -call<Round>((x - z) / y)};
    }
};

/// The sign of a zero or of a NaN counts.
struct Copysign : elementwise<2> {
    static constexpr std::string_view name = "copysign";
    static constexpr scaling scales = scaling::masked;
    static constexpr documentation about = {.formula = "z = |x| with the sign of y",
                                            .derivative = "dz = (sign(x) sign(y), 0)",
                                            .at_singular_points = "0 at x = 0",
                                            .numpy = "np.copysign",
                                            .torch = "torch.copysign",
                                            .jax = "jnp.copysign"};
    static constexpr std::array<reference_point<2>, 6> reference_points = {
        {{{2.0, -3.0}, -2, {-1, 0}},
         {{-2.0, -3.0}, -2, {1, 0}},
         {{-2.0, 0.0}, 2, {-1, 0}},
         {{2.0, -0.0}, -2, {-1, 0}},
         {{0.0, -1.0}, -0.0, {-0.0, 0}},
         {{not_a_number, 1.0}, not_a_number, {not_a_number, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return math::copysign(x.get(), y.get());
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Sign>(x) * call<Copysign>(1.0, y), 0.0};
    }
};

using rounding = op_list<Flat, Floor, Ceil, Round, Trunc, Frac, Fmod, Remainder, Copysign>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::rounding> {
    using list = ops::rounding;
};

/// The largest integer not above x; integers stay.
template <class E>
[[nodiscard]] auto floor(expr<E> x)
{
    return detail::express<ops::Floor>(std::move(x));
}
/// The smallest integer not below x; integers stay.
template <class E>
[[nodiscard]] auto ceil(expr<E> x)
{
    return detail::express<ops::Ceil>(std::move(x));
}
/// The integer nearest to x, halves to even; integers stay.
template <class E>
[[nodiscard]] auto round(expr<E> x)
{
    return detail::express<ops::Round>(std::move(x));
}
/// x without its fraction; integers stay.
template <class E>
[[nodiscard]] auto trunc(expr<E> x)
{
    return detail::express<ops::Trunc>(std::move(x));
}
/// The fraction x - trunc(x), with the sign of x.
template <class E>
[[nodiscard]] auto frac(expr<E> x)
{
    return detail::express<ops::Frac>(std::move(x));
}
/// The remainder of x/y with the sign of x, as C has it.
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto fmod(X&& x, Y&& y)
{
    return detail::express<ops::Fmod>(std::forward<X>(x), std::forward<Y>(y));
}
/// The remainder of x/y with the sign of y, as Python has it.
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto remainder(X&& x, Y&& y)
{
    return detail::express<ops::Remainder>(std::forward<X>(x), std::forward<Y>(y));
}
/// |x| with the sign of y.
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto copysign(X&& x, Y&& y)
{
    return detail::express<ops::Copysign>(std::forward<X>(x), std::forward<Y>(y));
}

} // namespace backtrail
