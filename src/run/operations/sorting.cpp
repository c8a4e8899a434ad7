// SPDX-License-Identifier: BSD-3-Clause
// The places of elements in order. Places are compared where elements are equal, which makes any sort a
// stable one, so that the library's in-place sorts serve and nothing is allocated.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/sorting.hpp>
#include <backtrail/run/operations/lines.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backtrail {
namespace {

/// a before b, NaN after everything.
template <class T>
bool is_less(T a, T b)
{
    return a < b || (a == a && b != b);
}

/// The order of places in a line that begins at `first`, `step` apart.
template <class T>
auto before(const T* first, std::size_t step, bool descending)
{
    return [=](std::int64_t i, std::int64_t j) {
        const T a = first[static_cast<std::size_t>(i) * step];
        const T b = first[static_cast<std::size_t>(j) * step];
        if (descending ? is_less(b, a) : is_less(a, b)) return true;
        if (descending ? is_less(a, b) : is_less(b, a)) return false;
        return i < j;
    };
}

/// Runs over the lines of x with the places 0, 1, ... of each in the workspace.
class places_operation : public operation {
public:
    explicit places_operation(std::size_t axis) : axis_(axis) {}
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view> x,
                                              const array_view&) const override
    {
        return x[0].shape.extents[axis_] * sizeof(std::int64_t) + block_alignment;
    }

protected:
    /// `f(line, step, places, result, result step)` for each line.
    template <class T, class F>
    void for_lines(const array_view& x, const array_view& y, std::byte* workspace, F f) const
    {
        const lines from(x.shape.extents, axis_), to(y.shape.extents, axis_);
        if (y.shape.size() == 0) return;
        const std::span places(reinterpret_cast<std::int64_t*>(workspace), from.extent);
        for (std::size_t o = 0; o < from.outer; ++o) {
            for (std::size_t i = 0; i < from.inner; ++i) {
                std::iota(places.begin(), places.end(), std::int64_t{0});
                f(x.as<const T>() + o * from.extent * from.inner + i, from.inner, places,
                  y.as<std::int64_t>() + o * to.extent * to.inner + i);
            }
        }
    }
    std::size_t axis_;
};

class order_operation final : public places_operation {
public:
    order_operation(std::size_t axis, bool descending)
        : places_operation(axis), descending_(descending)
    {}
    [[nodiscard]] std::string_view name() const override { return "argsort"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        const std::size_t count = y.shape.extents[axis_];
        visit(x[0].type, [&](auto t) {
            using T = decltype(t);
            for_lines<T>(x[0], y, workspace,
                         [&](const T* line, std::size_t step, std::span<std::int64_t> places,
                             std::int64_t* result) {
                             const auto middle =
                                 places.begin() + static_cast<std::ptrdiff_t>(count);
                             const auto less = before(line, step, descending_);
                             if (count == places.size()) {
                                 std::sort(places.begin(), places.end(), less);
                             } else {
                                 std::partial_sort(places.begin(), middle, places.end(), less);
                             }
                             for (std::size_t j = 0; j < count; ++j) result[j * step] = places[j];
                         });
        });
    }

private:
    bool descending_;
};

class rank_operation final : public places_operation {
public:
    rank_operation(std::size_t axis, std::size_t rank) : places_operation(axis), rank_(rank) {}
    [[nodiscard]] std::string_view name() const override { return "rank"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        visit(x[0].type, [&](auto t) {
            using T = decltype(t);
            for_lines<T>(x[0], y, workspace,
                         [&](const T* line, std::size_t step, std::span<std::int64_t> places,
                             std::int64_t* result) {
                             for (std::size_t j = 0; j < places.size(); ++j) {
                                 if (line[j * step] != line[j * step]) {
                                     *result = static_cast<std::int64_t>(j);
                                     return;
                                 }
                             }
                             const auto at = places.begin() + static_cast<std::ptrdiff_t>(rank_);
                             std::nth_element(places.begin(), at, places.end(),
                                              before(line, step, false));
                             *result = *at;
                         });
        });
    }

private:
    std::size_t rank_;
};

} // namespace

namespace detail {

node_ptr order_along(const node_ptr& x, std::size_t axis, bool descending, std::size_t count)
{
    shape s = x->shape();
    s[axis] = count;
    return make_node(make_operation<order_operation>(axis, descending), dtype::int64, s,
                     std::span(&x, 1));
}

node_ptr rank_along(const node_ptr& x, std::size_t axis, std::size_t rank)
{
    shape s = x->shape();
    s[axis] = 1;
    return make_node(make_operation<rank_operation>(axis, rank), dtype::int64, s, std::span(&x, 1));
}

void require_enough(const char* name, const node_ptr& x, std::size_t axis, std::ptrdiff_t k)
{
    if (k >= 0 && static_cast<std::size_t>(k) <= x->shape()[axis]) return;
    throw value_error("[" + std::string(name) + "] wants " + std::to_string(k) +
                      " of the elements along axis " + std::to_string(axis) + ", of shape " +
                      to_string(x->shape()) + nearby(std::span(&x, 1)));
}

node_ptr middle(const node_ptr& x, const node_ptr& y)
{
    return (symbol(x) * symbol(0.5) + symbol(y) * symbol(0.5)).get();
}

node_ptr quantile_along(const node_ptr& x, std::size_t axis, double q)
{
    if (!(q >= 0 && q <= 1)) {
        throw value_error("[quantile] shares lie between 0 and 1, " + std::to_string(q) +
                          " does not" + nearby(std::span(&x, 1)));
    }
    require_enough("quantile", x, axis, 1);
    const double at = q * static_cast<double>(x->shape()[axis] - 1), below = std::floor(at);
    shape rest = x->shape();
    rest.erase(axis);
    const auto element = [&](double rank) {
        const node_ptr place = rank_along(x, axis, static_cast<std::size_t>(rank));
        return symbol(reshape(gather("take", x, static_cast<std::ptrdiff_t>(axis), place), rest));
    };
    const double t = at - below;
    if (t == 0) return element(below).get();
    // Not a + t (b - a), which is NaN between equal infinities.
    return (element(below) * symbol(1 - t) + element(below + 1) * symbol(t)).get();
}

} // namespace detail
} // namespace backtrail
