// SPDX-License-Identifier: BSD-3-Clause
// Checkpoint schedules: in which order the steps of a chain x -> F(x) are run, kept and run again so
// that they can be reversed from the last to the first in little memory. Pure algorithms that know
// nothing of graphs: a schedule is a stream of actions, made one at a time, in memory that grows
// with the slots and not with the steps (tables of the dynamic programmes excepted).
#pragma once

#include <backtrail/core/export.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace backtrail {

/// What to do next. A chain has a *working state*; state k is the one before step k.
struct schedule_action {
    enum class kind : std::uint8_t {
        advance, ///< run steps from ... to-1 without recording; the working state becomes state `to`
        store,   ///< copy the working state, which is state `from`, into the slot
        restore, ///< the working state becomes state `from`, which the slot holds
        reverse, ///< record step `from` from the working state, which is used up, and reverse it
        release, ///< the slot is empty again
        record,  ///< run step `from`, keep its record in the slot; the working state is the next
        replay,  ///< reverse step `from` by the record that the slot holds
        restart  ///< the working state becomes state `from`, which is one of those given
    };
    kind what = kind::advance;
    bool on_disk = false; ///< the slot is one of the second level; they are numbered apart
    std::size_t slot = 0;
    std::size_t from = 0, to = 0;
};

class BACKTRAIL_API schedule {
public:
    virtual ~schedule();
    /// The next action, or nothing once all steps are reversed and all slots empty.
    [[nodiscard]] virtual std::optional<schedule_action> next() = 0;
};

namespace detail {

/// The part that schedules which store states only have in common: intervals of steps [begin, end)
/// whose first state is kept, the last interval being worked on. It is cut in two as long as slots
/// last, its later part first.
class BACKTRAIL_API interval_schedule : public schedule {
public:
    [[nodiscard]] std::optional<schedule_action> next() override;

protected:
    struct interval {
        std::size_t begin, end;
        std::size_t slot;
        std::size_t room; ///< what the schedule reckons memory in
    };
    static constexpr std::size_t nowhere = ~std::size_t{0};

    /// How many steps to advance before the next state is kept; 0: none will be kept.
    [[nodiscard]] virtual std::size_t cut(interval& i) const = 0;
    /// The room that remains for the part that begins with state `at`.
    [[nodiscard]] virtual std::size_t room_after(const interval& i, std::size_t at) const = 0;
    [[nodiscard]] std::size_t take_slot();
    void give_slot(std::size_t slot) { free_.push_back(slot); }

    std::vector<interval> kept_;
    std::vector<schedule_action> queue_; ///< the last comes first
    std::size_t at_ = 0;                 ///< of the working state

private:
    std::vector<std::size_t> free_;
    std::size_t used_ = 0; ///< slots so far
};

/// How far to advance before the next state is kept, for n > 1 steps with c slots, the one of the first
/// state included; 0 if there is no other.
[[nodiscard]] std::size_t binomial_cut(std::size_t n, std::size_t c);

} // namespace detail

/// t(n, c): the fewest steps run without being recorded when n steps are reversed with c states
/// kept at once, the first one included (Griewank & Walther, ACM TOMS 26, 2000):
///     r = min{ r : C(c+r, c) >= n },  t = r n - C(c+r, r-1).
/// c must be at least 1.
[[nodiscard]] BACKTRAIL_API std::uint64_t binomial_advances(std::size_t n, std::size_t c);

/// The optimum for a known number of equal steps and equal states ("revolve"), beginning with
/// step `first`. Throws value_error unless there is a slot.
class BACKTRAIL_API binomial_schedule final : public detail::interval_schedule {
public:
    binomial_schedule(std::size_t steps, std::size_t slots, std::size_t first = 0);

private:
    [[nodiscard]] std::size_t cut(interval& i) const override;
    [[nodiscard]] std::size_t room_after(const interval& i, std::size_t at) const override;
};

