// SPDX-License-Identifier: BSD-3-Clause
// A step of a loop cut in two where its reverse mode begins: one half runs the step and leaves what the
// other half needs, so that nothing of the step is computed again.
#pragma once

#include "loop_form.hpp"

#include <optional>

namespace backtrail {

/// What the reverse mode of a step needs besides the step's parameters is its record. What only moves
/// elements is done again rather than kept.
struct step_split {
    step_split(const loop_form& forward, const loop_form& reverse);

    /// Parameters: the loop's. Results: those of its body, then, while: the condition; then the
    /// parts of the record that are not states.
    std::shared_ptr<const body> record;
    /// Parameters: those of the reverse body, then the same parts. Results: those of the reverse body.
    std::shared_ptr<const body> replay;
    std::vector<char> needs_state; ///< states that are part of the record
    std::size_t first_part = 0;    ///< among the results of `record`
    std::size_t parts = 0;
    std::size_t bytes = 0; ///< of a record

    /// False if states are all that there is to keep.
    [[nodiscard]] bool is_of_use() const { return parts > 0; }
};

/// The records of the steps run so far.
class step_records {
public:
    /// Before step k is run.
    void keep_states(const step_split& split, const body_runner& from);
    /// After it.
    void keep_parts(const step_split& split, const body_runner& from);
    /// Gives the last record to `to` and forgets it. States are its parameters from `first_state` on.
    void take(const step_split& split, body_runner& to, std::size_t first_state,
              std::size_t first_part);
    [[nodiscard]] std::size_t count() const { return records_.size(); }

private:
    std::vector<std::vector<body_runner::value>> records_;
};

} // namespace backtrail
