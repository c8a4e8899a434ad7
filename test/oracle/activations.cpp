// SPDX-License-Identifier: BSD-3-Clause
// Registry: the activations. Parameters that the oracle does not name are those of its generator.
#include "registry.hpp"

namespace oracle {

namespace {

real softplus(const op_variant& v, const real& x)
{
    if (!v.attributes.contains("threshold")) return bt::softplus(x);
    return bt::softplus(x, v.attributes.number("beta"), v.attributes.number("threshold"));
}

void add_smooth(registry& ops)
{
    ops.unary("sigmoid", [](const real& x) { return bt::sigmoid(x); });
    ops.unary("logsigmoid", [](const real& x) { return bt::log_sigmoid(x); });
    ops.unary("softsign", [](const real& x) { return bt::softsign(x); });
    ops.unary("tanhshrink", [](const real& x) { return bt::tanh_shrink(x); });
    ops.unary("silu", [](const real& x) { return bt::silu(x); });
    ops.unary("gelu_tanh", [](const real& x) { return bt::gelu_tanh(x); });
    ops.unary("mish", [](const real& x) { return bt::mish(x); });
    ops.add("softplus",
            {[](const op_variant& v, const arguments& in) { return outputs{softplus(v, in[0])}; }});
}

void add_units(registry& ops)
{
    ops.unary("elu", [](const real& x) { return bt::elu(x); });
    ops.unary("celu", [](const real& x) { return bt::celu(x, 1.5); });
    ops.unary("selu", [](const real& x) { return bt::selu(x); });
}

void add_piecewise_linear(registry& ops)
{
    ops.unary("relu", [](const real& x) { return bt::relu(x); });
    ops.unary("relu6", [](const real& x) { return bt::relu6(x); });
    ops.unary("leaky_relu", [](const real& x) { return bt::leaky_relu(x, 0.1); });
    ops.unary("hardtanh", [](const real& x) { return bt::hard_tanh(x); });
    // LibTorch 1.13 takes 1/6 in float here, also for a derivative in double.
    ops.unary("hardsigmoid", [](const real& x) { return bt::hard_sigmoid(x); }).allowed.derivative =
        1e-7;
    ops.unary("hardswish", [](const real& x) { return bt::hard_swish(x); });
    ops.unary("softshrink", [](const real& x) { return bt::soft_shrink(x, 0.5); });
    ops.unary("hardshrink", [](const real& x) { return bt::hard_shrink(x, 0.5); });
    ops.add("prelu", {[](const op_variant&, const arguments& in) {
                return outputs{bt::prelu(in[0], in[1])};
            }});
}

} // namespace

void add_activations(registry& ops)
{
    add_smooth(ops);
    add_units(ops);
    add_piecewise_linear(ops);
}

} // namespace oracle
