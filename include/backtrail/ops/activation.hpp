// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: the functions neural networks and statistics are fond of.
#pragma once

#include <backtrail/ops/exponential.hpp>
#include <backtrail/ops/hyperbolic.hpp>
#include <backtrail/ops/special.hpp>

namespace backtrail::ops {

/// y = 1/(1 + exp(-x)), from e = exp(-|x|), so that neither tail overflows or cancels.
/// dy = sigmoid(x) sigmoid(-x): y (1 - y) has lost every digit at x = 40.
struct Sigmoid : elementwise<1> {
    static constexpr std::string_view name = "sigmoid";
    static constexpr interval domain = {-6.0, 6.0};
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

/// y = log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)),  dy = sigmoid(x)
struct Softplus : elementwise<1> {
    static constexpr std::string_view name = "softplus";
    static constexpr interval domain = {-6.0, 6.0};
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{1000.0}, 1000, {1}},
         {{-1000.0}, 0, {0}},
         {{-40.0}, 4.248354255291589e-18, {4.248354255291589e-18}}}};
    template <class X>
    static X value(X x)
    {
        return select(x < X(0), X(0), x) + call<Log1p>(call<Exp>(-magnitude(x)));
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Sigmoid>(x)};
    }
};

/// y = max(x, 0), NaN at NaN;  dy = 1 for x > 0, else 0, the flat side at 0.
struct Relu : elementwise<1> {
    static constexpr std::string_view name = "relu";
    static constexpr scaling scales = scaling::masked;
    static constexpr bool accepts_integers = true;
    static constexpr std::array<reference_point<1>, 3> reference_points = {
        {{{0.0}, 0, {0}}, {{2.0}, 2, {1}}, {{-infinity}, 0, {0}}}};
    template <class X>
    static X value(X x)
    {
        return select(x <= X(0), X(0), x);
    }
    template <class X>
    static auto partials_from_inputs(X x)
    {
        return std::tuple{call<Greater>(x, 0.0)};
    }
};

using activation = op_list<Sigmoid, Softplus, Relu>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::activation> {
    using list = ops::activation;
};

/// 1/(1 + exp(-x))
template <class E>
[[nodiscard]] auto sigmoid(expr<E> x)
{
    return detail::express<ops::Sigmoid>(std::move(x));
}
/// log(1 + exp(x))
template <class E>
[[nodiscard]] auto softplus(expr<E> x)
{
    return detail::express<ops::Softplus>(std::move(x));
}
/// max(x, 0)
template <class E>
[[nodiscard]] auto relu(expr<E> x)
{
    return detail::express<ops::Relu>(std::move(x));
}

} // namespace backtrail
