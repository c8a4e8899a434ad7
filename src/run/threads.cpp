// SPDX-License-Identifier: BSD-3-Clause
// Threads: see threads.hpp.
#include <backtrail/run/threads.hpp>

#include <backtrail/core/error.hpp>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace backtrail {
namespace {

std::atomic<std::size_t> asked_for{0};

/// What BACKTRAIL_NUM_THREADS says, or 0.
std::size_t threads_of_environment()
{
    const char* variable = std::getenv("BACKTRAIL_NUM_THREADS");
    if (variable == nullptr) return 0;
    const std::string_view text = variable;
    constexpr std::size_t most = 1024;
    std::size_t n = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc{} || end != text.data() + text.size() || n == 0 || n > most) {
        throw value_error("[BACKTRAIL_NUM_THREADS] is \"" + std::string(text) +
                          "\"; it must be a number from 1 to " + std::to_string(most));
    }
    return n;
}

} // namespace

void set_num_threads(std::size_t n) noexcept { asked_for.store(n, std::memory_order_relaxed); }

std::size_t num_threads()
{
    const std::size_t n = asked_for.load(std::memory_order_relaxed);
    if (n != 0) return n;
    static const std::size_t of_environment = threads_of_environment();
    if (of_environment != 0) return of_environment;
    return static_cast<std::size_t>(
        tbb::this_task_arena::max_concurrency()); // of where we are called
}

void detail::run_workers(std::size_t workers, void (*work)(void*, std::size_t), void* context)
{
    // The two atomics order what the caller wrote before, and reads after, with what the workers do: the
    // scheduler does so too, where tools that watch memory do not see it.
    std::atomic<std::size_t> begun{0}, done{0};
    begun.store(1, std::memory_order_release);
    const auto one = [&](std::size_t w) {
        if (begun.load(std::memory_order_acquire) != 0) work(context, w);
        done.fetch_add(1, std::memory_order_release);
    };
    // Isolated: while it waits, this thread takes none of the caller's other tasks, which might want a
    // lock that it holds.
    tbb::this_task_arena::isolate([&] {
        tbb::parallel_for(std::size_t{0}, workers, std::size_t{1}, one, tbb::simple_partitioner{});
    });
    static_cast<void>(done.load(std::memory_order_acquire));
}

} // namespace backtrail
