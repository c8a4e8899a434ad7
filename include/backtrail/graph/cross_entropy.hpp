// SPDX-License-Identifier: BSD-3-Clause
// The losses of classifiers: cross-entropy of logits, of log-probabilities, and of two classes.
#pragma once

#include <backtrail/graph/composites.hpp>
#include <backtrail/graph/losses.hpp>

#include <optional>

namespace backtrail {

namespace detail {

/// The axis of the classes: the second, or the only one.
[[nodiscard]] constexpr std::size_t class_axis(const shape& scores)
{
    return scores.size() == 1 ? 0 : 1;
}

/// x of one number per class, (classes), in the form that broadcasts against the scores.
template <element T>
[[nodiscard]] tensor<T> along_classes(const tensor<T>& x, const shape& scores)
{
    shape form = {x.size()};
    for (std::size_t i = class_axis(scores) + 1; i < scores.size(); ++i) form.push_back(1);
    return make_tensor<T>(reshape(x.get_node(), form));
}

/// The weights of the classes, in that form.
template <element T>
[[nodiscard]] tensor<T> class_weights(const char* operation, const optional_tensor& weights,
                                      const shape& scores)
{
    const auto w = option_as<T>(operation, "weights", weights);
    require_fits(operation, "array of weights", w.get_node(), {scores[class_axis(scores)]});
    return along_classes(w, scores);
}

/// Which class each row of scores belongs to, and what the row counts.
template <element T>
class labelled_rows {
public:
    /// Throws shape_error, and index_error when it is evaluated and a label is no class.
    template <element I>
    labelled_rows(const char* operation, const tensor<T>& scores, const tensor<I>& labels,
                  const std::optional<std::int64_t>& ignore, const optional_tensor& weights)
    {
        static_assert(!std::same_as<I, bool>, "backtrail: labels are integers; write cast<T>(x)");
        const shape& s = scores.shape();
        const axes over = {class_axis(s)};
        axis_ = static_cast<std::ptrdiff_t>(over[0]);
        const node_ptr checked =
            check_labels(operation, labels.get_node(), scores.get_node(), s[over[0]], ignore);
        const auto column = make_tensor<I>(reshape(checked, reduced_shape(s, over, true)));
        const auto classes = static_cast<I>(s[over[0]]);
        is_label_ = column == along_classes(constant<I>(xt::arange<I>(classes)), s);
        if (ignore) counts_ = make_tensor<I>(checked) != static_cast<I>(*ignore);
        if (weights) {
            weight_ = pick(class_weights<T>(operation, weights, s));
            if (counts_) weight_ = where(counts_, weight_, 0.0);
        }
    }

