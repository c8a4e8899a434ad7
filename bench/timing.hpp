// SPDX-License-Identifier: BSD-3-Clause
// Timing contenders side by side: rounds interleaved A B C A B C, the median of each, and the
// ratio to the first, round by round, so that a machine whose speed drifts does not favour one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace bench {

struct contender {
    std::string name;
    std::function<void()> run;
    std::vector<double> seconds = {};
};

inline double seconds_of(const std::function<void()>& f, int repeats)
{
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i) f();
    const std::chrono::duration<double> t = std::chrono::steady_clock::now() - begin;
    return t.count() / repeats;
}

inline double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

/// Fills in the seconds of each contender, round by round.
inline void measure(std::vector<contender>& all, int rounds)
{
    std::vector<int> repeats;
    for (auto& c : all) {
        c.run(); // plans, warms up
        const double once = seconds_of(c.run, 1);
        repeats.push_back(std::max(1, static_cast<int>(2e-3 / std::max(once, 1e-8))));
    }
    for (int r = 0; r < rounds; ++r) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].seconds.push_back(seconds_of(all[i].run, repeats[i]));
        }
    }
}

/// The ratio of a to b in each round.
inline std::vector<double> ratios(const contender& a, const contender& b)
{
    std::vector<double> ratio;
    for (std::size_t r = 0; r < a.seconds.size(); ++r) {
        ratio.push_back(a.seconds[r] / b.seconds[r]);
    }
    return ratio;
}

/// Prints one row per contender: median time, its spread (quartiles), and the ratio to the first.
inline void compare(const std::string& title, std::vector<contender> all, int rounds = 31)
{
    measure(all, rounds);
    std::printf("%s\n", title.c_str());
    for (auto& c : all) {
        auto sorted = c.seconds;
        std::sort(sorted.begin(), sorted.end());
        const std::size_t n = sorted.size();
        std::printf("  %-28s %11.3f us   (%.3f .. %.3f)   ratio %6.2f\n", c.name.c_str(),
                    1e6 * median(c.seconds), 1e6 * sorted[n / 4], 1e6 * sorted[3 * n / 4],
                    median(ratios(c, all[0])));
    }
    std::fflush(stdout);
}

} // namespace bench