/// For chains some of whose states are given: they can be had again at any time once the chain has passed
/// them, and take no slot. The part before the first of them, those between, and that behind the last are
/// reversed one by one, each with all slots.
class BACKTRAIL_API restarting_schedule final : public schedule {
public:
    /// `given` is sorted, and its states are not the first and within the chain. Throws value_error if they are
    /// others, or unless there is a slot.
    restarting_schedule(std::size_t steps, std::size_t slots, std::vector<std::size_t> given);
    [[nodiscard]] std::optional<schedule_action> next() override;
    /// What it runs without recording: up to the last given state, and then t(n, c) for each part.
    [[nodiscard]] static std::uint64_t advances(std::size_t steps, std::size_t slots,
                                                std::span<const std::size_t> given);

private:
    std::size_t slots_;
    std::vector<std::size_t> given_; ///< whose parts are not yet reversed
    std::vector<schedule_action> queue_;
    std::optional<binomial_schedule> part_;
    std::size_t begin_ = 0; ///< of the part
};

/// For chains whose length is known only at their end. It begins with advances of one step;
/// after `finish()` it goes back. Up to (c+1)(c+2)/2 - 1 steps it advances no more than if the
/// length had been known (Stumm & Walther 2010; Wang, Moin & Iaccarino 2009); beyond, the state is
/// given up whose loss costs least at present. Throws value_error unless there is a slot.
class BACKTRAIL_API online_schedule final : public detail::interval_schedule {
public:
    explicit online_schedule(std::size_t slots);
    [[nodiscard]] std::optional<schedule_action> next() override;
    /// The working state is the last: the steps so far are to be reversed.
    void finish();

private:
    [[nodiscard]] std::size_t cut(interval& i) const override;
    [[nodiscard]] std::size_t room_after(const interval& i, std::size_t at) const override;
    void keep_present();
    [[nodiscard]] std::size_t cheapest_to_lose() const;

    std::size_t slots_;
    bool is_finished_ = false;
};

/// What a slot may hold, in units of memory.
struct mixed_sizes {
    std::size_t state = 1, record = 1;
};

/// p(n, r): the fewest evaluations, recorded ones included, of n steps of which the first state is at hand,
/// in room for r units of states and of records of single steps (Maddison 2023, there with sizes of 1):
///     p(1, r) = 1,  p(n, r) = min( 1 + p(n-1, r-record),  min_i  i + p(i, r) + p(n-i, r-state) ).
/// The table of its values for up to `steps` and `room`. At most `cuts` of the i are tried, evenly spread, and
/// n - 1, so that it takes time in proportion to steps cuts room; more room never costs more evaluations,
/// whatever `cuts` is. Throws value_error if a size or `cuts` is 0.
class BACKTRAIL_API mixed_table {
public:
    mixed_table(std::size_t steps, std::size_t room, mixed_sizes sizes = {},
                std::size_t cuts = ~std::size_t{0});
    static constexpr std::uint64_t impossible = ~std::uint64_t{0};
    static constexpr std::size_t entry_bytes = 12; ///< it has (steps + 1) (room + 1) of them
    /// `impossible` where there is too little room for more than one step.
    [[nodiscard]] std::uint64_t evaluations(std::size_t n, std::size_t room) const;
    /// 0: record the first step; else how far to advance after storing the state.
    [[nodiscard]] std::size_t choice(std::size_t n, std::size_t room) const;
    [[nodiscard]] mixed_sizes sizes() const { return sizes_; }

private:
    [[nodiscard]] std::size_t at(std::size_t n, std::size_t room) const
    {
        return room * stride_ + n;
    }
    std::size_t stride_;
    mixed_sizes sizes_;
    std::vector<std::uint64_t> cost_;
    std::vector<std::uint32_t> choice_;
    static_assert(sizeof(std::uint64_t) + sizeof(std::uint32_t) == entry_bytes);
};

