// SPDX-License-Identifier: BSD-3-Clause
// Forming fusion groups: see units.hpp.
#include "units.hpp"

#include <algorithm>

namespace backtrail {
namespace {

/// A pass with more than this would not keep its tiles in the cache.
constexpr std::uint32_t most_members = 64, most_slots = 256;
/// How many nodes may lie between two that are joined: what is used much later is computed much later.
constexpr std::uint32_t window = 64;
/// Passes over arrays have levels that are multiples of this; between them is room for single numbers,
/// so that a factor computed from leaves is there before the first pass.
constexpr std::uint32_t level_step = 8;

/// The element type of the tiles that a node makes.
dtype tile_type(const node& n, role r)
{
    return r == role::kernel ? table_of(n.op()).type : n.type();
}

} // namespace

unit_graph::unit_graph(const joint_graph& graph, const places& where)
    : graph_(graph), places_(where), unit_of_(graph.size(), none), next_(graph.size(), none),
      last_reader_(where.values().size(), none)
{
    for (std::uint32_t i = 0; i < graph.size(); ++i) {
        const role r = where.role_of(i);
        if (r == role::merged || r == role::leaf || r == role::view || r == role::pick) continue;
        if (r == role::evaluation) {
            unit_of_[i] = add_unit(i, false);
        } else if (r == role::gather) {
            place_gather(i);
        } else {
            place_in_pass(i);
        }
    }
    put_in_order();
}

/// The node that computes what node x shows.
std::uint32_t unit_graph::producer(std::uint32_t x) const
{
    return places_.values()[places_[x].value].producer;
}

std::size_t unit_graph::elements_of(std::uint32_t i) const
{
    const role r = places_.role_of(i);
    const bool folds = r == role::reduction || r == role::fold || r == role::gather;
    return element_count(graph_[folds ? graph_.inputs(i)[0] : i]->shape());
}

/// True if node i is a fold whose parts are cut by the shape of its operand alone.
bool unit_graph::cuts_by_shape(std::uint32_t i) const
{
    return places_.role_of(i) == role::fold && !graph_[i]->op().as_fold()->is_exact();
}

/// True if node i could read node x tile by tile while x is made.
bool unit_graph::can_stream(std::uint32_t i, std::uint32_t x) const
{
    const std::uint32_t p = producer(x);
    if (places_.role_of(i) == role::evaluation || places_.role_of(p) != role::kernel) return false;
    if (graph_.is_constant(p) != graph_.is_constant(i)) return false;
    if (!places_.is_as_made(x) || places_.layout_of(x).size() != elements_of(i)) return false;
    return tile_type(*graph_[p], role::kernel) == tile_type(*graph_[i], places_.role_of(i)) ||
           (places_.role_of(i) != role::kernel &&
            tile_type(*graph_[p], role::kernel) == graph_[x]->type());
}

bool unit_graph::is_streamed(std::uint32_t i, std::size_t k) const
{
    const std::uint32_t x = graph_.inputs(i)[k];
    return unit_of_[i] == unit_of_[producer(x)] && can_stream(i, x);
}

/// The level of a unit that begins with node i.
std::uint32_t unit_graph::level_for(std::uint32_t i) const
{
    std::uint32_t level = 0;
    for (const std::uint32_t x : graph_.inputs(i)) {
        const std::uint32_t u = unit_of_[producer(x)];
        if (u == none || (units_[u].is_constant && !graph_.is_constant(i))) continue;
        level = std::max(level, units_[u].level + (can_stream(i, x) ? 0 : 1));
    }
    if (elements_of(i) == 1) return level;
    return std::max(level_step, (level + level_step - 1) / level_step * level_step);
}

void unit_graph::place_in_pass(std::uint32_t i)
{
    std::size_t width = 0;
    if (places_.role_of(i) == role::reduction) {
        const node& x = *graph_[graph_.inputs(i)[0]];
        const auto pattern = pattern_of(x.shape(), graph_[i]->op().as_reduction()->over);
        if (pattern.form != reduction_form::total) width = pattern.width;
    }
    const std::uint32_t u = find_pass(i, width);
    if (u == none) {
        add_to(add_unit(i, true), i, width);
    } else {
        join(u, i, width);
    }
}

/// A gather takes tiles from the one pass that makes them all, or it is an evaluation.
void unit_graph::place_gather(std::uint32_t i)
{
    const auto inputs = graph_.inputs(i);
    const std::uint32_t u = unit_of_[producer(inputs[0])];
    const bool is_made_together = std::ranges::all_of(
        inputs, [&](std::uint32_t x) { return unit_of_[producer(x)] == u && can_stream(i, x); });
    const std::size_t width = graph_[inputs[0]]->shape()[1];
    if (is_made_together && accepts(u, i, width)) {
        join(u, i, width);
        units_[u].has_gather = true;
    } else {
        unit_of_[i] = add_unit(i, false);
    }
}

/// Appends node i to a pass.
void unit_graph::join(std::uint32_t u, std::uint32_t i, std::size_t width)
{
    next_[units_[u].last] = i;
    units_[u].last = i;
    add_to(u, i, width);
}

/// The pass that makes what node i reads, or one that reads the same array.
std::uint32_t unit_graph::find_pass(std::uint32_t i, std::size_t width) const
{
    std::uint32_t best = none;
    for (const std::uint32_t x : graph_.inputs(i)) {
        if (!can_stream(i, x)) continue;
        const std::uint32_t u = unit_of_[producer(x)];
        if (best == none || u > best) best = u;
    }
    if (best != none && accepts(best, i, width)) return best;
    for (const std::uint32_t x : graph_.inputs(i)) {
        const std::uint32_t u = last_reader_[places_[x].value];
        const bool is_array = places_.values()[places_[x].value].elements > 1;
        const bool is_shared = u != none && u != best && (is_array || elements_of(i) == 1);
        if (is_shared && accepts(u, i, width)) return u;
    }
    return reads_array(i) ? none : last_pass_like(i, width);
}

bool unit_graph::reads_array(std::uint32_t i) const
{
    return std::ranges::any_of(graph_.inputs(i), [&](std::uint32_t x) {
        return places_.values()[places_[x].value].elements > 1;
    });
}

/// Of the last units the last pass over as many elements: what reads single numbers only is at home in any.
std::uint32_t unit_graph::last_pass_like(std::uint32_t i, std::size_t width) const
{
    constexpr std::size_t few = 8;
    for (std::size_t u = units_.size(); u > 0 && units_.size() - u < few; --u) {
        const auto candidate = static_cast<std::uint32_t>(u - 1);
        if (units_[candidate].is_pass && accepts(candidate, i, width)) return candidate;
    }
    return none;
}

bool unit_graph::accepts(std::uint32_t u, std::uint32_t i, std::size_t width) const
{
    const unit& pass = units_[u];
    if (pass.elements != elements_of(i) || pass.is_constant != graph_.is_constant(i)) return false;
    if (width != 0 && (pass.has_fold || (pass.width != 0 && pass.width != width))) return false;
    if (cuts_by_shape(i) && pass.width != 0) return false;
    const std::size_t slots = graph_.inputs(i).size() + places_.value_count(i);
    if (pass.members >= most_members || pass.slots + slots > most_slots) return false;
    if (i - pass.last > window) return false;
    return std::ranges::none_of(graph_.inputs(i),
                                [&](std::uint32_t x) { return waits_for(u, i, x); });
}

/// True if pass u, with node i in it, would perhaps run before what node i reads as x.
bool unit_graph::waits_for(std::uint32_t u, std::uint32_t i, std::uint32_t x) const
{
    const std::uint32_t v = unit_of_[producer(x)];
    if (v == none || (units_[v].is_constant && !units_[u].is_constant)) return false;
    if (v == u) return !can_stream(i, x);
    return units_[v].level > units_[u].level || (units_[v].level == units_[u].level && v > u);
}

std::uint32_t unit_graph::add_unit(std::uint32_t i, bool is_pass)
{
    unit u;
    u.is_pass = is_pass;
    u.is_constant = graph_.is_constant(i);
    u.level = level_for(i);
    u.first = u.last = i;
    u.elements = is_pass ? elements_of(i) : 0;
    units_.push_back(u);
    return static_cast<std::uint32_t>(units_.size() - 1);
}

void unit_graph::add_to(std::uint32_t u, std::uint32_t i, std::size_t width)
{
    unit& pass = units_[u];
    unit_of_[i] = u;
    ++pass.members;
    pass.slots += static_cast<std::uint32_t>(graph_.inputs(i).size()) + places_.value_count(i);
    pass.has_fold |= cuts_by_shape(i);
    if (width != 0) pass.width = width;
    for (const std::uint32_t x : graph_.inputs(i)) last_reader_[places_[x].value] = u;
    for (std::uint32_t k = 0; k < places_.value_count(i); ++k) {
        last_reader_[places_.first_value(i) + k] = u;
    }
}

void unit_graph::put_in_order()
{
    order_.reserve(units_.size());
    is_ordered_.assign(units_.size(), 0);
    for (const bool constants : {true, false}) {
        for (std::uint32_t u = 0; u < units_.size(); ++u) {
            if (units_[u].is_constant == constants) visit_in_order(u);
        }
    }
}

/// Appends a unit after all that it reads.
void unit_graph::visit_in_order(std::uint32_t u)
{
    struct frame {
        std::uint32_t u;
        std::uint32_t node; ///< whose inputs are looked at
        std::uint32_t next = 0;
    };
    std::vector<frame> stack;
    const auto push = [&](std::uint32_t v) {
        if (v == none || is_ordered_[v]) return;
        is_ordered_[v] = 1;
        stack.push_back({v, units_[v].first});
    };
    push(u);
    while (!stack.empty()) {
        frame& top = stack.back();
        if (top.node == none) {
            order_.push_back(top.u);
            stack.pop_back();
        } else if (top.next < graph_.inputs(top.node).size()) {
            push(unit_of_[producer(graph_.inputs(top.node)[top.next++])]);
        } else {
            top.node = next_[top.node];
            top.next = 0;
        }
    }
}

} // namespace backtrail
