// SPDX-License-Identifier: BSD-3-Clause
// States that a loop carries with zeros around them, because its body pads them.
#pragma once

#include <backtrail/graph/build.hpp>
#include <backtrail/graph/function.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace backtrail::detail {

/// A state that is carried with zeros around it.
struct padded_state {
    std::size_t index = 0;
    shape whole;
    std::vector<slice> inside;
    /// The state itself, of the padded array.
    [[nodiscard]] node_ptr cut(const node_ptr& padded) const { return slice_axes(padded, inside); }
};

/// A body that pads a state, as stencils do, would copy it into its zeros in each step, and again to reverse
/// it. So that state is carried as the padded array: a step then writes the next one within its zeros.
/// `inputs` are the nodes behind the body's parameters, the step excepted.
[[nodiscard]] std::vector<padded_state> carry_padded(graph_function& body,
                                                     std::vector<node_ptr>& inputs,
                                                     std::size_t states);

/// Of a state that is carried with its zeros, where the body reads it without them, so that a tag of the
/// state stands there: the padded array, whose cotangent alone is the whole of it, and how to cut the
/// state's out of that. Nothing for other nodes.
struct cut_out {
    node_ptr padded;
    std::function<node_ptr(const node_ptr&)> cut;
};
[[nodiscard]] std::optional<cut_out> cut_out_of(const node_ptr& n);

} // namespace backtrail::detail
