// SPDX-License-Identifier: BSD-3-Clause
// Operations that only rearrange: broadcast, reshape, transpose, slice, stop_gradient. They cost
// nothing where the consumer can read the layout.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>

namespace backtrail {
namespace {

class view_operation : public operation {
public:
    [[nodiscard]] bool is_view() const final { return true; }
    [[nodiscard]] bool reads_strided(std::size_t) const final { return true; }
};

class broadcast_operation final : public view_operation {
public:
    [[nodiscard]] std::string_view name() const override { return "broadcast_to"; }
    [[nodiscard]] std::optional<layout> view(const node_ptr& self, const layout& x) const override
    {
        const shape& to = self->shape();
        layout result(to, strides(to.size(), 0), x.offset);
        const std::size_t lead = to.size() - x.extents.size();
        for (std::size_t i = 0; i < x.extents.size(); ++i) {
            if (x.extents[i] != 1) result.steps[lead + i] = x.steps[i];
        }
        return result;
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::sum_to(detail::as_node(y_bar, self->type(), self->shape()),
                                  self->inputs()[0]->shape());
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::broadcast_to(x_dot[0].get(), self->shape());
    }
};

class reshape_operation final : public view_operation {
public:
    [[nodiscard]] std::string_view name() const override { return "reshape"; }
    [[nodiscard]] std::optional<layout> view(const node_ptr& self, const layout& x) const override
    {
        return reshaped(x, self->shape());
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::reshape(detail::as_node(y_bar, self->type(), self->shape()),
                                   self->inputs()[0]->shape());
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::reshape(x_dot[0].get(), self->shape());
    }
};

class transpose_operation final : public view_operation {
public:
    explicit transpose_operation(axes permutation) : permutation_(permutation) {}
    [[nodiscard]] std::string_view name() const override { return "transpose"; }
    [[nodiscard]] std::optional<layout> view(const node_ptr&, const layout& x) const override
    {
        layout result = x;
        for (std::size_t i = 0; i < permutation_.size(); ++i) {
            result.extents[i] = x.extents[permutation_[i]];
            result.steps[i] = x.steps[permutation_[i]];
        }
        return result;
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        std::vector<std::ptrdiff_t> inverse(permutation_.size());
        for (std::size_t i = 0; i < inverse.size(); ++i) {
            inverse[permutation_[i]] = static_cast<std::ptrdiff_t>(i);
        }
        x_bar[0] = detail::transpose(detail::as_node(y_bar, self->type(), self->shape()), inverse);
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        const std::vector<std::ptrdiff_t> same(permutation_.begin(), permutation_.end());
        return detail::transpose(x_dot[0].get(), same);
    }

private:
    axes permutation_;
};

class slice_operation final : public view_operation {
public:
    explicit slice_operation(std::vector<detail::slice> slices) : slices_(std::move(slices)) {}
    [[nodiscard]] std::string_view name() const override { return "view"; }
    [[nodiscard]] bool same_as(const operation& other) const override
    {
        const auto* s = dynamic_cast<const slice_operation*>(&other);
        return s != nullptr && s->slices_ == slices_;
    }
    [[nodiscard]] std::size_t hash() const override { return slices_.size() + 51; }
    [[nodiscard]] std::optional<layout> view(const node_ptr&, const layout& x) const override
    {
        layout result = x;
        for (std::size_t i = 0; i < slices_.size(); ++i) {
            result.offset += slices_[i].start * x.steps[i];
            result.steps[i] = slices_[i].step * x.steps[i];
            result.extents[i] = slices_[i].count;
        }
        return result;
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::embed(detail::as_node(y_bar, self->type(), self->shape()),
                                 self->inputs()[0]->shape(), slices_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        return detail::slice_axes(x_dot[0].get(), slices_);
    }

private:
    std::vector<detail::slice> slices_;
};

class stop_operation final : public view_operation {
public:
    [[nodiscard]] std::string_view name() const override { return "stop_gradient"; }
    [[nodiscard]] passage derivative() const override { return passage::stopped; }
    [[nodiscard]] std::optional<layout> view(const node_ptr&, const layout& x) const override
    {
        return x;
    }
};

node_ptr unary(operation_ptr op, const node_ptr& x, const shape& s)
{
    return make_node(std::move(op), x->type(), s, std::span(&x, 1));
}

} // namespace

namespace detail {

node_ptr broadcast_to(const node_ptr& x, const shape& to)
{
    if (x->shape() == to) return x;
    if (!is_broadcastable(x->shape(), to)) {
        throw shape_error("[broadcast_to] " + to_string(x->shape()) + " does not broadcast to " +
                          to_string(to) + nearby(std::span(&x, 1)));
    }
    return unary(the_operation<broadcast_operation>(), x, to);
}

node_ptr reshape(const node_ptr& x, const shape& to)
{
    if (x->shape() == to) return x;
    if (element_count(x->shape()) != element_count(to)) {
        throw shape_error("[reshape] " + to_string(x->shape()) + " has not as many elements as " +
                          to_string(to) + nearby(std::span(&x, 1)));
    }
    return unary(the_operation<reshape_operation>(), x, to);
}

shape resolve_shape(const node_ptr& x, std::span<const std::ptrdiff_t> to)
{
    shape result;
    std::size_t known = 1, open = to.size();
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (to[i] < -1 || (to[i] == -1 && open != to.size())) {
            throw shape_error("[reshape] an extent may be -1 once, and not smaller" +
                              nearby(std::span(&x, 1)));
        }
        if (to[i] == -1) open = i;
        result.push_back(to[i] == -1 ? 1 : static_cast<std::size_t>(to[i]));
        known *= result.back();
    }
    if (open != to.size()) {
        const std::size_t n = element_count(x->shape());
        if (known == 0 || n % known != 0) {
            std::string wanted;
            for (auto extent : to) {
                wanted += (wanted.empty() ? "" : ", ") + std::to_string(extent);
            }
            throw shape_error("[reshape] no extent for -1 makes (" + wanted + ") the " +
                              std::to_string(n) + " elements of " + to_string(x->shape()) +
                              nearby(std::span(&x, 1)));
        }
        result[open] = n / known;
    }
    return result;
}

node_ptr transpose(const node_ptr& x, std::span<const std::ptrdiff_t> permutation)
{
    const std::size_t rank = x->shape().size();
    axes normal;
    for (auto axis : permutation) normal.push_back(normalise_axis("transpose", axis, rank));
    if (normalise_axes("transpose", permutation, rank).size() != rank) {
        throw shape_error("[transpose] needs each of the " + std::to_string(rank) + " axes once" +
                          nearby(std::span(&x, 1)));
    }
    shape s;
    bool is_identity = true;
    for (std::size_t i = 0; i < rank; ++i) {
        s.push_back(x->shape()[normal[i]]);
        is_identity &= normal[i] == i;
    }
    return is_identity ? x : unary(make_operation<transpose_operation>(normal), x, s);
}

node_ptr matrix_transpose(const node_ptr& x)
{
    std::vector<std::ptrdiff_t> permutation(x->shape().size());
    for (std::size_t i = 0; i < permutation.size(); ++i) {
        permutation[i] = static_cast<std::ptrdiff_t>(i);
    }
    std::swap(permutation.back(), permutation[permutation.size() - 2]);
    return transpose(x, permutation);
}

node_ptr slice_axes(const node_ptr& x, std::span<const slice> slices)
{
    shape s;
    for (const auto& one : slices) s.push_back(one.count);
    return unary(make_operation<slice_operation>(std::vector<slice>(slices.begin(), slices.end())),
                 x, s);
}

node_ptr stop_gradient(const node_ptr& x)
{
    return unary(the_operation<stop_operation>(), x, x->shape());
}

} // namespace detail
} // namespace backtrail
