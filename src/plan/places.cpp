// SPDX-License-Identifier: BSD-3-Clause
// Finding roles, values and places: see places.hpp.
#include "places.hpp"

#include <backtrail/plan/chunks.hpp>

#include <algorithm>

namespace backtrail {

const fused& expression_of(const operation& op)
{
    if (const auto* f = op.as_fused()) return *f;
    if (const auto* f = op.as_fused_pullback()) return f->primal();
    return op.as_fused_pushforward()->primal();
}

places::places(const joint_graph& graph, plan& result)
    : graph_(graph), result_(result), roles_(graph.size(), role::merged), places_(graph.size()),
      first_value_(graph.size(), none), frame_of_(graph.size(), none), is_reduced_(graph.size(), 0)
{
    find_frames();
    find_reduced();
    values_.reserve(graph.size());
    for (std::uint32_t i = 0; i < graph.size(); ++i) {
        if (!graph.is_merged(i)) visit(i);
    }
}

/// A kernel whose result goes into an array of zeros can write it there: what is padded is not copied. Not where
/// the result is requested itself, which is to be dense.
void places::find_frames()
{
    for (std::uint32_t i = 0; i < graph_.size(); ++i) {
        if (graph_.is_merged(i) || graph_.inputs(i).size() != 1) continue;
        const std::uint32_t x = graph_.inputs(i)[0];
        const operation& op = graph_[x]->op();
        if (op.as_fused() == nullptr || frame_of_[x] != none || graph_.is_requested(x)) continue;
        const auto inside = graph_[i]->op().places_of_inputs(*graph_[i]);
        const bool is_block = !inside.empty() && inside[0].size() > 0 &&
                              inside[0].steps == layout(graph_[i]->shape()).steps;
        if (!is_block || table_of(op).type != graph_[x]->type()) continue;
        frame_of_[x] = i;
    }
}

std::uint32_t places::value_count(std::uint32_t i) const
{
    if (first_value_[i] == none) return 0;
    const auto* pullback = graph_[i]->op().as_fused_pullback();
    return pullback == nullptr ? 1 : static_cast<std::uint32_t>(pullback->outputs());
}

void places::visit(std::uint32_t i)
{
    const node& n = *graph_[i];
    const operation& op = n.op();
    const bool is_frame = !n.inputs().empty() && frame_of_[graph_.inputs(i)[0]] == i;
    if (is_frame) {
        roles_[i] = role::view;
        places_[i] = {first_value_[graph_.inputs(i)[0]], layout_index(layout(n.shape()))};
    } else if (op.as_leaf() != nullptr) {
        roles_[i] = role::leaf;
        add_value(i);
        values_.back().leaf = static_cast<std::uint32_t>(result_.leaves.size());
        result_.leaves.push_back(graph_[i]);
    } else if (const pick* p = op.as_pick()) {
        const std::uint32_t source = graph_.inputs(i)[0];
        if (passes_on(source, p->index())) {
            roles_[i] = role::view; // of the cotangent
            places_[i] = places_[graph_.inputs(source).back()];
            return;
        }
        roles_[i] = role::pick;
        places_[i] = {first_value_[source] + static_cast<std::uint32_t>(p->index()),
                      layout_index(layout(n.shape()))};
    } else if (const auto* pullback = op.as_fused_pullback()) {
        if (!computes_any(i)) return;
        roles_[i] = computed_role(i);
        for (std::size_t k = 0; k < pullback->outputs(); ++k) add_value(i);
        first_value_[i] -= static_cast<std::uint32_t>(pullback->outputs()) - 1;
        places_[i] = {};
    } else if (op.is_view()) {
        const place x = places_[graph_.inputs(i)[0]];
        if (const auto view = op.view(graph_[i], result_.layouts[x.layout])) {
            roles_[i] = role::view;
            places_[i] = {x.value, layout_index(*view)};
        } else {
            roles_[i] = role::evaluation; // a dense copy, which keeps the order of elements
            add_value(i);
        }
    } else {
        roles_[i] = computed_role(i);
        add_value(i);
    }
}

/// What reductions read, through views if need be.
void places::find_reduced()
{
    for (std::uint32_t i = graph_.size(); i-- > 0;) {
        const operation& op = graph_[i]->op();
        const bool hands_on = op.is_view() || op.as_pick() != nullptr;
        if (op.as_reduction() == nullptr && !(hands_on && is_reduced_[i] != 0)) continue;
        for (const std::uint32_t x : graph_.inputs(i)) is_reduced_[x] = 1;
    }
}

/// True if an output of a pullback is its cotangent, seen once more. Not where a reduction would see a cotangent that
/// repeats numbers: it adds as it would add an array that has them all, which lies otherwise.
bool places::passes_on(std::uint32_t pullback, std::size_t output) const
{
    if (!graph_[pullback]->op().as_fused_pullback()->passes_on(output)) return false;
    const layout& y_bar = layout_of(graph_.inputs(pullback).back());
    return is_reduced_[pullback] == 0 || std::ranges::find(y_bar.steps, 0) == y_bar.steps.end();
}

bool places::computes_any(std::uint32_t pullback) const
{
    for (std::size_t k = 0; k < graph_[pullback]->op().as_fused_pullback()->outputs(); ++k) {
        if (!passes_on(pullback, k)) return true;
    }
    return false;
}

void places::add_value(std::uint32_t i)
{
    const node& n = *graph_[i];
    first_value_[i] = static_cast<std::uint32_t>(values_.size());
    places_[i] = {first_value_[i], layout_index(layout(n.shape()))};
    values_.push_back({i, none, n.type(), element_count(n.shape()), places_[i].layout, none});
    if (const std::uint32_t frame = frame_of_[i]; frame != none) {
        value& v = values_.back();
        v.elements = element_count(graph_[frame]->shape());
        v.made = layout_index(graph_[frame]->op().places_of_inputs(*graph_[frame])[0]);
        v.frame = frame;
        places_[i].layout = v.made;
    }
}

bool places::is_as_made(std::uint32_t x) const
{
    const value& v = values_[places_[x].value];
    const layout &l = layout_of(x), &made = result_.layouts[v.made];
    if (!v.is_framed()) return l.is_dense() && l.size() == v.elements;
    return l.extents == made.extents && l.steps == made.steps && l.offset == made.offset;
}

role places::computed_role(std::uint32_t i) const
{
    const node& n = *graph_[i];
    const operation& op = n.op();
    const bool is_kernel = op.as_fused() != nullptr || op.as_fused_pullback() != nullptr ||
                           op.as_fused_pushforward() != nullptr;
    if (is_kernel) return element_count(n.shape()) == 0 ? role::evaluation : role::kernel;
    if (gathers_rows(i)) return role::gather;
    if (graph_.inputs(i).size() != 1) return role::evaluation;
    const axis_reduction* r = op.as_reduction();
    if (r != nullptr && folds_tiles(i, *r)) return role::reduction;
    return op.as_fold() != nullptr ? role::fold : role::evaluation;
}

/// What overlapping slices of a matrix, a stencil's, add up to: blocks of one shape, of rows that fit in a tile.
bool places::gathers_rows(std::uint32_t i) const
{
    const shape& whole = graph_[i]->shape();
    if (whole.size() != 2) return false;
    const auto blocks = graph_[i]->op().places_of_inputs(*graph_[i]);
    return !blocks.empty() && blocks[0].size() > 0 && blocks[0].extents[1] <= widest_gather &&
           std::ranges::all_of(blocks, [&](const layout& l) {
               return l.extents == blocks[0].extents && l.steps == layout(whole).steps;
           });
}

/// Operands that lie otherwise than row after row are left to the operation, which knows how to walk them.
bool places::folds_tiles(std::uint32_t i, const axis_reduction& r) const
{
    const std::uint32_t x = graph_.inputs(i)[0];
    const shape& s = graph_[x]->shape();
    if (element_count(s) == 0 || !(layout_of(x).is_dense() || is_as_made(x))) return false;
    const auto [form, width] = pattern_of(s, r.over);
    return form != reduction_form::other &&
           (form != reduction_form::columns || width <= widest_columns);
}

operand places::shown(std::uint32_t x, operand stored) const
{
    const layout& l = layout_of(x);
    stored.type = graph_[x]->type();
    stored.offset +=
        static_cast<std::size_t>(l.offset * static_cast<std::ptrdiff_t>(size_of(stored.type)));
    stored.layout = places_[x].layout;
    stored.is_dense = l.is_dense();
    return stored;
}

std::uint32_t places::layout_index(const layout& l)
{
    if (!result_.layouts.empty()) {
        const layout& last = result_.layouts.back();
        if (last.extents == l.extents && last.steps == l.steps && last.offset == l.offset) {
            return static_cast<std::uint32_t>(result_.layouts.size() - 1);
        }
    }
    result_.layouts.push_back(l);
    return static_cast<std::uint32_t>(result_.layouts.size() - 1);
}

} // namespace backtrail
