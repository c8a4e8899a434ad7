// SPDX-License-Identifier: BSD-3-Clause
// Histograms: over a range that is given, and over one that is found.
#include "window.hpp"

namespace backtrail {
namespace {

using detail::require_bins;
using detail::window;

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
                             : detail::fold_node<detail::window_fold<detail::linear_ruler>>(
                                   x, "histogram", bins);
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

} // namespace backtrail
