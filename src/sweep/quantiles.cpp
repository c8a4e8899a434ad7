// SPDX-License-Identifier: BSD-3-Clause
// Quantiles, from a histogram over the numbers that floating point can write.
#include "window.hpp"

namespace backtrail {

using detail::floating_ruler;
using detail::window;

quantiles::quantiles(std::vector<double> p, std::size_t bins) : p_(std::move(p)), bins_(bins)
{
    detail::require_bins("quantiles", bins, 2);
    for (double one : p_) {
        if (!(one >= 0 && one <= 1)) {
            throw value_error("[quantiles] are asked for from 0 to 1, not " + std::to_string(one));
        }
    }
}

detail::reduction quantiles::as_reduction() const
{
    return {"quantiles " + std::to_string(bins_), [bins = bins_](const node_ptr& x) {
                return detail::fold_node<detail::window_fold<floating_ruler>>(x, "quantiles", bins);
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
