// SPDX-License-Identifier: BSD-3-Clause
// Loops that are run for their value and for their reverse mode in one request run once: on its way the
// loop keeps the states with which the reverse mode begins.
#pragma once

#include <backtrail/graph/node.hpp>

#include <vector>

namespace backtrail::detail {

/// The same values as those of `requested`, in the same order, made of loops that record their states
/// where one of the reverse modes asked for can take them over.
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> share_loop_states(
    std::span<const node_ptr> requested);

} // namespace backtrail::detail
