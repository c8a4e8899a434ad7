// SPDX-License-Identifier: BSD-3-Clause
// States of a loop that can be had again from what it hands out of its steps: where a tag of the state is kept,
// its reversal need not run the steps before.
#pragma once

#include "loop_form.hpp"

namespace backtrail {

class loop_restarts {
public:
    /// Nothing if the states after a step are not what is seen of it, with the elements in other places at most.
    [[nodiscard]] static std::shared_ptr<const loop_restarts> of(const loop_form& f);

    /// Numbers of the states, sorted; state k is the one before the step that runs as number k.
    [[nodiscard]] const std::vector<std::size_t>& states() const { return states_; }
    /// Makes the states before step k the first results of `runner`, which is one of `restart()`.
    void run(std::size_t k, const loop_form& f, const void* result, body_runner& runner) const;
    /// From what is seen to the states.
    [[nodiscard]] const std::shared_ptr<const body>& restart() const { return restart_; }

private:
    std::vector<std::size_t> states_;
    std::vector<std::vector<std::size_t>>
        seen_; ///< by parameter of `restart`: where the loop hands it out
    std::shared_ptr<const body> restart_;
};

} // namespace backtrail
