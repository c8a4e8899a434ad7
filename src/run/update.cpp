// SPDX-License-Identifier: BSD-3-Clause
// Assignment to leaves: any memory, broadcast and converted, tile by tile.
#include <backtrail/graph/leaf.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/tiles.hpp>

namespace backtrail::detail {
namespace {

template <class T, class S>
void combine(T* target, const S* source, std::size_t n, update how)
{
    if (how == update::assign) { // without a look at what was there
        for (std::size_t i = 0; i < n; ++i) target[i] = convert<T>(source[i]);
        return;
    }
    const auto apply = [&](auto f) {
        for (std::size_t i = 0; i < n; ++i)
            target[i] = static_cast<T>(f(target[i], convert<T>(source[i])));
    };
    switch (how) {
    case update::assign: break;
    case update::add: apply([](T t, T s) { return t + s; }); break;
    case update::subtract: apply([](T t, T s) { return t - s; }); break;
    case update::multiply: apply([](T t, T s) { return t * s; }); break;
    case update::divide: apply([](T t, T s) { return t / s; }); break;
    }
}

} // namespace

void update_leaf(const node_ptr& leaf, const array_view& source, update how)
{
    const shape &from = source.shape.extents, &to = shape_of(leaf);
    if (!is_broadcastable(from, to)) {
        throw shape_error(
            "[variable] a value of shape " + to_string(from) +
            " cannot be assigned to a variable of shape " + to_string(to) +
            "; a variable keeps its shape, and so do the plans that read it: for another, build "
            "the graph anew" +
            nearby(std::span(&leaf, 1)));
    }
    array_view x = source;
    x.shape.extents = to;
    x.shape.steps = strides(to.size(), 0);
    for (std::size_t i = 0; i < from.size(); ++i) {
        const std::size_t axis = to.size() - from.size() + i;
        if (from[i] != 1) x.shape.steps[axis] = source.shape.steps[i];
    }
    const std::size_t n = element_count(to);
    const auto for_tiles = [&](auto s, auto&& f) {
        using S = decltype(s);
        const buffer scratch(tile_bytes); // not on the stack: threads may have small ones
        const tile_reader<S> reader(x, scratch.as<S>());
        for (std::size_t i = 0; i < n; i += tile_size) {
            const std::size_t count = std::min(tile_size, n - i);
            f(reader.read(i, count), i, count);
        }
    };
    if (how == update::divide && !is_differentiable(leaf->type())) {
        visit(source.type, [&](auto s) {
            for_tiles(s, [&](const auto* tile, std::size_t, std::size_t count) {
                if (std::find(tile, tile + count, s) != tile + count) {
                    throw value_error("[variable] division of integers by 0");
                }
            });
        });
    }
    void* data = writable_data(leaf, how != update::assign);
    visit(leaf->type(), [&](auto t) {
        visit(source.type, [&](auto s) {
            for_tiles(s, [&](const auto* tile, std::size_t i, std::size_t count) {
                combine(static_cast<decltype(t)*>(data) + i, tile, count, how);
            });
        });
    });
    bump_version(leaf);
}

} // namespace backtrail::detail
