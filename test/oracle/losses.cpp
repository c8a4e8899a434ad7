// SPDX-License-Identifier: BSD-3-Clause
// Registry: losses.
#include "registry.hpp"

namespace oracle {

namespace {

bt::reduction reduction_of(const op_variant& v)
{
    if (!v.attributes.contains("reduction")) return bt::reduction::mean;
    const std::string name = v.attributes.text("reduction");
    if (name == "mean") return bt::reduction::mean;
    if (name == "sum") return bt::reduction::sum;
    if (name == "none") return bt::reduction::none;
    if (name == "batchmean") return bt::reduction::batch_mean;
    throw manifest_error("unknown reduction '" + name + "'");
}

/// The options that losses with labels share; the third input, if there is one, has the weights.
template <class Options>
Options label_options(const op_variant& v, const arguments& in)
{
    Options options;
    options.reduction = reduction_of(v);
    if (v.attributes.contains("ignore_index")) {
        options.ignore_index = v.attributes.integer("ignore_index");
    }
    if (in.size() == 3) options.weights = in[2];
    return options;
}

real cross_entropy(const op_variant& v, const arguments& in)
{
    auto options = label_options<bt::cross_entropy_options>(v, in);
    if (v.attributes.contains("label_smoothing")) {
        options.label_smoothing = v.attributes.number("label_smoothing");
    }
    if (v.inputs.at(1).dtype == "float64") { // soft targets, of which the input has the logits
        return bt::cross_entropy(in[0], bt::softmax(in[1], 1), options);
    }
    return bt::cross_entropy(in[0], in.index_at(1), options);
}

/// A parameter of a loss, if the variant has it.
void read(const op_variant& v, const std::string& name, double& parameter)
{
    if (v.attributes.contains(name)) parameter = v.attributes.number(name);
}

void add_losses_of_classifiers(registry& ops)
{
    ops.add("cross_entropy",
            {[](const op_variant& v, const arguments& in) { return outputs{cross_entropy(v, in)}; },
             &terms_reduced});
    ops.add("nll_loss",
            {[](const op_variant& v, const arguments& in) {
                 return outputs{bt::nll_loss(in[0], in.index_at(1),
                                             label_options<bt::nll_loss_options>(v, in))};
             },
             &terms_reduced});
    ops.add("bce", {[](const op_variant& v, const arguments& in) {
                        return outputs{
                            bt::binary_cross_entropy(in[0], in[1], {.reduction = reduction_of(v)})};
                    },
                    &terms_reduced});
    ops.add("bce_with_logits", {[](const op_variant& v, const arguments& in) {
                                    return outputs{bt::binary_cross_entropy_with_logits(
                                        in[0], in[1], {.reduction = reduction_of(v)})};
                                },
                                &terms_reduced});
    // The inputs are logits; the oracle takes the sum over the classes, averaged over the batch.
    ops.add("kl_div",
            {[](const op_variant&, const arguments& in) {
                 return outputs{bt::kl_div(bt::log_softmax(in[0], 1), bt::softmax(in[1], 1),
                                           {.reduction = bt::reduction::batch_mean})};
             },
             &terms_reduced});
}

void add_losses_of_differences(registry& ops)
{
    ops.add("mse", {[](const op_variant& v, const arguments& in) {
                        return outputs{bt::mean_squared_error(in[0], in[1], reduction_of(v))};
                    },
                    &terms_reduced});
    ops.add("l1_loss", {[](const op_variant& v, const arguments& in) {
                            return outputs{bt::l1_loss(in[0], in[1], reduction_of(v))};
                        },
                        &terms_reduced})
        .has_zero_hessian = &always;
    ops.add("smooth_l1", {[](const op_variant& v, const arguments& in) {
                              bt::smooth_l1_options options{.reduction = reduction_of(v)};
                              read(v, "beta", options.beta);
                              return outputs{bt::smooth_l1_loss(in[0], in[1], options)};
                          },
                          &terms_reduced});
    ops.add("huber", {[](const op_variant& v, const arguments& in) {
                          bt::huber_options options{.reduction = reduction_of(v)};
                          read(v, "delta", options.delta);
                          return outputs{bt::huber_loss(in[0], in[1], options)};
                      },
                      &terms_reduced});
}

} // namespace

void add_losses(registry& ops)
{
    add_losses_of_classifiers(ops);
    add_losses_of_differences(ops);
}

} // namespace oracle
