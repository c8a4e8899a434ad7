// SPDX-License-Identifier: BSD-3-Clause
// The running logarithm of a sum of exponentials. With w[j] the share of x[j] in the sum up to j, and
// a[j] that of all before it,
//     y_dot[j] = a[j] y_dot[j-1] + w[j] x_dot[j],   x_bar[j] = w[j] s[j],   s[j] = y_bar[j] + a[j+1] s[j+1].
// The shares are operations of their own: exp(x - y) would lose the digits that y has before the point,
// and be NaN at infinities, whose shares are a convention.
#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/operations/scan.hpp>

#include <cmath>
#include <limits>

namespace backtrail {
namespace {

using detail::direction;

/// total * exp(largest), by which nothing overflows.
template <class A>
struct running_sum {
    A largest = -std::numeric_limits<A>::infinity();
    A total = 0;
    A carried = 0, added = 0; ///< the shares in the total of what was there and of what came last

    void add(A x)
    {
        const bool leads = x > largest || x != x; // a NaN leads, and nothing leads it
        const A before = leads ? total * std::exp(largest - x) : total;
        // Equal infinities count one each.
        const A term = leads || x == largest ? before * 0 + 1 : std::exp(x - largest);
        if (leads) largest = x;
        total = before + term;
        const bool is_nothing = largest == -std::numeric_limits<A>::infinity();
        carried = is_nothing ? 0 : before / total;
        added = is_nothing ? 0 : term / total;
    }
    [[nodiscard]] A logarithm() const { return largest + std::log(total); }
};

/// Calls `f(sum)` for each element, once it is added, and writes what f returns.
template <class F>
void run(const array_view& x, const array_view& y, std::size_t axis, std::byte* workspace, F f)
{
    visit(y.type, [&](auto t) {
        using T = decltype(t);
        if constexpr (differentiable<T>) {
            using state = running_sum<accumulator<T>>;
            const T* in = x.as<const T>();
            T* out = y.as<T>();
            const auto next = [&](state& sum, std::size_t at) {
                sum.add(in[at]);
                out[at] = static_cast<T>(f(sum));
            };
            const auto first = [&](state& sum, std::size_t at) {
                sum = {};
                next(sum, at);
            };
            scan<state>(y.shape.extents, axis, direction::forward, workspace, first, next);
        }
    });
}

class running_operation : public operation {
public:
    explicit running_operation(std::size_t axis) : axis_(axis) {}
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view>,
                                              const array_view& y) const override
    {
        return scan_bytes<running_sum<double>>(y.shape.extents, axis_);
    }

protected:
    std::size_t axis_;
};

enum class part : std::uint8_t { carried, added };

node_ptr share(const node_ptr& x, std::size_t axis, part which);

/// The tangent of y at x.
node_ptr push(const node_ptr& x, std::size_t axis, const symbol& x_dot)
{
    const symbol terms = symbol(share(x, axis, part::added)) * x_dot;
    return detail::recurrence(share(x, axis, part::carried), terms.get(), axis);
}

/// The cotangent of x from that of y.
symbol pull(const node_ptr& x, std::size_t axis, const node_ptr& y_bar)
{
    const node_ptr a =
        detail::neighbour(share(x, axis, part::carried), axis, direction::backward, 0);
    return symbol(share(x, axis, part::added)) *
           symbol(detail::recurrence(a, y_bar, axis, direction::backward));
}

/// w = exp(x - y):              w_dot = w (x_dot - y_dot)
/// a = exp(y[j-1] - y[j]):      a_dot = a (y_dot[j-1] - y_dot[j])
class share_operation final : public running_operation {
public:
    share_operation(std::size_t axis, part which) : running_operation(axis), which_(which) {}
    [[nodiscard]] std::string_view name() const override { return "logcumsumexp weights"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        run(x[0], y, axis_, workspace,
            [this](const auto& sum) { return which_ == part::carried ? sum.carried : sum.added; });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr& x = self->inputs()[0];
        const node_ptr scaled = (symbol(self) * y_bar).get();
        if (which_ == part::added) {
            x_bar[0] = symbol(scaled) - pull(x, axis_, scaled);
        } else {
            const symbol later = detail::neighbour(scaled, axis_, direction::backward, 0);
            x_bar[0] = pull(x, axis_, (later - symbol(scaled)).get());
        }
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        const node_ptr y_dot = push(self->inputs()[0], axis_, x_dot[0]);
        const symbol before = which_ == part::added
                                  ? x_dot[0]
                                  : symbol(detail::neighbour(y_dot, axis_, direction::forward, 0));
        return symbol(self) * (before - symbol(y_dot));
    }

private:
    part which_;
};

class logcumsumexp_operation final : public running_operation {
public:
    using running_operation::running_operation;
    [[nodiscard]] std::string_view name() const override { return "logcumsumexp"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        run(x[0], y, axis_, workspace, [](const auto& sum) { return sum.logarithm(); });
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] =
            pull(self->inputs()[0], axis_, detail::as_node(y_bar, self->type(), self->shape()));
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return push(self->inputs()[0], axis_, x_dot[0]);
    }
};

node_ptr share(const node_ptr& x, std::size_t axis, part which)
{
    return make_node(make_operation<share_operation>(axis, which), x->type(), x->shape(),
                     std::span(&x, 1));
}

} // namespace

namespace detail {

node_ptr cumulative_logsumexp(const node_ptr& x, std::size_t axis)
{
    return make_node(make_operation<logcumsumexp_operation>(axis), x->type(), x->shape(),
                     std::span(&x, 1));
}

} // namespace detail
} // namespace backtrail
