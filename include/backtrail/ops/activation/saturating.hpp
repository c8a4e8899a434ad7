// SPDX-License-Identifier: BSD-3-Clause
// Activations, part one: the logistic function and its relatives, smooth and monotonic.
#pragma once

#include <backtrail/ops/math/shrink.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::ops {

/// From e = exp(-|x|), so that neither tail overflows or cancels; y (1 - y) would have lost every
/// digit of the derivative at x = 40.
struct Sigmoid : elementwise<1> {
    static constexpr std::string_view name = "sigmoid";
    static constexpr interval domain = {-6.0, 6.0};
    static constexpr documentation about = {.formula = "y = 1/(1 + exp(-x))",
                                            .derivative = "dy = sigmoid(x) sigmoid(-x)",
                                            .numpy = "scipy.special.expit",
                                            .torch = "torch.sigmoid",
                                            .jax = "jax.nn.sigmoid"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0.5, {0.25}}, {{40.0}, 1, {4.248354255291589e-18}}, {{-1000.0}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        const X e = call<Exp>(-magnitude(x));
        return select(x < X(0), e, X(1)) / (1.0 + e);
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Sigmoid>(x) * call<Sigmoid>(-x)};
    }
};

/// min(x, 0) - log1p(exp(-|x|)): two terms of one sign, and no overflow.
struct LogSigmoid : elementwise<1> {
    static constexpr std::string_view name = "log_sigmoid";
    static constexpr interval domain = {-6.0, 6.0};
    static constexpr documentation about = {.formula = "y = log(sigmoid(x)) = -log(1 + exp(-x))",
                                            .derivative = "dy = sigmoid(-x)",
                                            .numpy = "scipy.special.log_expit",
                                            .torch = "torch.nn.functional.logsigmoid",
                                            .jax = "jax.nn.log_sigmoid"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{40.0}, -4.248354255291589e-18, {4.248354255291589e-18}},
         {{-40.0}, -40, {1}},
         {{0.5}, -0.4740769841801067, {0.37754066879814546}},
         {{-1000.0}, -1000, {1}}}};
    template <class X>
    static X value(X x)
    {
        return dropped(x > X(0), x) - call<Log1p>(call<Exp>(-magnitude(x)));
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Sigmoid>(-x)};
    }
};

/// max(x, 0) + log1p(exp(-|x|)): two positive terms, and no overflow.
struct Softplus : elementwise<1> {
    static constexpr std::string_view name = "softplus";
    static constexpr interval domain = {-6.0, 6.0};
    static constexpr documentation about = {.formula = "y = log(1 + exp(x))",
                                            .derivative = "dy = sigmoid(x)",
                                            .numpy = "np.logaddexp(x, 0)",
                                            .torch = "torch.nn.functional.softplus",
                                            .jax = "jax.nn.softplus"};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{1000.0}, 1000, {1}},
         {{-1000.0}, 0, {0}},
         {{-40.0}, 4.248354255291589e-18, {4.248354255291589e-18}}}};
    template <class X>
    static X value(X x)
    {
        return dropped(x < X(0), x) + call<Log1p>(call<Exp>(-magnitude(x)));
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Sigmoid>(x)};
    }
};

/// The threshold b is one of β x; beyond it the function jumps by softplus(-b)/β, as LibTorch's does.
/// With t = βx the derivative to β is (t σ(t) - softplus(t))/β², an even function of t, taken at -|t|,
/// where both terms have one sign. `Where`, not `Abs`, makes it smooth at 0 to every order.
struct CutSoftplus : elementwise<3> {
    static constexpr std::string_view name = "cut_softplus";
    static constexpr interval domain = {0.5, 2.0};
    static constexpr documentation about = {
        .formula = "y = softplus(β x)/β where β x <= b, else x",
        .derivative =
            "dx = sigmoid(β x), 1 beyond; dβ = (β x sigmoid(β x) - softplus(β x))/β²; db = 0",
        .at_singular_points = "at β x = b the smooth side",
        .torch = "torch.nn.functional.softplus"};
    static constexpr std::array<reference_point<3>, 4> reference_points = {
        {{{-0.5, 2.0, 20.0}, 0.1566308437591114, {0.2689414213699951, -0.14555077722205448, 0}},
         {{-20.0, 2.0, 20.0},
          2.1241771276457944e-18,
          {4.248354255291589e-18, -4.3545631116738785e-17, 0}},
         {{3.0, 2.0, 6.0}, 3.001237842568865, {0.9975273768433652, -0.004327856019384774, 0}},
         {{3.0, 2.0, 5.5}, 3, {1, 0, 0}}}};
    template <class X>
    static X value(X x, X beta, X threshold)
    {
        const X t = beta * x;
        return select(t > threshold, x, call<Softplus>(t) / beta);
    }
    template <class X>
    static auto partials_from_inputs(X x, X beta, X threshold)
    {
        const X t = beta * x;
        const X below = choose<Greater>(t, 0.0, -t, t);
        const X by_beta = (below * call<Sigmoid>(below) - call<Softplus>(below)) / (beta * beta);
        const X is_beyond = call<Greater>(t, threshold);
        return std::tuple{call<Where>(is_beyond, 1.0, call<Sigmoid>(t)),
                          call<Where>(is_beyond, 0.0, by_beta), 0.0};
    }
};

