// SPDX-License-Identifier: BSD-3-Clause
// Operations on slices: joining slices along one axis and its transpose, triangles of matrices,
// and arrays with some of their elements overwritten.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/operations/accumulate.hpp>
#include <backtrail/run/tiles.hpp>

#include <cstring>

namespace backtrail {
namespace {

using detail::slice;

/// One axis of a layout narrowed to a slice.
layout narrowed(const layout& x, std::size_t axis, const slice& s)
{
    layout result = x;
    result.offset += s.start * x.steps[axis];
    result.steps[axis] = s.step * x.steps[axis];
    result.extents[axis] = s.count;
    return result;
}

/// Calls f(part of the joined array, the slice of the other that belongs to it).
template <class F>
void for_parts(const array_view& joined, const array_view& x, std::size_t axis,
               const std::vector<slice>& parts, F&& f)
{
    std::ptrdiff_t at = 0;
    for (const slice& s : parts) {
        f(part_of(joined, narrowed(joined.shape, axis, {at, 1, s.count})),
          part_of(x, narrowed(x.shape, axis, s)));
        at += static_cast<std::ptrdiff_t>(s.count);
    }
}

class join_slices_operation final : public operation {
public:
    join_slices_operation(std::string_view name, std::size_t axis, std::vector<slice> parts)
        : name_(name), axis_(axis), parts_(std::move(parts))
    {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] bool moves_elements() const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        for_parts(y, x[0], axis_, parts_,
                  [](const array_view& to, const array_view& from) { copy(from, to); });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] =
            detail::scatter_slices(name_, detail::as_node(y_bar, self->type(), self->shape()),
                                   axis_, parts_, self->inputs()[0]->shape()[axis_]);
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        return detail::join_slices(name_, x_dot[0].get(), axis_, parts_);
    }

private:
    std::string_view name_;
    std::size_t axis_;
    std::vector<slice> parts_;
};

class scatter_slices_operation final : public operation {
public:
    scatter_slices_operation(std::string_view name, std::size_t axis, std::vector<slice> parts)
        : name_(name), axis_(axis), parts_(std::move(parts))
    {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        std::memset(y.data, 0, y.shape.size() * size_of(y.type));
        for_parts(x[0], y, axis_, parts_,
                  [](const array_view& from, const array_view& to) { add_to(from, to); });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::join_slices(name_, detail::as_node(y_bar, self->type(), self->shape()),
                                       axis_, parts_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::scatter_slices(name_, x_dot[0].get(), axis_, parts_, self->shape()[axis_]);
    }

private:
    std::string_view name_;
    std::size_t axis_;
    std::vector<slice> parts_;
};

/// Keeps one side of diagonal k of each matrix; what it drops is 0, also where it was NaN.
class triangle_operation final : public operation {
public:
    triangle_operation(std::ptrdiff_t k, bool lower) : k_(k), lower_(lower) {}
    [[nodiscard]] std::string_view name() const override { return lower_ ? "tril" : "triu"; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        copy(x[0], y);
        const std::size_t r = y.shape.extents.size();
        const std::size_t rows = y.shape.extents[r - 2], n = y.shape.extents[r - 1];
        const std::size_t lines = n == 0 ? 0 : y.shape.size() / n;
        const std::size_t bytes = size_of(y.type);
        for (std::size_t i = 0; i < lines; ++i) {
            auto* line = static_cast<std::byte*>(y.data) + i * n * bytes;
            const std::size_t cut = column_of_cut(i % rows, n);
            if (lower_) {
                std::memset(line + cut * bytes, 0, (n - cut) * bytes);
            } else {
                std::memset(line, 0, cut * bytes);
            }
        }
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] =
            detail::triangle(detail::as_node(y_bar, self->type(), self->shape()), k_, lower_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        return detail::triangle(x_dot[0].get(), k_, lower_);
    }

private:
    /// In row i, the columns before it are below the diagonal (or on it, for the lower triangle).
    [[nodiscard]] std::size_t column_of_cut(std::size_t i, std::size_t n) const
    {
        // Compared before they are added: k may be anything.
        const auto row = static_cast<std::ptrdiff_t>(i) + (lower_ ? 1 : 0);
        const auto width = static_cast<std::ptrdiff_t>(n);
        if (k_ < -row) return 0;
        return k_ > width - row ? n : static_cast<std::size_t>(row + k_);
    }

    std::ptrdiff_t k_;
    bool lower_;
};

class write_operation final : public operation {
public:
    write_operation(std::vector<slice> slices, bool adds) : slices_(std::move(slices)), adds_(adds)
    {}
    [[nodiscard]] std::string_view name() const override
    {
        return adds_ ? "add_to_view" : "with_view";
    }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        copy(x[0], y);
        layout target = y.shape;
        for (std::size_t i = 0; i < slices_.size(); ++i) target = narrowed(target, i, slices_[i]);
        if (adds_) {
            add_to(x[1], part_of(y, target));
        } else {
            copy(x[1], part_of(y, target));
        }
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr g = detail::as_node(y_bar, self->type(), self->shape());
        if (wanted[0]) {
            const shape& s = self->inputs()[1]->shape();
            x_bar[0] = adds_ ? g
                             : detail::write_slices(g, detail::as_node({}, self->type(), s),
                                                    slices_, false);
        }
        if (wanted[1]) x_bar[1] = detail::slice_axes(g, slices_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        const auto tangent = [&](std::size_t i) {
            return detail::as_node(x_dot[i], self->type(), self->inputs()[i]->shape());
        };
        return detail::write_slices(tangent(0), tangent(1), slices_, adds_);
    }

private:
    std::vector<slice> slices_;
    bool adds_;
};

} // namespace

namespace detail {

node_ptr join_slices(std::string_view name, const node_ptr& x, std::size_t axis,
                     std::vector<slice> parts)
{
    shape s = x->shape();
    s[axis] = 0;
    for (const slice& part : parts) s[axis] += part.count;
    return make_node(make_operation<join_slices_operation>(name, axis, std::move(parts)), x->type(),
                     s, std::span(&x, 1));
}

node_ptr scatter_slices(std::string_view name, const node_ptr& x, std::size_t axis,
                        std::vector<slice> parts, std::size_t extent)
{
    shape s = x->shape();
    s[axis] = extent;
    return make_node(make_operation<scatter_slices_operation>(name, axis, std::move(parts)),
                     x->type(), s, std::span(&x, 1));
}

node_ptr triangle(const node_ptr& x, std::ptrdiff_t k, bool lower)
{
    if (x->shape().size() < 2) {
        throw shape_error(std::string(lower ? "[tril]" : "[triu]") +
                          " needs matrices: " + to_string(x->shape()) + nearby(std::span(&x, 1)));
    }
    return make_node(make_operation<triangle_operation>(k, lower), x->type(), x->shape(),
                     std::span(&x, 1));
}

node_ptr write_slices(const node_ptr& x, const node_ptr& v, std::span<const slice> slices,
                      bool adds)
{
    const node_ptr inputs[] = {x, v};
    if (v->type() != x->type()) {
        throw dtype_error(std::string(adds ? "[add_to_view]" : "[with_view]") + " of " +
                          std::string(name_of(v->type())) + " into " +
                          std::string(name_of(x->type())) + nearby(inputs));
    }
    return make_node(
        make_operation<write_operation>(std::vector<slice>(slices.begin(), slices.end()), adds),
        x->type(), x->shape(), inputs);
}

} // namespace detail
} // namespace backtrail
