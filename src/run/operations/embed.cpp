// SPDX-License-Identifier: BSD-3-Clause
// Zeros with arrays added to parts of them: the transpose of slicing, and what the cotangents of
// overlapping slices, a stencil's, add up to. All parts are added in one walk over the result.
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/operations/accumulate.hpp>
#include <backtrail/run/threads.hpp>
#include <backtrail/run/tiles.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace backtrail {
namespace {

using detail::slice;
using slices = std::vector<slice>; ///< one per axis

class embed_operation final : public operation {
public:
    explicit embed_operation(std::vector<slices> parts) : parts_(std::move(parts))
    {
        for (std::size_t i = 0; i < parts_.size(); ++i) order_.push_back(i);
        std::ranges::stable_sort(order_, std::greater{}, [&](std::size_t i) {
            return parts_[i].empty() ? 0 : parts_[i][0].start;
        });
    }
    [[nodiscard]] std::span<const slices> parts() const { return parts_; }
    [[nodiscard]] std::string_view name() const override { return "embed"; }
    [[nodiscard]] bool same_as(const operation& other) const override
    {
        const auto* e = dynamic_cast<const embed_operation*>(&other);
        return e != nullptr &&
               std::ranges::equal(e->parts_, parts_, [](const auto& a, const auto& b) {
                   return std::ranges::equal(a, b);
               });
    }
    [[nodiscard]] std::size_t hash() const override { return parts_.size() + 101; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] bool moves_elements() const override { return true; }
    [[nodiscard]] std::vector<layout> places_of_inputs(const node& self) const override
    {
        std::vector<layout> places;
        for (const slices& part : parts_) places.push_back(within(layout(self.shape()), part));
        return places;
    }

    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const std::size_t n = y.shape.size();
        if (n == 0) return;
        const std::size_t lines = y.shape.extents.empty() ? 1 : y.shape.extents[0];
        constexpr std::size_t piece = std::size_t{1} << 11; // elements that stay in the first cache
        const std::size_t tasks = std::clamp<std::size_t>(n / piece, 1, lines);
        const bool is_large = n >= 32 * piece;
        parallel_for(tasks, is_large ? std::min(tasks, num_threads()) : 1,
                     [&](std::size_t, std::size_t task) {
                         add_lines(x, y, lines * task / tasks, lines * (task + 1) / tasks);
                     });
    }

    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr g = detail::as_node(y_bar, self->type(), self->shape());
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            if (wanted[i]) x_bar[i] = detail::slice_axes(g, parts_[i]);
        }
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        symbol y_dot;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            if (x_dot[i].is_zero()) continue;
            detail::accumulate(y_dot, detail::embed(x_dot[i].get(), self->shape(), parts_[i]));
        }
        return y_dot;
    }

private:
    [[nodiscard]] static layout within(layout l, const slices& part)
    {
        for (std::size_t axis = 0; axis < part.size(); ++axis) {
            const slice& s = part[axis];
            l.offset += s.start * l.steps[axis];
            l.steps[axis] *= s.step;
            l.extents[axis] = s.count;
        }
        return l;
    }

    /// Lines [begin, end) along the first axis of the result.
    void add_lines(std::span<const array_view> x, const array_view& y, std::size_t begin,
                   std::size_t end) const
    {
        const std::size_t line =
            y.shape.size() / (y.shape.extents.empty() ? 1 : y.shape.extents[0]);
        std::memset(static_cast<std::byte*>(y.data) + begin * line * size_of(y.type), 0,
                    (end - begin) * line * size_of(y.type));
        for (const std::size_t i : order_) {
            layout source = x[i].shape, target = y.shape;
            for (std::size_t axis = 0; axis < parts_[i].size(); ++axis) {
                slice s = parts_[i][axis];
                if (axis == 0) {
                    const std::size_t skipped = narrow(s, begin, end);
                    source.offset += static_cast<std::ptrdiff_t>(skipped) * source.steps[0];
                    source.extents[0] = s.count;
                }
                target.offset += s.start * y.shape.steps[axis];
                target.steps[axis] = s.step * y.shape.steps[axis];
                target.extents[axis] = s.count;
            }
            if (source.size() == 0) continue;
            if (parts_.size() == 1) { // -0 stays
                copy(part_of(x[i], source), part_of(y, target));
            } else {
                add_to(part_of(x[i], source), part_of(y, target));
            }
        }
    }

    /// The part of a slice that lies in [begin, end); returns how many elements were cut off its beginning.
    static std::size_t narrow(slice& s, std::size_t begin, std::size_t end)
    {
        // Elements k with start + k step < bound, or > bound if the step is negative.
        const auto before = [&](std::ptrdiff_t bound) {
            const std::ptrdiff_t step = std::abs(s.step);
            const std::ptrdiff_t distance = s.step > 0 ? bound - s.start : s.start - bound;
            return static_cast<std::size_t>(
                std::clamp<std::ptrdiff_t>(distance <= 0 ? 0 : (distance + step - 1) / step, 0,
                                           static_cast<std::ptrdiff_t>(s.count)));
        };
        const auto low = static_cast<std::ptrdiff_t>(begin),
                   high = static_cast<std::ptrdiff_t>(end);
        const std::size_t first = before(s.step > 0 ? low : high - 1);
        const std::size_t last = std::max(first, before(s.step > 0 ? high : low - 1));
        s.start += s.step * static_cast<std::ptrdiff_t>(first);
        s.count = last - first;
        return first;
    }

    std::vector<slices> parts_; ///< where each input goes
    /// In which they are added: those that begin last along the first axis first, as passes add rows that come
    /// one after the other.
    std::vector<std::size_t> order_;
};

/// The operation of a node that embeds, or nothing.
const embed_operation* as_embed(const symbol& s)
{
    return s.get() ? dynamic_cast<const embed_operation*>(&s.get()->op()) : nullptr;
}

/// Adds to a list of parts what a node consists of.
void append_parts(const symbol& s, std::vector<node_ptr>& inputs, std::vector<slices>& parts)
{
    if (const embed_operation* e = as_embed(s)) {
        inputs.insert(inputs.end(), s.get()->inputs().begin(), s.get()->inputs().end());
        parts.insert(parts.end(), e->parts().begin(), e->parts().end());
        return;
    }
    inputs.push_back(s.get());
    slices whole;
    for (const auto extent : s.get()->shape()) whole.push_back({0, 1, extent});
    parts.push_back(std::move(whole));
}

} // namespace

namespace detail {

node_ptr embed(const node_ptr& x, const shape& to, std::span<const slice> where)
{
    return make_node(
        make_operation<embed_operation>(std::vector<slices>{slices(where.begin(), where.end())}),
        x->type(), to, std::span(&x, 1));
}

void accumulate(symbol& sum, const symbol& term)
{
    if (term.is_zero()) return;
    if (sum.is_zero()) {
        sum = term;
        return;
    }
    const bool adds_parts = sum.get() && term.get() && sum.get()->type() == term.get()->type() &&
                            sum.get()->shape() == term.get()->shape() &&
                            (as_embed(sum) != nullptr || as_embed(term) != nullptr);
    if (!adds_parts) {
        sum = sum + term;
        return;
    }
    std::vector<node_ptr> inputs;
    std::vector<slices> parts;
    append_parts(sum, inputs, parts);
    append_parts(term, inputs, parts);
    const node_ptr& like = term.get();
    sum = make_node(make_operation<embed_operation>(std::move(parts)), like->type(), like->shape(),
                    inputs);
}

} // namespace detail
} // namespace backtrail