/// The optimum with room for states and for records of steps. Throws value_error if there is room for
/// neither and more than one step.
class BACKTRAIL_API mixed_schedule final : public schedule {
public:
    /// Slots that hold one or the other.
    mixed_schedule(std::size_t steps, std::size_t slots);
    mixed_schedule(std::shared_ptr<const mixed_table> table, std::size_t steps, std::size_t room);
    [[nodiscard]] std::optional<schedule_action> next() override;

private:
    struct held {
        std::size_t begin, end; ///< a record of step `begin` where end is 0
        std::size_t slot, room;
    };
    void refill();
    [[nodiscard]] std::size_t take_slot();

    std::shared_ptr<const mixed_table> table_;
    std::vector<held> held_;
    std::optional<held> present_; ///< the interval worked on, whose first state is not stored
    std::vector<schedule_action> queue_;
    std::vector<std::size_t> free_;
    std::size_t used_ = 0; ///< slots so far
};

/// Prices of the second level, in steps.
struct disk_costs {
    std::uint64_t write = 1, read = 1;
};

/// The least cost in steps, writes and reads with c states in memory and any number on disk
/// (Aupy, Herrmann, Hovland & Robert 2016), for chains of up to `steps`.
class BACKTRAIL_API two_level_table {
public:
    two_level_table(std::size_t steps, std::size_t slots, disk_costs costs);
    [[nodiscard]] std::uint64_t cost(std::size_t n) const { return cost_[n]; }
    /// How far to advance after writing the state to disk; 0: do not.
    [[nodiscard]] std::size_t choice(std::size_t n) const { return choice_[n]; }

private:
    std::vector<std::uint64_t> cost_;
    std::vector<std::size_t> choice_;
};

/// The optimum with two levels. Throws value_error unless there is a slot in memory.
class BACKTRAIL_API two_level_schedule final : public schedule {
public:
    two_level_schedule(std::size_t steps, std::size_t slots, disk_costs costs);
    [[nodiscard]] std::optional<schedule_action> next() override;

private:
    two_level_table table_;
    std::size_t slots_, steps_;
    std::size_t at_ = 0;
    std::vector<std::size_t> written_; ///< states on disk; slot i holds written_[i]
    std::optional<binomial_schedule> inner_;
    std::vector<schedule_action> queue_;
};

/// The optimum in bytes for steps of unequal cost and states of unequal size, of which state 0 is
/// kept throughout. Sizes are reckoned in their greatest common divisor; where that would make more
/// than `resolution` units of the budget, in the least unit that does not, rounded up, so that the
/// budget holds whatever is lost. Time grows with the cube of the steps, times the units: for chains
/// of up to some hundred steps. Throws value_error if state 0 alone exceeds the budget.
class BACKTRAIL_API byte_schedule final : public detail::interval_schedule {
public:
    byte_schedule(std::span<const std::uint64_t> step_costs,
                  std::span<const std::size_t> state_bytes, std::size_t budget,
                  std::size_t resolution = 256);
    /// What the steps run without being recorded cost together.
    [[nodiscard]] std::uint64_t cost() const { return total_; }

private:
    [[nodiscard]] std::size_t cut(interval& i) const override;
    [[nodiscard]] std::size_t room_after(const interval& i, std::size_t at) const override;
    [[nodiscard]] std::size_t at(std::size_t begin, std::size_t end, std::size_t room) const
    {
        return (begin * (steps_ + 1) + end) * (units_ + 1) + room;
    }
    void solve(std::span<const std::uint64_t> step_costs);

    static constexpr std::size_t restarts = ~std::size_t{0}; ///< a room in which nothing is kept
    std::size_t steps_, units_ = 0;
    std::vector<std::size_t> size_; ///< of states, in units
    std::vector<std::uint32_t> choice_;
    std::uint64_t total_ = 0;
};

} // namespace backtrail
