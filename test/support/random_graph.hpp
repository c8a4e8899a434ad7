// SPDX-License-Identifier: BSD-3-Clause
// Random graphs over the whole catalogue, for tests of the engine: the same seed makes the same graph,
// from new nodes. They have what plans stumble over: operands that broadcast, views of views, empty
// arrays and arrays of many tiles, work that is done twice, work on constants alone, masks, integers,
// both floating types, nodes used often and nodes used never.
#pragma once

#include <backtrail/graph/node.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backtrail::test {

struct random_graph {
    std::vector<node_ptr> variables;
    node_ptr loss; ///< a single number
};

/// A graph of 5 to 60 nodes before the loss, in float or double.
[[nodiscard]] random_graph make_random_graph(std::uint64_t seed);

/// A constant of that shape, in the graph's manner of random numbers.
[[nodiscard]] node_ptr random_constant(std::uint64_t seed, dtype type, const shape& s);

/// `x` as a sum over all elements of x w, with w a random constant.
[[nodiscard]] node_ptr weighted_sum(std::uint64_t seed, const node_ptr& x);

/// One node a line: number, op, shape, type, inputs.
[[nodiscard]] std::string list_nodes(std::span<const node_ptr> order);

} // namespace backtrail::test
