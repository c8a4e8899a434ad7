// SPDX-License-Identifier: BSD-3-Clause
// Arrays rolled, repeated, padded, cut into parts and spread over grids: slices joined again, and
// broadcasts read in another shape.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/node.hpp>

#include <functional>
#include <numeric>

namespace backtrail::detail {

namespace {

std::string where(const node_ptr& x) { return to_string(x->shape()) + nearby(std::span(&x, 1)); }

std::size_t product(const shape& s, std::size_t first, std::size_t last)
{
    return std::accumulate(s.begin() + first, s.begin() + last, std::size_t{1}, std::multiplies{});
}

/// Blocks of adjacent elements, each repeated `count` times, with `axis` counting them: blocks
/// start at axis `first`. Three axes do, so that it works at every rank.
node_ptr repeat_blocks(const node_ptr& x, std::size_t first, std::size_t axis, std::size_t count)
{
    if (count == 1) return x;
    const shape& s = x->shape();
    const std::size_t outer = product(s, 0, first), inner = product(s, first, s.size());
    shape result = s;
    result[axis] *= count;
    return reshape(broadcast_to(reshape(x, {outer, 1, inner}), {outer, count, inner}), result);
}

void require_counts(const char* operation, const node_ptr& x, integer_list counts)
{
    for (auto count : counts) {
        if (count >= 0) continue;
        throw value_error("[" + std::string(operation) + "] " + std::to_string(count) +
                          " is no count: " + where(x));
    }
}

node_ptr flattened(const node_ptr& x) { return reshape(x, {element_count(x->shape())}); }

/// Indices along an axis as few slices.
class slice_collector {
public:
    void add(std::ptrdiff_t index)
    {
        if (!slices_.empty()) {
            slice& last = slices_.back();
            if (last.count == 1) last.step = index - last.start;
            if (index == last.start + static_cast<std::ptrdiff_t>(last.count) * last.step) {
                ++last.count;
                return;
            }
        }
        slices_.push_back({index, 1, 1});
    }
    [[nodiscard]] std::vector<slice> take() { return std::move(slices_); }

private:
    std::vector<slice> slices_;
};

/// The element that stands at index i, within the array or beside it.
std::ptrdiff_t padded_index(std::ptrdiff_t i, std::ptrdiff_t n, pad_mode mode)
{
    const auto modulo = [](std::ptrdiff_t a, std::ptrdiff_t b) { return (a % b + b) % b; };
    if (mode == pad_mode::replicate) return std::clamp<std::ptrdiff_t>(i, 0, n - 1);
    if (mode == pad_mode::circular) return modulo(i, n);
    if (n == 1) return 0;
    const std::ptrdiff_t k = modulo(i, 2 * (n - 1));
    return k < n ? k : 2 * (n - 1) - k;
}

node_ptr pad_with_own(const node_ptr& x, std::size_t axis, std::ptrdiff_t before,
                      std::ptrdiff_t after, pad_mode mode)
{
    const auto n = static_cast<std::ptrdiff_t>(x->shape()[axis]);
    if (before + after == 0) return x;
    if (n == 0) {
        throw shape_error("[pad] axis " + std::to_string(axis) +
                          " is empty, so that there is nothing to repeat: " + where(x));
    }
    slice_collector parts;
    for (std::ptrdiff_t i = -before; i < n + after; ++i) parts.add(padded_index(i, n, mode));
    return join_slices("pad", x, axis, parts.take());
}

node_ptr pad_with_value(const node_ptr& x, pad_pairs widths, double value)
{
    const bool is_exact = is_differentiable(x->type()) || visit(x->type(), [&](auto t) {
                              return static_cast<double>(convert<decltype(t)>(value)) == value;
                          });
    if (!is_exact) {
        throw value_error("[pad] " + std::to_string(value) + " is no " +
                          std::string(name_of(x->type())) + ": " + where(x));
    }
    if (value == 0) {
        shape to = x->shape();
        std::vector<slice> inside;
        for (std::size_t i = 0; i < to.size(); ++i) {
            inside.push_back({widths[i].first, 1, to[i]});
            to[i] += static_cast<std::size_t>(widths[i].first + widths[i].second);
        }
        return embed(x, to, inside);
    }
    const node_ptr filling = make_scalar(value, x->type());
    node_ptr result = x;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const auto [before, after] = widths[i];
        if (before + after == 0) continue;
        const auto beside = [&](std::ptrdiff_t width) {
            shape s = result->shape();
            s[i] = static_cast<std::size_t>(width);
            return broadcast_to(filling, s);
        };
        const node_ptr parts[] = {beside(before), result, beside(after)};
        result = concatenate(parts, static_cast<std::ptrdiff_t>(i));
    }
    return result;
}

} // namespace

