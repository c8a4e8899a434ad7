// SPDX-License-Identifier: BSD-3-Clause
// What a sweep keeps, by tag, as bytes: read from it, compared with another run, and compared with the
// interpreter.
#pragma once

#include "interpreter.hpp"

#include <backtrail/sweep/sweep.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace backtrail::test {

using bytes = std::vector<std::byte>;

struct tagged {
    node_ptr n;
    std::string tag;
};

/// The nodes that `root` depends on and that have a value, tagged `n<place>` where `wants(place)`, by
/// their place in topological order.
std::vector<tagged> tag_nodes(const node_ptr& root, const std::function<bool(std::size_t)>& wants);

/// The adjoints of nodes as nodes; empty where there is none.
[[nodiscard]] std::vector<node_ptr> adjoint_nodes(const node_ptr& loss,
                                                  const std::vector<tagged>& nodes);

/// Everything that a sweep keeps of some nodes, by tag; `~n3` is the adjoint of n3.
using kept_results = std::map<std::string, std::pair<node_ptr, bytes>>;
[[nodiscard]] kept_results read_all(const sweep& s, const std::vector<tagged>& nodes,
                                    const std::vector<node_ptr>& bars);

/// Claims that all of `got` is in `expected`, bit for bit; two NaN are equal.
void check_same(const std::string& what, const kept_results& got, const kept_results& expected);

/// Claims that values and adjoints are what the interpreter computes, bit for bit: no rewrite of a plan rounds
/// differently.
void check_against_interpreter(const std::string& what, const sweep& s,
                               const std::vector<tagged>& nodes, const std::vector<node_ptr>& bars);

/// Element i as a double.
[[nodiscard]] double element(const bytes& b, dtype type, std::size_t i);

} // namespace backtrail::test