/// Its limits at ±infinity are taken there, where the formula is no number.
struct Softsign : elementwise<1> {
    static constexpr std::string_view name = "softsign";
    static constexpr documentation about = {.formula = "y = x/(1 + |x|)",
                                            .derivative = "dy = 1/(1 + |x|)²",
                                            .at_singular_points =
                                                "the second derivative jumps at 0, where it is 0",
                                            .torch = "torch.nn.functional.softsign",
                                            .jax = "jax.nn.soft_sign"};
    static constexpr std::array<reference_point<1>, 4> reference_points = {
        {{{-3.0}, -0.75, {0.0625}},
         {{1e-300}, 1e-300, {1}},
         {{1e160}, 1, {9.99989e-321}},
         {{-infinity}, -1, {0}}}};
    template <class X>
    static X value(X x)
    {
        const X size = magnitude(x);
        return select(size == X(infinity), call<Sign>(x), x / (1.0 + size));
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X inverse = 1.0 / (1.0 + call<Abs>(x));
        return std::tuple{inverse * inverse};
    }
};

/// The difference would cancel near 0, where it is x³/3: a function of its own.
struct TanhShrink : elementwise<1> {
    static constexpr std::string_view name = "tanh_shrink";
    static constexpr documentation about = {.formula = "y = x - tanh(x)",
                                            .derivative = "dy = tanh²(x)",
                                            .torch = "torch.nn.functional.tanhshrink"};
    static constexpr std::array<reference_point<1>, 5> reference_points = {
        {{{0.001953125}, 2.48352307608587e-09, {3.814687564369152e-06}},
         {{0.75}, 0.11485104761271268, {0.40341419171866855}},
         {{-3.0}, -2.0049452463132695, {0.9901339628345598}},
         {{1e-60}, 3.333333333333333e-181, {1e-120}},
         {{40.0}, 39, {1}}}};
    template <class X>
    static X value(X x)
    {
        return math::tanh_shrink(x.get());
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        const X t = call<Tanh>(x);
        return std::tuple{t * t};
    }
};

} // namespace backtrail::ops

namespace backtrail {

/// The logistic function 1/(1 + exp(-x)), exact in both tails.
/// Derivative: x_bar = y_bar sigmoid(x) sigmoid(-x)
/// Keeps: the operand
/// Elsewhere: scipy.special.expit, -, torch.sigmoid, jax.nn.sigmoid
template <class E>
[[nodiscard]] auto sigmoid(expr<E> x)
{
    return detail::express<ops::Sigmoid>(std::move(x));
}

/// log(sigmoid(x)) = -log(1 + exp(-x)), exact in both tails.
/// Derivative: x_bar = y_bar sigmoid(-x)
/// Keeps: the operand
/// Elsewhere: scipy.special.log_expit, -, torch.nn.functional.logsigmoid, jax.nn.log_sigmoid
template <class E>
[[nodiscard]] auto log_sigmoid(expr<E> x)
{
    return detail::express<ops::LogSigmoid>(std::move(x));
}

/// log(1 + exp(x)), exact in both tails. With a β it is softplus(β x)/β where β x is at most
/// `threshold`, and x beyond, as LibTorch cuts it; β and the threshold may be tensors.
/// Derivative: x_bar = y_bar sigmoid(β x), or y_bar beyond the threshold;
///   β_bar = y_bar (β x sigmoid(β x) - softplus(β x))/β², or 0; nothing to the threshold
/// Keeps: the operands
/// At singular points: at the threshold the smooth side
/// Elsewhere: np.logaddexp(x, 0), -, torch.nn.functional.softplus, jax.nn.softplus
template <class E>
[[nodiscard]] auto softplus(expr<E> x)
{
    return detail::express<ops::Softplus>(std::move(x));
}
template <class E, class B, class T = double>
    requires(mixed<expr<E>, B> && mixed<expr<E>, T>)
[[nodiscard]] auto softplus(expr<E> x, B&& beta, T&& threshold = 20.0)
{
    return detail::express<ops::CutSoftplus>(std::move(x), std::forward<B>(beta),
                                             std::forward<T>(threshold));
}

/// x/(1 + |x|); ±1 at ±infinity.
/// Derivative: x_bar = y_bar/(1 + |x|)²
/// Keeps: the operand
/// At singular points: the second derivative jumps at 0 and is 0 there
/// Elsewhere: -, -, torch.nn.functional.softsign, jax.nn.soft_sign
template <class E>
[[nodiscard]] auto softsign(expr<E> x)
{
    return detail::express<ops::Softsign>(std::move(x));
}

/// x - tanh(x), exact near 0, too.
/// Derivative: x_bar = y_bar tanh²(x)
/// Keeps: the operand
/// Elsewhere: -, -, torch.nn.functional.tanhshrink, -
template <class E>
[[nodiscard]] auto tanh_shrink(expr<E> x)
{
    return detail::express<ops::TanhShrink>(std::move(x));
}

} // namespace backtrail
