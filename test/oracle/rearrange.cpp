// SPDX-License-Identifier: BSD-3-Clause
// Registry: axes, repetitions, windows, diagonals and functional updates. Where variants have no
// attributes, what they do is in the folder's generator.py, and is quoted here.
#include "registry.hpp"

#include <stdexcept>

namespace oracle {

namespace {

using xt::all;
using xt::range;
using xt::placeholders::_;

using tensors = std::vector<real>;

outputs all_of(const tensors& parts) { return {parts.begin(), parts.end()}; }

bt::pad_mode mode_of(const std::string& name)
{
    if (name == "constant") return bt::pad_mode::constant;
    if (name == "reflect") return bt::pad_mode::reflect;
    if (name == "replicate") return bt::pad_mode::replicate;
    if (name == "circular") return bt::pad_mode::circular;
    throw std::invalid_argument("no mode of padding: " + name);
}

/// The pairs belong to the last axes.
outputs padded(const op_variant& v, const arguments& in)
{
    const std::vector<std::ptrdiff_t> flat = v.attributes.integers("pad");
    std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> widths(in[0].rank());
    const std::size_t lead = widths.size() - flat.size() / 2;
    for (std::size_t i = 0; i < flat.size(); i += 2) {
        widths[lead + i / 2] = {flat[i], flat[i + 1]};
    }
    const double value = v.attributes.contains("value") ? v.attributes.number("value") : 0.0;
    return {bt::pad(in[0], widths, mode_of(v.attributes.text("mode")), value)};
}

void add_axes(registry& ops)
{
    // x[:, :1].squeeze(1)
    ops.unary("squeeze",
              [](const real& x) { return bt::squeeze(bt::view(x, all(), range(0, 1)), 1); });
    ops.unary("movedim", [](const real& x) { return bt::moveaxis(x, 0, -1); });
    ops.unary("flip", [](const real& x) { return bt::flip(x, {0, 2}); });
    // torch.flip(x, [0])[::2]
    ops.unary("slice_neg", [](const real& x) { return bt::view(bt::flip(x, 0), range(_, _, 2)); });
    ops.unary("rot90", [](const real& x) { return bt::rot90(x, 1, {0, 1}); });
}

void add_repetitions(registry& ops)
{
    ops.unary("roll", [](const real& x) { return bt::roll(x, {1, -2}, {0, 2}); });
    ops.unary("repeat", [](const real& x) { return bt::tile(x, {2, 1, 3}); });
    ops.unary("repeat_interleave", [](const real& x) { return bt::repeat_interleave(x, 2, 1); });
    ops.add("pad", {&padded});
    ops.add("split", {[](const op_variant& v, const arguments& in) {
                return all_of(
                    bt::split(in[0], v.attributes.integers("sizes"), v.attributes.integer("axis")));
            }});
}

void add_diagonals(registry& ops)
{
    ops.unary("unfold", [](const real& x) { return bt::unfold(x, 2, 2, 1); });
    ops.add("tril", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::tril(in[0], v.attributes.integer("k"))};
            }});
    ops.add("triu", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::triu(in[0], v.attributes.integer("k"))};
            }});
    ops.add("diagonal", {[](const op_variant& v, const arguments& in) {
                return outputs{bt::diagonal(in[0], v.attributes.integer("offset"))};
            }});
    ops.unary("diag_embed", [](const real& x) { return bt::diag_embed(x); });
    ops.unary("trace", [](const real& x) { return bt::trace(x); }).terms = [](const op_variant& v) {
        return v.inputs.at(0).shape.back();
    };
}

} // namespace

void add_rearrangements(registry& ops)
{
    add_axes(ops);
    add_repetitions(ops);
    add_diagonals(ops);
    // y = copy of x; y[1:3] = v
    ops.binary("slice_assign",
               [](const real& x, const real& v) { return bt::with_view(x, range(1, 3), v); });
}

} // namespace oracle
