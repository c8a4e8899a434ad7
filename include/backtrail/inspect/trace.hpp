// SPDX-License-Identifier: BSD-3-Clause
// Where the time of a run goes: its steps on a time line, for chrome://tracing and Perfetto.
#pragma once

#include <backtrail/sweep/sweep.hpp>

#include <iosfwd>

namespace backtrail::inspect {

/// Runs the sweep, as `run()` does, and writes what the run has executed: an array of JSON, one event for
/// each step of the plan,
///
///     {"name": "tanh, sum", "cat": "pass", "ph": "X", "ts": 1.5, "dur": 20.25, "pid": 1, "tid": 1,
///      "args": {"step": 0, "tags": ["h"], "shape": [3], "bytes": 48, "flops": 9}}
///
/// with the words and figures of `explain()`, and microseconds since the run began. The first run of a
/// sweep also has the steps that depend on no variable. All runs that are not traced cost what they did.
/// If the run throws, so does this, and writes nothing.
BACKTRAIL_API void trace(std::ostream& out, sweep& s);

} // namespace backtrail::inspect
