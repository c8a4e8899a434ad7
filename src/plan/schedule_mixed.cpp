// SPDX-License-Identifier: BSD-3-Clause
// Room for states and for records of steps. Of n steps whose first state is at hand but not stored, either the
// first is recorded and its record kept, or its state is stored, the chain advanced by i, and the room of
// the state is free again when the first i steps have their turn.
#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

#include <algorithm>

namespace backtrail {

/// The plain minimum over all i that are tried: where several are nearly as good, the best one jumps as n
/// grows, so that no search from the last one finds it.
mixed_table::mixed_table(std::size_t steps, std::size_t room, mixed_sizes sizes, std::size_t cuts)
    : stride_(steps + 1), sizes_(sizes), cost_(stride_ * (room + 1), 0),
      choice_(stride_ * (room + 1), 0)
{
    if (sizes.state == 0 || sizes.record == 0 || cuts == 0) {
        throw value_error("[schedule] states and records have a size, and some cut must be tried");
    }
    for (std::size_t r = 0; r <= room; ++r) {
        for (std::size_t n = 1; n <= steps; ++n) {
            if (n == 1) {
                cost_[at(n, r)] = 1;
                continue;
            }
            std::uint64_t least = impossible;
            std::size_t best = 0;
            if (r >= sizes.record && cost_[at(n - 1, r - sizes.record)] != impossible) {
                least = 1 + cost_[at(n - 1, r - sizes.record)];
            }
            // Nothing is less than n; what is impossible with less room is never chosen.
            const auto try_cut = [&](std::size_t i) {
                const std::uint64_t first = cost_[at(i, r)];
                const std::uint64_t rest = cost_[at(n - i, r - sizes.state)];
                if (first == impossible || rest == impossible) return;
                if (i + first + rest >= least) return;
                least = i + first + rest;
                best = i;
            };
            if (r >= sizes.state && least > n) {
                const std::size_t stride = (n - 2) / cuts + 1;
                for (std::size_t i = 1; i < n; i += stride) try_cut(i);
                try_cut(n - 1); // the one that needs the least room
            }
            cost_[at(n, r)] = least;
            choice_[at(n, r)] = static_cast<std::uint32_t>(best);
        }
    }
}

std::uint64_t mixed_table::evaluations(std::size_t n, std::size_t room) const
{
    return cost_[at(n, room)];
}

std::size_t mixed_table::choice(std::size_t n, std::size_t room) const
{
    return choice_[at(n, room)];
}

mixed_schedule::mixed_schedule(std::size_t steps, std::size_t slots)
    : mixed_schedule(std::make_shared<const mixed_table>(steps, slots), steps, slots)
{}

mixed_schedule::mixed_schedule(std::shared_ptr<const mixed_table> table, std::size_t steps,
                               std::size_t room)
    : table_(std::move(table))
{
    if (table_->evaluations(steps, room) == mixed_table::impossible) {
        throw value_error("[schedule] more than one step needs a slot");
    }
    if (steps > 0) present_ = held{0, steps, 0, room};
}

std::optional<schedule_action> mixed_schedule::next()
{
    if (queue_.empty()) refill();
    if (queue_.empty()) return {};
    const schedule_action action = queue_.back();
    queue_.pop_back();
    return action;
}

std::size_t mixed_schedule::take_slot()
{
    if (free_.empty()) return used_++;
    const std::size_t slot = free_.back();
    free_.pop_back();
    return slot;
}

void mixed_schedule::refill()
{
    using kind = schedule_action::kind;
    if (present_) {
        const held p = *present_;
        const std::size_t n = p.end - p.begin;
        if (n == 1) {
            queue_.push_back({kind::reverse, false, 0, p.begin, p.begin + 1});
            present_.reset();
            return;
        }
        const std::size_t i = table_->choice(n, p.room), slot = take_slot();
        if (i == 0) {
            queue_.push_back({kind::record, false, slot, p.begin, p.begin + 1});
            held_.push_back({p.begin, 0, slot, p.room});
            present_ = held{p.begin + 1, p.end, 0, p.room - table_->sizes().record};
        } else {
            queue_.push_back({kind::advance, false, 0, p.begin, p.begin + i});
            queue_.push_back({kind::store, false, slot, p.begin, p.begin});
            held_.push_back({p.begin, p.begin + i, slot, p.room});
            present_ = held{p.begin + i, p.end, 0, p.room - table_->sizes().state};
        }
    } else if (!held_.empty()) {
        const held h = held_.back();
        held_.pop_back();
        free_.push_back(h.slot);
        queue_.push_back({kind::release, false, h.slot, h.begin, h.begin});
        if (h.end == 0) {
            queue_.push_back({kind::replay, false, h.slot, h.begin, h.begin + 1});
        } else {
            queue_.push_back({kind::restore, false, h.slot, h.begin, h.begin});
            present_ = held{h.begin, h.end, 0, h.room};
        }
    }
}

} // namespace backtrail
