// SPDX-License-Identifier: BSD-3-Clause
// Registry: scans and orders along an axis.
#include "registry.hpp"

namespace oracle {

namespace {

/// A function of one tensor and an axis that returns a tensor.
template <class F>
op along_axis(F f)
{
    return {[f](const op_variant& v, const arguments& in) {
                return outputs{real(f(in[0], v.attributes.integer("axis")))};
            },
            &terms_reduced};
}

outputs both(const bt::with_index<double>& found) { return {found.values, found.indices}; }

} // namespace

void add_scans(registry& ops)
{
    ops.add("cumsum",
            along_axis([](const real& x, std::ptrdiff_t axis) { return bt::cumsum(x, axis); }));
    ops.add("cumprod",
            along_axis([](const real& x, std::ptrdiff_t axis) { return bt::cumprod(x, axis); }));
    ops.add("logcumsumexp", along_axis([](const real& x, std::ptrdiff_t axis) {
                return bt::logcumsumexp(x, axis);
            }));
    ops.add("cummax", along_axis([](const real& x, std::ptrdiff_t axis) {
                return bt::cummax(x, axis).values;
            }));
    ops.add("diff", {[](const op_variant& v, const arguments& in) {
                const std::ptrdiff_t n = v.attributes.integer("n");
                // n = 2 is along the first axis
                return outputs{real(bt::diff(in[0], n, n == 2 ? 0 : -1))};
            }});
    ops.add("sort", {[](const op_variant& v, const arguments& in) {
                return both(bt::sort_with_index(in[0], v.attributes.integer("axis"),
                                                v.attributes.flag("descending")));
            }});
    ops.add("topk", {[](const op_variant& v, const arguments& in) {
                return both(
                    bt::topk(in[0], v.attributes.integer("k"), v.attributes.integer("axis")));
            }});
    ops.add("median", {[](const op_variant& v, const arguments& in) {
                return both(bt::median_with_index(in[0], v.attributes.integer("axis")));
            }});
}

} // namespace oracle
