// SPDX-License-Identifier: BSD-3-Clause
// Registry: ops that act element by element, but for the activations.
#include "registry.hpp"

#include <optional>

namespace oracle {

namespace {

void add_functions_of_one(registry& ops)
{
    ops.unary("abs", [](const real& x) { return bt::abs(x); }).has_zero_hessian = &always;
    ops.unary("neg", [](const real& x) { return -x; });
    ops.unary("sign", [](const real& x) { return bt::sign(x); });
    ops.unary("square", [](const real& x) { return bt::square(x); });
    ops.unary("reciprocal", [](const real& x) { return bt::reciprocal(x); });
    ops.unary("sqrt", [](const real& x) { return bt::sqrt(x); });
    ops.unary("exp", [](const real& x) { return bt::exp(x); });
    ops.unary("expm1", [](const real& x) { return bt::expm1(x); });
    ops.unary("log", [](const real& x) { return bt::log(x); });
    ops.unary("log1p", [](const real& x) { return bt::log1p(x); });
    ops.unary("sin", [](const real& x) { return bt::sin(x); });
    ops.unary("cos", [](const real& x) { return bt::cos(x); });
    ops.unary("tan", [](const real& x) { return bt::tan(x); });
    ops.unary("sinh", [](const real& x) { return bt::sinh(x); });
    ops.unary("cosh", [](const real& x) { return bt::cosh(x); });
    ops.unary("tanh", [](const real& x) { return bt::tanh(x); });
}

real clip(const op_variant& v, const real& x)
{
    const attributes& a = v.attributes;
    if (!a.contains("min")) return bt::clip(x, std::nullopt, a.number("max"));
    if (!a.contains("max")) return bt::clip(x, a.number("min"), std::nullopt);
    return bt::clip(x, a.number("min"), a.number("max"));
}

void add_functions_of_three(registry& ops)
{
    ops.add("where", {[](const op_variant&, const arguments& in) {
                const real y = bt::where(in.mask_at(0), in[1], in[2]);
                return outputs{y};
            }});
    ops.add("clip",
            {[](const op_variant& v, const arguments& in) { return outputs{clip(v, in[0])}; }});
    ops.add("clip_tensor", {[](const op_variant&, const arguments& in) {
                return outputs{real(bt::clip(in[0], in[1], in[2]))};
            }});
    ops.add("lerp", {[](const op_variant&, const arguments& in) {
                return outputs{real(bt::lerp(in[0], in[1], in[2]))};
            }});
    ops.add("addcmul", {[](const op_variant&, const arguments& in) {
                return outputs{real(bt::addcmul(in[0], in[1], in[2], 0.7))};
            }});
    ops.add("addcdiv", {[](const op_variant&, const arguments& in) {
                return outputs{real(bt::addcdiv(in[0], in[1], in[2], 0.7))};
            }});
}

void add_functions_of_two(registry& ops)
{
    ops.binary("add", [](const real& x, const real& y) { return x + y; });
    ops.binary("sub", [](const real& x, const real& y) { return x - y; });
    ops.binary("mul", [](const real& x, const real& y) { return x * y; });
    ops.binary("div", [](const real& x, const real& y) { return x / y; });
    ops.binary("pow", [](const real& x, const real& y) { return bt::pow(x, y); });
    ops.binary("maximum", [](const real& x, const real& y) { return bt::maximum(x, y); });
    ops.binary("minimum", [](const real& x, const real& y) { return bt::minimum(x, y); });
    ops.binary("fmax", [](const real& x, const real& y) { return bt::fmax(x, y); });
    ops.binary("fmin", [](const real& x, const real& y) { return bt::fmin(x, y); });
    ops.binary("squared_difference",
               [](const real& x, const real& y) { return bt::squared_difference(x, y); });
}

} // namespace

void add_elementwise(registry& ops)
{
    add_functions_of_one(ops);
    add_functions_of_two(ops);
    ops.add("pow_scalar", {[](const op_variant& v, const arguments& in) {
                const real y = bt::pow(in[0], v.attributes.number("exponent"));
                return outputs{y};
            }});
    add_functions_of_three(ops);
}

} // namespace oracle
