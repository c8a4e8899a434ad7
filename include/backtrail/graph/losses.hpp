// SPDX-License-Identifier: BSD-3-Clause
// Losses that compare two arrays element by element, and what all losses do with their terms. The
// losses of classifiers are in graph/cross_entropy.hpp.
#pragma once

#include <backtrail/expr/build.hpp>
#include <backtrail/graph/operand.hpp>
#include <backtrail/graph/structure.hpp>

namespace backtrail {

/// What a loss does with its terms; `batch_mean` divides their sum by the first extent.
enum class reduction { mean, sum, none, batch_mean };

namespace detail {

template <class T>
[[nodiscard]] tensor<T> reduce_terms(const tensor<T>& terms, reduction how)
{
    switch (how) {
    case reduction::mean: return mean(terms);
    case reduction::sum: return sum(terms);
    case reduction::none: return terms;
    default: break;
    }
    const tensor<T> total = sum(terms);
    return total / (terms.rank() == 0 ? 1.0 : static_cast<double>(terms.shape()[0]));
}

/// The two operands of a loss, as tensors of one element type.
template <class T>
struct compared {
    tensor<T> x, y;
};

template <class X, class Y>
[[nodiscard]] auto compare(const char* operation, const X& x, const Y& y)
{
    using T = operand_type<X, Y>;
    const compared<T> both = {operand_as<T>(x), operand_as<T>(y)};
    require_alike(operation, both.x.get_node(), both.y.get_node());
    return both;
}

} // namespace detail

/// The mean (or sum, or each) of (x - y)². Throws shape_error unless the shapes are equal or one is
/// a single number: a column against a vector is a mistake.
/// Derivative: x_bar = 2 (x - y) z_bar, y_bar = -x_bar
/// Keeps: both operands
/// Elsewhere: -, -, torch.nn.functional.mse_loss, optax.squared_error
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto mean_squared_error(X&& x, Y&& y, reduction how = reduction::mean)
{
    const auto c = detail::compare("mean_squared_error", x, y);
    using T = detail::operand_type<X, Y>;
    return detail::reduce_terms(tensor<T>(square(c.x - c.y)), how);
}

/// The mean (or sum, or each) of |x - y|. Throws shape_error as mean_squared_error.
/// Derivative: x_bar = sign(x - y) z_bar, y_bar = -x_bar
/// Keeps: both operands
/// At singular points: 0 where x = y
/// Elsewhere: -, -, torch.nn.functional.l1_loss, -
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto l1_loss(X&& x, Y&& y, reduction how = reduction::mean)
{
    const auto c = detail::compare("l1_loss", x, y);
    using T = detail::operand_type<X, Y>;
    return detail::reduce_terms(tensor<T>(abs(c.x - c.y)), how);
}

struct smooth_l1_options {
    backtrail::reduction reduction = backtrail::reduction::mean;
    double beta = 1; ///< below it the loss is quadratic; 0 makes it l1_loss
};

/// Of e = x - y: e² / (2 beta) where |e| < beta, else |e| - beta/2. Throws shape_error as
/// mean_squared_error, value_error for a negative beta.
/// Derivative: x_bar = z_bar e / beta where |e| < beta, else z_bar sign(e); y_bar = -x_bar
/// Keeps: both operands
/// At singular points: the second derivative at |e| = beta is that of the straight side, 0
/// Elsewhere: -, -, torch.nn.functional.smooth_l1_loss, -
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto smooth_l1_loss(X&& x, Y&& y, const smooth_l1_options& options = {})
{
    const double beta = options.beta;
    detail::require_positive("smooth_l1_loss", "beta", beta, true);
    using T = detail::operand_type<X, Y>;
    const auto c = detail::compare("smooth_l1_loss", x, y);
    if (beta == 0) return detail::reduce_terms(tensor<T>(abs(c.x - c.y)), options.reduction);
    const auto term = [beta](auto a, auto b) {
        const auto e = a - b;
        return where(abs(e) < beta, 0.5 / beta * square(e), abs(e) - 0.5 * beta);
    };
    return detail::reduce_terms(fuse(term, c.x, c.y), options.reduction);
}

struct huber_options {
    backtrail::reduction reduction = backtrail::reduction::mean;
    double delta = 1; ///< up to it the loss is quadratic
};

/// Of e = x - y: e²/2 where |e| <= delta, else delta (|e| - delta/2). Throws shape_error as
/// mean_squared_error, value_error unless delta is positive.
/// Derivative: x_bar = z_bar e where |e| <= delta, else z_bar delta sign(e); y_bar = -x_bar
/// Keeps: both operands
/// At singular points: the second derivative at |e| = delta is that of the quadratic side, 1
/// Elsewhere: scipy.special.huber, -, torch.nn.functional.huber_loss, optax.huber_loss
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto huber_loss(X&& x, Y&& y, const huber_options& options = {})
{
    const double delta = options.delta;
    detail::require_positive("huber_loss", "delta", delta, false);
    const auto c = detail::compare("huber_loss", x, y);
    const auto term = [delta](auto a, auto b) {
        const auto e = a - b;
        return where(abs(e) <= delta, 0.5 * square(e), delta * (abs(e) - 0.5 * delta));
    };
    return detail::reduce_terms(fuse(term, c.x, c.y), options.reduction);
}

struct kl_div_options {
    backtrail::reduction reduction = backtrail::reduction::mean; ///< see `batch_mean`
    bool log_target = false; ///< the target, too, is given by its logarithm
};

/// The Kullback-Leibler divergence p (log p - log q) of log q, the input, from the target p. Throws
/// shape_error as mean_squared_error.
/// Derivative: q_bar = -p z_bar for the input, p_bar = (log p + 1 - log q) z_bar for the target
/// Keeps: both operands
/// At singular points: 0 log 0 = 0 with derivative 0; so p = 0 gives 0, also where log q is -inf,
///   and the derivative in p there is -log q, or 0 if that is infinite
/// Elsewhere: scipy.special.kl_div, -, torch.nn.functional.kl_div, -
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto kl_div(X&& log_q, Y&& target, const kl_div_options& options = {})
{
    const auto c = detail::compare("kl_div", log_q, target);
    if (options.log_target) {
        const auto term = [](auto q, auto p) { return exp(p) * where(p == -infinity, 0.0, p - q); };
        return detail::reduce_terms(fuse(term, c.x, c.y), options.reduction);
    }
    // What a probability of 0 multiplies is made finite before the product: 0 times infinity would
    // be NaN in the derivative of a product even where the product is not taken.
    const auto term = [](auto q, auto p) {
        const auto log_p = where(p == 0.0, 0.0, log(p));
        return p * (log_p - where(p == 0.0, where(q == -infinity, 0.0, q), q));
    };
    return detail::reduce_terms(fuse(term, c.x, c.y), options.reduction);
}

/// The mean (or sum, or each) of max(0, 1 - x y) for scores x and targets y of -1 and 1. Throws
/// shape_error as mean_squared_error.
/// Derivative: x_bar = -y z_bar where x y < 1, else 0; y_bar likewise
/// Keeps: both operands
/// At singular points: 0 at x y = 1
/// Elsewhere: -, -, -, optax.hinge_loss
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto hinge_loss(X&& x, Y&& y, reduction how = reduction::mean)
{
    const auto c = detail::compare("hinge_loss", x, y);
    using T = detail::operand_type<X, Y>;
    return detail::reduce_terms(tensor<T>(relu(1.0 - c.x * c.y)), how);
}

} // namespace backtrail
