// SPDX-License-Identifier: BSD-3-Clause
// Axes moved, removed, added and turned round; sliding windows and diagonals. All of it is views,
// but for the matrices made from diagonals.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/node.hpp>

#include <numeric>

namespace backtrail::detail {

namespace {

std::vector<slice> whole(const shape& s)
{
    std::vector<slice> result;
    for (auto extent : s) result.push_back({0, 1, extent});
    return result;
}

/// Two axes, counted from the front. Throws index_error if they are one.
std::pair<std::size_t, std::size_t> two_axes(const char* operation, std::ptrdiff_t first,
                                             std::ptrdiff_t second, std::size_t rank)
{
    const std::ptrdiff_t both[] = {first, second};
    static_cast<void>(normalise_axes(operation, both, rank)); // which sorts them
    return {normalise_axis(operation, first, rank), normalise_axis(operation, second, rank)};
}

/// A map of windows with the array's own axes, but for those left out.
window_map axes_of(const shape& s, std::initializer_list<std::size_t> left_out)
{
    window_map map;
    map.start = strides(s.size(), 0);
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (std::find(left_out.begin(), left_out.end(), i) != left_out.end()) continue;
        strides step(s.size(), 0);
        step[i] = 1;
        map.steps.push_back(step);
    }
    return map;
}

/// Where the diagonals of an array of shape `s` lie, with the diagonal as last axis.
window_map diagonal_map(const shape& s, std::ptrdiff_t offset, std::size_t axis1, std::size_t axis2)
{
    window_map map = axes_of(s, {axis1, axis2});
    map.view_name = "diagonal";
    map.scatter_name = "diag_embed";
    strides step(s.size(), 0);
    step[axis1] = step[axis2] = 1;
    map.steps.push_back(step);
    if (offset >= 0) {
        map.start[axis2] = offset;
    } else {
        map.start[axis1] = -offset;
    }
    return map;
}

} // namespace

node_ptr move_axes(const node_ptr& x, integer_list source, integer_list destination)
{
    const std::size_t rank = x->shape().size();
    if (source.size() != destination.size()) {
        throw shape_error("[moveaxis] " + std::to_string(source.size()) + " axes to " +
                          std::to_string(destination.size()) + " places" +
                          nearby(std::span(&x, 1)));
    }
    const axes moved = normalise_axes("moveaxis", source, rank);
    static_cast<void>(normalise_axes("moveaxis", destination, rank));
    std::vector<std::ptrdiff_t> permutation(rank, -1);
    for (std::size_t k = 0; k < source.size(); ++k) {
        permutation[normalise_axis("moveaxis", destination[k], rank)] =
            static_cast<std::ptrdiff_t>(normalise_axis("moveaxis", source[k], rank));
    }
    std::size_t next = 0;
    for (auto& axis : permutation) {
        if (axis >= 0) continue;
        while (std::find(moved.begin(), moved.end(), next) != moved.end()) ++next;
        axis = static_cast<std::ptrdiff_t>(next++);
    }
    return transpose(x, permutation);
}

node_ptr swap_axes(const node_ptr& x, std::ptrdiff_t first, std::ptrdiff_t second)
{
    const std::size_t rank = x->shape().size();
    std::vector<std::ptrdiff_t> permutation(rank);
    std::iota(permutation.begin(), permutation.end(), std::ptrdiff_t{0});
    std::swap(permutation[normalise_axis("swapaxes", first, rank)],
              permutation[normalise_axis("swapaxes", second, rank)]);
    return transpose(x, permutation);
}

node_ptr squeeze(const node_ptr& x, std::optional<integer_list> over)
{
    const shape& s = x->shape();
    axes removed;
    if (over) {
        removed = normalise_axes("squeeze", *over, s.size());
    } else {
        for (std::size_t i = 0; i < s.size(); ++i) {
            if (s[i] == 1) removed.push_back(i);
        }
    }
    for (auto axis : removed) {
        if (s[axis] == 1) continue;
        throw shape_error("[squeeze] axis " + std::to_string(axis) +
                          " has not extent 1: " + to_string(s) + nearby(std::span(&x, 1)));
    }
    return reshape(x, reduced_shape(s, removed, false));
}

node_ptr expand_dims(const node_ptr& x, integer_list at)
{
    shape s = x->shape();
    for (auto axis : normalise_axes("expand_dims", at, s.size() + at.size())) s.insert(axis, 1);
    return reshape(x, s);
}

node_ptr flip(const node_ptr& x, std::optional<integer_list> over)
{
    const shape& s = x->shape();
    std::vector<slice> slices = whole(s);
    for (auto axis : over ? normalise_axes("flip", *over, s.size()) : all_axes(s.size())) {
        if (s[axis] > 0) slices[axis] = {static_cast<std::ptrdiff_t>(s[axis]) - 1, -1, s[axis]};
    }
    return slice_axes(x, slices);
}

