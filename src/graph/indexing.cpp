// SPDX-License-Identifier: BSD-3-Clause
// Indexing that is made of gather, scatter and views: whole slices, several axes at once, masks.
// Indices that serve a whole slice are broadcast over it, which costs no memory.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/ops/words.hpp>

namespace backtrail::detail {
namespace {

shape broadcast_shapes(const char* name, std::span<const node_ptr> x)
{
    shape s;
    try {
        for (const auto& n : x) s = broadcast(name, s, n->shape());
    } catch (const shape_error& e) {
        throw shape_error(e.what() + nearby(x));
    }
    return s;
}

/// `s` with the axis replaced by the extents in `by`.
shape with_axis(const shape& s, std::size_t axis, const shape& by)
{
    shape result;
    for (std::size_t i = 0; i < axis; ++i) result.push_back(s[i]);
    for (auto extent : by) result.push_back(extent);
    for (std::size_t i = axis + 1; i < s.size(); ++i) result.push_back(s[i]);
    return result;
}

/// A vector of indices, one for each slice along the axis of an array of shape `s`.
node_ptr over_slices(const node_ptr& indices, const shape& s, std::size_t axis)
{
    shape upright(s.size(), 1), full = s;
    upright[axis] = full[axis] = element_count(indices->shape());
    return broadcast_to(reshape(indices, upright), full);
}

/// x with its leading axes, which `indices` stand for, made one; and the position on it.
struct leading_axes {
    node_ptr rows;    ///< (positions, rest...)
    node_ptr indices; ///< of the shape that the indices have together
};

leading_axes join_leading_axes(const char* name, const node_ptr& x,
                               std::span<const node_ptr> indices)
{
    const shape& s = x->shape();
    if (indices.size() > s.size()) {
        throw index_error(named(name, std::to_string(indices.size())) +
                          " arrays of indices for an array of shape " + to_string(s) +
                          nearby(std::span(&x, 1)));
    }
    if (indices.size() == 1) return {x, indices[0]};
    const shape together = broadcast_shapes(name, indices);
    std::vector<node_ptr> full;
    shape into, joined = {1};
    for (const auto& i : indices) {
        into.push_back(s[into.size()]);
        joined[0] *= into.back();
        full.push_back(broadcast_to(as_indices(name, i), together));
    }
    for (std::size_t i = into.size(); i < s.size(); ++i) joined.push_back(s[i]);
    return {reshape(x, joined), ravel_indices(name, full, into)};
}

} // namespace

node_ptr gather_broadcast(const char* name, const node_ptr& x, std::ptrdiff_t axis,
                          const node_ptr& indices)
{
    const shape &s = x->shape(), &t = indices->shape();
    const std::size_t along = normalise_axis(name, axis, s.size());
    const node_ptr both[] = {x, indices};
    if (s.size() != t.size()) {
        throw shape_error(named(name, "indices must have as many axes as the array: ") +
                          to_string(s) + " and indices " + to_string(t) + nearby(both));
    }
    shape beside = s, full = t;
    beside[along] = full[along] = 1;
    try {
        full = beside = broadcast(name, beside, full);
    } catch (const shape_error& e) {
        throw shape_error(e.what() + nearby(both));
    }
    beside[along] = s[along];
    full[along] = t[along];
    return gather(name, broadcast_to(x, beside), axis, broadcast_to(indices, full));
}

node_ptr select(const char* name, const node_ptr& x, std::ptrdiff_t axis, const node_ptr& indices)
{
    const shape& s = x->shape();
    const std::size_t along = normalise_axis(name, axis, s.size());
    const node_ptr slices = gather(name, x, axis, over_slices(indices, s, along));
    return reshape(slices, with_axis(s, along, indices->shape()));
}

node_ptr scatter_slices(const char* name, const node_ptr& x, std::ptrdiff_t axis,
                        const node_ptr& indices, const node_ptr& src, scatter_mode mode)
{
    const shape& s = x->shape();
    const std::size_t along = normalise_axis(name, axis, s.size());
    shape expected = s;
    expected[along] = element_count(indices->shape());
    if (indices->shape().size() > 1 || !(src->shape().empty() || src->shape() == expected)) {
        const node_ptr all[] = {x, indices, src};
        throw shape_error(named(name, "needs a vector of indices, and a slice for each: ") +
                          to_string(src->shape()) + " into " + to_string(s) + ", indices " +
                          to_string(indices->shape()) + nearby(all));
    }
    return scatter(name, x, axis, over_slices(indices, s, along), src, mode);
}

node_ptr take(const char* name, const node_ptr& x, std::span<const node_ptr> indices)
{
    const auto [rows, places] = join_leading_axes(name, x, indices);
    return select(name, rows, 0, places);
}

node_ptr put(const char* name, const node_ptr& x, std::span<const node_ptr> indices,
             const node_ptr& v, scatter_mode mode)
{
    const auto [rows, places] = join_leading_axes(name, x, indices);
    const shape chosen = with_axis(rows->shape(), 0, places->shape());
    const std::size_t n = element_count(places->shape());
    if (!is_broadcastable(v->shape(), chosen)) {
        const node_ptr both[] = {x, v};
        throw shape_error(named(name, "the values do not broadcast to what the indices choose: ") +
                          to_string(v->shape()) + " to " + to_string(chosen) + nearby(both));
    }
    const node_ptr src = reshape(broadcast_to(v, chosen), with_axis(rows->shape(), 0, {n}));
    return reshape(scatter_slices(name, rows, 0, reshape(places, {n}), src, mode), x->shape());
}

node_ptr compress(const char* name, const node_ptr& x, const node_ptr& mask)
{
    const shape &s = x->shape(), &t = mask->shape();
    if (t.size() > s.size() || !std::equal(t.begin(), t.end(), s.begin())) {
        const node_ptr both[] = {x, mask};
        throw shape_error(named(name, "the mask must have the leading extents of the array: ") +
                          to_string(s) + " and mask " + to_string(t) + nearby(both));
    }
    shape joined = {element_count(t)};
    for (std::size_t i = t.size(); i < s.size(); ++i) joined.push_back(s[i]);
    return select(name, reshape(x, joined), 0, true_positions(name, mask));
}

node_ptr compress_axis(const char* name, const node_ptr& x, const node_ptr& mask,
                       std::ptrdiff_t axis)
{
    const std::size_t along = normalise_axis(name, axis, x->shape().size());
    if (!(mask->shape() == shape{x->shape()[along]})) {
        const node_ptr both[] = {x, mask};
        throw shape_error(named(name, "the mask must be a vector with the extent of axis ") +
                          std::to_string(along) + ": " + to_string(x->shape()) + " and mask " +
                          to_string(mask->shape()) + nearby(both));
    }
    return select(name, x, axis, true_positions(name, mask));
}

node_ptr masked_fill(const char* name, const node_ptr& x, const node_ptr& mask,
                     const node_ptr& value)
{
    const node_ptr all[] = {x, mask, value};
    if (!is_broadcastable(mask->shape(), x->shape()) || !value->shape().empty()) {
        throw shape_error(named(name, "needs a mask that broadcasts to the array, and a single "
                                      "value: ") +
                          to_string(x->shape()) + ", mask " + to_string(mask->shape()) +
                          ", value " + to_string(value->shape()) + nearby(all));
    }
    if (value->type() != x->type()) {
        throw dtype_error(named(name, "of ") + std::string(name_of(x->type())) + " with a " +
                          std::string(name_of(value->type())) + "; write cast<T>(value)" +
                          nearby(all));
    }
    return call<ops::Where>(symbol(mask), symbol(value), symbol(x)).get();
}

node_ptr one_hot(const char* name, const node_ptr& indices, std::ptrdiff_t classes, dtype type)
{
    if (classes < 0) {
        throw value_error(named(name, "a negative number of classes, ") + std::to_string(classes) +
                          nearby(std::span(&indices, 1)));
    }
    const auto n = static_cast<std::size_t>(classes);
    const std::size_t count = element_count(indices->shape());
    const node_ptr ones =
        scatter(name, as_node({}, type, {count, n}), 1, reshape(indices, {count, 1}),
                make_scalar(1.0, type), scatter_mode::replace);
    return reshape(ones, with_axis({count, n}, 0, indices->shape()));
}

} // namespace backtrail::detail
