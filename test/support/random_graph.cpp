// SPDX-License-Identifier: BSD-3-Clause
// How random graphs grow: step by step, and at last a loss over some of the values.
#include "random_graph.hpp"

#include "random_steps.hpp"

#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>

#include <algorithm>

namespace backtrail::test {
namespace {

node_ptr stopped(random_pool& p) { return detail::stop_gradient(p.any()); }

const random_step& draw_step(random_pool& p)
{
    static const std::vector<random_step> all = [] {
        std::vector<random_step> steps = {{&stopped, 1}};
        for (const auto& s : elementwise_steps()) steps.push_back(s);
        for (const auto& s : structure_steps()) steps.push_back(s);
        return steps;
    }();
    std::size_t weight = 0;
    for (const auto& s : all) weight += s.weight;
    std::size_t drawn = p.draw(weight), i = 0;
    while (drawn >= all[i].weight) drawn -= all[i++].weight;
    return all[i];
}

/// The same step twice, from the same operands: two nodes that a plan may merge.
void grow_twins(random_pool& p)
{
    const random_step& step = draw_step(p);
    const std::mt19937_64 before = p.random();
    const node_ptr x = step.make(p);
    p.random() = before;
    const node_ptr y = step.make(p);
    if (!x) return;
    p.add(is_differentiable(x->type()) ? (symbol(x) * symbol(y)).get() : y);
}

/// Work on constants alone, and what makes of it something that changes.
void grow_constants(random_pool& p)
{
    p.use_constants_only(true);
    const node_ptr x = draw_step(p).make(p);
    if (x) p.add(x);
    const node_ptr y = p.any();
    p.use_constants_only(false);
    const symbol z = p.partner(y->shape());
    p.add((p.one_in(2) ? symbol(y) * z : z + symbol(y)).get());
}

void grow(random_pool& p)
{
    const std::size_t way = p.draw(8);
    if (way == 0) {
        grow_twins(p);
    } else if (way == 1) {
        grow_constants(p);
    } else if (const node_ptr x = draw_step(p).make(p)) {
        p.add(x);
    }
}

} // namespace

random_graph make_random_graph(std::uint64_t seed)
{
    random_pool p(seed);
    const node_ptr in_turn =
        detail::cast(op_in_turn(p, seed), p.type()); // seeds in a row have all ops
    p.add(in_turn);
    const std::size_t target = 5 + p.draw(element_count(p.base()) > 25000 ? 20 : 56);
    for (int tried = 0; tried < 400 && topological_order(p.values()).size() < target; ++tried) {
        grow(p);
    }
    const std::vector<node_ptr>& x = p.values();
    symbol loss = weighted_sum(seed, x[1]); // there is something to differentiate by
    loss = loss + symbol(weighted_sum(seed, in_turn));
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t at = i < 3 ? x.size() - std::min(i + 1, x.size()) : p.draw(x.size());
        loss = loss + symbol(weighted_sum(seed + i, x[at]));
    }
    return {p.variables(), loss.get()};
}

node_ptr random_constant(std::uint64_t seed, dtype type, const shape& s)
{
    return random_leaf(seed, type, s, false);
}

node_ptr weighted_sum(std::uint64_t seed, const node_ptr& x)
{
    const symbol product = symbol(x) * symbol(random_constant(seed + 77, x->type(), x->shape()));
    return detail::reduce(detail::reduction_kind::sum, product.get(), std::nullopt, false);
}

std::string list_nodes(std::span<const node_ptr> order)
{
    node_map index;
    std::string text;
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        const node& n = *order[i];
        index.set(&n, i);
        text += "  " + std::to_string(i) + ": " + std::string(n.op().name()) + " " +
                to_string(n.shape()) + " " + std::string(name_of(n.type()));
        for (const auto& x : n.inputs()) text += " " + std::to_string(index.find(x.get()));
        text += "\n";
    }
    return text;
}

} // namespace backtrail::test
