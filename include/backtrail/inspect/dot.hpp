// SPDX-License-Identifier: BSD-3-Clause
// Graphs as pictures: the language of Graphviz.
#pragma once

#include <backtrail/sweep/sweep.hpp>

#include <iosfwd>

namespace backtrail::inspect {

struct dot_options {
    bool all_nodes = false;   ///< also those without a tag; else they are drawn as part of an edge
    bool derivatives = false; ///< dashed edges back along which an adjoint flows
};

namespace detail {
BACKTRAIL_API void dot(std::ostream& out, const node_ptr& y, const dot_options& options);
}

/// Writes what y depends on as a Graphviz graph: tags and variables with operation, type and shape, the
/// scopes of tags as boxes. `dot -Tsvg` makes a picture of it.
template <class Y>
void dot(std::ostream& out, const expr<Y>& y, const dot_options& options = {})
{
    detail::dot(out, backtrail::detail::node_of(y), options);
}
/// The graph of a sweep as it is computed, edits and all.
BACKTRAIL_API void dot(std::ostream& out, const sweep& s, const dot_options& options = {});

} // namespace backtrail::inspect
