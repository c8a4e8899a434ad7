// SPDX-License-Identifier: BSD-3-Clause
// Scans along an axis. Their derivatives are scans again: all of them come down to one linear recurrence
// of first order, s[j] = a[j] s[j-1] + b[j], whose own derivative is the same recurrence backward. So
// nothing is divided, and cumulative products are exact at zeros, to any order.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/operations/scan.hpp>

namespace backtrail {
namespace {

using detail::direction;

constexpr direction opposite(direction way)
{
    return way == direction::forward ? direction::backward : direction::forward;
}

/// Calls `f(T{})` for the types one can calculate with.
template <class F>
void visit_numbers(dtype type, F f)
{
    visit(type, [&](auto t) {
        if constexpr (!std::is_same_v<decltype(t), bool>) f(t);
    });
}

class scan_operation : public operation {
public:
    scan_operation(std::size_t axis, direction way) : axis_(axis), way_(way) {}
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view>,
                                              const array_view& y) const override
    {
        return scan_bytes<double>(y.shape.extents, axis_);
    }

protected:
    [[nodiscard]] node_ptr adjoint_of(const node_ptr& self, const symbol& y_bar) const
    {
        return detail::as_node(y_bar, self->type(), self->shape());
    }
    /// y[at] = start(at) for the first element of a line, step(the total so far, at) for the others.
    template <class T, class Start, class Step>
    void run(const array_view& y, std::byte* workspace, Start start, Step step) const
    {
        using A = accumulator<T>;
        T* out = y.as<T>();
        scan<A>(
            y.shape.extents, axis_, way_, workspace,
            [&](A& total, std::size_t at) { out[at] = static_cast<T>(total = start(at)); },
            [&](A& total, std::size_t at) { out[at] = static_cast<T>(total = step(total, at)); });
    }
    std::size_t axis_;
    direction way_;
};

class sum_operation final : public scan_operation {
public:
    using scan_operation::scan_operation;
    [[nodiscard]] std::string_view name() const override { return "cumsum"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        visit_numbers(y.type, [&](auto t) {
            using T = decltype(t);
            const T* in = x[0].as<const T>();
            run<T>(
                y, workspace, [&](std::size_t at) { return in[at]; },
                [&](auto total, std::size_t at) { return total + in[at]; });
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = detail::cumulative_sum(adjoint_of(self, y_bar), axis_, opposite(way_));
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        return detail::cumulative_sum(x_dot[0].get(), axis_, way_);
    }
};

/// With p[j] the product of all before j:  x_bar[j] = p[j] s[j],  s[j] = y_bar[j] + x[j+1] s[j+1].
class product_operation final : public scan_operation {
public:
    using scan_operation::scan_operation;
    [[nodiscard]] std::string_view name() const override { return "cumprod"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        visit_numbers(y.type, [&](auto t) {
            using T = decltype(t);
            const T* in = x[0].as<const T>();
            run<T>(
                y, workspace, [&](std::size_t at) { return in[at]; },
                [&](auto total, std::size_t at) { return total * in[at]; });
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr next = detail::neighbour(self->inputs()[0], axis_, opposite(way_), 0);
        x_bar[0] = products_before(self) *
                   symbol(detail::recurrence(next, adjoint_of(self, y_bar), axis_, opposite(way_)));
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return detail::recurrence(self->inputs()[0], (products_before(self) * x_dot[0]).get(),
                                  axis_, way_);
    }

private:
    [[nodiscard]] symbol products_before(const node_ptr& self) const
    {
        return detail::neighbour(self, axis_, way_, 1);
    }
};

/// b_bar = r with r[j] = s_bar[j] + a[j+1] r[j+1],  a_bar[j] = r[j] s[j-1].
class recurrence_operation final : public scan_operation {
public:
    using scan_operation::scan_operation;
    [[nodiscard]] std::string_view name() const override { return "recurrence"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        visit_numbers(y.type, [&](auto t) {
            using T = decltype(t);
            const T *a = x[0].as<const T>(), *b = x[1].as<const T>();
            run<T>(
                y, workspace, [&](std::size_t at) { return b[at]; },
                [&](auto total, std::size_t at) { return a[at] * total + b[at]; });
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr next = detail::neighbour(self->inputs()[0], axis_, opposite(way_), 0);
        const node_ptr r = detail::recurrence(next, adjoint_of(self, y_bar), axis_, opposite(way_));
        if (wanted[0]) x_bar[0] = symbol(r) * symbol(detail::neighbour(self, axis_, way_, 0));
        if (wanted[1]) x_bar[1] = r;
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        symbol b_dot = x_dot[1];
        if (!x_dot[0].is_zero()) {
            detail::accumulate(b_dot, x_dot[0] * symbol(detail::neighbour(self, axis_, way_, 0)));
        }
        return detail::recurrence(self->inputs()[0], b_dot.get(), axis_, way_);
    }
};

class extremum_operation final : public operation {
public:
    extremum_operation(std::size_t axis, bool largest) : axis_(axis), largest_(largest) {}
    [[nodiscard]] std::string_view name() const override { return largest_ ? "cummax" : "cummin"; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const lines l(y.shape.extents, axis_);
        auto* result = y.as<std::int64_t>();
        visit(x[0].type, [&](auto t) {
            using T = decltype(t);
            const T* in = x[0].as<const T>();
            l.for_each([&](std::size_t line) {
                std::size_t best = 0;
                for (std::size_t j = 0; j < l.extent; ++j) {
                    const T candidate = in[line + j * l.inner], leader = in[line + best * l.inner];
                    const bool leads = largest_ ? candidate > leader : candidate < leader;
                    if (leads || (candidate != candidate && leader == leader)) best = j;
                    result[line + j * l.inner] = static_cast<std::int64_t>(best);
                }
            });
        });
    }

private:
    std::size_t axis_;
    bool largest_;
};

} // namespace

namespace detail {

node_ptr cumulative_sum(const node_ptr& x, std::size_t axis, direction way)
{
    return make_node(make_operation<sum_operation>(axis, way), x->type(), x->shape(),
                     std::span(&x, 1));
}

node_ptr cumulative_product(const node_ptr& x, std::size_t axis, direction way)
{
    return make_node(make_operation<product_operation>(axis, way), x->type(), x->shape(),
                     std::span(&x, 1));
}

node_ptr recurrence(const node_ptr& a, const node_ptr& b, std::size_t axis, direction way)
{
    const node_ptr inputs[] = {a, b};
    return make_node(make_operation<recurrence_operation>(axis, way), b->type(), b->shape(),
                     inputs);
}

node_ptr cumulative_argmax(const node_ptr& x, std::size_t axis)
{
    return make_node(make_operation<extremum_operation>(axis, true), dtype::int64, x->shape(),
                     std::span(&x, 1));
}

node_ptr cumulative_argmin(const node_ptr& x, std::size_t axis)
{
    return make_node(make_operation<extremum_operation>(axis, false), dtype::int64, x->shape(),
                     std::span(&x, 1));
}

node_ptr neighbour(const node_ptr& x, std::size_t axis, direction way, double fill)
{
    if (x->shape()[axis] == 0) return x;
    shape edge = x->shape();
    edge[axis] = 1;
    std::vector<slice> rest;
    for (auto extent : x->shape()) rest.push_back({0, 1, extent});
    rest[axis].count -= 1;
    const bool is_forward = way == direction::forward;
    if (!is_forward) rest[axis].start = 1;
    const node_ptr filled = as_node(fill, x->type(), edge), others = slice_axes(x, rest);
    const node_ptr parts[] = {is_forward ? filled : others, is_forward ? others : filled};
    return concatenate(parts, static_cast<std::ptrdiff_t>(axis));
}

node_ptr differences(const node_ptr& x, std::size_t axis, std::ptrdiff_t n)
{
    if (n < 0) {
        throw value_error("[diff] cannot be taken " + std::to_string(n) + " times" +
                          nearby(std::span(&x, 1)));
    }
    node_ptr result = x;
    for (std::ptrdiff_t i = 0; i < n && result->shape()[axis] > 0; ++i) {
        std::vector<slice> lower;
        for (auto extent : result->shape()) lower.push_back({0, 1, extent});
        lower[axis].count -= 1;
        std::vector<slice> upper = lower;
        upper[axis].start = 1;
        result = (symbol(slice_axes(result, upper)) - symbol(slice_axes(result, lower))).get();
    }
    return result;
}

} // namespace detail
} // namespace backtrail
