// SPDX-License-Identifier: BSD-3-Clause
// Registry: ops with indices and masks. What variants without attributes do is in the folder's
// generator.py, and is quoted here.
#include "registry.hpp"

namespace oracle {

namespace {

void add_indices(registry& ops)
{
    ops.add("index_select", {[](const op_variant& v, const arguments& in) {
                return outputs{
                    bt::index_select(in[0], in.index_at(1), v.attributes.integer("axis"))};
            }});
    ops.add("gather", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::gather(in[0], v.attributes.integer("axis"), in.index_at(1))};
            }});
    ops.add("take_along_axis", {[](const op_variant& v, const arguments& in) {
                return outputs{
                    bt::take_along_axis(in[0], in.index_at(1), v.attributes.integer("axis"))};
            }});
    ops.add("scatter", {[](const op_variant& v, const arguments& in) {
                return outputs{
                    bt::scatter(in[0], v.attributes.integer("axis"), in.index_at(1), in[2])};
            }});
    ops.add("scatter_add", {[](const op_variant& v, const arguments& in) {
                return outputs{
                    bt::scatter_add(in[0], v.attributes.integer("axis"), in.index_at(1), in[2])};
            }});
    // x.index_put((i,), v, accumulate=True)
    ops.add("index_put_add", {[](const op_variant&, const arguments& in) {
                return outputs{bt::index_put_add(in[0], in.index_at(1), in[2])};
            }});
    ops.add("advanced_index", {[](const op_variant&, const arguments& in) { // x[i, j]
                return outputs{bt::take(in[0], in.index_at(1), in.index_at(2))};
            }});
    ops.add("embedding", {[](const op_variant&, const arguments& in) {
                return outputs{bt::embedding(in.index_at(0), in[1])};
            }});
}

void add_masks(registry& ops)
{
    ops.add("bool_mask", {[](const op_variant&, const arguments& in) { // x[m]
                return outputs{bt::compress(in[0], in.mask_at(1))};
            }});
    ops.add("masked_fill", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::masked_fill(in[0], in.mask_at(1), v.attributes.number("value"))};
            }});
}

} // namespace

void add_indexing(registry& ops)
{
    add_indices(ops);
    add_masks(ops);
}

} // namespace oracle
