// SPDX-License-Identifier: BSD-3-Clause
// Comparisons, part two: what a single number can be asked. The results are bool, without derivative.
#pragma once

#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// The common part of the five that follow, of one operand. Infinities and NaN are told by x - x, which
/// is 0 for every number, integers included.
struct predicate_op : elementwise<1> {
    static constexpr bool is_predicate = true;
    static constexpr bool accepts_integers = true;
    static constexpr auto partials_constant() { return std::tuple{0.0}; }
};

struct IsFinite : predicate_op {
    static constexpr std::string_view name = "isfinite";
    static constexpr documentation about = {.formula = "y = whether x is finite",
                                            .derivative = "no derivative",
                                            .numpy = "np.isfinite",
                                            .xtensor = "xt::isfinite",
                                            .torch = "torch.isfinite",
                                            .jax = "jnp.isfinite"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 1, {0}}, {{infinity}, 0, {0}}, {{not_a_number}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return indicator<X>(x - x == X(0));
    }
};

struct IsNan : predicate_op {
    static constexpr std::string_view name = "isnan";
    static constexpr documentation about = {.formula = "y = whether x is NaN",
                                            .derivative = "no derivative",
                                            .numpy = "np.isnan",
                                            .xtensor = "xt::isnan",
                                            .torch = "torch.isnan",
                                            .jax = "jnp.isnan"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0, {0}}, {{infinity}, 0, {0}}, {{not_a_number}, 1, {0}}}};
    template <class X>
    static X value(X x)
    {
        return indicator<X>(x != x);
    }
};

struct IsInf : predicate_op {
    static constexpr std::string_view name = "isinf";
    static constexpr documentation about = {.formula = "y = whether x is infinite",
                                            .derivative = "no derivative",
                                            .numpy = "np.isinf",
                                            .xtensor = "xt::isinf",
                                            .torch = "torch.isinf",
                                            .jax = "jnp.isinf"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0, {0}}, {{-infinity}, 1, {0}}, {{not_a_number}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return select(x == x, indicator<X>(x - x != X(0)), X(0));
    }
};

struct IsPosInf : predicate_op {
    static constexpr std::string_view name = "isposinf";
    static constexpr documentation about = {.formula = "y = whether x is +infinity",
                                            .derivative = "no derivative",
                                            .numpy = "np.isposinf",
                                            .torch = "torch.isposinf",
                                            .jax = "jnp.isposinf"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{infinity}, 1, {0}}, {{-infinity}, 0, {0}}, {{not_a_number}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return select(x > X(0), indicator<X>(x - x != X(0)), X(0));
    }
};

struct IsNegInf : predicate_op {
    static constexpr std::string_view name = "isneginf";
    static constexpr documentation about = {.formula = "y = whether x is -infinity",
                                            .derivative = "no derivative",
                                            .numpy = "np.isneginf",
                                            .torch = "torch.isneginf",
                                            .jax = "jnp.isneginf"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{infinity}, 0, {0}}, {{-infinity}, 1, {0}}, {{not_a_number}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return select(x < X(0), indicator<X>(x - x != X(0)), X(0));
    }
};

/// Of -0 and of NaN, too.
struct SignBit : predicate_op {
    static constexpr std::string_view name = "signbit";
    static constexpr documentation about = {.formula = "y = whether the sign of x is minus",
                                            .derivative = "no derivative",
                                            .numpy = "np.signbit",
                                            .torch = "torch.signbit",
                                            .jax = "jnp.signbit"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{-0.0}, 1, {0}}, {{0.0}, 0, {0}}, {{-infinity}, 1, {0}}}};
    template <class X>
    static X value(X x)
    {
        if constexpr (std::integral<typename X::value_type>) {
            return indicator<X>(x < X(0));
        } else {
            return indicator<X>(X(math::signed_one(x.get())) < X(0));
        }
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// A bool tensor, element by element: whether x is finite.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.isfinite, xt::isfinite, torch.isfinite, jnp.isfinite
template <class E>
[[nodiscard]] auto isfinite(expr<E> x)
{
    return detail::express<ops::IsFinite>(std::move(x));
}

/// A bool tensor, element by element: whether x is NaN.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.isnan, xt::isnan, torch.isnan, jnp.isnan
template <class E>
[[nodiscard]] auto isnan(expr<E> x)
{
    return detail::express<ops::IsNan>(std::move(x));
}

/// A bool tensor, element by element: whether x is infinite.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.isinf, xt::isinf, torch.isinf, jnp.isinf
template <class E>
[[nodiscard]] auto isinf(expr<E> x)
{
    return detail::express<ops::IsInf>(std::move(x));
}

/// A bool tensor, element by element: whether x is +infinity.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.isposinf, -, torch.isposinf, jnp.isposinf
template <class E>
[[nodiscard]] auto isposinf(expr<E> x)
{
    return detail::express<ops::IsPosInf>(std::move(x));
}

/// A bool tensor, element by element: whether x is -infinity.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.isneginf, -, torch.isneginf, jnp.isneginf
template <class E>
[[nodiscard]] auto isneginf(expr<E> x)
{
    return detail::express<ops::IsNegInf>(std::move(x));
}

/// A bool tensor, element by element: whether the sign of x is minus, of -0 and NaN, too.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.signbit, -, torch.signbit, jnp.signbit
template <class E>
[[nodiscard]] auto signbit(expr<E> x)
{
    return detail::express<ops::SignBit>(std::move(x));
}

} // namespace backtrail
