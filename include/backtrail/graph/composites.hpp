// SPDX-License-Identifier: BSD-3-Clause
// Functions that are made of others and need no rule of their own: softmax and the losses.
#pragma once

#include <backtrail/expr/build.hpp>
#include <backtrail/graph/leaf.hpp>
#include <backtrail/graph/reductions.hpp>

#include <optional>

namespace backtrail {

/// exp(x) / sum(exp(x)) along an axis, without overflow. A row that is all -inf gives NaN.
template <class E>
[[nodiscard]] auto softmax(expr<E> x, std::ptrdiff_t axis = -1)
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    return tensor<T>(exp(t - logsumexp(t, axis, keepdims)));
}

/// log(softmax(x)) along an axis, exact where softmax underflows.
template <class E>
[[nodiscard]] auto log_softmax(expr<E> x, std::ptrdiff_t axis = -1)
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    return tensor<T>(t - logsumexp(t, axis, keepdims));
}

/// What a loss does with its terms.
enum class reduction { mean, sum, none };

struct cross_entropy_options {
    backtrail::reduction reduction = backtrail::reduction::mean;
    double label_smoothing = 0;                 ///< this much of the target is spread evenly
    std::optional<std::int64_t> ignore_index{}; ///< a label whose rows do not count
};

namespace detail {

template <class T>
[[nodiscard]] tensor<T> reduce_terms(const tensor<T>& terms, reduction how)
{
    return how == reduction::mean ? mean(terms) : how == reduction::sum ? sum(terms) : terms;
}

template <class X>
[[nodiscard]] shape shape_of_operand(const X& x)
{
    if constexpr (std::is_arithmetic_v<X>) {
        return {};
    } else {
        return shape(x.shape());
    }
}

} // namespace detail

/// The cross-entropy of logits (n, k) and targets, in nats: -sum_k p_k log softmax(z)_k for each
/// row, averaged over the rows that count. Targets are labels (n,) of an integer type, or
/// probabilities (n, k). Throws shape_error for other shapes; a label out of range makes its
/// row NaN, unless it is ignored.
template <class E, class Y>
[[nodiscard]] auto cross_entropy(expr<E> logits, expr<Y> targets,
                                 const cross_entropy_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> z = as_tensor(logits);
    const auto y = as_tensor(targets);
    const bool fits =
        z.rank() == 2 && (std::integral<value_type_of<Y>> ? y.shape() == shape{z.shape()[0]}
                                                          : y.shape() == z.shape());
    if (!fits) {
        throw shape_error("[cross_entropy] logits " + to_string(z.shape()) + " and targets " +
                          to_string(y.shape()) + " do not fit");
    }
    const std::size_t classes = z.shape()[1];
    const tensor<T> minus_log_p = logsumexp(z, 1, keepdims) - z;
    const double smooth = options.label_smoothing;
    const double even = classes == 0 ? 0.0 : smooth / static_cast<double>(classes);
    if constexpr (std::integral<value_type_of<Y>>) {
        using I = value_type_of<Y>;
        const tensor<I> labels = reshape(y, {-1, 1});
        const auto numbers = constant<I>(xt::arange<I>(static_cast<I>(classes)));
        const tensor<bool> is_label = labels == numbers;
        const tensor<T> taken =
            smooth == 0
                ? sum(where(is_label, minus_log_p, 0.0), 1)
                : sum(where(is_label, (1.0 - smooth + even) * minus_log_p, even * minus_log_p), 1);
        const tensor<bool> exists = y >= I(0) && y < static_cast<I>(classes);
        const tensor<T> terms = where(exists, taken, not_a_number);
        if (!options.ignore_index) return detail::reduce_terms(terms, options.reduction);
        const tensor<bool> counts = y != static_cast<I>(*options.ignore_index);
        const tensor<T> counted = where(counts, terms, 0.0);
        if (options.reduction != reduction::mean) {
            return detail::reduce_terms(counted, options.reduction);
        }
        return tensor<T>(sum(counted) / cast<T>(sum(counts)));
    } else {
        const tensor<T> p = smooth == 0 ? y : tensor<T>((1.0 - smooth) * y + even);
        const tensor<T> terms = where(p == 0.0, 0.0, p * minus_log_p); // 0 log 0 = 0
        return detail::reduce_terms(sum(terms, 1), options.reduction);
    }
}

/// The mean (or sum, or each) of (a - b)². Throws shape_error unless the shapes are equal or one is
/// a single number: a column against a vector is a mistake.
template <class A, class B>
    requires mixed<A, B>
[[nodiscard]] auto mean_squared_error(A&& a, B&& b, reduction how = reduction::mean)
{
    const auto difference = a - b;
    const shape sa = detail::shape_of_operand(a), sb = detail::shape_of_operand(b);
    if (!(sa == sb) && !sa.empty() && !sb.empty()) {
        throw shape_error("[mean_squared_error] shapes differ: " + to_string(sa) + " and " +
                          to_string(sb));
    }
    using T = typename decltype(difference)::value_type;
    const tensor<T> terms = square(difference);
    return detail::reduce_terms(terms, how);
}

} // namespace backtrail
