// SPDX-License-Identifier: BSD-3-Clause
// The schedule for chains whose length is not known: which states to keep on the way.
#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

#include <limits>

namespace backtrail {

online_schedule::online_schedule(std::size_t slots) : slots_(slots)
{
    if (slots == 0) throw value_error("[schedule] at least one state must be kept");
}

std::optional<schedule_action> online_schedule::next()
{
    if (!is_finished_ && queue_.empty()) keep_present();
    return interval_schedule::next();
}

void online_schedule::keep_present()
{
    using kind = schedule_action::kind;
    queue_.push_back({kind::advance, false, 0, at_, at_ + 1});
    if (kept_.size() == slots_ && slots_ == 1) {
        ++at_;
        return; // there is nothing to choose
    }
    std::optional<schedule_action> release;
    if (kept_.size() == slots_) {
        const std::size_t j = cheapest_to_lose();
        if (j < kept_.size()) {
            release = schedule_action{kind::release, false, kept_[j].slot, kept_[j].begin,
                                      kept_[j].begin};
            give_slot(kept_[j].slot);
            kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(j));
        }
    }
    if (kept_.size() < slots_) {
        const std::size_t slot = take_slot();
        queue_.push_back({kind::store, false, slot, at_, at_});
        kept_.push_back({at_, at_, slot, 0});
    }
    if (release) queue_.push_back(*release);
    ++at_;
}

/// Which state to give up for the present one so that reversing all steps up to the next state
/// costs least; kept_.size() stands for the present one itself.
///
/// With the states p_0 < ... < p_c, p_c the present one, interval j takes t(p_{j+1} - p_j, c - j) when
/// its turn comes, as all later slots are free then. If state j is lost, intervals j-1 and j become
/// one, and those behind it have one slot more.
std::size_t online_schedule::cheapest_to_lose() const
{
    const std::size_t c = slots_;
    const auto length = [&](std::size_t j) {
        const std::size_t begin = j < c ? kept_[j].begin : at_;
        return (j + 1 < c ? kept_[j + 1].begin : j + 1 == c ? at_ : at_ + 1) - begin;
    };
    std::uint64_t behind = 0; // of the intervals after j, each with one slot more
    for (std::size_t j = 2; j <= c; ++j) behind += binomial_advances(length(j), c - j + 1);
    std::uint64_t before = 0, least = std::numeric_limits<std::uint64_t>::max();
    std::size_t best = 1;
    for (std::size_t j = 1; j <= c; ++j) {
        const std::uint64_t cost =
            before + binomial_advances(length(j - 1) + length(j), c - j + 1) + behind;
        if (cost < least) {
            least = cost;
            best = j;
        }
        before += binomial_advances(length(j - 1), c - j + 1);
        if (j < c) behind -= binomial_advances(length(j + 1), c - j);
    }
    return best;
}

void online_schedule::finish()
{
    is_finished_ = true;
    queue_.clear();
    for (std::size_t j = 0; j < kept_.size(); ++j) {
        kept_[j].end = j + 1 < kept_.size() ? kept_[j + 1].begin : at_;
        kept_[j].room = slots_ - j;
    }
    at_ = nowhere; // the last state belongs to what comes after the chain
}

std::size_t online_schedule::cut(interval& i) const
{
    return detail::binomial_cut(i.end - i.begin, i.room);
}

std::size_t online_schedule::room_after(const interval& i, std::size_t) const { return i.room - 1; }

} // namespace backtrail
