// SPDX-License-Identifier: BSD-3-Clause
// Comparisons, part three: what chooses among its operands. All are masked: what was not chosen gets
// exactly 0, even from an infinite cotangent.
#pragma once

#include <backtrail/ops/comparison/orders.hpp>

#include <optional>

namespace backtrail::ops {

/// The branch not taken gets exactly 0, whatever its cotangent.
struct Where : elementwise<3>, word<Where> {
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "z = x where c is true, else y",
                                            .derivative = "to the branch taken 1, to the other 0",
                                            .numpy = "np.where",
                                            .xtensor = "xt::where",
                                            .torch = "torch.where",
                                            .jax = "jnp.where"};
    static constexpr std::array<reference_point<3>, 2> reference_points = {
        {{{1.0, 2.0, not_a_number}, 2, {0, 1, 0}}, {{0.0, infinity, 3.0}, 3, {0, 0, 1}}}};
    template <class X>
    static auto partials_from_inputs(X c, X, X)
    {
        return std::tuple{0.0, call<NotEqual>(c, 0.0), call<Equal>(c, 0.0)};
    }
};

struct Preference : elementwise<2> {
    static constexpr std::string_view name = "preference";
    static constexpr documentation about = {
        .formula = "z = 1 where x > y, 1/2 where x = y, else 0: the share of x in max(x, y)",
        .derivative = "dz = (0, 0)",
        .at_singular_points = "1 where x alone is NaN, 0 where y alone, 1/2 where both"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 1, {0, 0}},
         {{1.0, 1.0}, 0.5, {0, 0}},
         {{not_a_number, 1.0}, 1, {0, 0}},
         {{1.0, not_a_number}, 0, {0, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        const X x_is_nan = indicator<X>(x != x), y_is_nan = indicator<X>(y != y);
        const X with_nan = select(x_is_nan == y_is_nan, X(0.5), x_is_nan);
        return select(x > y, X(1), select(x < y, X(0), with_nan));
    }
    static constexpr auto partials_constant() { return std::tuple{0.0, 0.0}; }
};

struct Maximum : elementwise<2>, word<Maximum> {
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "z = max(x, y), NaN if either is",
                                            .derivative = "1 to the larger, 0 to the other",
                                            .at_singular_points =
                                                "1/2 to each of equals; to a lone NaN 1",
                                            .numpy = "np.maximum",
                                            .xtensor = "xt::maximum",
                                            .torch = "torch.maximum",
                                            .jax = "jnp.maximum"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 2, {1, 0}},
         {{1.0, 1.0}, 1, {0.5, 0.5}},
         {{not_a_number, 1.0}, not_a_number, {1, 0}},
         {{1.0, not_a_number}, not_a_number, {0, 1}}}};
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Preference>(x, y), call<Preference>(y, x)};
    }
};

struct Minimum : elementwise<2> {
    static constexpr std::string_view name = "minimum";
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {.formula = "z = min(x, y), NaN if either is",
                                            .derivative = "1 to the smaller, 0 to the other",
                                            .at_singular_points =
                                                "1/2 to each of equals; to a lone NaN 1",
                                            .numpy = "np.minimum",
                                            .xtensor = "xt::minimum",
                                            .torch = "torch.minimum",
                                            .jax = "jnp.minimum"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 1, {0, 1}},
         {{1.0, 1.0}, 1, {0.5, 0.5}},
         {{not_a_number, 1.0}, not_a_number, {1, 0}},
         {{1.0, not_a_number}, not_a_number, {0, 1}}}};
    template <class X>
    static X value(X x, X y)
    {
        return select(x < y, x, select(y <= x, y, x + y));
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Preference>(-x, -y), call<Preference>(-y, -x)};
    }
};

