// SPDX-License-Identifier: BSD-3-Clause
// Histograms in one pass without a range: a window of counts that covers all elements seen so far.
// An element falls into bin `key`; where the window is too short for a new one, bins are joined in
// pairs (2k, 2k + 1) until it fits. How often depends on the smallest and the largest element alone, and
// joining is exact, so the result depends on the elements only, not on the order they came in.
// Two rulers: multiples of a power of two, for histograms, and the numbers that floating point can
// write, for quantiles.
#include "fold.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/sweep/reducers.hpp>

#include <bit>
#include <cmath>
#include <limits>

namespace backtrail {
namespace {

constexpr std::size_t most_bins = 65536;

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
constexpr std::size_t head_results = 8;

template <class Ruler>
class window_fold final : public detail::fold_operation {
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

// ---- a histogram over a range --------------------------------------------------------------------

class range_fold final : public detail::fold_operation {
public:
    range_fold(dtype operand, std::size_t bins, double lower, double upper)
        : fold_operation("histogram", operand, 5 + bins), bins_(bins), lower_(lower), upper_(upper)
    {}
    [[nodiscard]] std::size_t state_bytes() const override { return results() * sizeof(double); }
    void begin(std::byte* state) const override { std::memset(state, 0, state_bytes()); }
    void merge(std::byte* state, const std::byte* later) const override
    {
        auto* const s = reinterpret_cast<double*>(state);
        const auto* const t = reinterpret_cast<const double*>(later);
        for (std::size_t i = 0; i < results(); ++i) s[i] += t[i];
    }

private:
    void take(std::byte* state, const double* x, std::size_t, std::size_t n) const override
    {
        auto* const s = reinterpret_cast<double*>(state); // nan, +inf, -inf, below, above, counts
        const double scale = static_cast<double>(bins_) / (upper_ - lower_);
        for (std::size_t i = 0; i < n; ++i) {
            if (x[i] >= lower_ && x[i] <= upper_) {
                const auto bin = static_cast<std::size_t>((x[i] - lower_) * scale);
                s[5 + std::min(bin, bins_ - 1)] += 1;
            } else if (std::isfinite(x[i])) {
                s[x[i] < lower_ ? 3 : 4] += 1;
            } else {
                s[std::isnan(x[i]) ? 0 : x[i] > 0 ? 1 : 2] += 1;
            }
        }
    }
    void write(const std::byte* state, std::span<double> y) const override
    {
        std::memcpy(y.data(), state, y.size_bytes());
    }
    std::size_t bins_;
    double lower_, upper_;
};

void require_bins(const char* name, std::size_t bins, std::size_t least)
{
    if (bins >= least && bins <= most_bins) return;
    throw value_error("[" + std::string(name) + "] needs " + std::to_string(least) + " to " +
                      std::to_string(most_bins) + " bins, not " + std::to_string(bins));
}

} // namespace

// One bin could not hold -1 and 1: however wide they are, 0 is an edge.
histogram::histogram(std::size_t bins) : bins_(bins) { require_bins("histogram", bins, 2); }

histogram::histogram(std::size_t bins, double lower, double upper)
    : bins_(bins), range_({lower, upper})
{
    require_bins("histogram", bins, 1);
    if (!(lower < upper) || !std::isfinite(upper - lower)) {
        throw value_error("[histogram] the range must go up, and be finite: " +
                          std::to_string(lower) + " to " + std::to_string(upper));
    }
}

detail::reduction histogram::as_reduction() const
{
    std::string key = "histogram " + std::to_string(bins_);
    if (range_) {
        for (double end : {range_->first, range_->second}) {
            key += " " + std::to_string(std::bit_cast<std::uint64_t>(end));
        }
    }
    return {std::move(key), [bins = bins_, range = range_](const node_ptr& x) {
                return range ? detail::fold_node<range_fold>(x, bins, range->first, range->second)
                             : detail::fold_node<window_fold<linear_ruler>>(x, "histogram", bins);
            }};
}

histogram_result histogram::decode(std::span<const double> folded, const shape&) const
{
    histogram_result r;
    if (range_) {
        r.lower = range_->first;
        r.width = (range_->second - range_->first) / static_cast<double>(bins_);
        r.nonfinite = {window::count(folded[0]), window::count(folded[1]),
                       window::count(folded[2])};
        r.below = window::count(folded[3]);
        r.above = window::count(folded[4]);
        for (double c : folded.subspan(5)) r.counts.push_back(window::count(c));
        return r;
    }
    const window w(folded);
    r.nonfinite = w.nonfinite;
    r.counts = w.counts;
    r.width = std::ldexp(1.0, w.level);
    r.lower = std::ldexp(static_cast<double>(w.first), w.level);
    return r;
}

quantiles::quantiles(std::vector<double> p, std::size_t bins) : p_(std::move(p)), bins_(bins)
{
    require_bins("quantiles", bins, 2);
    for (double one : p_) {
        if (!(one >= 0 && one <= 1)) {
            throw value_error("[quantiles] are asked for from 0 to 1, not " + std::to_string(one));
        }
    }
}

detail::reduction quantiles::as_reduction() const
{
    return {"quantiles " + std::to_string(bins_), [bins = bins_](const node_ptr& x) {
                return detail::fold_node<window_fold<floating_ruler>>(x, "quantiles", bins);
            }};
}

quantiles::result quantiles::decode(std::span<const double> folded, const shape&) const
{
    const window w(folded);
    std::uint64_t n = 0;
    for (auto c : w.counts) n += c;
    result list;
    for (double p : p_) {
        if (n == 0) {
            constexpr double none = std::numeric_limits<double>::quiet_NaN();
            list.push_back({p, none, none, none});
            continue;
        }
        const auto rank =
            static_cast<std::uint64_t>(std::floor(p * static_cast<double>(n - 1) + 0.5));
        std::size_t bin = 0;
        for (std::uint64_t seen = w.counts[0]; seen <= rank; seen += w.counts[bin]) ++bin;
        const std::int64_t k = w.first + static_cast<std::int64_t>(bin);
        const floating_ruler finest(0);
        std::int64_t from = finest.key(w.min), to = finest.key(w.max);
        if (w.level < 62) { // else the bin is half of all numbers
            from = std::max(from, k << w.level);
            to = std::min(to, ((k + 1) << w.level) - 1);
        }
        const auto number = [&](std::int64_t at) {
            return std::clamp(floating_ruler::number(at), w.min, w.max);
        };
        quantile_estimate q{p, 0, number(from), number(to)};
        if (rank == 0) q.upper = q.lower = w.min;
        if (rank == n - 1) q.lower = q.upper = w.max;
        q.value = q.lower + 0.5 * (q.upper - q.lower);
        list.push_back(q);
    }
    return list;
}

} // namespace backtrail
