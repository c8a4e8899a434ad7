// SPDX-License-Identifier: BSD-3-Clause
// A function of tensors held as a graph: parameters that have no value, and results made of them and of
// nothing else. It is what a loop keeps of its body, and can be planned, called and differentiated.
#pragma once

#include <backtrail/graph/node.hpp>

#include <vector>

namespace backtrail {

struct graph_function {
    std::vector<node_ptr> parameters, results;
};

namespace detail {

/// A node that stands for a value to come. Asking for its value throws state_error, which says that
/// it belongs to `what`.
[[nodiscard]] BACKTRAIL_API node_ptr make_placeholder(const shape& s, dtype type,
                                                      std::string_view what);

/// The roots as they would be if they had been made of `to` instead of `from`. Nodes that do not
/// depend on `from` are shared; tags go with the copies.
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> substitute(std::span<const node_ptr> roots,
                                                             std::span<const node_ptr> from,
                                                             std::span<const node_ptr> to);
/// The results of f for the given arguments.
[[nodiscard]] inline std::vector<node_ptr> call(const graph_function& f,
                                                std::span<const node_ptr> arguments)
{
    return substitute(f.results, f.parameters, arguments);
}

/// Closes a function that was recorded with nodes from outside: those that the results depend on and
/// that do not depend on the parameters are returned, and become parameters, behind the others.
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> capture(graph_function& f);

} // namespace detail
} // namespace backtrail
