// SPDX-License-Identifier: BSD-3-Clause
// What reports need to know of a sweep beyond what its users read.
#pragma once

#include <backtrail/plan/plan.hpp>
#include <backtrail/sweep/sweep.hpp>

namespace backtrail::detail {

/// A sweep that is not owned: for hooks, which the sweep owns.
class weak_sweep {
public:
    explicit weak_sweep(const sweep& s) : state_(s.state_) {}
    [[nodiscard]] sweep lock() const { return sweep(state_.lock()); }

private:
    std::weak_ptr<sweep_state> state_;
};

/// The output as the sweep computes it, edits and all.
[[nodiscard]] BACKTRAIL_API node_ptr joined_output(const sweep& s);

/// A tag, and whether a run keeps it: as a whole array, which can be read without computing anything.
struct tag_entry {
    std::string path;
    node_ptr n;
    bool keeps_value = false, keeps_adjoint = false;
};
/// The tags of the last run, in the order of execution. Throws state_error if there was none.
[[nodiscard]] BACKTRAIL_API std::vector<tag_entry> tag_entries(const sweep& s);

/// The tags a pattern stands for. Throws tag_error as `keep` does.
[[nodiscard]] BACKTRAIL_API std::vector<std::pair<std::string, node_ptr>> matching_tags(
    const sweep& s, const std::string& pattern);

/// What the last run kept of a node. Throws state_error if there was none.
[[nodiscard]] BACKTRAIL_API result read_kept(const sweep& s, quantity what, const node_ptr& n);
[[nodiscard]] BACKTRAIL_API adjoint_status adjoint_status_of(const sweep& s, const node_ptr& n);

/// A step of a run, with the microseconds from the begin of the run to that of the step, and those it took.
struct timed_step {
    std::size_t number;
    step_description what;
    double start, duration;
};
/// Runs, and says when each step was executed. Throws as `run` does.
[[nodiscard]] BACKTRAIL_API std::vector<timed_step> timed_run(const sweep& s);

/// What a reducer makes of an array at hand: doubles for its `decode`.
[[nodiscard]] BACKTRAIL_API buffer reduce_array(const result& r, const reduction& by);

} // namespace backtrail::detail
