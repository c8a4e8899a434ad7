// SPDX-License-Identifier: BSD-3-Clause
// Registry: functions that the library composes of others, and small programs written with it.
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
    throw manifest_error("unknown reduction '" + name + "'");
}

/// The mean of the losses in which class k counts weights[k]; the library leaves weights to its
/// users.
real weighted_cross_entropy(const real& logits, const index& labels, const real& weights)
{
    const auto label = labels.value();
    const auto weight = weights.value();
    xt::xarray<double> of_case = xt::zeros<double>({label.size()});
    double total = 0;
    for (std::size_t i = 0; i < label.size(); ++i) {
        of_case(i) = weight(static_cast<std::size_t>(label(i)));
        total += of_case(i);
    }
    const real losses = bt::cross_entropy(logits, labels, {.reduction = bt::reduction::none});
    return bt::sum(losses * bt::constant(of_case)) / total;
}

real cross_entropy(const op_variant& v, const arguments& in)
{
    if (in.size() == 3) return weighted_cross_entropy(in[0], in.index_at(1), in[2]);
    if (v.inputs.at(1).dtype == "float64") return bt::cross_entropy(in[0], bt::softmax(in[1], 1));
    bt::cross_entropy_options options;
    options.reduction = reduction_of(v);
    if (v.attributes.contains("label_smoothing")) {
        options.label_smoothing = v.attributes.number("label_smoothing");
    }
    if (v.attributes.contains("ignore_index")) {
        options.ignore_index = v.attributes.integer("ignore_index");
    }
    return bt::cross_entropy(in[0], in.index_at(1), options);
}

void add_losses(registry& ops)
{
    ops.add("softmax", {[](const op_variant& v, const arguments& in) {
                return outputs{real(bt::softmax(in[0], v.attributes.integer("axis")))};
            }});
    ops.add("log_softmax", {[](const op_variant& v, const arguments& in) {
                return outputs{real(bt::log_softmax(in[0], v.attributes.integer("axis")))};
            }});
    ops.add("cross_entropy",
            {[](const op_variant& v, const arguments& in) { return outputs{cross_entropy(v, in)}; },
             &terms_reduced});
    ops.add("mse", {[](const op_variant& v, const arguments& in) {
                        return outputs{real(bt::mean_squared_error(in[0], in[1], reduction_of(v)))};
                    },
                    &terms_reduced});
}

real diamonds(real x)
{
    for (int level = 0; level < 64; ++level) x = x * 0.5 + bt::sin(x) * 0.4;
    return x;
}

real shared(const real& x)
{
    const real a = bt::tanh(x);
    return bt::sin(a * bt::sum(a)) / (1.0 + bt::mean(bt::exp(a))) + bt::max(a);
}

real attention(const real& q, const real& k, const real& v)
{
    const double scale = 1 / std::sqrt(static_cast<double>(q.shape().back()));
    const real scores = bt::matmul(q, bt::transpose(k, {0, 2, 1})) * scale;
    return bt::matmul(bt::softmax(scores, -1), v);
}

/// Gates in the order input, forget, candidate, output.
outputs lstm_cell(const arguments& in)
{
    const real gates =
        bt::matmul(in[0], bt::transpose(in[3])) + bt::matmul(in[1], bt::transpose(in[4])) + in[5];
    const std::size_t units = gates.shape()[1] / 4;
    const auto gate = [&](std::size_t i) {
        return bt::view(gates, xt::all(), xt::range(i * units, (i + 1) * units));
    };
    const real c = bt::sigmoid(gate(1)) * in[2] + bt::sigmoid(gate(0)) * bt::tanh(gate(2));
    const real h = bt::sigmoid(gate(3)) * bt::tanh(c);
    return {h, c};
}

void add_programs(registry& ops)
{
    ops.add("attention", {[](const op_variant&, const arguments& in) {
                return outputs{attention(in[0], in[1], in[2])};
            }});
    ops.add("lstm_cell", {[](const op_variant&, const arguments& in) { return lstm_cell(in); }});
    ops.add("prog_mlp", {[](const op_variant&, const arguments& in) {
                const real hidden = bt::tanh(bt::matmul(in[0], in[1]) + in[2]);
                const real logits = bt::matmul(hidden, in[3]) + in[4];
                return outputs{real(bt::cross_entropy(logits, in.index_at(5)))};
            }});
    ops.unary("prog_shared", &shared);
    ops.unary("prog_diamond64", &diamonds);
    ops.unary("prog_stop_gradient", [](const real& x) {
        return x * bt::stop_gradient(x) + bt::sin(bt::stop_gradient(x));
    });
}

} // namespace

void add_composites(registry& ops)
{
    add_losses(ops);
    add_programs(ops);
}

} // namespace oracle
