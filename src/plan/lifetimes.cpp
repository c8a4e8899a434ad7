// SPDX-License-Identifier: BSD-3-Clause
// Finding lifetimes: see lifetimes.hpp.
#include "lifetimes.hpp"

#include <algorithm>

namespace backtrail {

lifetimes::lifetimes(const joint_graph& graph, const places& where, const unit_graph& units)
    : graph_(graph), places_(where), units_(units), lives_(where.values().size())
{
    const auto end = static_cast<std::uint32_t>(units_.order().size());
    for (std::uint32_t at = 0; at < end; ++at) {
        const unit& u = units_[units_.order()[at]];
        units_.for_members(u, [&](std::uint32_t i) { note_uses(i, u, at); });
    }
    for (std::uint32_t k = 0; k < graph_.requests(); ++k) {
        lifetime& life = lives_[places_[graph_.requested(k)].value];
        life.is_stored = true;
        life.last_use = end;
    }
    first_dying_.assign(end + 1, none);
    for (std::uint32_t v = 0; v < lives_.size(); ++v) {
        lifetime& life = lives_[v];
        if (!life.is_stored || places_.values()[v].leaf != none) continue;
        const std::uint32_t p = places_.values()[v].producer;
        life.is_permanent &= graph_.is_constant(p);
        if (graph_.is_constant(p) && life.last_use == end) life.is_permanent = true;
        if (life.is_permanent) continue;
        life.next_dying = first_dying_[life.last_use];
        first_dying_[life.last_use] = v;
    }
}

void lifetimes::note_uses(std::uint32_t i, const unit& u, std::uint32_t at)
{
    for (std::size_t k = 0; k < graph_.inputs(i).size(); ++k) {
        if (units_.is_streamed(i, k)) continue;
        lifetime& life = lives_[places_[graph_.inputs(i)[k]].value];
        life.is_stored = true;
        life.last_use = std::max(life.last_use, at);
        life.is_permanent |= !u.is_constant;
    }
    if (places_.role_of(i) == role::kernel && u.is_pass) return;
    for (std::uint32_t k = 0; k < places_.value_count(i); ++k) {
        lifetime& life = lives_[places_.first_value(i) + k]; // what nobody reads dies at once
        life.is_stored = true;
        life.last_use = std::max(life.last_use, at);
    }
}

} // namespace backtrail
