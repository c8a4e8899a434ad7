// SPDX-License-Identifier: BSD-3-Clause
// A line on the terminal that says how far a long run is.
//
//     s.on_progress(bt::inspect::progress_line());
#pragma once

#include <backtrail/core/export.hpp>
#include <backtrail/run/progress.hpp>

#include <functional>
#include <string>

namespace backtrail::inspect {

/// Steps, steps run again, and memory, on one line of stderr, written again ten times a second at most
/// and finished with the last step. Does nothing unless stderr is a terminal; without colours where the
/// environment variable NO_COLOR is set and not empty.
[[nodiscard]] BACKTRAIL_API std::function<void(const progress&)> progress_line();

namespace detail {
/// What the line says.
[[nodiscard]] BACKTRAIL_API std::string progress_text(const progress& p, bool in_colour);
} // namespace detail

} // namespace backtrail::inspect