node_ptr rot90(const node_ptr& x, std::ptrdiff_t k, integer_list plane)
{
    if (plane.size() != 2) {
        throw shape_error("[rot90] a plane has two axes, not " + std::to_string(plane.size()) +
                          nearby(std::span(&x, 1)));
    }
    static_cast<void>(two_axes("rot90", plane[0], plane[1], x->shape().size()));
    const std::ptrdiff_t quarters = (k % 4 + 4) % 4;
    if (quarters == 0) return x;
    if (quarters == 2) return flip(x, plane);
    return flip(swap_axes(x, plane[0], plane[1]), plane.subspan(quarters == 1 ? 0 : 1, 1));
}

node_ptr unfold(const node_ptr& x, std::ptrdiff_t axis, std::ptrdiff_t size, std::ptrdiff_t step)
{
    const shape& s = x->shape();
    const std::size_t along = normalise_axis("unfold", axis, s.size());
    if (size < 0 || step < 1) {
        throw value_error("[unfold] windows of " + std::to_string(size) + " elements, " +
                          std::to_string(step) + " apart" + nearby(std::span(&x, 1)));
    }
    const auto n = static_cast<std::ptrdiff_t>(s[along]);
    if (size > n) {
        throw shape_error("[unfold] windows of " + std::to_string(size) + " elements along axis " +
                          std::to_string(along) + " of " + to_string(s) + nearby(std::span(&x, 1)));
    }
    window_map map = axes_of(s, {});
    map.view_name = "unfold";
    map.scatter_name = "fold";
    map.steps.push_back(map.steps[along]);
    map.steps[along][along] = step;
    shape extents = s;
    extents[along] = static_cast<std::size_t>((n - size) / step + 1);
    extents.push_back(static_cast<std::size_t>(size));
    return window(x, extents, map);
}

node_ptr diagonal(const node_ptr& x, std::ptrdiff_t offset, std::ptrdiff_t axis1,
                  std::ptrdiff_t axis2)
{
    const shape& s = x->shape();
    if (s.size() < 2) {
        throw shape_error("[diagonal] needs two axes: " + to_string(s) + nearby(std::span(&x, 1)));
    }
    const auto [i, j] = two_axes("diagonal", axis1, axis2, s.size());
    const auto n = static_cast<std::ptrdiff_t>(s[i]), m = static_cast<std::ptrdiff_t>(s[j]);
    // Compared before they are added: the offset may be anything.
    const bool is_empty = offset >= 0 ? offset >= m : offset <= -n;
    const std::ptrdiff_t length = is_empty      ? 0
                                  : offset >= 0 ? std::min(n, m - offset)
                                                : std::min(n + offset, m);
    const axes both = normalise_axes("diagonal", std::array{axis1, axis2}, s.size());
    shape extents = reduced_shape(s, both, false);
    extents.push_back(static_cast<std::size_t>(length));
    return window(x, extents, diagonal_map(s, is_empty ? 0 : offset, i, j));
}

node_ptr diag_embed(const node_ptr& x, std::ptrdiff_t offset, std::ptrdiff_t axis1,
                    std::ptrdiff_t axis2)
{
    const shape& s = x->shape();
    if (s.empty()) {
        throw shape_error("[diag_embed] a single number has no axis for the diagonal" +
                          nearby(std::span(&x, 1)));
    }
    const auto [i, j] = two_axes("diag_embed", axis1, axis2, s.size() + 1);
    const auto beside = static_cast<std::size_t>(offset < 0 ? 0 - static_cast<std::size_t>(offset)
                                                            : static_cast<std::size_t>(offset));
    shape to = s;
    to.erase(s.size() - 1);
    for (auto axis : {std::min(i, j), std::max(i, j)}) to.insert(axis, s.back() + beside);
    return scatter_window(x, to, diagonal_map(to, offset, i, j));
}

node_ptr diag(const node_ptr& x, std::ptrdiff_t k)
{
    if (x->shape().size() == 1) return diag_embed(x, k, 0, 1);
    if (x->shape().size() == 2) return diagonal(x, k, 0, 1);
    throw shape_error("[diag] neither a vector nor a matrix: " + to_string(x->shape()) +
                      nearby(std::span(&x, 1)));
}

node_ptr trace(const node_ptr& x, std::ptrdiff_t offset, std::ptrdiff_t axis1, std::ptrdiff_t axis2)
{
    if (x->shape().size() < 2) {
        throw shape_error("[trace] needs two axes: " + to_string(x->shape()) +
                          nearby(std::span(&x, 1)));
    }
    constexpr std::ptrdiff_t last[] = {-1};
    return reduce(reduction_kind::sum, diagonal(x, offset, axis1, axis2), last, false);
}

} // namespace backtrail::detail
