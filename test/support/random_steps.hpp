// SPDX-License-Identifier: BSD-3-Clause
// The steps by which random graphs grow: each takes values of a pool and makes one more, or none where it
// finds nothing to work on.
#pragma once

#include "random_pool.hpp"

#include <vector>

namespace backtrail::test {

struct random_step {
    node_ptr (*make)(random_pool&);
    std::size_t weight; ///< how often it should come, beside the others
};

[[nodiscard]] std::vector<random_step> elementwise_steps();
[[nodiscard]] std::vector<random_step> structure_steps();

/// One of the ops of the catalogue, whose turn it is.
[[nodiscard]] node_ptr op_in_turn(random_pool& p, std::uint64_t turn);
/// A statement of several ops: one of the steps, and what reductions like to have before them.
[[nodiscard]] node_ptr expression(random_pool& p);

} // namespace backtrail::test
