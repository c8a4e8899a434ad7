// SPDX-License-Identifier: BSD-3-Clause
// What goes on around a run: whether it is to stop, and how far it is. Runs look at it between
// instructions, those of the bodies of loops too, on the thread that runs them.
#pragma once

#include <backtrail/run/progress.hpp>

#include <functional>
#include <stop_token>
#include <vector>

namespace backtrail {
namespace detail {

/// Of the run on this thread, while it lasts.
class run_control {
public:
    run_control(std::stop_token stop, std::function<void(const progress&)> report,
                std::optional<std::uint64_t> total, bool verifies);
    /// Of a run in which nobody is shown anything.
    struct quiet_t {};
    explicit run_control(quiet_t);
    run_control(const run_control&) = delete;
    run_control& operator=(const run_control&) = delete;
    ~run_control();

    /// Throws cancelled_error if the run around is to stop.
    static void check()
    {
        if (current != nullptr) current->throw_if_stopped();
    }
    /// Whether what is computed again is compared with the first time.
    [[nodiscard]] static bool verifies() { return current != nullptr && current->verifies_; }
    /// Whether there is somebody to be shown the steps of loops.
    [[nodiscard]] static bool shows() { return current != nullptr && current->shows_; }
    /// A step of a loop is done.
    static void count_step(bool has_run_before)
    {
        if (current != nullptr && current->depth_ == 1) current->count(has_run_before);
    }

    /// A loop that runs or is reversed, while it does.
    class loop {
    public:
        /// `repeats`: it is reversed, or belongs to a derivative, so that what is in it runs elsewhere, too.
        explicit loop(bool repeats) : of_(current), outer_(innermost), repeats_(repeats)
        {
            innermost = this;
            if (of_ != nullptr) ++of_->depth_;
        }
        loop(const loop&) = delete;
        loop& operator=(const loop&) = delete;
        ~loop()
        {
            innermost = outer_;
            if (of_ != nullptr) --of_->depth_;
        }
        void begin_step(std::size_t number) { step_ = number; }
        /// Whether what runs here is what is meant by the tags in it.
        [[nodiscard]] bool is_first_time() const
        {
            for (const loop* l = this; l != nullptr; l = l->outer_) {
                if (l->repeats_) return false;
            }
            return true;
        }

    private:
        friend class run_control;
        run_control* of_;
        loop* outer_;
        bool repeats_;
        std::size_t step_ = 0;
    };
    /// The present steps of the loops on this thread, the outermost first.
    [[nodiscard]] static std::vector<std::size_t> steps();

private:
    void throw_if_stopped() const;
    void count(bool has_run_before);

    static constinit thread_local run_control* current;
    static constinit thread_local loop* innermost;
    run_control* outer_;
    loop* outer_loop_;
    std::stop_token stop_;
    std::function<void(const progress&)> report_;
    progress progress_;
    bool verifies_, shows_ = true;
    std::size_t depth_ = 0;
};

} // namespace detail
} // namespace backtrail