/// `Preference` prefers a NaN, so it is asked which of the two is to be passed over.
struct Fmax : elementwise<2> {
    static constexpr std::string_view name = "fmax";
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {
        .formula = "z = max(x, y), ignoring a lone NaN",
        .derivative = "1 to the larger, 0 to the other",
        .at_singular_points = "1/2 to each of equals and of two NaN; to a lone NaN 0",
        .numpy = "np.fmax",
        .xtensor = "xt::fmax",
        .torch = "torch.fmax",
        .jax = "jnp.fmax"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 2, {1, 0}},
         {{1.0, 1.0}, 1, {0.5, 0.5}},
         {{not_a_number, 1.0}, 1, {0, 1}},
         {{1.0, not_a_number}, 1, {1, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return select(y != y, x, select(x > y, x, y));
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Preference>(-y, -x), call<Preference>(-x, -y)};
    }
};

struct Fmin : elementwise<2> {
    static constexpr std::string_view name = "fmin";
    static constexpr bool keeps_masks = true;
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {
        .formula = "z = min(x, y), ignoring a lone NaN",
        .derivative = "1 to the smaller, 0 to the other",
        .at_singular_points = "1/2 to each of equals and of two NaN; to a lone NaN 0",
        .numpy = "np.fmin",
        .xtensor = "xt::fmin",
        .torch = "torch.fmin",
        .jax = "jnp.fmin"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{2.0, 1.0}, 1, {0, 1}},
         {{1.0, 1.0}, 1, {0.5, 0.5}},
         {{not_a_number, 1.0}, 1, {0, 1}},
         {{1.0, not_a_number}, 1, {1, 0}}}};
    template <class X>
    static X value(X x, X y)
    {
        return select(y != y, x, select(x < y, x, y));
    }
    template <class X>
    static auto partials_from_inputs(X x, X y)
    {
        return std::tuple{call<Preference>(y, x), call<Preference>(x, y)};
    }
};

/// Unlike a maximum it gives x everything at the bound. `clip` is one after the other.
struct ClipLow : elementwise<2> {
    static constexpr std::string_view name = "clip_low";
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {
        .formula = "y = max(x, low)",
        .derivative = "dx = 1 where x >= low, else 0; to the bound the rest",
        .at_singular_points = "at the bound all to x; at NaN 0",
        .numpy = "np.clip",
        .xtensor = "xt::clip",
        .torch = "torch.clamp",
        .jax = "jnp.clip"};
    static constexpr std::array<reference_point<2>, 5> reference_points = {
        {{{1.0, 1.0}, 1, {1, 0}},
         {{1.0, 2.0}, 2, {0, 1}},
         {{3.0, 2.0}, 3, {1, 0}},
         {{not_a_number, 1.0}, not_a_number, {0, 0}},
         {{1.0, not_a_number}, not_a_number, {0, 0}}}};
    template <class X>
    static X value(X x, X bound)
    {
        return select(x >= bound, x, select(x < bound, bound, x + bound));
    }
    template <class X>
    static auto partials_from_inputs(X x, X bound)
    {
        return std::tuple{call<GreaterEqual>(x, bound), call<Less>(x, bound)};
    }
};

