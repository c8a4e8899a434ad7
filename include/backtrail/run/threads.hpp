// SPDX-License-Identifier: BSD-3-Clause
// How many threads runs use, and how they share work. The threads are oneTBB's, so that nested use and
// callers with threads of their own get on; results never depend on their number.
#pragma once

#include <backtrail/core/export.hpp>

#include <atomic>
#include <cstddef>

namespace backtrail {

/// The number of threads that runs may use from now on: 0 is what the environment variable
/// BACKTRAIL_NUM_THREADS says, or as many as oneTBB has where the run is called, which is what the machine has
/// outside of arenas. It counts for the whole program, and changes no bit of any result.
BACKTRAIL_API void set_num_threads(std::size_t n) noexcept;
/// At least 1. Throws value_error if BACKTRAIL_NUM_THREADS is not a number from 1 to 1024.
[[nodiscard]] BACKTRAIL_API std::size_t num_threads();

namespace detail {

/// Calls work(context, w) once for each w below `workers`, at the same time where threads are free, and
/// returns when all have returned.
BACKTRAIL_API void run_workers(std::size_t workers, void (*work)(void*, std::size_t),
                               void* context);

} // namespace detail

/// Calls f(w, task) for each task in [0, tasks), w being the worker that took it. At most `workers` tasks
/// run at a time, those of one worker one after the other. f must not throw.
template <class F>
void parallel_for(std::size_t tasks, std::size_t workers, F&& f)
{
    if (workers <= 1 || tasks <= 1) {
        for (std::size_t task = 0; task < tasks; ++task) f(std::size_t{0}, task);
        return;
    }
    struct shared {
        F& f;
        std::size_t tasks;
        std::atomic<std::size_t> next{0};
    } state{f, tasks};
    detail::run_workers(
        workers < tasks ? workers : tasks,
        [](void* context, std::size_t w) {
            auto& s = *static_cast<shared*>(context);
            for (;;) {
                const std::size_t task = s.next.fetch_add(1, std::memory_order_relaxed);
                if (task >= s.tasks) return;
                s.f(w, task);
            }
        },
        &state);
}

} // namespace backtrail
