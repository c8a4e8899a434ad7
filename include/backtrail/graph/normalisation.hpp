// SPDX-License-Identifier: BSD-3-Clause
// Normalisations of the layers of networks: each subtracts a mean, divides by a deviation, and may
// scale and shift the result. They differ in the axes that mean and deviation are taken over.
#pragma once

#include <backtrail/expr/build.hpp>
#include <backtrail/graph/operand.hpp>
#include <backtrail/graph/reductions.hpp>

namespace backtrail {

struct normalisation_options {
    optional_tensor weight{}; ///< times the normalised values; none: 1
    optional_tensor bias{};   ///< is added; none: 0
    double eps = 1e-5;        ///< added to the variance
};

namespace detail {

/// x less its mean over axes, and the moments, whose axes stay.
template <element T>
struct centred_values {
    tensor<T> values, mean, variance;
};

template <element T>
[[nodiscard]] centred_values<T> centre(const tensor<T>& x, const integers& over)
{
    const tensor<T> mean = backtrail::mean(x, over, keepdims);
    const tensor<T> values = x - mean;
    return {values, mean, backtrail::mean(square(values), over, keepdims)};
}

/// An option in the form that broadcasts against x, or a number where it is left out.
template <element T>
[[nodiscard]] tensor<T> coefficient(const std::string& operation, const char* name,
                                    const optional_tensor& option, const shape& wanted,
                                    const shape& form, double otherwise)
{
    if (!option) return make_tensor<T>(make_scalar(otherwise, dtype_of<T>));
    const auto t = option_as<T>(operation, name, option);
    require_fits(operation.c_str(), name, t.get_node(), wanted);
    return make_tensor<T>(reshape(t.get_node(), form));
}

/// values / sqrt(variance + eps) * weight + bias, where weight and bias have the shape `wanted`
/// and broadcast as `form`.
template <element T>
[[nodiscard]] tensor<T> rescale(const char* operation, const tensor<T>& values,
                                const tensor<T>& variance, const normalisation_options& options,
                                const shape& wanted, const shape& form)
{
    const tensor<T> scale = 1.0 / sqrt(variance + options.eps);
    const auto weight = coefficient<T>(operation, "weight", options.weight, wanted, form, 1);
    const auto bias = coefficient<T>(operation, "bias", options.bias, wanted, form, 0);
    return values * scale * weight + bias;
}

/// Channels, the axis 1 of x, in the form that broadcasts against x.
[[nodiscard]] inline shape channel_form(const shape& x)
{
    shape form(x.size(), 1);
    form[1] = x[1];
    return form;
}

/// The extents of some axes of x, and x's shape with the others 1.
struct axes_form {
    shape extents, form;
};
[[nodiscard]] inline axes_form form_of_axes(const shape& x, const axes& over)
{
    axes_form result{{}, shape(x.size(), 1)};
    for (auto axis : over) {
        result.extents.push_back(x[axis]);
        result.form[axis] = x[axis];
    }
    return result;
}

} // namespace detail

/// A normalised batch, with the mean and the (biased) variance of each channel, for statistics that
/// run along; n / (n - 1) times the variance is the unbiased one.
template <element T>
struct batch_norm_result {
    tensor<T> value, mean, variance;
};

/// Batch normalisation in training, with the moments: (x - mean) / sqrt(variance + eps) * weight +
/// bias for x (n, channels, ...), moments over all axes but the channels; weight and bias are
/// (channels). Throws shape_error if x has no axis of channels or the options do not fit.
/// Derivative: that of the formula, through mean and variance too: x_bar = s (g - mean(g) -
///   v mean(g v)) with s = 1/sqrt(variance + eps), v the normalised values, g = weight y_bar
/// Keeps: x less its mean, and the moments
/// At singular points: with eps = 0 a constant channel gives NaN
/// Elsewhere: -, -, torch.nn.functional.batch_norm (training), flax.linen.BatchNorm
template <class E>
[[nodiscard]] auto batch_norm_with_moments(expr<E> x, const normalisation_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    detail::require_channels("batch_norm", t.get_node());
    detail::integers over;
    for (std::size_t i = 0; i < t.rank(); ++i) {
        if (i != 1) over.push_back(static_cast<std::ptrdiff_t>(i));
    }
    const shape channels = {t.shape()[1]};
    const auto c = detail::centre(t, over);
    return batch_norm_result<T>{detail::rescale("batch_norm", c.values, c.variance, options,
                                                channels, detail::channel_form(t.shape())),
                                reshape(c.mean, channels), reshape(c.variance, channels)};
}

/// The same, of which only the normalised batch is wanted; or, given mean and variance (channels),
/// normalised by those: batch normalisation in evaluation.
/// Derivative: as batch_norm_with_moments; in evaluation that of an affine map: x_bar = s weight
///   y_bar, mean_bar = -sum(x_bar), variance_bar = -sum(x_bar v s) / 2
/// Keeps: x less its mean, and the moments
/// At singular points: with eps = 0 a constant channel gives NaN
/// Elsewhere: -, -, torch.nn.functional.batch_norm, flax.linen.BatchNorm
template <class E>
[[nodiscard]] auto batch_norm(expr<E> x, const normalisation_options& options = {})
{
    return batch_norm_with_moments(x, options).value;
}
template <class E, class M, class V>
    requires(detail::array_operand<M> && detail::array_operand<V>)
[[nodiscard]] auto batch_norm(expr<E> x, M&& mean, V&& variance,
                              const normalisation_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    detail::require_channels("batch_norm", t.get_node());
    const shape channels = {t.shape()[1]}, form = detail::channel_form(t.shape());
    const auto m = detail::coefficient<T>("batch_norm", "mean", mean, channels, form, 0);
    const auto v = detail::coefficient<T>("batch_norm", "variance", variance, channels, form, 1);
    return detail::rescale<T>("batch_norm", t - m, v, options, channels, form);
}

/// Layer normalisation: (x - mean) / sqrt(variance + eps) * weight + bias with moments over the
/// given axes, the last one if none are given; weight and bias have the extents of those axes.
/// Throws index_error for axes that are not there, shape_error if the options do not fit.
/// Derivative: as of batch_norm_with_moments, over these axes
/// Keeps: x less its mean, and the moments
/// At singular points: with eps = 0 constant values give NaN
/// Elsewhere: -, -, torch.nn.functional.layer_norm, flax.linen.LayerNorm
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto layer_norm(expr<E> x, const A& over, const normalisation_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    const detail::integers list = detail::to_integers(over);
    const auto [extents, form] = detail::form_of_axes(
        t.shape(), normalise_axes("layer_norm", std::span(list.data(), list.size()), t.rank()));
    const auto c = detail::centre(t, list);
    return detail::rescale("layer_norm", c.values, c.variance, options, extents, form);
}
template <class E>
[[nodiscard]] auto layer_norm(expr<E> x, std::initializer_list<std::ptrdiff_t> over,
                              const normalisation_options& options = {})
{
    return layer_norm(x, detail::integers(over), options);
}
template <class E>
[[nodiscard]] auto layer_norm(expr<E> x, const normalisation_options& options = {})
{
    return layer_norm(x, -1, options);
}

/// Normalisation by the root of the mean square: x / sqrt(mean(x²) + eps) * weight over the given
/// axes, the last one if none are given. Otherwise as layer_norm, also with a bias.
/// Derivative: x_bar = s (g - v mean(g v)) with s = 1/sqrt(mean(x²) + eps), v = s x, g = weight
///   y_bar
/// Keeps: x and the mean square
/// At singular points: with eps = 0 zeros give NaN
/// Elsewhere: -, -, torch.nn.functional.rms_norm, flax.linen.RMSNorm
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto rms_norm(expr<E> x, const A& over, const normalisation_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    const detail::integers list = detail::to_integers(over);
    const auto [extents, form] = detail::form_of_axes(
        t.shape(), normalise_axes("rms_norm", std::span(list.data(), list.size()), t.rank()));
    return detail::rescale<T>("rms_norm", t, mean(square(t), list, keepdims), options, extents,
                              form);
}
template <class E>
[[nodiscard]] auto rms_norm(expr<E> x, std::initializer_list<std::ptrdiff_t> over,
                            const normalisation_options& options = {})
{
    return rms_norm(x, detail::integers(over), options);
}
template <class E>
[[nodiscard]] auto rms_norm(expr<E> x, const normalisation_options& options = {})
{
    return rms_norm(x, -1, options);
}

/// Group normalisation of x (n, channels, ...): the channels fall into groups of neighbours, and
/// the moments are over a group of one sample with all that follows; weight and bias are
/// (channels). Throws shape_error if the groups do not divide the channels or the options do not
/// fit.
/// Derivative: as of batch_norm_with_moments, over these axes
/// Keeps: x less its mean, and the moments
/// At singular points: with eps = 0 constant values give NaN
/// Elsewhere: -, -, torch.nn.functional.group_norm, flax.linen.GroupNorm
template <class E>
[[nodiscard]] auto group_norm(expr<E> x, std::size_t groups,
                              const normalisation_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    const auto grouped =
        detail::make_tensor<T>(detail::group_channels("group_norm", t.get_node(), groups));
    const auto c = detail::centre(grouped, {2});
    const shape& s = t.shape();
    // Channel by channel again: (n, groups, channels of a group, rest)
    const std::size_t channels = s[1], of_group = channels / groups;
    const std::size_t rest = element_count(shape(std::span(s.begin() + 2, s.end())));
    const tensor<T> values = reshape(c.values, shape{s[0], groups, of_group, rest});
    const tensor<T> variance = reshape(c.variance, shape{s[0], groups, 1, 1});
    const tensor<T> y =
        detail::rescale("group_norm", values, variance, options, {channels}, {groups, of_group, 1});
    return tensor<T>(reshape(y, s));
}

/// Instance normalisation of x (n, channels, ...): group_norm with a group for each channel.
/// Derivative: as of batch_norm_with_moments, over these axes
/// Keeps: x less its mean, and the moments
/// At singular points: with eps = 0 constant values give NaN
/// Elsewhere: -, -, torch.nn.functional.instance_norm, flax.linen.InstanceNorm
template <class E>
[[nodiscard]] auto instance_norm(expr<E> x, const normalisation_options& options = {})
{
    using T = value_type_of<E>;
    const tensor<T> t = as_tensor(x);
    detail::require_channels("instance_norm", t.get_node());
    detail::integers over;
    for (std::size_t i = 2; i < t.rank(); ++i) over.push_back(static_cast<std::ptrdiff_t>(i));
    const auto c = detail::centre(t, over);
    return detail::rescale("instance_norm", c.values, c.variance, options, {t.shape()[1]},
                           detail::channel_form(t.shape()));
}

} // namespace backtrail
