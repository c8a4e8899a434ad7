// SPDX-License-Identifier: BSD-3-Clause
// The control of the run on this thread.
#include <backtrail/run/control.hpp>

#include <backtrail/core/buffer.hpp>
#include <backtrail/core/error.hpp>

#include <algorithm>
#include <utility>

namespace backtrail::detail {

constinit thread_local run_control* run_control::current = nullptr;
constinit thread_local run_control::loop* run_control::innermost = nullptr;

std::vector<std::size_t> run_control::steps()
{
    std::vector<std::size_t> result;
    for (const loop* l = innermost; l != nullptr; l = l->outer_) result.push_back(l->step_);
    std::reverse(result.begin(), result.end());
    return result;
}

run_control::run_control(std::stop_token stop, std::function<void(const progress&)> report,
                         std::optional<std::uint64_t> total, bool verifies)
    : outer_(std::exchange(current, this)), outer_loop_(std::exchange(innermost, nullptr)),
      stop_(std::move(stop)), report_(std::move(report)), verifies_(verifies)
{
    progress_.total = total;
}

run_control::run_control(quiet_t) : run_control({}, {}, {}, false) { shows_ = false; }

run_control::~run_control()
{
    current = outer_;
    innermost = outer_loop_;
}

void run_control::throw_if_stopped() const
{
    if (stop_.stop_requested()) throw cancelled_error("[run] was asked to stop");
}

void run_control::count(bool has_run_before)
{
    ++progress_.steps;
    progress_.recomputed += has_run_before ? 1 : 0;
    if (!report_) return;
    progress_.bytes = memory_statistics().bytes_in_use;
    report_(progress_);
}

} // namespace backtrail::detail
