// SPDX-License-Identifier: BSD-3-Clause
// The first part of planning: the nodes a request depends on, forward and derivative alike, each
// distinct computation once. Everything after this speaks of nodes by number.
#pragma once

#include <backtrail/graph/traversal.hpp>
#include <backtrail/plan/plan.hpp>

namespace backtrail {

/// The nodes of a request in topological order, without those whose values do not count. Nodes that compute the same
/// from the same inputs are merged: inputs and requests speak of the first of them, the others are to be skipped.
class joint_graph {
public:
    explicit joint_graph(std::span<const node_ptr> requested);

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
    [[nodiscard]] const node_ptr& operator[](std::uint32_t i) const { return nodes_[i]; }
    /// The inputs that node i reads.
    [[nodiscard]] std::span<const std::uint32_t> inputs(std::uint32_t i) const
    {
        return std::span(inputs_).subspan(first_input_[i], first_input_[i + 1] - first_input_[i]);
    }
    /// Where in `inputs(i)` the node's own input k is found, which it reads.
    [[nodiscard]] std::size_t position(std::uint32_t i, std::size_t k) const;
    [[nodiscard]] bool is_merged(std::uint32_t i) const { return same_[i] != i; }
    /// True if the node depends on no variable.
    [[nodiscard]] bool is_constant(std::uint32_t i) const { return is_constant_[i] != 0; }
    [[nodiscard]] std::uint32_t requests() const
    {
        return static_cast<std::uint32_t>(requested_.size());
    }
    [[nodiscard]] std::uint32_t requested(std::uint32_t k) const { return requested_[k]; }
    [[nodiscard]] bool is_requested(std::uint32_t i) const { return is_requested_[i] != 0; }

private:
    [[nodiscard]] std::uint32_t find_same(std::uint32_t i);
    [[nodiscard]] bool are_same(std::uint32_t i, std::uint32_t j) const;

    std::vector<node_ptr> nodes_;
    std::vector<std::uint32_t> first_input_, inputs_, same_, requested_;
    std::vector<char> is_constant_, is_requested_;
    std::vector<std::uint32_t> table_; ///< open addressing, by what a node computes
};

} // namespace backtrail
