// SPDX-License-Identifier: BSD-3-Clause
// Histograms in one pass without a range: a window of counts that covers all elements seen so far.
// An element falls into bin `key`; where the window is too short for a new one, bins are joined in
// pairs (2k, 2k + 1) until it fits. How often depends on the smallest and the largest element alone, and
// joining is exact, so the result depends on the elements only, not on the order they came in.
// Two rulers: multiples of a power of two, for histograms, and the numbers that floating point can
// write, for quantiles.
#pragma once

#include "fold.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/sweep/reducers.hpp>

#include <bit>
#include <cmath>
#include <limits>

namespace backtrail::detail {

inline constexpr std::size_t most_bins = 65536;

/// Bins are multiples of 2^level.
class linear_ruler {
public:
    static constexpr int start = -1074;
    /// The finest level at which x has a bin whose number is exact in a double.
    static int finest(double x)
    {
        constexpr int digits = 51;
        return x == 0 ? start : std::max(start, std::ilogb(x) - digits);
    }
    explicit linear_ruler(int level) // the factor in two, each of them finite
        : one_(std::ldexp(1.0, -(level / 2))), two_(std::ldexp(1.0, level / 2 - level))
    {}
    [[nodiscard]] std::int64_t key(double x) const
    {
        const double scaled = one_ * x * two_;
        if (scaled == 0 && x < 0) return -1; // flushed to 0, which it is below
        const auto k = static_cast<std::int64_t>(scaled);
        return k - (static_cast<double>(k) > scaled ? 1 : 0);
    }

private:
    double one_, two_;
};

/// Bins hold 2^level neighbours among floating-point numbers.
class floating_ruler {
public:
    static constexpr int start = 0;
    static int finest(double) { return 0; }
    explicit floating_ruler(int level) : level_(level) {}
    [[nodiscard]] std::int64_t key(double x) const
    {
        const double magnitude = std::abs(x);
        if (magnitude < zero_below) return 0;
        const std::int64_t k =
            std::bit_cast<std::int64_t>(magnitude) - std::bit_cast<std::int64_t>(zero_below) + 1;
        return (x < 0 ? -k : k) >> level_;
    }
    /// The number with a key of level 0.
    static double number(std::int64_t k)
    {
        if (k == 0) return 0;
        const double magnitude =
            std::bit_cast<double>(std::abs(k) - 1 + std::bit_cast<std::int64_t>(zero_below));
        return k < 0 ? -magnitude : magnitude;
    }

private:
    static constexpr double zero_below = 0x1p-80;
    int level_;
};

struct window_head {
    double nan = 0, positive = 0, negative = 0, finite = 0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();
    std::int64_t first = 0, last = -1; ///< bins in use, at `level`
    std::int64_t level = 0;
};

/// What is written: three counts, the extrema, level and first bin (in two halves), then the counts.
inline constexpr std::size_t head_results = 8;

template <class Ruler>
class window_fold final : public fold_operation {
public:
    window_fold(dtype operand, const char* name, std::size_t bins)
        : fold_operation(name, operand, head_results + bins), bins_(static_cast<std::int64_t>(bins))
    {}
    [[nodiscard]] std::size_t state_bytes() const override
    {
        return sizeof(window_head) + static_cast<std::size_t>(bins_) * sizeof(double);
    }
    void begin(std::byte* state) const override
    {
        std::memset(state, 0, state_bytes());
        new (state) window_head();
        head(state).level = Ruler::start;
    }
    void merge(std::byte* state, const std::byte* later) const override
    {
        window_head& s = head(state);
        const auto& t = *reinterpret_cast<const window_head*>(later);
        const auto* const from = reinterpret_cast<const double*>(later + sizeof(window_head));
        s.nan += t.nan;
        s.positive += t.positive;
        s.negative += t.negative;
        s.finite += t.finite;
        s.min = std::min(s.min, t.min);
        s.max = std::max(s.max, t.max);
        if (t.last < t.first) return;
        const int further = cover(state, t.first, t.last, static_cast<int>(t.level));
        double* const to = counts(state);
        for (std::int64_t k = t.first; k <= t.last; ++k) {
            to[(k >> further) - s.first] += from[k - t.first];
        }
    }

private:
    static window_head& head(std::byte* state) { return *reinterpret_cast<window_head*>(state); }
    static double* counts(std::byte* state)
    {
        return reinterpret_cast<double*>(state + sizeof(window_head));
    }
    static std::int64_t shifted(std::int64_t k, int levels)
    {
        return levels >= 63 ? (k < 0 ? -1 : 0) : k >> levels;
    }

