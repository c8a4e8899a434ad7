// SPDX-License-Identifier: BSD-3-Clause
// The progress line.
#include <backtrail/inspect/progress.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <unistd.h>

namespace backtrail::inspect {

std::string detail::progress_text(const progress& p, bool in_colour)
{
    std::string text = "step " + std::to_string(p.steps);
    if (p.total) {
        char percent[16];
        const double part = *p.total == 0 ? 1 : double(p.steps) / double(*p.total);
        std::snprintf(percent, sizeof percent, " (%.0f %%)", 100 * part);
        text += " of " + std::to_string(*p.total) + percent;
    }
    text += ", " + std::to_string(p.recomputed) + " run again, " + std::to_string(p.bytes >> 20) +
            " MiB";
    return in_colour ? "\033[36m" + text + "\033[0m" : text;
}

std::function<void(const progress&)> progress_line()
{
    if (isatty(STDERR_FILENO) == 0) return [](const progress&) {};
    using clock = std::chrono::steady_clock;
    const char* no_color = std::getenv("NO_COLOR");
    const bool in_colour = no_color == nullptr || *no_color == '\0';
    // Shared, as the function may be copied.
    const auto last = std::make_shared<clock::time_point>();
    return [in_colour, last](const progress& p) {
        const bool is_end = p.total && p.steps >= *p.total;
        const auto now = clock::now();
        if (!is_end && now - *last < std::chrono::milliseconds(100)) return;
        *last = now;
        std::fprintf(stderr, "\r%s   %s", detail::progress_text(p, in_colour).c_str(),
                     is_end ? "\n" : "");
    };
}

} // namespace backtrail::inspect
