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
        if (!v.attributes.contains("axis")) return {real(reduce(x))}; // of all
        const std::vector<std::ptrdiff_t> axes = v.attributes.integers("axis");
        const bool keep = v.attributes.flag("keepdims");
        if (axes.size() == 1) {
            return {keep ? real(reduce(x, axes[0], bt::keepdims)) : real(reduce(x, axes[0]))};
        }
        return {keep ? real(reduce(x, axes, bt::keepdims)) : real(reduce(x, axes))};
    };
    return {build, &terms_reduced};
}

/// `reduce(x, ddof(n))` in the forms above.
template <class Reduce>
op moment(Reduce reduce)
{
    const auto build = [reduce](const op_variant& v, const arguments& in) {
        const bt::ddof delta{static_cast<std::size_t>(v.attributes.integer("ddof"))};
        const auto with = [&](const real& x, auto... over) { return reduce(x, over..., delta); };
        return reduction(with).build(v, in);
    };
    return {build, &terms_reduced};
}

void add_moments(registry& ops)
{
    ops.add("var", moment([](const real& x, auto... over) { return bt::var(x, over...); }));
    ops.add("std", moment([](const real& x, auto... over) { return bt::std(x, over...); }));
}

double order_of(const op_variant& v) { return std::stod(v.attributes.text("ord")); }

void add_norms(registry& ops)
{
    op norm{[](const op_variant& v, const arguments& in) {
                const double order = order_of(v);
                const auto of = [&](const real& x, auto... over) {
                    return bt::norm(x, order, over...);
                };
                return reduction(of).build(v, in);
            },
            &terms_reduced};
    norm.has_zero_hessian = [](const op_variant& v) {
        return order_of(v) == 1 || std::isinf(order_of(v));
    };
    ops.add("norm", std::move(norm));
}

void add_indexed(registry& ops)
{
    ops.add("argmax", {[](const op_variant& v, const arguments& in) {
                if (!v.attributes.contains("axis")) return outputs{bt::argmax(in[0])};
                return outputs{bt::argmax(in[0], v.attributes.integer("axis"))};
            }});
    ops.add("argmin", {[](const op_variant& v, const arguments& in) {
                if (!v.attributes.contains("axis")) return outputs{bt::argmin(in[0])};
                return outputs{bt::argmin(in[0], v.attributes.integer("axis"))};
            }});
    ops.add("max_with_index", {[](const op_variant& v, const arguments& in) {
                const auto found = bt::max_with_index(in[0], v.attributes.integer("axis"));
                return outputs{found.values, found.indices};
            }});
    ops.add("min_with_index", {[](const op_variant& v, const arguments& in) {
                const auto found = bt::min_with_index(in[0], v.attributes.integer("axis"));
                return outputs{found.values, found.indices};
            }});
}

} // namespace

void add_reductions(registry& ops)
{
    ops.add("sum", reduction([](const real& x, auto... over) { return bt::sum(x, over...); }));
    ops.add("mean", reduction([](const real& x, auto... over) { return bt::mean(x, over...); }));
    ops.add("amax", reduction([](const real& x, auto... over) { return bt::amax(x, over...); }));
    ops.add("amin", reduction([](const real& x, auto... over) { return bt::amin(x, over...); }));
    ops.add("prod", reduction([](const real& x, auto... over) { return bt::prod(x, over...); }));
    add_moments(ops);
    add_norms(ops);
    add_indexed(ops);
    ops.add("logsumexp",
            reduction([](const real& x, auto... over) { return bt::logsumexp(x, over...); }));
}

} // namespace oracle
