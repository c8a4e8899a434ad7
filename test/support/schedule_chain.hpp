// SPDX-License-Identifier: BSD-3-Clause
// An executor of checkpoint schedules on a chain of numbers, which asserts what each action needs and counts.
#pragma once

#include <backtrail/core/error.hpp>
#include <backtrail/plan/schedule.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>

namespace backtrail::test {

/// What a run of a schedule came to.
struct tally {
    std::uint64_t advances = 0, evaluations = 0, writes = 0, reads = 0;
    std::size_t most_held = 0;                  ///< in memory, at once
    std::map<std::uint64_t, std::size_t> times; ///< how many steps were advanced how often
};

/// Runs actions on a chain of numbers, and throws where one of them is not possible.
class chain {
public:
    explicit chain(std::size_t steps, bool counts = true) : next_(steps), counts_(counts)
    {
        if (counts) advanced_.resize(steps + 1);
    }
    /// What the states in memory may take together; one each, if nothing else is said.
    std::function<std::size_t(std::size_t)> size = [](std::size_t) { return 1; };
    std::size_t record_size = 1;
    std::vector<std::size_t> given; ///< states
    std::function<std::uint64_t(std::size_t)> price = [](std::size_t) { return 1; };

    void run(schedule& s)
    {
        while (const auto action = s.next()) apply(*action);
    }

    void apply(const schedule_action& a)
    {
        using kind = schedule_action::kind;
        auto& slots = a.on_disk ? disk_ : memory_;
        switch (a.what) {
        case kind::advance:
            require(a.from == state_ && a.to > a.from, "advance from another state");
            for (std::size_t k = a.from; k < a.to && counts_; ++k) {
                ++advanced_[k];
                total_.advances += price(k);
            }
            if (!counts_) total_.advances += a.to - a.from;
            state_ = a.to;
            break;
        case kind::store:
            require(a.from == state_, "another state is to be stored");
            require(!slots.contains(a.slot), "the slot is full");
            slots[a.slot] = {a.from, false};
            total_.writes += a.on_disk ? 1 : 0;
            break;
        case kind::restore:
            require(holds(slots, a, false), "the slot does not hold the state");
            state_ = a.from;
            total_.reads += a.on_disk ? 1 : 0;
            break;
        case kind::reverse:
            require(a.from == state_ && a.from + 1 == next_, "not the step to be reversed");
            next_ = a.from;
            state_ = none;
            ++total_.evaluations;
            break;
        case kind::release: require(slots.erase(a.slot) == 1, "the slot is empty already"); break;
        case kind::record:
            require(a.from == state_, "another step is to be recorded");
            require(!slots.contains(a.slot), "the slot is full");
            slots[a.slot] = {a.from, true};
            state_ = a.from + 1;
            ++total_.evaluations;
            break;
        case kind::replay:
            require(holds(slots, a, true) && a.from + 1 == next_, "no record of the step");
            next_ = a.from;
            state_ = none;
            break;
        case kind::restart:
            require(a.from <= furthest_, "the chain has not come to the given state");
            require(std::ranges::find(given, a.from) != given.end(), "the state is not given");
            state_ = a.from;
            break;
        }
        if (state_ != none) furthest_ = std::max(furthest_, state_);
        std::size_t held = 0;
        for (const auto& [slot, what] : memory_) {
            held += what.is_record ? record_size : size(what.step);
        }
        total_.most_held = std::max(total_.most_held, held);
    }

    /// For chains whose end comes as a surprise.
    void end_here() { next_ = state_; }

    tally result()
    {
        require(next_ == 0, "steps are left");
        require(memory_.empty() && disk_.empty(), "a slot is not empty");
        if (counts_) advanced_.pop_back();
        for (const auto times : advanced_) ++total_.times[times];
        total_.evaluations += total_.advances;
        return total_;
    }

private:
    struct content {
        std::size_t step;
        bool is_record;
    };
    static constexpr std::size_t none = ~std::size_t{0};

    static void require(bool holds, const char* what)
    {
        if (!holds) throw std::logic_error(what);
    }
    static bool holds(const std::map<std::size_t, content>& slots, const schedule_action& a,
                      bool is_record)
    {
        const auto found = slots.find(a.slot);
        return found != slots.end() && found->second.step == a.from &&
               found->second.is_record == is_record;
    }

    std::size_t furthest_ = 0;
    std::size_t state_ = 0, next_;
    bool counts_;
    std::map<std::size_t, content> memory_, disk_;
    std::vector<std::uint64_t> advanced_;
    tally total_;
};

} // namespace backtrail::test
