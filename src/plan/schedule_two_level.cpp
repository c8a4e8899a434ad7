// SPDX-License-Identifier: BSD-3-Clause
// Two levels: states written to disk on the way cut the chain into pieces, each of which is reversed
// by the binomial schedule in memory when its turn comes:
//     I(1) = 0,  I(n) = min( t(n, c), min_j  w + j + I(n-j) + r + t(j, c) ).
#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

namespace backtrail {

two_level_table::two_level_table(std::size_t steps, std::size_t slots, disk_costs costs)
    : cost_(steps + 1, 0), choice_(steps + 1, 0)
{
    if (slots == 0) throw value_error("[schedule] at least one state must be kept in memory");
    std::vector<std::uint64_t> in_memory(steps + 1);
    for (std::size_t n = 0; n <= steps; ++n) in_memory[n] = binomial_advances(n, slots);
    for (std::size_t n = 2; n <= steps; ++n) {
        cost_[n] = in_memory[n];
        for (std::size_t j = 1; j < n; ++j) {
            const std::uint64_t cost = costs.write + j + cost_[n - j] + costs.read + in_memory[j];
            if (cost < cost_[n]) {
                cost_[n] = cost;
                choice_[n] = j;
            }
        }
    }
}

two_level_schedule::two_level_schedule(std::size_t steps, std::size_t slots, disk_costs costs)
    : table_(steps, slots, costs), slots_(slots), steps_(steps)
{}

std::optional<schedule_action> two_level_schedule::next()
{
    using kind = schedule_action::kind;
    while (queue_.empty()) {
        if (inner_) {
            if (const auto action = inner_->next()) return action;
            inner_.reset();
            if (written_.empty()) return {};
            const std::size_t slot = written_.size() - 1, begin = written_.back();
            written_.pop_back();
            queue_.push_back({kind::release, true, slot, begin, begin});
            queue_.push_back({kind::restore, true, slot, begin, begin});
            inner_.emplace(at_ - begin, slots_, begin);
            at_ = begin;
            break;
        }
        if (at_ == steps_) return {}; // there are no steps, or none left
        if (const std::size_t j = table_.choice(steps_ - at_)) {
            queue_.push_back({kind::advance, false, 0, at_, at_ + j});
            queue_.push_back({kind::store, true, written_.size(), at_, at_});
            written_.push_back(at_);
            at_ += j;
        } else {
            inner_.emplace(steps_ - at_, slots_, at_);
        }
    }
    const schedule_action action = queue_.back();
    queue_.pop_back();
    return action;
}

} // namespace backtrail
