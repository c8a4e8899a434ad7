// SPDX-License-Identifier: BSD-3-Clause
// Registry: ops that reduce axes.
#include "registry.hpp"

namespace oracle {

namespace {

/// `reduce(x)`, `reduce(x, axis)`, `reduce(x, {axes...})`, the last two also with keepdims, as the
/// attributes say.
template <class Reduce>
op reduction(Reduce reduce)
{
    const auto build = [reduce](const op_variant& v, const arguments& in) -> outputs {
        const real& x = in[0];
        if (!v.attributes.contains("axis")) return {real(reduce(x))};
        const std::vector<std::ptrdiff_t> axes = v.attributes.integers("axis");
        const bool keep = v.attributes.flag("keepdims");
        if (axes.size() == 1) {
            return {keep ? real(reduce(x, axes[0], bt::keepdims)) : real(reduce(x, axes[0]))};
        }
        return {keep ? real(reduce(x, axes, bt::keepdims)) : real(reduce(x, axes))};
    };
    return {build, &terms_reduced};
}

} // namespace

void add_reductions(registry& ops)
{
    ops.add("sum", reduction([](const real& x, auto... over) { return bt::sum(x, over...); }));
    ops.add("mean", reduction([](const real& x, auto... over) { return bt::mean(x, over...); }));
    ops.add("amax", reduction([](const real& x, auto... over) { return bt::max(x, over...); }));
    ops.add("logsumexp",
            reduction([](const real& x, auto... over) { return bt::logsumexp(x, over...); }));
    ops.add("argmax", {[](const op_variant& v, const arguments& in) {
                if (!v.attributes.contains("axis")) return outputs{bt::argmax(in[0])};
                return outputs{bt::argmax(in[0], v.attributes.integer("axis"))};
            }});
}

} // namespace oracle