    /// x at the class of each row.
    [[nodiscard]] tensor<T> pick(const tensor<T>& x) const
    {
        return sum(where(is_label_, x, 0.0), axis_);
    }
    /// Times the weight of the row's class.
    [[nodiscard]] tensor<T> weigh(const tensor<T>& terms) const
    {
        return weight_ ? tensor<T>(weight_ * terms) : terms;
    }
    /// The mean is over the weights of the rows that are not ignored.
    [[nodiscard]] tensor<T> reduce(const tensor<T>& terms, reduction how) const
    {
        const tensor<T> counted = counts_ ? tensor<T>(where(counts_, terms, 0.0)) : terms;
        const bool is_plain = !(bool(counts_) || bool(weight_));
        if (is_plain || how != reduction::mean) return reduce_terms(counted, how);
        const tensor<T> total = weight_ ? sum(weight_) : cast<T>(sum(counts_));
        return sum(counted) / total;
    }

private:
    std::ptrdiff_t axis_ = 0;
    tensor<bool> is_label_, counts_;
    tensor<T> weight_;
};

/// The sum over the classes of p (log_sum - z), where the probability 0 of a class whose logit is
/// -inf counts as nothing: that cost is made finite before the product, whose derivative would be
/// 0 times infinity otherwise. The library has the kernels of this term, by its form: detail::class_term_tree.
template <element T>
[[nodiscard]] tensor<T> soft_terms(const tensor<T>& p, const tensor<T>& log_sum, const tensor<T>& z,
                                   std::size_t axis)
{
    const auto term = [](auto q, auto l, auto x) {
        const auto cost = l - x;
        return q * where(q == 0.0, where(cost == infinity, 0.0, cost), cost);
    };
    return sum(fuse(term, p, log_sum, z), axis);
}

/// Terms times the weights of the options, if there are any, reduced.
template <element T, class Options>
[[nodiscard]] tensor<T> weigh_and_reduce(const char* operation, const tensor<T>& terms,
                                         const Options& options)
{
    if (!options.weights) return reduce_terms(terms, options.reduction);
    const auto w = option_as<T>(operation, "array of weights", options.weights);
    return reduce_terms(tensor<T>(w * terms), options.reduction);
}

} // namespace detail

struct cross_entropy_options {
    backtrail::reduction reduction = backtrail::reduction::mean;
    double label_smoothing = 0;                 ///< this much of the target is spread evenly
    std::optional<std::int64_t> ignore_index{}; ///< a label whose rows do not count
    optional_tensor weights{};                  ///< one per class
};

/// The cross-entropy of logits (n, k), (n, k, d...) or (k) and targets, in nats: -sum_k w_k p_k log
/// softmax(z)_k for each row, averaged over the rows that count. Targets are labels, of the shape
/// without k and an integer type, or probabilities of the shape of the logits. The mean over labels
/// is weighted, too: it divides by the sum of the weights of the labels. Throws shape_error for
/// other shapes, value_error for an ignore_index of probabilities, and when it is evaluated
/// index_error for a label out of range that is not ignored.
/// Derivative: z_bar = loss_bar (softmax(z) - p) / n, p_bar = -loss_bar log softmax(z) / n, where a
///   weight multiplies the terms of its class
/// Keeps: the logits less their maximum and the logsumexp of these, a mask of bool per logit for labels, else the targets
/// At singular points: logits of -inf are finite unless they are the target; a probability 0 times
///   the cost of such a logit is 0, with derivative 0; the mean of no row that counts is NaN
/// Elsewhere: -, -, torch.nn.functional.cross_entropy, optax.softmax_cross_entropy
template <class E, class Y>
[[nodiscard]] auto cross_entropy(expr<E> logits, expr<Y> targets,
                                 const cross_entropy_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> raw = as_tensor(logits);
    const auto y = as_tensor(targets);
    const shape& s = raw.shape();
    detail::require_targets("cross_entropy", raw.get_node(), y.get_node());
    const std::size_t axis = detail::class_axis(s);
    const tensor<T> z = detail::below_maximum("cross_entropy", raw, axis);
    const tensor<T> log_sum = logsumexp(z, axis, keepdims);
    const double smooth = options.label_smoothing;
    const double even = s[axis] == 0 ? 0.0 : smooth / static_cast<double>(s[axis]);
    if constexpr (std::integral<value_type_of<Y>>) {
        const detail::labelled_rows<T> rows("cross_entropy", raw, y, options.ignore_index,
                                            options.weights);
        const tensor<T> of_label = reshape(log_sum, y.shape()) - rows.pick(z);
        if (smooth == 0) return rows.reduce(rows.weigh(of_label), options.reduction);
        const tensor<T> of_class =
            options.weights
                ? tensor<T>(detail::class_weights<T>("cross_entropy", options.weights, s) *
                            (log_sum - z))
                : tensor<T>(log_sum - z);
        const tensor<T> terms = (1.0 - smooth) * rows.weigh(of_label) + even * sum(of_class, axis);
        return rows.reduce(terms, options.reduction);
    } else {
        static_assert(std::same_as<value_type_of<Y>, T>,
                      "backtrail: operands of different element types; write cast<T>(x)");
        if (options.ignore_index) {
            throw value_error("[cross_entropy] ignore_index is for labels, not for probabilities");
        }
        tensor<T> p = smooth == 0 ? y : tensor<T>((1.0 - smooth) * y + even);
        if (options.weights) {
            p = p * detail::class_weights<T>("cross_entropy", options.weights, s);
        }
        return detail::reduce_terms(detail::soft_terms(p, log_sum, z, axis), options.reduction);
    }
}

struct nll_loss_options {
    backtrail::reduction reduction = backtrail::reduction::mean;
    std::optional<std::int64_t> ignore_index{}; ///< a label whose rows do not count
    optional_tensor weights{};                  ///< one per class
};

/// The negative log-likelihood of labels: -w_y log_p[y] for each row of log-probabilities (n, k),
/// (n, k, d...) or (k), averaged over the weights of the rows that count. Throws shape_error for
/// other shapes, and when it is evaluated index_error for a label out of range that is not ignored.
/// Derivative: -w_y loss_bar / (sum of the weights) at the label, 0 elsewhere
/// Keeps: a mask of bool per log-probability
/// At singular points: the mean of no row that counts is NaN
/// Elsewhere: -, -, torch.nn.functional.nll_loss, -
template <class E, class Y>
    requires std::integral<value_type_of<Y>>
[[nodiscard]] auto nll_loss(expr<E> log_probabilities, expr<Y> labels,
                            const nll_loss_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> log_p = as_tensor(log_probabilities);
    const auto y = as_tensor(labels);
    detail::require_targets("nll_loss", log_p.get_node(), y.get_node());
    const detail::labelled_rows<T> rows("nll_loss", log_p, y, options.ignore_index,
                                        options.weights);
    return rows.reduce(rows.weigh(tensor<T>(-rows.pick(log_p))), options.reduction);
}

struct binary_cross_entropy_options {
    backtrail::reduction reduction = backtrail::reduction::mean;
    optional_tensor weights{}; ///< of the terms; broadcasts to them
};

/// -y log p - (1 - y) log(1 - p) of probabilities p and targets y in [0, 1], where p is clipped to
/// [1e-7, 1 - 1e-7]. Throws shape_error unless the shapes are equal or one is a single number.
/// Derivative: p_bar = (p - y) / (p (1 - p)) z_bar, y_bar = (log(1 - p) - log p) z_bar
/// Keeps: both operands
/// At singular points: that of the clipped p: 0 for p outside of the bounds, not at them
/// Elsewhere: -, -, torch.nn.functional.binary_cross_entropy (which clips the logarithm), -
template <class P, class Y>
    requires mixed<P, Y>
[[nodiscard]] auto binary_cross_entropy(P&& p, Y&& y,
                                        const binary_cross_entropy_options& options = {})
{
    using T = detail::operand_type<P, Y>;
    const auto c = detail::compare("binary_cross_entropy", p, y);
    const auto term = [](auto q, auto target) {
        constexpr double low = 1e-7, high = 1 - low;
        const auto clipped = where(q < low, low, where(q > high, high, q));
        return -(target * log(clipped) + (1.0 - target) * log1p(-clipped));
    };
    return detail::weigh_and_reduce<T>("binary_cross_entropy", fuse(term, c.x, c.y), options);
}

struct bce_with_logits_options {
    backtrail::reduction reduction = backtrail::reduction::mean;
    optional_tensor weights{};          ///< of the terms; broadcasts to them
    optional_tensor positive_weights{}; ///< of the part of the targets' 1; broadcasts to the terms
};

/// The binary cross-entropy of logits x, sigmoid(x) being the probability: y softplus(-x) +
/// (1 - y) softplus(x), in which nothing cancels or overflows. Throws shape_error unless the shapes
/// are equal or one is a single number.
/// Derivative: x_bar = ((1 - y) sigmoid(x) - y sigmoid(-x)) z_bar, y_bar = -x z_bar
/// Keeps: both operands
/// Elsewhere: -, -, torch.nn.functional.binary_cross_entropy_with_logits,
///   optax.sigmoid_binary_cross_entropy
template <class X, class Y>
    requires mixed<X, Y>
[[nodiscard]] auto binary_cross_entropy_with_logits(X&& x, Y&& y,
                                                    const bce_with_logits_options& options = {})
{
    using T = detail::operand_type<X, Y>;
    constexpr const char* name = "binary_cross_entropy_with_logits";
    const auto c = detail::compare(name, x, y);
    if (!options.positive_weights) {
        const auto term = [](auto z, auto target) {
            return target * softplus(-z) + (1.0 - target) * softplus(z);
        };
        return detail::weigh_and_reduce<T>(name, fuse(term, c.x, c.y), options);
    }
    const auto term = [](auto z, auto target, auto w) {
        return w * target * softplus(-z) + (1.0 - target) * softplus(z);
    };
    const auto w =
        detail::option_as<T>(name, "array of positive weights", options.positive_weights);
    return detail::weigh_and_reduce<T>(name, fuse(term, c.x, c.y, w), options);
}

} // namespace backtrail
