// SPDX-License-Identifier: BSD-3-Clause
// Chains some of whose states are given: a binomial schedule for each part between them. What a part's own
// schedule does with its first state, which it would keep in slot 0, is done with the given one; slot 0 is that
// of the chain's first state.
#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

#include <algorithm>
#include <functional>

namespace backtrail {

restarting_schedule::restarting_schedule(std::size_t steps, std::size_t slots,
                                         std::vector<std::size_t> given)
    : slots_(slots), given_(std::move(given))
{
    const bool are_inside =
        given_.empty() ||
        (given_.front() > 0 && given_.back() < std::max<std::size_t>(steps, 1) &&
         std::ranges::adjacent_find(given_, std::greater_equal{}) == given_.end());
    if (!are_inside) throw value_error("[schedule] given states lie within the chain, in order");
    using kind = schedule_action::kind;
    if (!given_.empty()) begin_ = given_.back();
    part_.emplace(steps - begin_, slots, begin_);
    if (begin_ > 0) {
        static_cast<void>(part_->next()); // stores its first state
        queue_.push_back({kind::advance, false, 0, 0, begin_});
        queue_.push_back({kind::store, false, 0, 0, 0});
    }
}

std::optional<schedule_action> restarting_schedule::next()
{
    using kind = schedule_action::kind;
    for (;;) {
        if (!queue_.empty()) {
            const schedule_action action = queue_.back();
            queue_.pop_back();
            return action;
        }
        auto action = part_->next();
        if (!action) {
            if (given_.empty()) return {};
            const std::size_t end = given_.back();
            given_.pop_back();
            begin_ = given_.empty() ? 0 : given_.back();
            part_.emplace(end - begin_, slots_, begin_);
            static_cast<void>(part_->next()); // stores its first state, which is there
            queue_.push_back(
                {begin_ == 0 ? kind::restore : kind::restart, false, 0, begin_, begin_});
            continue;
        }
        const bool is_of_given = begin_ > 0 && action->slot == 0;
        if (is_of_given && action->what == kind::restore) action->what = kind::restart;
        if (is_of_given && action->what == kind::release) continue;
        return action;
    }
}

std::uint64_t restarting_schedule::advances(std::size_t steps, std::size_t slots,
                                            std::span<const std::size_t> given)
{
    std::uint64_t total = given.empty() ? 0 : given.back();
    std::size_t end = steps;
    for (std::size_t i = given.size(); i-- > 0;) {
        total += binomial_advances(end - given[i], slots);
        end = given[i];
    }
    return total + binomial_advances(end, slots);
}

} // namespace backtrail
