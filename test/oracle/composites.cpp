// SPDX-License-Identifier: BSD-3-Clause
// Registry: functions that the library composes of others, and small programs written with it.
#include "registry.hpp"

namespace oracle {

namespace {

/// An attribute, or what the library takes without it.
double number_or(const op_variant& v, const std::string& name, double otherwise)
{
    return v.attributes.contains(name) ? v.attributes.number(name) : otherwise;
}
std::ptrdiff_t axis_or(const op_variant& v, std::ptrdiff_t otherwise)
{
    return v.attributes.contains("axis") ? v.attributes.integer("axis") : otherwise;
}

/// Weight and bias at places of the inputs, where there are any, and eps.
bt::normalisation_options affine(const op_variant& v, const arguments& in, std::size_t first)
{
    bt::normalisation_options options;
    options.eps = number_or(v, "eps", options.eps);
    if (in.size() > first) options.weight = in[first];
    if (in.size() > first + 1) options.bias = in[first + 1];
    return options;
}

void add_functions_of_an_axis(registry& ops)
{
    ops.add("softmax", {[](const op_variant& v, const arguments& in) {
                return outputs{real(bt::softmax(in[0], v.attributes.integer("axis")))};
            }});
    ops.add("log_softmax", {[](const op_variant& v, const arguments& in) {
                return outputs{real(bt::log_softmax(in[0], v.attributes.integer("axis")))};
            }});
    ops.add("glu", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::glu(in[0], axis_or(v, -1))};
            }});
    ops.add("cosine_similarity", {[](const op_variant& v, const arguments& in) {
                const std::ptrdiff_t axis = axis_or(v, 1);
                return outputs{bt::cosine_similarity(in[0], in[1], {.axis = axis})};
            }});
}

void add_normalisations(registry& ops)
{
    ops.add("batch_norm_train", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::batch_norm(in[0], affine(v, in, 1))};
            }});
    ops.add("batch_norm_eval", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::batch_norm(in[0], in[1], in[2], affine(v, in, 3))};
            }});
    ops.add("layer_norm", {[](const op_variant& v, const arguments& in) {
                // over the axes that the weight has: the last ones
                std::vector<std::ptrdiff_t> axes;
                for (std::size_t i = 0; i < in[1].rank(); ++i) {
                    axes.push_back(-1 - static_cast<std::ptrdiff_t>(i));
                }
                return outputs{bt::layer_norm(in[0], axes, affine(v, in, 1))};
            }});
    ops.add("group_norm", {[](const op_variant& v, const arguments& in) {
                const auto groups = static_cast<std::size_t>(v.attributes.integer("groups"));
                return outputs{bt::group_norm(in[0], groups, affine(v, in, 1))};
            }});
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

void add_programs(registry& ops)
{
    ops.add("attention", {[](const op_variant&, const arguments& in) {
                return outputs{bt::attention(in[0], in[1], in[2])};
            }});
    ops.add("lstm_cell", {[](const op_variant&, const arguments& in) {
                const auto [h, c] = bt::lstm_cell(in[0], in[1], in[2], in[3], in[4], in[5]);
                return outputs{h, c};
            }});
    ops.add("gru_cell", {[](const op_variant&, const arguments& in) {
                return outputs{bt::gru_cell(in[0], in[1], in[2], in[3], in[4], in[5])};
            }});
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
    add_functions_of_an_axis(ops);
    add_normalisations(ops);
    add_programs(ops);
}

} // namespace oracle
