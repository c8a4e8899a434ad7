// SPDX-License-Identifier: BSD-3-Clause
// Listing the calls of a pass: see calls.hpp.
#include "calls.hpp"

#include <algorithm>

namespace backtrail {

call_list::call_list(const joint_graph& graph, const places& where, const unit_graph& units)
    : graph_(graph), places_(where), units_(units)
{}

void call_list::make(std::uint32_t u)
{
    calls_.clear();
    units_.for_members(units_[u],
                       [&](std::uint32_t i) { calls_.push_back({kind_of(i), i, none}); });
    join_pullbacks();
}

member::kind call_list::kind_of(std::uint32_t i) const
{
    const operation& op = graph_[i]->op();
    if (op.as_fused() != nullptr) return member::kind::value;
    if (op.as_fused_pullback() != nullptr) return member::kind::pullback;
    if (op.as_fused_pushforward() != nullptr) return member::kind::pushforward;
    if (places_.role_of(i) == role::fold) return member::kind::fold;
    if (places_.role_of(i) == role::gather) return member::kind::gather;
    const auto pattern = pattern_of(graph_[graph_.inputs(i)[0]]->shape(), op.as_reduction()->over);
    return pattern.form == reduction_form::total  ? member::kind::total
           : pattern.form == reduction_form::rows ? member::kind::rows
                                                  : member::kind::columns;
}

void call_list::join_pullbacks()
{
    for (std::size_t p = 0; p < calls_.size(); ++p) {
        if (calls_[p].what != member::kind::pullback) continue;
        const std::uint32_t i = calls_[p].node;
        const std::size_t last = graph_.inputs(i).size() - 1;
        const bool is_made_here = units_.is_streamed(i, last);
        // The first call that could make its value, after what makes the cotangent
        std::size_t v = is_made_here ? maker(graph_.inputs(i)[last]) + 1 : 0;
        while (v < p && !makes_value_of(calls_[v], i)) ++v;
        if (v >= p) continue;
        calls_[v] = {member::kind::value_and_pullback, i, calls_[v].node};
        calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(p--));
    }
}

bool call_list::makes_value_of(const call& c, std::uint32_t pullback) const
{
    if (c.what != member::kind::value) return false;
    const auto& op = *graph_[pullback]->op().as_fused_pullback();
    if (!graph_[c.node]->op().same_as(*op.primal_handle())) return false;
    // Of what it does not read it only has the node.
    const auto operands = graph_.inputs(c.node);
    auto read = graph_.inputs(pullback).begin();
    for (std::size_t k = 0; k < operands.size(); ++k) {
        const bool is_same = op.reads(k)
                                 ? *read++ == operands[k]
                                 : graph_[pullback]->inputs()[k] == graph_[c.node]->inputs()[k];
        if (!is_same) return false;
    }
    return true;
}

/// The call that makes what node x shows.
std::size_t call_list::maker(std::uint32_t x) const
{
    const std::uint32_t v = places_[x].value;
    for (std::size_t k = 0; k < calls_.size(); ++k) {
        bool found = false;
        for_results(calls_[k], [&](std::uint32_t made) { found |= made == v; });
        if (found) return k;
    }
    return calls_.size();
}

} // namespace backtrail
