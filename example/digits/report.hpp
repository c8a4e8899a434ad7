// SPDX-License-Identifier: BSD-3-Clause
// What the example prints: figures gathered over an epoch, a row of a table on stdout, and on a
// terminal a line on stderr that says how far it is.
#pragma once

#include <backtrail/backtrail.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace example {

namespace bt = backtrail;

/// Mean and standard deviation of a tag's value, and the norm of its adjoint (a mean over batches).
class tag_figures {
public:
    /// Figures of one batch, as the sweep has folded them.
    void add(const bt::moments_result& value, double adjoint_norm)
    {
        const auto n = static_cast<double>(value.count);
        sum_ += n * value.mean;
        squares_ += n * (value.variance + value.mean * value.mean);
        count_ += n;
        norms_ += adjoint_norm;
        ++batches_;
    }
    [[nodiscard]] double mean() const { return sum_ / count_; }
    [[nodiscard]] double deviation() const
    {
        return std::sqrt(squares_ / count_ - mean() * mean());
    }
    [[nodiscard]] double adjoint_norm() const { return norms_ / batches_; }

private:
    double sum_ = 0.0, squares_ = 0.0, count_ = 0.0, norms_ = 0.0, batches_ = 0.0;
};

inline void print_heading()
{
    std::printf("%5s  %8s  %8s  |  %-26s  |  %s\n", "", "", "test", "hidden", "logits");
    std::printf("%5s  %8s  %8s  |%9s %8s %9s  |%9s %8s %9s\n", "epoch", "loss", "accuracy", "mean",
                "std", "|adjoint|", "mean", "std", "|adjoint|");
}

inline void print_row(int epoch, double loss, double accuracy, const tag_figures& hidden,
                      const tag_figures& logits)
{
    std::printf("%5d  %8.5f  %6.2f %%  |%9.4f %8.4f %9.5f  |%9.4f %8.4f %9.5f\n", epoch, loss,
                100.0 * accuracy, hidden.mean(), hidden.deviation(), hidden.adjoint_norm(),
                logits.mean(), logits.deviation(), logits.adjoint_norm());
    std::fflush(stdout);
}

/// A line on stderr that is drawn over itself; nothing if stderr is not a terminal.
/// Without colour if NO_COLOR is set and not empty (https://no-color.org).
class progress_line {
public:
    ~progress_line() { clear(); }
    void draw(std::string_view label, double fraction)
    {
        const int percent = static_cast<int>(100.0 * fraction);
        if (!is_shown_ || percent == drawn_) return;
        drawn_ = percent;
        constexpr int width = 25;
        const std::string done(static_cast<std::size_t>(percent * width / 100), '#');
        const std::string left(width - done.size(), '.');
        std::fprintf(stderr, "\r\033[K%.*s [%s%s%s%s] %3d %%", static_cast<int>(label.size()),
                     label.data(), is_coloured_ ? "\033[32m" : "", done.c_str(),
                     is_coloured_ ? "\033[0m" : "", left.c_str(), percent);
    }
    void clear()
    {
        if (drawn_ >= 0) std::fputs("\r\033[K", stderr);
        drawn_ = -1;
    }

private:
    [[nodiscard]] static std::string_view environment(const char* name)
    {
        const char* value = std::getenv(name);
        return value == nullptr ? "" : value;
    }
    bool is_shown_ = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb";
    bool is_coloured_ = environment("NO_COLOR").empty();
    int drawn_ = -1; ///< the percentage on the screen; -1: none
};

} // namespace example
