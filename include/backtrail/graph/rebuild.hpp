// SPDX-License-Identifier: BSD-3-Clause
// Graphs made anew with some of their nodes replaced.
#pragma once

#include <backtrail/graph/node.hpp>

#include <functional>

namespace backtrail::detail {

/// What a node becomes, from what its inputs have become; empty: the same operation on these.
using remake = std::function<node_ptr(const node_ptr& n, std::span<const node_ptr> inputs)>;

/// The roots made anew. Nodes with nothing new below them are shared; tags go with the copies.
[[nodiscard]] std::vector<node_ptr> rebuild(std::span<const node_ptr> roots, const remake& make);

/// A node that takes the place of n, new and not seen by anybody: with the tags and the place of n.
[[nodiscard]] node_ptr marked_as(const node_ptr& n, node_ptr made);

} // namespace backtrail::detail
