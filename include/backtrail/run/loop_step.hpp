// SPDX-License-Identifier: BSD-3-Clause
// Tags inside loops, by step: "u[17]", and "outer[3]/u[17]" for a loop in a loop.
#pragma once

#include <backtrail/graph/node.hpp>

#include <string_view>

namespace backtrail::detail {

/// A tensor of one step of a loop, and the output as it is made with this step written out. Its
/// derivative with respect to the tensor is the adjoint of the tag at that step.
struct opened_step {
    node_ptr output, tagged;
};

/// The name of a tag with the step of each loop around it, the outermost first. Throws tag_error if no
/// loop that y depends on has such a tag or if there are several, index_error if the loop has no
/// such step.
[[nodiscard]] BACKTRAIL_API opened_step open_step(const node_ptr& y, std::string_view path);

/// Names of tags inside the loops that y depends on, with [] for each loop.
[[nodiscard]] BACKTRAIL_API std::vector<std::string> tags_in_loops(const node_ptr& y);

} // namespace backtrail::detail
