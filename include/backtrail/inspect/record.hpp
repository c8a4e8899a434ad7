// SPDX-License-Identifier: BSD-3-Clause
// The history of a sweep: one line of JSON for each run, with the statistics of its tags.
#pragma once

#include <backtrail/sweep/sweep.hpp>

#include <iosfwd>
#include <string>

namespace backtrail::inspect {

struct record_options {
    std::string tags = "*";          ///< which ones
    std::size_t every = 1;           ///< runs per line; the last of them is written
    std::size_t histogram_bins = 32; ///< at most, of automatic range
};

/// From now on each run of the sweep writes a line to `out`, which must live as long as it runs:
///
///     {"run": 1, "value": 0.25, "tags": {"h": {"shape": [3], "value": {"count": 3, "mean": ...,
///      "histogram": {"lower": -1, "width": 0.5, "counts": [1, 0, 2]}}, "adjoint": {...}}}}
///
/// An adjoint that does not exist has "status" and "reason" instead. What is not finite is null. The
/// figures are folded inside the runs: no array is kept for them. Throws tag_error as `keep` does, and
/// value_error if `every` is 0.
BACKTRAIL_API void record(std::ostream& out, sweep& s, const record_options& options = {});

} // namespace backtrail::inspect
