// SPDX-License-Identifier: BSD-3-Clause
// Registry: ops that rearrange elements. Most variants have no attributes: what they do is in the
// folder's generator.py, and is quoted here.
#include "registry.hpp"

namespace oracle {

namespace {

using xt::all;
using xt::newaxis;
using xt::range;
using xt::placeholders::_;

void add_views(registry& ops)
{
    ops.add("slice", {[](const op_variant& v, const arguments& in) {
                if (v.name == "v01") return outputs{bt::view(in[0], range(2, 2))}; // x[2:2]
                return outputs{bt::view(in[0], range(1, 5, 2), range(_, _, 3))};   // x[1:5:2, ::3]
            }});
    ops.unary("select", [](const real& x) { return bt::view(x, 3); }); // x[3]
    // x[:, None, :, None]
    ops.unary("newaxis",
              [](const real& x) { return bt::view(x, all(), newaxis(), all(), newaxis()); });
}

void add_permutations(registry& ops)
{
    ops.unary("transpose", [](const real& x) { return bt::transpose(x); }); // x.transpose(0, 2)
    ops.unary("permute", [](const real& x) { return bt::transpose(x, {2, 0, 1}); });
    // x.transpose(0, 1).contiguous()
    ops.unary("contiguous_transpose", [](const real& x) { return bt::transpose(x, {1, 0, 2}); });
}

} // namespace

void add_structure(registry& ops)
{
    add_views(ops);
    add_permutations(ops);
    ops.add("broadcast_to",
            {[](const op_variant& v, const arguments& in) { // x[:, :1].expand(2, 5, 4)
                const real column = bt::view(in[0], all(), range(0, 1));
                return outputs{bt::broadcast_to(column, v.outputs.at(0).shape)};
            }});
    ops.unary("reshape", [](const real& x) { return bt::reshape(x, {4, -1}); });
    ops.add("concat", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::concatenate(in.reals(), v.attributes.integer("axis"))};
            }});
    ops.add("stack", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::stack(in.reals(), v.attributes.integer("axis"))};
            }});
}

} // namespace oracle
