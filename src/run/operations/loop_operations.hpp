// SPDX-License-Identifier: BSD-3-Clause
// The operations of loops: the loop itself, which may record states on its way, and its reverse mode.
#pragma once

#include "loop_split.hpp"

#include <backtrail/plan/schedule.hpp>

#include <map>
#include <optional>

namespace backtrail {

/// Room for states and records, and how it is used best; nothing: there is no mixture.
struct mixture {
    std::shared_ptr<const mixed_table> table;
    std::size_t room = 0;

    [[nodiscard]] explicit operator bool() const { return table != nullptr; }
    [[nodiscard]] std::unique_ptr<schedule> schedule_of(std::size_t steps) const
    {
        return std::make_unique<mixed_schedule>(table, steps, room);
    }
};

/// Knobs and counts of a loop that its derivatives share, and by which they know it.
class loop_settings {
public:
    loop_settings() = default;
    /// Of a copy of a loop: what is not set for it is as for the loop, which counts its steps, too.
    explicit loop_settings(std::shared_ptr<loop_settings> parent) : parent_(std::move(parent)) {}

    /// States the reverse mode keeps at once; 0: everything, so that nothing is computed again.
    [[nodiscard]] std::size_t slots() const
    {
        const std::size_t own = slots_;
        return own != 0 || !parent_ ? own : parent_->slots();
    }
    void set_slots(std::size_t slots) { slots_ = slots; }
    /// States and records of steps that the reverse mode keeps at once, instead of slots of one kind. Nobody
    /// runs the loop meanwhile.
    [[nodiscard]] const mixture& mixes() const { return mixture_; }
    void set_mixture(mixture m) { mixture_ = std::move(m); }

    /// Steps run for a reverse mode without being reversed, and steps reversed.
    [[nodiscard]] std::uint64_t advances() const { return advances_; }
    [[nodiscard]] std::uint64_t reversals() const { return reversals_; }
    void count_advances(std::uint64_t n)
    {
        for (auto* s = this; s != nullptr; s = s->parent_.get()) s->advances_ += n;
    }
    void count_reversal()
    {
        for (auto* s = this; s != nullptr; s = s->parent_.get()) ++s->reversals_;
    }

private:
    std::atomic<std::size_t> slots_{0};
    mixture mixture_;
    std::atomic<std::uint64_t> advances_{0}, reversals_{0};
    std::shared_ptr<loop_settings> parent_;
};

/// States kept, by slot.
class kept_states {
public:
    void store(std::size_t slot, const body_runner& from, std::size_t states);
    void restore(std::size_t slot, body_runner& to) const;
    void release(std::size_t slot)
    {
        if (slot < slots_.size()) slots_[slot].clear(); // else it was a record's
    }

private:
    std::vector<std::vector<body_runner::value>> slots_;
};

/// Hashes of the states that steps have made, to compare with when they are run again.
class state_hashes {
public:
    /// After step k, whose next states are the runner's first results: notes them, or, if step k has run before,
    /// throws recomputation_error unless they are the same.
    void check(std::size_t k, const body_runner& from, const loop_form& f);

private:
    std::vector<std::uint64_t> hashes_;
};

/// A loop half done: it has run to its end, and is to be reversed.
struct loop_recording {
    std::unique_ptr<schedule> rest; ///< nothing: all steps are recorded
    kept_states states;
    step_records records;
    state_hashes hashes;
};

/// Where a loop leaves its recording for the reverse mode that is evaluated after it: under the address
/// of its result, which is an input there, so that executors do not meet.
class loop_handover {
public:
    /// How a loop that keeps everything records its steps; nothing: by its states.
    explicit loop_handover(std::shared_ptr<const step_split> split) : split_(std::move(split)) {}
    [[nodiscard]] const step_split* split() const { return split_.get(); }
    void leave(const void* address, loop_recording r);
    /// What a run that failed has left there.
    void drop(const void* address);
    /// Nothing if the loop has not run since: its inputs are constants, the cotangent is not.
    [[nodiscard]] std::optional<loop_recording> take(const void* address);

private:
    std::shared_ptr<const step_split> split_;
    std::mutex mutex_;
    std::map<const void*, loop_recording> left_;
};

/// The schedule by which a loop of known length keeps states on its way and is reversed then: what comes after
/// it counts as one more step, the first to be reversed. No slots: all states.
[[nodiscard]] std::unique_ptr<schedule> shared_schedule(const loop_form& f, std::size_t slots);
/// Steps that it runs without reversing them, for a number of steps and states that can be had again.
[[nodiscard]] std::uint64_t shared_advances(std::size_t steps, std::size_t slots,
                                            std::span<const std::size_t> given);

class loop_operation final : public operation {
public:
    explicit loop_operation(std::shared_ptr<const loop_form> form);
    loop_operation(std::shared_ptr<const loop_form> form, std::shared_ptr<loop_settings> settings);
    /// The same loop, with its states recorded.
    loop_operation(const loop_operation& loop, std::shared_ptr<loop_handover> to);
    [[nodiscard]] const loop_form& form() const { return *form_; }
    [[nodiscard]] const std::shared_ptr<const loop_form>& shared_form() const { return form_; }
    [[nodiscard]] const std::shared_ptr<loop_settings>& settings() const { return settings_; }
    /// How it records its steps when it keeps everything; nothing: by their states.
    [[nodiscard]] const step_split* split() const { return to_ ? to_->split() : nullptr; }

