// SPDX-License-Identifier: BSD-3-Clause
// The operations of loops: the loop itself, which may record states on its way, and its reverse mode.
#pragma once

#include "loop_form.hpp"

#include <backtrail/plan/schedule.hpp>

#include <map>
#include <optional>

namespace backtrail {

/// Knobs and counts of a loop that its derivatives share.
struct loop_settings {
    std::atomic<std::size_t> slots{0}; ///< states the reverse mode keeps at once; 0: all
    std::atomic<std::uint64_t> advances{
        0}; ///< steps run for a reverse mode, without being reversed
    std::atomic<std::uint64_t> reversals{0}; ///< steps reversed
};

/// States kept, by slot.
class kept_states {
public:
    void store(std::size_t slot, const body_runner& from, std::size_t states);
    void restore(std::size_t slot, body_runner& to) const;
    void release(std::size_t slot) { slots_[slot].clear(); }

private:
    std::vector<std::vector<body_runner::value>> slots_;
};

/// A loop half done: it has run to its end, and is to be reversed.
struct loop_recording {
    std::unique_ptr<schedule> rest;
    kept_states states;
};

/// Where a loop leaves its recording for the reverse mode that is evaluated after it: under the address
/// of its result, which is an input there, so that executors do not meet.
class loop_handover {
public:
    void leave(const void* address, loop_recording r);
    /// Nothing if the loop has not run since: its inputs are constants, the cotangent is not.
    [[nodiscard]] std::optional<loop_recording> take(const void* address);

private:
    std::mutex mutex_;
    std::map<const void*, loop_recording> left_;
};

class loop_operation final : public operation {
public:
    explicit loop_operation(std::shared_ptr<const loop_form> form);
    /// The same loop, with its states recorded.
    loop_operation(const loop_operation& loop, std::shared_ptr<loop_handover> to);
    [[nodiscard]] const loop_form& form() const { return *form_; }
    [[nodiscard]] const std::shared_ptr<loop_settings>& settings() const { return settings_; }

    [[nodiscard]] std::string_view name() const override
    {
        return form_->is_while() ? "while_loop" : "loop";
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
        : forward_(std::move(forward)), reverse_(std::move(reverse)), settings_(std::move(settings))
    {}
    loop_pullback_operation(const loop_pullback_operation& other,
                            std::shared_ptr<loop_handover> from)
        : loop_pullback_operation(other.forward_, other.reverse_, other.settings_)
    {
        from_ = std::move(from);
    }
    [[nodiscard]] const std::shared_ptr<loop_settings>& settings() const { return settings_; }
    [[nodiscard]] bool takes_recording() const { return from_ != nullptr; }

    [[nodiscard]] std::string_view name() const override { return "loop pullback"; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override;
    [[nodiscard]] std::vector<symbol> lower(const node_ptr& self) const override;

private:
    [[nodiscard]] std::vector<symbol> lower_while(const node_ptr& self) const;

    std::shared_ptr<const loop_form> forward_, reverse_;
    std::shared_ptr<loop_settings> settings_;
    std::shared_ptr<loop_handover> from_;
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
