// SPDX-License-Identifier: BSD-3-Clause
// Running totals along an axis of a dense array, all lines of a block side by side, so that memory is
// read in order whichever axis it is. What a line remembers lies in the workspace.
#pragma once

#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/operation.hpp>
#include <backtrail/run/operations/lines.hpp>

namespace backtrail {

/// What a running total of T is kept in. In float a long one would stop growing: 2^24 + 1 = 2^24.
template <class T>
using accumulator = std::conditional_t<std::is_same_v<T, float>, double, T>;

/// Room for one `State` per line of a block.
template <class State>
[[nodiscard]] std::size_t scan_bytes(const shape& s, std::size_t axis)
{
    return lines(s, axis).inner * sizeof(State) + block_alignment;
}

/// Calls `first(state, at)` for the first element of each line in a direction, and `next(state, at)` for
/// the others. `first` sets the state.
template <class State, class First, class Next>
void scan(const shape& s, std::size_t axis, detail::direction way, std::byte* workspace,
          First first, Next next)
{
    const lines l(s, axis);
    State* const states = reinterpret_cast<State*>(workspace);
    for (std::size_t o = 0; o < l.outer; ++o) {
        for (std::size_t j = 0; j < l.extent; ++j) {
            const bool is_forward = way == detail::direction::forward;
            const std::size_t place = is_forward ? j : l.extent - 1 - j;
            const std::size_t at = (o * l.extent + place) * l.inner;
            for (std::size_t i = 0; i < l.inner; ++i) {
                if (j == 0) {
                    first(states[i], at + i);
                } else {
                    next(states[i], at + i);
                }
            }
        }
    }
}

} // namespace backtrail
