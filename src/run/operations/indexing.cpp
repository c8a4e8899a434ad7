// SPDX-License-Identifier: BSD-3-Clause
// Reading and writing where indices point: gather, scatter and gather_last, which are one another's
// transposes. All are linear in the data, and none has a derivative by the indices. What is added
// is added in row-major order of the indices, so results never depend on anything else.
#include "index_walk.hpp"

#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/tiles.hpp>

namespace backtrail {
namespace {

using detail::named;
using detail::scatter_mode;

class indexing_operation : public operation {
public:
    indexing_operation(const char* name, std::size_t axis) : name_(name), axis_(axis) {}
    [[nodiscard]] std::string_view name() const final { return name_; }

protected:
    [[nodiscard]] std::ptrdiff_t axis() const { return static_cast<std::ptrdiff_t>(axis_); }
    const char* name_;
    std::size_t axis_;
};

class gather_operation final : public indexing_operation {
public:
    using indexing_operation::indexing_operation;
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const index_walk walk(name_, axis_, x[0].shape, x[1], y.shape);
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            const T* const from = x[0].as<const T>();
            T* const to = y.as<T>();
            walk.run([&](std::ptrdiff_t i, std::ptrdiff_t j) { to[j] = from[i]; });
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr& x = self->inputs()[0];
        x_bar[0] = detail::scatter(
            name_, detail::as_node({}, x->type(), x->shape()), axis(), self->inputs()[1],
            detail::as_node(y_bar, self->type(), self->shape()), scatter_mode::add);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::gather(name_, x_dot[0].get(), axis(), self->inputs()[1]);
    }
};

/// Which index is the last to point to an element is remembered in the workspace, at the element.
class gather_last_operation final : public indexing_operation {
public:
    using indexing_operation::indexing_operation;
    [[nodiscard]] bool reads_strided(std::size_t i) const override { return i == 1; }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view> x,
                                              const array_view&) const override
    {
        return x[0].shape.size() * sizeof(std::ptrdiff_t);
    }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        const index_walk walk(name_, axis_, x[0].shape, x[1], y.shape);
        auto* const last = reinterpret_cast<std::ptrdiff_t*>(workspace);
        walk.run([&](std::ptrdiff_t i, std::ptrdiff_t j) { last[i] = j; });
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            const T* const from = x[0].as<const T>();
            T* const to = y.as<T>();
            walk.run(
                [&](std::ptrdiff_t i, std::ptrdiff_t j) { to[j] = last[i] == j ? from[i] : T(0); });
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr& x = self->inputs()[0];
        x_bar[0] = detail::scatter(
            name_, detail::as_node({}, x->type(), x->shape()), axis(), self->inputs()[1],
            detail::as_node(y_bar, self->type(), self->shape()), scatter_mode::replace);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::gather_last(name_, x_dot[0].get(), axis(), self->inputs()[1]);
    }
};

/// From x, the indices and src.
class scatter_operation final : public indexing_operation {
public:
    scatter_operation(const char* name, std::size_t axis, scatter_mode mode)
        : indexing_operation(name, axis), mode_(mode)
    {}
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        copy(x[0], y);
        const index_walk walk(name_, axis_, y.shape, x[1], x[2].shape);
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            const T* const from = x[2].as<const T>();
            T* const to = y.as<T>();
            if (mode_ == scatter_mode::replace) {
                walk.run([&](std::ptrdiff_t i, std::ptrdiff_t j) { to[i] = from[j]; });
            } else if constexpr (!std::is_same_v<T, bool>) {
                walk.run([&](std::ptrdiff_t i, std::ptrdiff_t j) { to[i] += from[j]; });
            }
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr& indices = self->inputs()[1];
        const node_ptr g = detail::as_node(y_bar, self->type(), self->shape());
        if (mode_ == scatter_mode::add) {
            if (wanted[0]) x_bar[0] = g;
            if (wanted[2]) x_bar[2] = detail::gather(name_, g, axis(), indices);
            return;
        }
        if (wanted[0]) {
            x_bar[0] = detail::scatter(name_, g, axis(), indices,
                                       detail::make_scalar(0.0, self->type()), mode_);
        }
        if (wanted[2]) x_bar[2] = detail::gather_last(name_, g, axis(), indices);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        if (mode_ == scatter_mode::add && x_dot[2].is_zero()) return x_dot[0];
        const auto tangent = [&](std::size_t i) {
            return detail::as_node(x_dot[i], self->type(), self->inputs()[i]->shape());
        };
        return detail::scatter(name_, tangent(0), axis(), self->inputs()[1], tangent(2), mode_);
    }

