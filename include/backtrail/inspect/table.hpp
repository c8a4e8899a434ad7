// SPDX-License-Identifier: BSD-3-Clause
// A run at a glance, for a terminal.
#pragma once

#include <backtrail/sweep/sweep.hpp>

#include <iosfwd>
#include <string>

namespace backtrail::inspect {

/// One row for each tag of the last run, in the order of execution: its shape, the mean, deviation and
/// extrema of its value, the norm of its adjoint or why there is none, and how many elements are not
/// finite, where there are any. What was not kept is marked, and not computed. Throws state_error before
/// the first run.
[[nodiscard]] BACKTRAIL_API std::string table(const sweep& s);

} // namespace backtrail::inspect
