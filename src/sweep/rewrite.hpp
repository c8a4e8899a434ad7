// SPDX-License-Identifier: BSD-3-Clause
// A graph with some nodes edited: what depends on an edited node is made again on top of the edit, with
// the same operations, and everything else is shared with the graph it came from.
#pragma once

#include <backtrail/graph/traversal.hpp>
#include <backtrail/sweep/sweep.hpp>

namespace backtrail::detail {

/// f(n), which must have the shape and type of n. `original` says where, in what is thrown.
[[nodiscard]] node_ptr apply_edit(const char* verb, const edit& f, const node_ptr& n,
                                  const node_ptr& original);

class edited_graph {
public:
    /// Several edits of one node follow each other. Throws shape_error or dtype_error, when the node is
    /// first asked for, if an edit returns something of another shape or type.
    void add(const node_ptr& n, edit f);
    /// What computes n here is f of what would, before any edit.
    void replace(const node_ptr& n, edit f);
    /// What computes n here, before an edit of it.
    [[nodiscard]] node_ptr made(const node_ptr& n) { return found(n).made; }
    /// What is read where n was read.
    [[nodiscard]] node_ptr used(const node_ptr& n) { return found(n).used; }

private:
    struct counterpart {
        node_ptr original, made, used;
    };
    /// By value: later ones may move it.
    counterpart found(const node_ptr& n);

    node_map edit_index_, index_;
    std::vector<std::vector<edit>> edits_;
    std::vector<std::pair<node_ptr, edit>> replacements_;
    std::vector<counterpart> counterparts_;
};

} // namespace backtrail::detail
