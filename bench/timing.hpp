// SPDX-License-Identifier: BSD-3-Clause
// Timing contenders side by side: in rounds, each takes its turn, A B C A B C, so that a machine whose
// speed drifts does not favour one, and ratios are formed round by round.
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What is timed: the time that passes, or the processor time of this process, which other processes
/// disturb less; only the first makes sense with more than one thread.
enum class clock_kind { wall, processor };

struct turn {
    std::string name;
    std::function<void()> run;
    std::function<void()> prepare = {}; ///< before each turn, not timed
    clock_kind clock = clock_kind::wall;
    std::vector<double> seconds = {}; ///< of one run, for each round
};

inline double now(clock_kind clock)
{
    if (clock == clock_kind::wall) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

inline double seconds_of(const turn& t, int repeats)
{
    if (t.prepare) t.prepare();
    if (repeats > 1) t.run(); // the caches hold what it works on
    const double begin = now(t.clock);
    for (int i = 0; i < repeats; ++i) t.run();
    return (now(t.clock) - begin) / repeats;
}

/// The value that a share of the others does not exceed.
inline double quantile(std::vector<double> v, double share)
{
    std::sort(v.begin(), v.end());
    return v[static_cast<std::size_t>(share * static_cast<double>(v.size() - 1) + 0.5)];
}
inline double median(const std::vector<double>& v) { return quantile(v, 0.5); }

/// Fills in the seconds of each: at least `rounds` rounds, and more until `budget` seconds have passed,
/// up to 41. A turn lasts 5 ms or one run, whichever is longer.
inline void measure(std::vector<turn>& all, int rounds, double budget = 0)
{
    std::vector<int> repeats;
    for (auto& t : all) {
        if (t.prepare) t.prepare();
        t.run(); // plans, warms up
        const double once = seconds_of(t, 1);
        repeats.push_back(std::max(1, static_cast<int>(5e-3 / std::max(once, 1e-8))));
    }
    const double begin = now(clock_kind::wall);
    for (int r = 0; r < rounds || (r < 41 && now(clock_kind::wall) - begin < budget); ++r) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].seconds.push_back(seconds_of(all[i], repeats[i]));
        }
    }
}

/// The ratio of a to b in each round.
inline std::vector<double> ratios(const turn& a, const turn& b)
{
    std::vector<double> ratio;
    for (std::size_t r = 0; r < a.seconds.size(); ++r) {
        ratio.push_back(a.seconds[r] / b.seconds[r]);
    }
    return ratio;
}

} // namespace bench