private:
    scatter_mode mode_;
};

/// The axis, after a check that the indices fit x beside it.
std::size_t require_fit(const char* name, const node_ptr& x, std::ptrdiff_t axis,
                        const node_ptr& indices)
{
    const shape &s = x->shape(), &t = indices->shape();
    const std::size_t along = normalise_axis(name, axis, s.size());
    bool fits = s.size() == t.size();
    for (std::size_t i = 0; fits && i < s.size(); ++i) fits = i == along || t[i] <= s[i];
    if (!fits) {
        const node_ptr both[] = {x, indices};
        throw shape_error(named(name, "indices must have the axes of the array, and no larger "
                                      "extents beside axis ") +
                          std::to_string(along) + ": " + to_string(s) + " and indices " +
                          to_string(t) + nearby(both));
    }
    return along;
}

/// The part of src that has the shape of the indices.
node_ptr leading_part(const char* name, const node_ptr& src, const node_ptr& indices)
{
    const shape &s = src->shape(), &t = indices->shape();
    if (s == t) return src;
    if (s.empty()) return detail::broadcast_to(src, t);
    bool covers = s.size() == t.size();
    std::vector<detail::slice> slices;
    for (std::size_t i = 0; covers && i < s.size(); ++i) {
        covers = t[i] <= s[i];
        slices.push_back({0, 1, t[i]});
    }
    if (!covers) {
        const node_ptr both[] = {src, indices};
        throw shape_error(named(name, "there must be a number for each index: ") + to_string(s) +
                          " and indices " + to_string(t) + nearby(both));
    }
    return detail::slice_axes(src, slices);
}

} // namespace

namespace detail {

std::string named(const char* name, const std::string& what)
{
    return "[" + std::string(name) + "] " + what;
}

node_ptr as_indices(const char* name, const node_ptr& indices)
{
    if (indices->type() == dtype::int64) return indices;
    if (indices->type() == dtype::int32) return cast(indices, dtype::int64);
    throw dtype_error(named(name, "indices are int64 or int32, not ") +
                      std::string(name_of(indices->type())) + nearby(std::span(&indices, 1)));
}

node_ptr gather(const char* name, const node_ptr& x, std::ptrdiff_t axis, const node_ptr& indices)
{
    const node_ptr inputs[] = {x, as_indices(name, indices)};
    const std::size_t along = require_fit(name, x, axis, indices);
    return make_node(make_operation<gather_operation>(name, along), x->type(), indices->shape(),
                     inputs);
}

node_ptr gather_last(const char* name, const node_ptr& x, std::ptrdiff_t axis,
                     const node_ptr& indices)
{
    const node_ptr inputs[] = {x, as_indices(name, indices)};
    const std::size_t along = require_fit(name, x, axis, indices);
    return make_node(make_operation<gather_last_operation>(name, along), x->type(),
                     indices->shape(), inputs);
}

node_ptr scatter(const char* name, const node_ptr& x, std::ptrdiff_t axis, const node_ptr& indices,
                 const node_ptr& src, scatter_mode mode)
{
    const node_ptr both[] = {x, src};
    if (src->type() != x->type()) {
        throw dtype_error(named(name, "of ") + std::string(name_of(src->type())) + " into " +
                          std::string(name_of(x->type())) + "; write cast<T>(x)" + nearby(both));
    }
    if (mode == scatter_mode::add && x->type() == dtype::boolean) {
        throw dtype_error(named(name, "masks cannot be added; write cast<T>(x)") + nearby(both));
    }
    const std::size_t along = require_fit(name, x, axis, indices);
    const node_ptr inputs[] = {x, as_indices(name, indices), leading_part(name, src, indices)};
    return make_node(make_operation<scatter_operation>(name, along, mode), x->type(), x->shape(),
                     inputs);
}

} // namespace detail
} // namespace backtrail
