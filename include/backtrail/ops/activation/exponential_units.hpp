// SPDX-License-Identifier: BSD-3-Clause
// Activations, part three: linear above 0 and an exponential below, which is not evaluated above 0,
// where it overflows: its argument is held at 0 there. At 0 all take the left limit.
#pragma once

#include <backtrail/core/error.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// x up to 0, and 0 above. Its derivative at 0 is 1, that of the left side.
template <class X>
[[gnu::always_inline]] inline X up_to_zero(const X& x)
{
    return choose<Greater>(x, 0.0, 0.0, x);
}

struct Elu : elementwise<2> {
    static constexpr std::string_view name = "elu";
    static constexpr documentation about = {.formula = "y = x where x > 0, else α (exp(x) - 1)",
                                            .derivative =
                                                "dx = 1 or α exp(x), dα = 0 or exp(x) - 1",
                                            .at_singular_points = "the left limit at 0: dx = α",
                                            .torch = "torch.nn.functional.elu",
                                            .jax = "jax.nn.elu"};
    static constexpr std::array<reference_point<2>, 5> reference_points = {
        {{{0.0, 0.5}, 0, {0.5, 0}},
         {{-1.0, 0.5}, -0.31606027941427883, {0.18393972058572117, -0.63212055882855767}},
         {{-40.0, 0.5}, -0.5, {2.1241771276457944e-18, -1}},
         {{1000.0, 0.5}, 1000, {1, 0}},
         {{-1e-20, 3.0}, -3e-20, {3, -1e-20}}}};
    template <class X>
    static X value(X x, X alpha)
    {
        return select(x > X(0), x, alpha * call<Expm1>(x));
    }
    template <class X>
    static auto partials_from_inputs(X x, X alpha)
    {
        const X below = up_to_zero(x);
        return std::tuple{choose<Greater>(x, 0.0, 1.0, alpha * call<Exp>(below)),
                          call<Expm1>(below)};
    }
};

/// The derivative to α is counted in ULP of the larger of its terms, which cancel near 0.
struct Celu : elementwise<2> {
    static constexpr std::string_view name = "celu";
    static constexpr interval domain = {-2.0, -0.3};
    static constexpr documentation about = {
        .formula = "y = x where x > 0, else α (exp(x/α) - 1)",
        .derivative = "dx = 1 or exp(t), dα = 0 or exp(t) - 1 - t exp(t), t = x/α",
        .at_singular_points = "the left limit at 0, which for dx is the right one, too",
        .torch = "torch.nn.functional.celu",
        .jax = "jax.nn.celu"};
    static constexpr std::array<reference_point<2>, 4> reference_points = {
        {{{0.0, 2.0}, 0, {1, 0}},
         {{-1.0, 2.0}, -0.7869386805747332, {0.6065306597126334, -0.09020401043104986}},
         {{-80.0, 2.0}, -2, {4.248354255291589e-18, -1}},
         {{4000.0, 2.0}, 4000, {1, 0}}}};
    template <class X>
    static X value(X x, X alpha)
    {
        return select(x > X(0), x, alpha * call<Expm1>(x / alpha));
    }
    template <class X>
    static auto partials_from_inputs(X x, X alpha)
    {
        const X t = up_to_zero(x) / alpha;
        const X e = call<Exp>(t);
        const X product = choose<Equal>(e, 0.0, 0.0, t * e); // its limit at -infinity
        return std::tuple{choose<Greater>(x, 0.0, 1.0, e), call<Expm1>(t) - product};
    }
};

/// The two constants make 0 and 1 a fixed point of mean and variance (Klambauer et al., Advances in
/// Neural Information Processing Systems 30, 2017).
struct Selu : elementwise<1> {
    static constexpr std::string_view name = "selu";
    static constexpr double lambda = 1.0507009873554804934;
    static constexpr double lambda_alpha = 1.7580993408473768600;
    static constexpr documentation about = {
        .formula = "y = λ x where x > 0, else λ α (exp(x) - 1), λ = 1.0507..., α = 1.6733...",
        .derivative = "dy = λ or λ α exp(x)",
        .at_singular_points = "the left limit at 0: λ α",
        .torch = "torch.nn.functional.selu",
        .jax = "jax.nn.selu"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{0.0}, 0, {lambda_alpha}},
         {{-0.5}, -0.6917581878028713, {1.0663411530445055}},
         {{-40.0}, -lambda_alpha, {7.469028815914292e-18}},
         {{1000.0}, 1050.7009873554805, {lambda}}}};
    template <class X>
    static X value(X x)
    {
        return select(x > X(0), lambda * x, lambda_alpha * call<Expm1>(x));
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{choose<Greater>(x, 0.0, lambda, lambda_alpha * call<Exp>(up_to_zero(x)))};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// x where x > 0, else α (exp(x) - 1); α is a number or a tensor.
/// Derivative: x_bar = y_bar where x > 0, else y_bar α exp(x); α_bar = 0, or y_bar (exp(x) - 1)
/// Keeps: the operands
/// At singular points: the left limit at 0, α
/// Elsewhere: -, -, torch.nn.functional.elu, jax.nn.elu
template <class E, class A = double>
    requires mixed<expr<E>, A>
[[nodiscard]] auto elu(expr<E> x, A&& alpha = 1.0)
{
    return detail::express<ops::Elu>(std::move(x), std::forward<A>(alpha));
}

/// x where x > 0, else α (exp(x/α) - 1); α is a number or a tensor. Throws value_error for the number 0.
/// Derivative: x_bar = y_bar where x > 0, else y_bar exp(x/α);
///   α_bar = 0, or y_bar (exp(t) - 1 - t exp(t)) with t = x/α
/// Keeps: the operands
/// At singular points: the left limit at 0
/// Elsewhere: -, -, torch.nn.functional.celu, jax.nn.celu
template <class E, class A = double>
    requires mixed<expr<E>, A>
[[nodiscard]] auto celu(expr<E> x, A&& alpha = 1.0)
{
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<A>>) {
        if (alpha == 0) throw value_error("[celu] alpha must not be 0");
    }
    return detail::express<ops::Celu>(std::move(x), std::forward<A>(alpha));
}

/// The self-normalising λ elu(x, α), λ = 1.0507..., α = 1.6733...
/// Derivative: x_bar = y_bar λ where x > 0, else y_bar λ α exp(x)
/// Keeps: the operand
/// At singular points: the left limit at 0, λ α
/// Elsewhere: -, -, torch.nn.functional.selu, jax.nn.selu
template <class E>
[[nodiscard]] auto selu(expr<E> x)
{
    return detail::express<ops::Selu>(std::move(x));
}

} // namespace backtrail
