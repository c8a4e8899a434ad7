// SPDX-License-Identifier: BSD-3-Clause
// Elements chosen along an axis by indices that the library found itself, and the transpose of that.
#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/operations/lines.hpp>

#include <algorithm>

namespace backtrail {
namespace {

class take_along_operation final : public operation {
public:
    explicit take_along_operation(std::size_t axis) : axis_(axis) {}
    [[nodiscard]] std::string_view name() const override { return "take_along"; }
    [[nodiscard]] bool passes(std::size_t i) const override { return i == 0; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const lines from(x[0].shape.extents, axis_), to(y.shape.extents, axis_);
        const auto* index = x[1].as<const std::int64_t>();
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            const T* source = x[0].as<const T>();
            T* result = y.as<T>();
            for (std::size_t o = 0; o < to.outer; ++o) {
                for (std::size_t j = 0; j < to.extent; ++j) {
                    for (std::size_t i = 0; i < to.inner; ++i) {
                        const std::size_t at = (o * to.extent + j) * to.inner + i;
                        const auto k = static_cast<std::size_t>(index[at]);
                        result[at] = source[(o * from.extent + k) * from.inner + i];
                    }
                }
            }
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        if (!wanted[0]) return;
        x_bar[0] = detail::put_along(detail::as_node(y_bar, self->type(), self->shape()),
                                     self->inputs()[1], axis_, self->inputs()[0]->shape()[axis_]);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        if (x_dot[0].is_zero()) return {};
        return detail::take_along(x_dot[0].get(), self->inputs()[1], axis_);
    }

private:
    std::size_t axis_;
};

class put_along_operation final : public operation {
public:
    explicit put_along_operation(std::size_t axis) : axis_(axis) {}
    [[nodiscard]] std::string_view name() const override { return "put_along"; }
    [[nodiscard]] bool passes(std::size_t i) const override { return i == 0; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const lines from(x[0].shape.extents, axis_), to(y.shape.extents, axis_);
        const auto* index = x[1].as<const std::int64_t>();
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            const T* source = x[0].as<const T>();
            T* result = y.as<T>();
            std::fill_n(result, y.shape.size(), T(0));
            for (std::size_t o = 0; o < from.outer; ++o) {
                for (std::size_t j = 0; j < from.extent; ++j) {
                    for (std::size_t i = 0; i < from.inner; ++i) {
                        const std::size_t at = (o * from.extent + j) * from.inner + i;
                        const auto k = static_cast<std::size_t>(index[at]);
                        T& sum = result[(o * to.extent + k) * to.inner + i];
                        sum = static_cast<T>(sum + source[at]);
                    }
                }
            }
        });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        if (!wanted[0]) return;
        x_bar[0] = detail::take_along(detail::as_node(y_bar, self->type(), self->shape()),
                                      self->inputs()[1], axis_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        if (x_dot[0].is_zero()) return {};
        return detail::put_along(x_dot[0].get(), self->inputs()[1], axis_, self->shape()[axis_]);
    }

private:
    std::size_t axis_;
};

} // namespace

namespace detail {

node_ptr take_along(const node_ptr& x, const node_ptr& indices, std::size_t axis)
{
    const node_ptr inputs[] = {x, indices};
    return make_node(make_operation<take_along_operation>(axis), x->type(), indices->shape(),
                     inputs);
}

node_ptr put_along(const node_ptr& x, const node_ptr& indices, std::size_t axis, std::size_t extent)
{
    shape s = x->shape();
    s[axis] = extent;
    const node_ptr inputs[] = {x, indices};
    return make_node(make_operation<put_along_operation>(axis), x->type(), s, inputs);
}

} // namespace detail
} // namespace backtrail