    [[nodiscard]] std::string_view name() const override
    {
        return form_->is_while() ? "while_loop" : "loop";
    }
    [[nodiscard]] bool same_as(const operation& other) const override
    {
        const auto* l = dynamic_cast<const loop_operation*>(&other);
        return l != nullptr && l->form_ == form_ && l->settings_ == settings_ && l->to_ == to_;
    }
    [[nodiscard]] std::size_t hash() const override
    {
        return std::hash<const void*>()(form_.get());
    }
    [[nodiscard]] bool passes(std::size_t i) const override { return passes_[i] != 0; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override;
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override;
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override;

private:
    std::shared_ptr<const loop_form> form_;
    std::shared_ptr<loop_settings> settings_;
    std::shared_ptr<loop_handover> to_;
    std::vector<char> passes_;
};

/// The inputs are those of the loop, the packed cotangent of its result, and, if the loop records its
/// states, its result.
class loop_pullback_operation final : public operation {
public:
    loop_pullback_operation(std::shared_ptr<const loop_form> forward,
                            std::shared_ptr<const loop_form> reverse,
                            std::shared_ptr<loop_settings> settings)
        : forward_(std::move(forward)), reverse_(std::move(reverse)),
          settings_(std::move(settings)), split_(std::make_shared<lazy_split>())
    {}
    loop_pullback_operation(const loop_pullback_operation& other,
                            std::shared_ptr<loop_handover> from)
        : forward_(other.forward_), reverse_(other.reverse_), settings_(other.settings_),
          from_(std::move(from)), split_(other.split_)
    {}
    [[nodiscard]] const std::shared_ptr<const loop_form>& forward() const { return forward_; }
    [[nodiscard]] const std::shared_ptr<const loop_form>& reverse() const { return reverse_; }
    [[nodiscard]] const std::shared_ptr<loop_settings>& settings() const { return settings_; }
    [[nodiscard]] bool takes_recording() const { return from_ != nullptr; }
    /// How everything is kept; nothing: by keeping the states, or, in a region, not at all.
    [[nodiscard]] std::shared_ptr<const step_split> split() const;

    [[nodiscard]] std::string_view name() const override { return "loop pullback"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override;
    [[nodiscard]] std::vector<symbol> lower(const node_ptr& self) const override;

private:
    struct lazy_split {
        std::once_flag once;
        std::shared_ptr<const step_split> made;
    };
    [[nodiscard]] std::vector<symbol> lower_while(const node_ptr& self) const;

    std::shared_ptr<const loop_form> forward_, reverse_;
    std::shared_ptr<loop_settings> settings_;
    std::shared_ptr<loop_handover> from_;
    std::shared_ptr<lazy_split> split_;
};

[[nodiscard]] node_ptr make_loop(std::shared_ptr<const loop_form> form,
                                 std::span<const node_ptr> inputs);

/// Runs the steps of a loop of unknown length: calls `step` with the number of each, which returns
/// whether the condition still holds. Returns how many there were.
template <class Step>
std::size_t run_while(const loop_form& f, std::span<const array_view> x, Step step)
{
    bool goes_on = false;
    {
        const body::loan begin = f.begin->borrow();
        loop_feed feed(f, *begin, x);
        feed.write_states();
        feed.write_captured();
        feed.write_step(0);
        begin->run();
        goes_on = *reinterpret_cast<const bool*>(begin->result(0));
    }
    std::size_t k = 0;
    while (goes_on) goes_on = step(k++);
    return k;
}

} // namespace backtrail
