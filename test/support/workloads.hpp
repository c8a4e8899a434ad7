// SPDX-License-Identifier: BSD-3-Clause
// Computations as users write them, small enough for tests: what replays and plans are asked about.
#pragma once

#include <backtrail/graph/node.hpp>

#include <string>
#include <vector>

namespace backtrail::test {

struct workload {
    std::string name;
    node_ptr loss;
    std::vector<node_ptr> variables;
};

/// sum(sin(a)*b + exp(-c*c) + log1p(a*a)) of n elements each.
[[nodiscard]] workload fused_sum(std::size_t n);
/// Ten elementwise statements, each of the one before, and their sum.
[[nodiscard]] workload chain_of_statements(std::size_t n);
/// sum(softplus(z) - y*z) with z = X w.
[[nodiscard]] workload logistic_regression();

/// All of them: sums, a logistic regression, networks, one of them for several threads, a reaction with diffusion,
/// reductions over inner and outer axes, gathers and scatters, orders, scans, products, masks, float, a Hessian times
/// a vector.
[[nodiscard]] std::vector<workload> workloads();

} // namespace backtrail::test
