// SPDX-License-Identifier: BSD-3-Clause
// Steps of random graphs that move, join, reduce or multiply whole arrays.
#include "random_expressions.hpp"
#include "random_steps.hpp"

#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/build_rearrange.hpp>

#include <algorithm>
#include <numeric>

namespace backtrail::test {
namespace {

constexpr double most_products = 2e6; // of any matrix product

// ---- views and rearrangements ----------------------------------------------------------------------

std::vector<detail::slice> random_slices(random_pool& p, const shape& s)
{
    std::vector<detail::slice> slices;
    for (const std::size_t n : s) {
        const std::size_t step = 1 + p.draw(2), start = n < 2 ? 0 : p.draw(2);
        const std::size_t count = (n - start + step - 1) / step;
        const auto by = static_cast<std::ptrdiff_t>(step);
        const auto first = static_cast<std::ptrdiff_t>(start);
        const auto last = first + by * (static_cast<std::ptrdiff_t>(count) - 1);
        const bool is_reversed = count > 0 && p.one_in(3);
        slices.push_back({is_reversed ? last : first, is_reversed ? -by : by, count});
    }
    return slices;
}

node_ptr view(random_pool& p)
{
    const node_ptr x = p.any();
    const shape& s = x->shape();
    switch (s.empty() ? p.draw(3) : p.draw(10)) {
    case 0: return detail::reshape(x, {element_count(s)});
    case 1: return detail::expand_dims(x, std::vector<std::ptrdiff_t>{0});
    case 2: {
        shape wide = s;
        wide.insert(0, 1 + p.draw(3));
        return detail::broadcast_to(x, wide);
    }
    case 3: return detail::flip(x, std::nullopt);
    case 4: {
        shape t;
        for (std::size_t i = s.size(); i-- > 0;) t.push_back(s[i]);
        return detail::reshape(x, t);
    }
    case 5: {
        const std::size_t axis = p.axis_of(x);
        return s[axis] < 2 ? x : detail::unfold(x, static_cast<std::ptrdiff_t>(axis), 2, 1);
    }
    case 6: return s.size() < 2 ? x : detail::diagonal(x, 0, -2, -1);
    case 7: return detail::slice_axes(x, random_slices(p, s));
    default: {
        std::vector<std::ptrdiff_t> order(s.size());
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), p.random());
        return detail::transpose(x, order);
    }
    }
}

node_ptr rearrange(random_pool& p)
{
    const node_ptr x = p.operand();
    const shape& s = x->shape();
    if (s.empty() || element_count(s) == 0) return {};
    const std::size_t at = p.axis_of(x);
    const auto axis = static_cast<std::ptrdiff_t>(at);
    const std::vector<std::ptrdiff_t> once = {1 + static_cast<std::ptrdiff_t>(p.draw(3))};
    const std::vector<std::ptrdiff_t> along = {axis};
    switch (p.draw(9)) {
    case 0:
    case 1: {
        const auto mode = s[at] > 1 ? static_cast<pad_mode>(p.draw(4)) : pad_mode::constant;
        std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> widths(s.size());
        widths[at] = {1, static_cast<std::ptrdiff_t>(p.draw(2))};
        return detail::pad(x, widths, mode, 0.5);
    }
    case 2: return detail::concatenate(std::vector{x, p.leaf(s, true), x}, axis);
    case 3: return detail::stack(std::vector{x, p.leaf(s, true)}, axis);
    case 4: return detail::roll(x, once, along);
    case 5: return detail::repeat(x, once, axis);
    case 6: return detail::tile(x, once);
    case 7: return s.size() < 2 ? x : detail::triangle(x, 1, p.one_in(2));
    default: {
        const auto slices = random_slices(p, s);
        const node_ptr part = mapped_into(-1, 1, detail::slice_axes(x, slices));
        return detail::write_slices(x, part, slices, p.one_in(2));
    }
    }
}

// ---- reductions, scans, orders ---------------------------------------------------------------------

