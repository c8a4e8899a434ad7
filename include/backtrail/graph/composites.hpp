// SPDX-License-Identifier: BSD-3-Clause
// Functions along one axis that are made of others and need no rule of their own: softmax and its
// logarithm, gates, vectors of length one and the angles between them.
#pragma once

#include <backtrail/expr/build.hpp>
#include <backtrail/graph/leaf.hpp>
#include <backtrail/graph/operand.hpp>
#include <backtrail/graph/reductions.hpp>

namespace backtrail {

namespace detail {

/// x less its largest element along an axis: no function of differences changes, and none of them
/// loses digits to the size of x.
template <element T>
[[nodiscard]] tensor<T> below_maximum(const char* operation, const tensor<T>& x,
                                      std::ptrdiff_t axis)
{
    if (x.shape()[normalise_axis(operation, axis, x.rank())] == 0) return x;
    return x - stop_gradient(max(x, axis, keepdims));
}

/// (sum |x|^p)^(1/p) along an axis that stays, with derivative 0 where it is 0.
template <element T>
[[nodiscard]] tensor<T> length(const tensor<T>& x, double p, std::ptrdiff_t axis)
{
    if (p == 1) return sum(abs(x), axis, keepdims);
    if (p == infinity) return max(abs(x), axis, keepdims);
    if (p == 2) {
        const tensor<T> s = sum(square(x), axis, keepdims);
        return where(s == 0.0, 0.0, sqrt(s));
    }
    const tensor<T> s = sum(where(x == 0.0, 0.0, pow(abs(x), p)), axis, keepdims);
    return where(s == 0.0, 0.0, pow(s, 1.0 / p));
}

} // namespace detail

/// exp(x) / sum(exp(x)) along an axis, without overflow.
/// Derivative: with y = softmax(x), x_bar = y (y_bar - sum(y y_bar)), y_dot = y (x_dot - sum(y
///   x_dot))
/// Keeps: the operand less its maximum, and the result
/// At singular points: 0 where x is -inf, with finite derivatives; NaN for a row that is all -inf
///   or has +inf
/// Elsewhere: scipy.special.softmax, -, torch.softmax, jax.nn.softmax
template <class E>
[[nodiscard]] auto softmax(expr<E> x, std::ptrdiff_t axis = -1)
{
    using T = value_type_of<E>;
    const tensor<T> t = detail::below_maximum("softmax", as_tensor(x), axis);
    return tensor<T>(exp(t - logsumexp(t, axis, keepdims)));
}

/// log(softmax(x)) along an axis, exact where softmax underflows.
/// Derivative: x_bar = y_bar - softmax(x) sum(y_bar), y_dot = x_dot - sum(softmax(x) x_dot)
/// Keeps: the operand less its maximum, and the logsumexp of that
/// At singular points: -inf where x is -inf, with finite derivatives; NaN for a row that is all
///   -inf or has +inf
/// Elsewhere: scipy.special.log_softmax, -, torch.log_softmax, jax.nn.log_softmax
template <class E>
[[nodiscard]] auto log_softmax(expr<E> x, std::ptrdiff_t axis = -1)
{
    using T = value_type_of<E>;
    const tensor<T> t = detail::below_maximum("log_softmax", as_tensor(x), axis);
    return tensor<T>(t - logsumexp(t, axis, keepdims));
}

/// a sigmoid(b) of the first and the second half of x along an axis: the gated linear unit. Throws
/// shape_error if the extent is odd.
/// Derivative: a_bar = y_bar sigmoid(b), b_bar = y_bar a sigmoid(b) sigmoid(-b)
/// Keeps: the operand
/// Elsewhere: -, -, torch.nn.functional.glu, jax.nn.glu
template <class E>
[[nodiscard]] auto glu(expr<E> x, std::ptrdiff_t axis = -1)
{
    using T = value_type_of<E>;
    const auto halves = detail::split_evenly("glu", detail::node_of(x), 2, axis);
    return tensor<T>(detail::make_tensor<T>(halves[0]) *
                     sigmoid(detail::make_tensor<T>(halves[1])));
}

struct normalize_options {
    double order = 2;         ///< p of the norm: positive, or infinity
    std::ptrdiff_t axis = -1; ///< along which the vectors lie
    double eps = 1e-12;       ///< the least norm to divide by
};

/// x / max(|x|_p, eps): the vectors along an axis, brought to length one. Throws value_error unless
/// the order is positive.
/// Derivative: for p = 2, x_bar = (y_bar - y sum(y y_bar)) / |x|; else by the quotient rule
/// Keeps: the operand and the norms
/// At singular points: a zero vector stays 0, with derivative 0; elements that are 0 get the
///   derivative 0 from the norm; where the largest are equal, the infinity norm shares it
/// Elsewhere: -, -, torch.nn.functional.normalize, -
template <class E>
[[nodiscard]] auto normalize(expr<E> x, const normalize_options& options = {})
{
    using T = value_type_of<E>;
    detail::require_positive("normalize", "the order", options.order, false);
    const tensor<T> t = as_tensor(x);
    if (t.shape()[normalise_axis("normalize", options.axis, t.rank())] == 0) return t;
    const tensor<T> n = detail::length(t, options.order, options.axis);
    return tensor<T>(where(n == 0.0, 0.0, t / where(n < options.eps, options.eps, n)));
}

struct cosine_similarity_options {
    std::ptrdiff_t axis = -1; ///< along which the vectors lie
    double eps = 1e-8;        ///< the least norm to divide by
};

/// sum(x y) / (max(|x|, eps) max(|y|, eps)) along an axis of both, broadcast. Throws shape_error if
/// they do not broadcast.
/// Derivative: x_bar = z_bar (y/|y| - z x/|x|) / |x|, y_bar likewise
/// Keeps: both operands and three sums
/// At singular points: with a zero vector 0, with derivative 0
/// Elsewhere: scipy.spatial.distance.cosine (1 minus it), -, torch.cosine_similarity,
///   optax.cosine_similarity
template <class X, class Y>
    requires(any_expr<X, Y> && detail::array_operand<X> && detail::array_operand<Y>)
[[nodiscard]] auto cosine_similarity(X&& x, Y&& y, const cosine_similarity_options& options = {})
{
    using T = detail::operand_type<X, Y>;
    tensor<T> a = detail::operand_as<T>(x), b = detail::operand_as<T>(y);
    const shape common = broadcast("cosine_similarity", a.shape(), b.shape());
    a = broadcast_to(a, common), b = broadcast_to(b, common);
    const double eps = options.eps;
    const auto cosine = [eps](auto product, auto of_x, auto of_y) {
        const auto clipped = [eps](auto s) { return where(sqrt(s) < eps, eps, sqrt(s)); };
        return where(of_x == 0.0, 0.0,
                     where(of_y == 0.0, 0.0, product / (clipped(of_x) * clipped(of_y))));
    };
    return fuse(cosine, sum(a * b, options.axis), sum(square(a), options.axis),
                sum(square(b), options.axis));
}

} // namespace backtrail
