// SPDX-License-Identifier: BSD-3-Clause
// Reductions made of other reductions: products of others, variances, norms, counts.
#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/build_reductions.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/ops/words.hpp>

#include <cmath>

namespace backtrail {
namespace {

using detail::reduction_axes;
using detail::reduction_kind;

symbol reduced(reduction_kind kind, const symbol& x, reduction_axes over, bool keep)
{
    return detail::reduce(kind, x.get(), over, keep);
}

symbol where(const symbol& condition, const symbol& x, const symbol& y)
{
    return call<ops::Where>(condition, x, y);
}

/// How many elements each result is made of.
double count(const char* name, const node_ptr& x, reduction_axes over)
{
    const std::size_t rank = x->shape().size();
    double n = 1;
    for (auto axis : over ? normalise_axes(name, *over, rank) : all_axes(rank)) {
        n *= static_cast<double>(x->shape()[axis]);
    }
    return n;
}

/// f(x), but 0 with derivative 0 where x is 0: f sees 1 there, so that no infinite partial arises.
template <class F>
symbol zero_at_zero(const symbol& x, F f)
{
    const symbol is_zero = call<ops::Equal>(x, symbol(0.0));
    return where(is_zero, symbol(0.0), f(where(is_zero, symbol(1.0), x)));
}

void require_floating(const char* name, const node_ptr& x)
{
    if (is_differentiable(x->type())) return;
    throw dtype_error("[" + std::string(name) + "] needs float or double; write cast<T>(x)" +
                      nearby(std::span(&x, 1)));
}

/// The (1/order)-th power of the sum of |x/m|^order, times m, the largest magnitude: the norm does not
/// depend on m, so m counts as a constant in derivatives.
symbol scaled_norm(const node_ptr& x, double order, reduction_axes over, bool keep)
{
    const symbol magnitude = call<ops::Abs>(symbol(x));
    const auto largest = [&](bool stays) {
        const symbol m =
            detail::stop_gradient(reduced(reduction_kind::max, magnitude, over, stays).get());
        const symbol is_usual = call<ops::Mul>(call<ops::Greater>(m, symbol(0.0)),
                                               call<ops::Less>(m, symbol(infinity)));
        return where(is_usual, m, symbol(1.0));
    };
    const symbol unit = symbol(x) / largest(true);
    const symbol powers =
        order == 2 ? call<ops::Square>(unit) : call<ops::Pow>(call<ops::Abs>(unit), symbol(order));
    const symbol total = reduced(reduction_kind::sum, powers, over, keep);
    const symbol root = zero_at_zero(total, [&](const symbol& s) {
        return order == 2 ? call<ops::Sqrt>(s) : call<ops::Pow>(s, symbol(1 / order));
    });
    return largest(keep) * root;
}

} // namespace

namespace detail {

node_ptr product_of_others(const node_ptr& x, const axes& over)
{
    // The reduced axes last and in one: a line for each result.
    std::vector<std::ptrdiff_t> order, back(x->shape().size());
    shape lined, moved;
    std::size_t n = 1;
    const auto is_reduced = [&](std::size_t i) {
        return std::find(over.begin(), over.end(), i) != over.end();
    };
    for (const bool reduced : {false, true}) {
        for (std::size_t i = 0; i < x->shape().size(); ++i) {
            if (is_reduced(i) != reduced) continue;
            back[i] = static_cast<std::ptrdiff_t>(order.size());
            order.push_back(static_cast<std::ptrdiff_t>(i));
            moved.push_back(x->shape()[i]);
            if (reduced) {
                n *= x->shape()[i];
            } else {
                lined.push_back(x->shape()[i]);
            }
        }
    }
    lined.push_back(n);
    const std::size_t axis = lined.size() - 1;
    const node_ptr line = reshape(transpose(x, order), lined);
    const auto before = [&](direction way) {
        return symbol(neighbour(cumulative_product(line, axis, way), axis, way, 1));
    };
    const symbol others = before(direction::forward) * before(direction::backward);
    return transpose(reshape(others.get(), moved), back);
}

node_ptr variance(const node_ptr& x, reduction_axes over, bool keep, std::size_t delta)
{
    require_floating("var", x);
    const double n = count("var", x, over), degrees = n - static_cast<double>(delta);
    const symbol centred = symbol(x) - reduced(reduction_kind::mean, x, over, true);
    const symbol squares = reduced(reduction_kind::sum, call<ops::Square>(centred), over, keep);
    return (squares * symbol(degrees > 0 ? 1 / degrees : not_a_number)).get();
}

node_ptr standard_deviation(const node_ptr& x, reduction_axes over, bool keep, std::size_t delta)
{
    const symbol v = variance(x, over, keep, delta);
    return zero_at_zero(v, [](const symbol& s) { return call<ops::Sqrt>(s); }).get();
}

node_ptr vector_norm(const node_ptr& x, double order, reduction_axes over, bool keep)
{
    require_floating("norm", x);
    if (order != order) throw value_error("[norm] the order is NaN" + nearby(std::span(&x, 1)));
    const symbol magnitude = call<ops::Abs>(symbol(x));
    if (order == 0) return cast(count_nonzero(x, over, keep), x->type());
    if (order == 1) return reduced(reduction_kind::sum, magnitude, over, keep).get();
    if (std::isinf(order)) {
        const auto kind = order > 0 ? reduction_kind::max : reduction_kind::min;
        if (order > 0 && count("norm", x, over) == 0) { // the largest of none
            return reduced(reduction_kind::sum, magnitude, over, keep).get();
        }
        return reduced(kind, magnitude, over, keep).get();
    }
    if (count("norm", x, over) == 0)
        return reduced(reduction_kind::sum, magnitude, over, keep).get();
    return scaled_norm(x, order, over, keep).get();
}

node_ptr count_nonzero(const node_ptr& x, reduction_axes over, bool keep)
{
    const node_ptr mask =
        x->type() == dtype::boolean ? x : call<ops::NotEqual>(symbol(x), symbol(0.0)).get();
    return reduce(reduction_kind::sum, mask, over, keep);
}

node_ptr at_index(const node_ptr& x, const node_ptr& at, std::ptrdiff_t axis, bool keep)
{
    const std::size_t along = normalise_axis("take", axis, x->shape().size());
    const node_ptr found = gather("take", x, axis, at);
    if (keep) return found;
    shape s = found->shape();
    s.erase(along);
    return reshape(found, s);
}

} // namespace detail
} // namespace backtrail