node_ptr reduction(random_pool& p)
{
    using detail::reduction_kind;
    node_ptr x = p.one_in(2) ? expression(p) : p.one_in(2) ? view(p) : p.operand();
    const auto kind = static_cast<reduction_kind>(p.draw(6));
    std::vector<std::ptrdiff_t> over;
    for (std::size_t i = 0; i < x->shape().size(); ++i) {
        if (!p.one_in(2)) over.push_back(static_cast<std::ptrdiff_t>(i));
    }
    const bool is_extremum = kind == reduction_kind::max || kind == reduction_kind::min;
    if (is_extremum && element_count(x->shape()) == 0) return {};
    if (kind == reduction_kind::prod) x = mapped_into(0.9, 1.1, x);
    return detail::reduce(kind, x, over, p.one_in(2));
}

node_ptr total(random_pool& p)
{
    const auto kind = p.one_in(2) ? detail::reduction_kind::sum : detail::reduction_kind::mean;
    return detail::reduce(kind, p.one_in(4) ? p.any() : expression(p), std::nullopt, false);
}

node_ptr scan(random_pool& p)
{
    const node_ptr x = p.operand();
    if (x->shape().empty()) return {};
    const std::size_t axis = p.axis_of(x);
    const auto way = p.one_in(2) ? detail::direction::forward : detail::direction::backward;
    switch (p.draw(3)) {
    case 0: return detail::cumulative_sum(x, axis, way);
    case 1: return detail::cumulative_product(mapped_into(0.9, 1.1, x), axis, way);
    default: return detail::cumulative_logsumexp(x, axis);
    }
}

node_ptr indexed(random_pool& p)
{
    const node_ptr x = p.operand();
    if (x->shape().empty() || element_count(x->shape()) == 0) return {};
    const std::size_t at = p.axis_of(x);
    const auto axis = static_cast<std::ptrdiff_t>(at);
    const node_ptr order = detail::order_along(x, at, p.one_in(2), x->shape()[at]);
    switch (p.draw(5)) {
    case 0: return detail::gather("test", x, axis, order); // sorted
    case 1:
        return detail::scatter("test", x, axis, order, p.leaf(x->shape(), true),
                               detail::scatter_mode::add);
    case 2:
        return detail::scatter("test", x, axis, order, mapped_into(-1, 1, x),
                               detail::scatter_mode::replace);
    case 3: return p.one_in(2) ? detail::argmax(x, axis, true) : detail::argmin(x, axis, false);
    default: return order;
    }
}

// ---- products --------------------------------------------------------------------------------------

node_ptr scaled(random_pool& p, const node_ptr& x)
{
    switch (p.draw(5)) {
    case 0: return (symbol(x) * 0.25).get();
    case 1: return (-symbol(x)).get();
    case 2: return (symbol(x) * p.leaf({}, true)).get();
    default: return x;
    }
}

node_ptr product(random_pool& p)
{
    const node_ptr x = p.one_in(3) ? view(p) : p.operand();
    const shape& s = x->shape();
    if (s.empty()) return {};
    const std::size_t k = s.back(), n = p.one_in(4) ? 1 : 1 + p.draw(12);
    const std::size_t m = s.size() < 2 ? 1 : s[s.size() - 2];
    const double batch = static_cast<double>(element_count(s)) /
                         static_cast<double>(std::max<std::size_t>(1, m * k));
    node_ptr y;
    switch (p.draw(5)) {
    case 0: y = p.leaf({k}, true); break;
    case 1: y = p.leaf({k, n}, true); break;
    case 2: y = detail::matrix_transpose(p.leaf({n, k}, p.one_in(2))); break;
    case 3: y = s.size() < 2 ? p.leaf({k}, false) : detail::matrix_transpose(x); break;
    default:
        if (s.size() > 2 && s[s.size() - 3] != 1 && s[s.size() - 3] != 2) return {};
        y = p.leaf({2, k, n}, true);
    }
    const double columns = y->shape().size() < 2 ? 1 : static_cast<double>(y->shape().back());
    if (batch * static_cast<double>(m * k) * columns > most_products) return {};
    return scaled(p, detail::matmul(scaled(p, x), scaled(p, y)));
}

} // namespace

std::vector<random_step> structure_steps()
{
    return {{&view, 4}, {&rearrange, 2}, {&reduction, 3}, {&total, 1},
            {&scan, 1}, {&indexed, 1},   {&product, 2}};
}

} // namespace backtrail::test
