// SPDX-License-Identifier: BSD-3-Clause
// How arrays and places are found: see placement.hpp.
#include "placement.hpp"

#include <algorithm>

namespace backtrail {

placement::placement(std::span<const node_ptr> requested, const unit_graph& graph, plan& result)
    : requested_(requested), graph_(graph), order_(graph.nodes()), result_(result),
      places_(order_.size()), first_pullback_array_(order_.size(), none),
      is_written_(requested.size(), 0)
{
    number_outputs();
    for (const unit& u : graph_.units()) reserve(u);
    find_last_uses();
}

void placement::number_outputs()
{
    for (std::uint32_t k = 0; k < requested_.size(); ++k) {
        const node_ptr& n = requested_[k];
        result_.outputs.push_back({n->type(), n->shape()});
        if (output_of_.find(n.get()) != none) continue;
        output_of_.set(n.get(), k);
        if (const pick* p = n->op().as_pick()) {
            output_of_pick_.try_emplace({n->inputs()[0].get(), p->index()}, k);
        }
    }
}

/// In the arena, or in output number `output`.
std::uint32_t placement::add_array(std::size_t bytes, std::uint32_t output)
{
    array a;
    a.bytes = bytes;
    if (output == none) {
        a.in_arena = true;
    } else {
        a.base = 1 + output;
        is_written_[output] = 1;
    }
    arrays_.push_back(a);
    return static_cast<std::uint32_t>(arrays_.size() - 1);
}

/// A dense array for the value of node i: in the output itself, if the node is requested.
void placement::make_array(std::uint32_t i)
{
    const node_ptr& n = order_[i];
    places_[i].array =
        add_array(element_count(n->shape()) * size_of(n->type()), output_of_.find(n.get()));
    places_[i].layout = layout_index(layout(n->shape()));
}

/// The places of what a unit produces.
void placement::reserve(const unit& members)
{
    if (members.single != none) {
        reserve_single(members.single);
        return;
    }
    make_array(members.total);
    if (value_is_read(members.fused)) make_array(members.fused);
    if (members.pullback != none) reserve_pullback(members.pullback);
}

void placement::reserve_single(std::uint32_t i)
{
    const operation& op = order_[i]->op();
    const auto dense = [&] { return layout_index(layout(order_[i]->shape())); };
    if (op.as_leaf() != nullptr) {
        array a;
        a.base = static_cast<std::uint32_t>(1 + requested_.size() + result_.leaves.size());
        result_.leaves.push_back(order_[i]);
        arrays_.push_back(a);
        places_[i] = {static_cast<std::uint32_t>(arrays_.size() - 1), dense()};
    } else if (const pick* p = op.as_pick()) {
        const std::uint32_t first = first_pullback_array_[graph_.at(picked(i))];
        places_[i] = {first + static_cast<std::uint32_t>(p->index()), dense()};
    } else if (op.as_fused_pullback() != nullptr) {
        reserve_pullback(i);
    } else if (op.is_view()) {
        const place x = places_[graph_.at(picked(i))];
        if (const auto view = op.view(order_[i], result_.layouts[x.layout])) {
            places_[i] = {x.array, layout_index(*view)};
        } else {
            make_array(i); // a dense copy, then the view of it, which keeps its order
        }
    } else {
        make_array(i);
    }
}

void placement::reserve_pullback(std::uint32_t i)
{
    const auto& n = order_[i];
    const std::size_t bytes = element_count(n->shape()) * size_of(n->type());
    first_pullback_array_[i] = static_cast<std::uint32_t>(arrays_.size());
    for (std::size_t k = 0; k < n->op().as_fused_pullback()->outputs(); ++k) {
        // A requested pick is written straight into its output.
        const auto found = output_of_pick_.find({n.get(), k});
        static_cast<void>(add_array(bytes, found == output_of_pick_.end() ? none : found->second));
    }
}

/// True if somebody besides the sum reads the value of fused node i.
bool placement::value_is_read(std::uint32_t i) const
{
    return graph_.readers(i) > 1 || output_of_.find(order_[i].get()) != none;
}

void placement::find_last_uses()
{
    const std::vector<unit>& units = graph_.units();
    for (std::uint32_t u = 0; u < units.size(); ++u) {
        for (std::size_t k = 0; k < graph_.input_count(units[u]); ++k) {
            const std::uint32_t i = graph_.input(units[u], k);
            if (places_[i].array != none) arrays_[places_[i].array].last_use = u;
        }
        // What nobody reads dies where it is made.
        for_results(units[u], [&](std::uint32_t a) {
            arrays_[a].last_use = std::max(arrays_[a].last_use, u);
        });
    }
    const auto end = static_cast<std::uint32_t>(units.size());
    for (const auto& n : requested_) arrays_[places_[graph_.at(n)].array].last_use = end;
    first_dying_.assign(units.size() + 1, none);
    for (std::uint32_t a = 0; a < arrays_.size(); ++a) {
        if (!arrays_[a].in_arena) continue;
        arrays_[a].next_dying = first_dying_[arrays_[a].last_use];
        first_dying_[arrays_[a].last_use] = a;
    }
}

std::uint32_t placement::layout_index(const layout& l)
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