    /// Makes room for bins first to last of some level; how much coarser the window then is.
    int cover(std::byte* state, std::int64_t first, std::int64_t last, int level) const
    {
        window_head& s = head(state);
        const bool is_empty = s.last < s.first;
        if (is_empty) s.level = level;
        const int target = std::max(static_cast<int>(s.level), level);
        coarsen(state, target - static_cast<int>(s.level));
        int further = target - level;
        const auto low = [&] { return shifted(first, further); };
        const auto high = [&] { return shifted(last, further); };
        const auto too_long = [&](int more) {
            const std::int64_t a = is_empty ? low() : std::min(s.first, low());
            const std::int64_t b = is_empty ? high() : std::max(s.last, high());
            return shifted(b, more) - shifted(a, more) >= bins_;
        };
        int more = 0;
        while (too_long(more)) ++more;
        coarsen(state, more);
        further += more;
        if (is_empty) {
            s.level = target + more;
            s.first = low();
            s.last = high();
            return further;
        }
        const std::int64_t lead = s.first - std::min(s.first, low());
        if (lead > 0) {
            double* const c = counts(state);
            const std::int64_t used = s.last - s.first + 1;
            std::move_backward(c, c + used, c + used + lead);
            std::fill_n(c, lead, 0.0);
            s.first -= lead;
        }
        s.last = std::max(s.last, high());
        return further;
    }

    /// Joins bins until they are 2^levels times as wide.
    void coarsen(std::byte* state, int levels) const
    {
        window_head& s = head(state);
        if (levels == 0) return;
        if (s.first <= s.last) {
            double* const c = counts(state);
            const std::int64_t base = shifted(s.first, levels);
            for (std::int64_t k = s.first; k <= s.last; ++k) { // never overtakes what it reads
                const double count = c[k - s.first];
                c[k - s.first] = 0;
                c[shifted(k, levels) - base] += count;
            }
            s.first = base;
            s.last = shifted(s.last, levels);
        }
        s.level += levels;
    }

    void take(std::byte* state, const double* x, std::size_t, std::size_t n) const override
    {
        window_head& s = head(state);
        double* const c = counts(state);
        double low = s.min, high = s.max, probe = 0;
        for (std::size_t i = 0; i < n; ++i) probe += 0.0 * x[i]; // not 0 if some x is not finite
        const bool all_finite = probe == 0;
        const auto is_finite = [&](double v) { return all_finite || std::isfinite(v); };
        for (std::size_t i = 0; i < n; ++i) {
            if (!is_finite(x[i])) continue;
            low = std::min(low, x[i]);
            high = std::max(high, x[i]);
        }
        if (low < s.min || high > s.max) { // once for the tile, whatever is in it
            s.min = low;
            s.max = high;
            const int level =
                std::max({static_cast<int>(s.level), Ruler::finest(low), Ruler::finest(high)});
            const Ruler ruler(level);
            cover(state, ruler.key(low), ruler.key(high), level);
        }
        const Ruler ruler(static_cast<int>(s.level));
        for (std::size_t i = 0; i < n; ++i) {
            if (is_finite(x[i])) {
                c[ruler.key(x[i]) - s.first] += 1;
                s.finite += 1;
            } else {
                double& count = std::isnan(x[i]) ? s.nan : x[i] > 0 ? s.positive : s.negative;
                count += 1;
            }
        }
    }

    void write(const std::byte* state, std::span<double> y) const override
    {
        const auto& s = *reinterpret_cast<const window_head*>(state);
        const double whole[head_results] = {s.nan,
                                            s.positive,
                                            s.negative,
                                            s.min,
                                            s.max,
                                            static_cast<double>(s.level),
                                            static_cast<double>(s.first >> 32),
                                            static_cast<double>(s.first & 0xffffffff)};
        std::copy(whole, whole + head_results, y.begin());
        std::memcpy(y.data() + head_results, state + sizeof(window_head),
                    (y.size() - head_results) * sizeof(double));
    }

    std::int64_t bins_;
};

/// A window as it was written.
struct window {
    explicit window(std::span<const double> y)
        : nonfinite{count(y[0]), count(y[1]), count(y[2])}, min(y[3]), max(y[4]),
          level(static_cast<int>(y[5])),
          first((static_cast<std::int64_t>(y[6]) << 32) + static_cast<std::int64_t>(y[7]))
    {
        for (double c : y.subspan(head_results)) counts.push_back(count(c));
        while (!counts.empty() && counts.back() == 0) counts.pop_back();
    }
    static std::uint64_t count(double x) { return static_cast<std::uint64_t>(x); }

    nonfinite_counts nonfinite;
    double min, max;
    int level;
    std::int64_t first;
    std::vector<std::uint64_t> counts;
};

inline void require_bins(const char* name, std::size_t bins, std::size_t least)
{
    if (bins >= least && bins <= most_bins) return;
    throw value_error("[" + std::string(name) + "] needs " + std::to_string(least) + " to " +
                      std::to_string(most_bins) + " bins, not " + std::to_string(bins));
}

} // namespace backtrail::detail