node_ptr roll(const node_ptr& x, integer_list shifts, std::optional<integer_list> over)
{
    if (!over) {
        constexpr std::ptrdiff_t first[] = {0};
        if (shifts.size() != 1) {
            throw shape_error("[roll] one shift for the flattened array, not " +
                              std::to_string(shifts.size()) + ": " + where(x));
        }
        return reshape(roll(flattened(x), shifts, first), x->shape());
    }
    if (shifts.size() != over->size() && shifts.size() != 1 && over->size() != 1) {
        throw shape_error("[roll] " + std::to_string(shifts.size()) + " shifts along " +
                          std::to_string(over->size()) + " axes of " + where(x));
    }
    const std::size_t rank = x->shape().size();
    std::vector<std::ptrdiff_t> by(rank, 0);
    for (std::size_t k = 0; k < std::max(shifts.size(), over->size()); ++k) {
        const std::size_t axis = normalise_axis("roll", (*over)[over->size() == 1 ? 0 : k], rank);
        const auto n = static_cast<std::ptrdiff_t>(x->shape()[axis]);
        if (n > 0) by[axis] = (by[axis] + shifts[shifts.size() == 1 ? 0 : k] % n + n) % n;
    }
    node_ptr result = x;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        if (by[axis] == 0) continue;
        const auto n = static_cast<std::ptrdiff_t>(x->shape()[axis]);
        result = join_slices("roll", result, axis,
                             {{n - by[axis], 1, static_cast<std::size_t>(by[axis])},
                              {0, 1, static_cast<std::size_t>(n - by[axis])}});
    }
    return result;
}

node_ptr repeat(const node_ptr& x, integer_list counts, std::optional<std::ptrdiff_t> axis)
{
    if (!axis) return repeat(flattened(x), counts, 0);
    const shape& s = x->shape();
    const std::size_t along = normalise_axis("repeat", *axis, s.size());
    require_counts("repeat", x, counts);
    if (counts.size() == 1) {
        return repeat_blocks(x, along + 1, along, static_cast<std::size_t>(counts[0]));
    }
    if (counts.size() != s[along]) {
        throw shape_error("[repeat] " + std::to_string(counts.size()) + " counts along axis " +
                          std::to_string(along) + " of " + where(x));
    }
    std::vector<slice> parts;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        parts.push_back({static_cast<std::ptrdiff_t>(i), 0, static_cast<std::size_t>(counts[i])});
    }
    return join_slices("repeat", x, along, std::move(parts));
}

node_ptr tile(const node_ptr& x, integer_list counts)
{
    require_counts("tile", x, counts);
    shape s = x->shape();
    while (s.size() < counts.size()) s.insert(0, 1);
    node_ptr result = reshape(x, s);
    const std::size_t lead = s.size() - counts.size();
    for (std::size_t k = counts.size(); k-- > 0;) {
        result = repeat_blocks(result, lead + k, lead + k, static_cast<std::size_t>(counts[k]));
    }
    return result;
}

std::vector<node_ptr> split(const node_ptr& x, integer_list sizes, std::ptrdiff_t axis)
{
    const std::size_t along = normalise_axis("split", axis, x->shape().size());
    require_counts("split", x, sizes);
    const std::ptrdiff_t total = std::accumulate(sizes.begin(), sizes.end(), std::ptrdiff_t{0});
    if (static_cast<std::size_t>(total) != x->shape()[along]) {
        throw shape_error("[split] parts of " + std::to_string(total) +
                          " elements together along axis " + std::to_string(along) + " of " +
                          where(x));
    }
    std::vector<slice> slices;
    for (auto extent : x->shape()) slices.push_back({0, 1, extent});
    slices[along].count = 0;
    std::vector<node_ptr> parts;
    for (auto size : sizes) {
        slices[along].start += static_cast<std::ptrdiff_t>(slices[along].count);
        slices[along].count = static_cast<std::size_t>(size);
        parts.push_back(slice_axes(x, slices));
    }
    return parts;
}

std::vector<node_ptr> split_evenly(const node_ptr& x, std::ptrdiff_t count, std::ptrdiff_t axis)
{
    const std::size_t along = normalise_axis("split", axis, x->shape().size());
    if (count < 1) {
        throw value_error("[split] into " + std::to_string(count) + " parts: " + where(x));
    }
    const auto n = static_cast<std::ptrdiff_t>(x->shape()[along]);
    if (n % count != 0) {
        throw shape_error("[split] into " + std::to_string(count) + " equal parts along axis " +
                          std::to_string(along) + " of " + where(x));
    }
    return split(x, std::vector(static_cast<std::size_t>(count), n / count), axis);
}

node_ptr pad(const node_ptr& x, pad_pairs widths, pad_mode mode, double value)
{
    if (widths.size() != x->shape().size()) {
        throw shape_error("[pad] " + std::to_string(widths.size()) + " pairs of widths for " +
                          where(x));
    }
    for (const auto& [before, after] : widths) {
        if (before >= 0 && after >= 0) continue;
        throw value_error("[pad] by " + std::to_string(before) + " and " + std::to_string(after) +
                          " elements: " + where(x));
    }
    if (mode == pad_mode::constant) return pad_with_value(x, widths, value);
    node_ptr result = x;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        result = pad_with_own(result, i, widths[i].first, widths[i].second, mode);
    }
    return result;
}

std::vector<node_ptr> meshgrid(std::span<const node_ptr> x, indexing how)
{
    shape grid;
    for (const auto& v : x) {
        if (v->shape().size() > 1) {
            throw shape_error("[meshgrid] of vectors, not of " + to_string(v->shape()) + nearby(x));
        }
        grid.push_back(element_count(v->shape()));
    }
    const auto axis_of = [&](std::size_t i) {
        return how == indexing::xy && x.size() > 1 && i < 2 ? 1 - i : i;
    };
    if (how == indexing::xy && x.size() > 1) std::swap(grid[0], grid[1]);
    std::vector<node_ptr> result;
    for (std::size_t i = 0; i < x.size(); ++i) {
        shape s(x.size(), 1);
        s[axis_of(i)] = grid[axis_of(i)];
        result.push_back(broadcast_to(reshape(x[i], s), grid));
    }
    return result;
}

} // namespace backtrail::detail
