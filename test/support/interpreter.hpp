// SPDX-License-Identifier: BSD-3-Clause
// What a graph means, for tests of the engine: every node is computed alone, from the stored values of
// its inputs, by its own operation. Nothing is planned, joined, reordered, left out or computed in
// place, and no code of the planner or of the replay loop is shared.
#pragma once

#include <backtrail/graph/node.hpp>

#include <functional>
#include <span>
#include <vector>

namespace backtrail::test {

/// The elements of an array: where its layout says, in a block that views share.
struct stored_value {
    buffer data;
    dtype type = dtype::float64;
    layout extents;

    /// The elements in row-major order.
    [[nodiscard]] std::vector<std::byte> bytes() const;
};

/// Called with every node and its value, inputs first. Nodes with several outputs are passed over: each output comes
/// with its `pick`.
using observer = std::function<void(const node_ptr&, const stored_value&)>;

/// Computes all nodes that the roots depend on.
void interpret(std::span<const node_ptr> roots, const observer& observe);

} // namespace backtrail::test
