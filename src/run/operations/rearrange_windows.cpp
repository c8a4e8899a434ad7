// SPDX-License-Identifier: BSD-3-Clause
// Windows, which show elements of an array along any steps, overlapping or not, and their
// transposes, which add to where the elements came from. Diagonals and sliding windows are both.
#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/operations/accumulate.hpp>
#include <backtrail/run/tiles.hpp>

#include <cstdlib>
#include <cstring>

namespace backtrail {
namespace {

using detail::window_map;

/// The window as a layout of an array.
layout window_of(const window_map& map, const shape& extents, const layout& x)
{
    layout result(extents, strides(extents.size(), 0), x.offset);
    for (std::size_t a = 0; a < x.extents.size(); ++a) {
        result.offset += map.start[a] * x.steps[a];
        for (std::size_t k = 0; k < extents.size(); ++k) {
            result.steps[k] += map.steps[k][a] * x.steps[a];
        }
    }
    return result;
}

/// True if no element can be shown twice: each axis, from the smallest step on, steps over all
/// that those before it reach.
bool is_injective(layout l)
{
    std::ptrdiff_t reach = 0;
    coalesce(&l, 1);
    std::array<std::pair<std::ptrdiff_t, std::ptrdiff_t>, max_rank> axes;
    for (std::size_t i = 0; i < l.extents.size(); ++i) {
        axes[i] = {std::abs(l.steps[i]), static_cast<std::ptrdiff_t>(l.extents[i])};
    }
    std::sort(axes.begin(), axes.begin() + static_cast<std::ptrdiff_t>(l.extents.size()));
    for (std::size_t i = 0; i < l.extents.size(); ++i) {
        const auto [step, extent] = axes[i];
        if (step <= reach) return false;
        reach += step * (extent - 1);
    }
    return true;
}

class window_operation final : public operation {
public:
    explicit window_operation(window_map map) : map_(std::move(map)) {}
    [[nodiscard]] std::string_view name() const override { return map_.view_name; }
    [[nodiscard]] bool is_view() const override { return true; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] std::optional<layout> view(const node_ptr& self, const layout& x) const override
    {
        return window_of(map_, self->shape(), x);
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::scatter_window(detail::as_node(y_bar, self->type(), self->shape()),
                                          self->inputs()[0]->shape(), map_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::window(x_dot[0].get(), self->shape(), map_);
    }

private:
    window_map map_;
};

class scatter_window_operation final : public operation {
public:
    explicit scatter_window_operation(window_map map) : map_(std::move(map)) {}
    [[nodiscard]] std::string_view name() const override { return map_.scatter_name; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        std::memset(y.data, 0, y.shape.size() * size_of(y.type));
        layout target = window_of(map_, x[0].shape.extents, y.shape), source = x[0].shape;
        if (is_injective(target)) {
            copy(x[0], part_of(y, target));
            return;
        }
        // The elements within one window come last and are few: rows run along the windows.
        const std::size_t r = target.extents.size();
        for (layout* l : {&target, &source}) {
            if (r < 2) break;
            std::swap(l->extents[r - 1], l->extents[r - 2]);
            std::swap(l->steps[r - 1], l->steps[r - 2]);
        }
        add_to({x[0].data, x[0].type, source}, part_of(y, target));
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::window(detail::as_node(y_bar, self->type(), self->shape()),
                                  self->inputs()[0]->shape(), map_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::scatter_window(x_dot[0].get(), self->shape(), map_);
    }

private:
    window_map map_;
};

} // namespace

namespace detail {

node_ptr window(const node_ptr& x, const shape& extents, const window_map& map)
{
    return make_node(make_operation<window_operation>(map), x->type(), extents, std::span(&x, 1));
}

node_ptr scatter_window(const node_ptr& x, const shape& to, const window_map& map)
{
    return make_node(make_operation<scatter_window_operation>(map), x->type(), to,
                     std::span(&x, 1));
}

} // namespace detail
} // namespace backtrail
