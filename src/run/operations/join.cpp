// SPDX-License-Identifier: BSD-3-Clause
// Concatenation and stacking, conversion between element types, argmax and argmin.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/tiles.hpp>

namespace backtrail {
namespace {

class concatenate_operation final : public operation {
public:
    explicit concatenate_operation(std::size_t axis) : axis_(axis) {}
    [[nodiscard]] std::string_view name() const override { return "concatenate"; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] bool moves_elements() const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        std::ptrdiff_t at = 0;
        for (const array_view& part : x) {
            copy(part,
                 {static_cast<std::byte*>(y.data) +
                      at * y.shape.steps[axis_] * static_cast<std::ptrdiff_t>(size_of(y.type)),
                  y.type, layout(part.shape.extents, y.shape.steps, 0)});
            at += static_cast<std::ptrdiff_t>(part.shape.extents[axis_]);
        }
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr g = detail::as_node(y_bar, self->type(), self->shape());
        std::vector<detail::slice> slices;
        for (auto extent : self->shape()) slices.push_back({0, 1, extent});
        slices[axis_].count = 0;
        for (std::size_t i = 0; i < x_bar.size(); ++i) {
            slices[axis_].start += static_cast<std::ptrdiff_t>(slices[axis_].count);
            slices[axis_].count = self->inputs()[i]->shape()[axis_];
            if (wanted[i]) x_bar[i] = detail::slice_axes(g, slices);
        }
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        std::vector<node_ptr> parts;
        for (std::size_t i = 0; i < x_dot.size(); ++i) {
            parts.push_back(detail::as_node(x_dot[i], self->type(), self->inputs()[i]->shape()));
        }
        return detail::concatenate(parts, static_cast<std::ptrdiff_t>(axis_));
    }

private:
    std::size_t axis_;
};

class cast_operation final : public operation {
public:
    cast_operation(dtype from, dtype to) : from_(from), to_(to) {}
    [[nodiscard]] std::string_view name() const override { return "cast"; }
    [[nodiscard]] passage derivative() const override
    {
        return is_differentiable(from_) && is_differentiable(to_) ? passage::differentiable
                                                                  : passage::not_differentiable;
    }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const std::size_t n = y.shape.size();
        visit(from_, [&](auto f) {
            visit(to_, [&](auto t) {
                const auto* from = x[0].as<const decltype(f)>();
                auto* to = y.as<decltype(t)>();
                for (std::size_t i = 0; i < n; ++i) to[i] = convert<decltype(t)>(from[i]);
            });
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::cast(detail::as_node(y_bar, to_, self->shape()), from_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        return detail::cast(x_dot[0].get(), to_);
    }

private:
    dtype from_, to_;
};

/// The first index of the largest (smallest) element along one axis; NaN counts as such.
class argmax_operation final : public operation {
public:
    argmax_operation(std::size_t axis, bool largest) : axis_(axis), largest_(largest) {}
    [[nodiscard]] std::string_view name() const override { return largest_ ? "argmax" : "argmin"; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const shape& s = x[0].shape.extents;
        std::size_t inner = 1;
        for (std::size_t i = axis_ + 1; i < s.size(); ++i) inner *= s[i];
        const std::size_t n = s[axis_], results = y.shape.size();
        visit(x[0].type, [&](auto t) {
            using T = decltype(t);
            for (std::size_t i = 0; i < results; ++i) {
                const T* row = x[0].as<const T>() + i / inner * n * inner + i % inner;
                std::size_t best = 0;
                for (std::size_t j = 1; j < n; ++j) {
                    const T candidate = row[j * inner], leader = row[best * inner];
                    const bool leads = largest_ ? candidate > leader : candidate < leader;
                    if (leads || (candidate != candidate && leader == leader)) best = j;
                }
                y.as<std::int64_t>()[i] = static_cast<std::int64_t>(best);
            }
        });
    }

private:
    std::size_t axis_;
    bool largest_;
};

} // namespace

namespace detail {

node_ptr concatenate(std::span<const node_ptr> x, std::ptrdiff_t axis)
{
    if (x.empty()) throw shape_error("[concatenate] of nothing");
    shape s = x[0]->shape();
    const std::size_t along = normalise_axis("concatenate", axis, s.size());
    for (const auto& part : x.subspan(1)) {
        shape expected = s;
        if (part->shape().size() == s.size()) expected[along] = part->shape()[along];
        if (!(part->shape() == expected)) {
            throw shape_error("[concatenate] shapes differ beside axis " + std::to_string(along) +
                              ": " + to_string(x[0]->shape()) + " and " + to_string(part->shape()) +
                              nearby(x));
        }
        if (part->type() != x[0]->type()) {
            throw dtype_error("[concatenate] of different element types" + nearby(x));
        }
        s[along] += part->shape()[along];
    }
    return make_node(make_operation<concatenate_operation>(along), x[0]->type(), s, x);
}

node_ptr stack(std::span<const node_ptr> x, std::ptrdiff_t axis)
{
    if (x.empty()) throw shape_error("[stack] of nothing");
    const std::size_t at = normalise_axis("stack", axis, x[0]->shape().size() + 1);
    std::vector<node_ptr> parts;
    for (const auto& part : x) {
        if (!(part->shape() == x[0]->shape())) {
            throw shape_error("[stack] shapes differ: " + to_string(x[0]->shape()) + " and " +
                              to_string(part->shape()) + nearby(x));
        }
        if (part->type() != x[0]->type()) {
            throw dtype_error("[stack] of different element types" + nearby(x));
        }
        shape s = part->shape();
        s.insert(at, 1);
        parts.push_back(reshape(part, s));
    }
    return concatenate(parts, static_cast<std::ptrdiff_t>(at));
}

node_ptr cast(const node_ptr& x, dtype to)
{
    if (x->type() == to) return x;
    return make_node(make_operation<cast_operation>(x->type(), to), to, x->shape(),
                     std::span(&x, 1));
}

namespace {

node_ptr first_extremum(const char* name, bool largest, const node_ptr& x,
                        std::optional<std::ptrdiff_t> axis, bool keep)
{
    const node_ptr source = axis ? x : reshape(x, {element_count(x->shape())});
    const std::size_t along = axis ? normalise_axis(name, *axis, x->shape().size()) : 0;
    axes over;
    over.push_back(along);
    const shape s = reduced_shape(source->shape(), over, keep && axis);
    if (source->shape()[along] == 0 && element_count(s) > 0) {
        throw shape_error("[" + std::string(name) + "] of no elements: " + to_string(x->shape()) +
                          nearby(std::span(&x, 1)));
    }
    return make_node(make_operation<argmax_operation>(along, largest), dtype::int64, s,
                     std::span(&source, 1));
}

} // namespace

node_ptr argmax(const node_ptr& x, std::optional<std::ptrdiff_t> axis, bool keep)
{
    return first_extremum("argmax", true, x, axis, keep);
}

node_ptr argmin(const node_ptr& x, std::optional<std::ptrdiff_t> axis, bool keep)
{
    return first_extremum("argmin", false, x, axis, keep);
}

} // namespace detail
} // namespace backtrail