struct ClipHigh : elementwise<2> {
    static constexpr std::string_view name = "clip_high";
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr documentation about = {
        .formula = "y = min(x, high)",
        .derivative = "dx = 1 where x <= high, else 0; to the bound the rest",
        .at_singular_points = "at the bound all to x; at NaN 0",
        .numpy = "np.clip",
        .xtensor = "xt::clip",
        .torch = "torch.clamp",
        .jax = "jnp.clip"};
    static constexpr std::array<reference_point<2>, 5> reference_points = {
        {{{1.0, 1.0}, 1, {1, 0}},
         {{3.0, 2.0}, 2, {0, 1}},
         {{3.0, 5.0}, 3, {1, 0}},
         {{not_a_number, 1.0}, not_a_number, {0, 0}},
         {{1.0, not_a_number}, not_a_number, {0, 0}}}};
    template <class X>
    static X value(X x, X bound)
    {
        return select(x <= bound, x, select(x > bound, bound, x + bound));
    }
    template <class X>
    static auto partials_from_inputs(X x, X bound)
    {
        return std::tuple{call<LessEqual>(x, bound), call<Greater>(x, bound)};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The larger of x and y, NaN if either is; shapes broadcast, and throw
/// shape_error if they do not.
/// Derivative: z_bar to the larger, nothing to the other
/// Keeps: the operands
/// At singular points: half to each of equals; to a lone NaN all of it
/// Elsewhere: np.maximum, xt::maximum, torch.maximum, jnp.maximum
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto maximum(X&& x, Y&& y)
{
    return detail::express<ops::Maximum>(std::forward<X>(x), std::forward<Y>(y));
}

/// The smaller of x and y, NaN if either is; shapes broadcast, and throw
/// shape_error if they do not.
/// Derivative: z_bar to the smaller, nothing to the other
/// Keeps: the operands
/// At singular points: half to each of equals; to a lone NaN all of it
/// Elsewhere: np.minimum, xt::minimum, torch.minimum, jnp.minimum
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto minimum(X&& x, Y&& y)
{
    return detail::express<ops::Minimum>(std::forward<X>(x), std::forward<Y>(y));
}

/// The larger of x and y, or the one that is not NaN; shapes broadcast, and throw
/// shape_error if they do not.
/// Derivative: z_bar to the one taken, nothing to the other
/// Keeps: the operands
/// At singular points: half to each of equals and of two NaN; to a lone NaN nothing
/// Elsewhere: np.fmax, xt::fmax, torch.fmax, jnp.fmax
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto fmax(X&& x, Y&& y)
{
    return detail::express<ops::Fmax>(std::forward<X>(x), std::forward<Y>(y));
}

/// The smaller of x and y, or the one that is not NaN; shapes broadcast, and throw
/// shape_error if they do not.
/// Derivative: z_bar to the one taken, nothing to the other
/// Keeps: the operands
/// At singular points: half to each of equals and of two NaN; to a lone NaN nothing
/// Elsewhere: np.fmin, xt::fmin, torch.fmin, jnp.fmin
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto fmin(X&& x, Y&& y)
{
    return detail::express<ops::Fmin>(std::forward<X>(x), std::forward<Y>(y));
}

/// x where c is true, else y; the branch not taken contributes exactly nothing, even where its own
/// derivative is infinite. Shapes broadcast, and throw shape_error if they do not.
/// Derivative: z_bar to the branch taken, exactly 0 to the other
/// Keeps: the condition
/// Elsewhere: np.where, xt::where, torch.where, jnp.where
template <class C, class X, class Y>
    requires any_expr<C, X, Y>
[[nodiscard]] auto where(C&& c, X&& x, Y&& y)
{
    return detail::express<ops::Where>(std::forward<C>(c), std::forward<X>(x), std::forward<Y>(y));
}

/// x between two bounds, and the bound beyond: min(max(x, low), high), so that `high` prevails where
/// low > high. A bound is a number, a tensor, or std::nullopt for none. Shapes broadcast, and throw
/// shape_error if they do not.
/// Derivative: x_bar = y_bar where low <= x <= high, else 0; the bound taken gets y_bar
/// Keeps: the operands
/// At singular points: at a bound all to x; at NaN nothing
/// Elsewhere: np.clip, xt::clip, torch.clamp, jnp.clip
template <class X, class L, class H>
    requires any_expr<X, L, H>
[[nodiscard]] auto clip(X&& x, L&& low, H&& high)
{
    constexpr bool is_open_below = std::same_as<std::remove_cvref_t<L>, std::nullopt_t>;
    constexpr bool is_open_above = std::same_as<std::remove_cvref_t<H>, std::nullopt_t>;
    static_assert(!is_open_below || !is_open_above, "backtrail: clip needs a bound");
    if constexpr (is_open_below) {
        return detail::express<ops::ClipHigh>(std::forward<X>(x), std::forward<H>(high));
    } else if constexpr (is_open_above) {
        return detail::express<ops::ClipLow>(std::forward<X>(x), std::forward<L>(low));
    } else {
        return detail::express<ops::ClipHigh>(
            detail::express<ops::ClipLow>(std::forward<X>(x), std::forward<L>(low)),
            std::forward<H>(high));
    }
}

} // namespace backtrail
