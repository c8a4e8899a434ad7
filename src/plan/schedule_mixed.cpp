// SPDX-License-Identifier: BSD-3-Clause
// Slots that hold a state or the record of a step. With s slots and n steps, of which the first
// state is at hand but not stored, either the first step is recorded and kept, or its state is
// stored, the chain advanced by i, and the slot is free again when the first i steps have their turn:
//     p(n, s) = min( 1 + p(n-1, s-1),  min_i  i + p(i, s) + p(n-i, s-1) ).
#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

namespace backtrail {

/// The plain minimum over all i: where several are nearly as good, the best one jumps as n grows, so
/// that no search from the last one finds it.
mixed_table::mixed_table(std::size_t steps, std::size_t slots)
    : stride_(steps + 1), cost_(stride_ * (slots + 1), 0), choice_(stride_ * (slots + 1), 0)
{
    for (std::size_t s = 1; s <= slots; ++s) {
        for (std::size_t n = 1; n <= steps; ++n) {
            if (n <= s + 1) {
                cost_[at(n, s)] = n;
                continue;
            }
            if (s == 1) { // the last step from the stored state, again and again
                cost_[at(n, s)] = n + cost_[at(n - 1, s)];
                choice_[at(n, s)] = n - 1;
                continue;
            }
            const auto stored = [&](std::size_t k) {
                return k + cost_[at(k, s)] + cost_[at(n - k, s - 1)];
            };
            std::uint64_t least = 1 + cost_[at(n - 1, s - 1)];
            std::size_t best = 0;
            for (std::size_t i = 2; i < n; ++i) {
                if (stored(i) >= least) continue;
                least = stored(i);
                best = i;
            }
            cost_[at(n, s)] = least;
            choice_[at(n, s)] = best;
        }
    }
}

std::uint64_t mixed_table::evaluations(std::size_t n, std::size_t s) const
{
    return s == 0 && n == 1 ? 1 : cost_[at(n, s)];
}

std::size_t mixed_table::choice(std::size_t n, std::size_t s) const { return choice_[at(n, s)]; }

mixed_schedule::mixed_schedule(std::size_t steps, std::size_t slots) : table_(steps, slots)
{
    if (slots == 0 && steps > 1) {
        throw value_error("[schedule] more than one step needs a slot");
    }
    for (std::size_t slot = slots; slot-- > 0;) free_.push_back(slot);
    if (steps > 0) present_ = held{0, steps, 0, slots};
}

std::optional<schedule_action> mixed_schedule::next()
{
    if (queue_.empty()) refill();
    if (queue_.empty()) return {};
    const schedule_action action = queue_.back();
    queue_.pop_back();
    return action;
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
        const std::size_t i = table_.choice(n, p.room);
        const std::size_t slot = free_.back();
        free_.pop_back();
        if (i == 0) {
            queue_.push_back({kind::record, false, slot, p.begin, p.begin + 1});
            held_.push_back({p.begin, 0, slot, p.room});
            present_ = held{p.begin + 1, p.end, 0, p.room - 1};
        } else {
            queue_.push_back({kind::advance, false, 0, p.begin, p.begin + i});
            queue_.push_back({kind::store, false, slot, p.begin, p.begin});
            held_.push_back({p.begin, p.begin + i, slot, p.room});
            present_ = held{p.begin + i, p.end, 0, p.room - 1};
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
