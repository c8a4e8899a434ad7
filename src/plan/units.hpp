// SPDX-License-Identifier: BSD-3-Clause
// The first half of planning: which nodes run as one step, and in what order the steps come.
#pragma once

#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/traversal.hpp>

namespace backtrail {

inline constexpr std::uint32_t none = node_map::absent;

/// Nodes that run as one step: a fused node, the sum over it, and its pullback.
struct unit {
    std::uint32_t fused = none, total = none, pullback = none, single = none;
};

/// The nodes a request depends on, joined to units. The sum over all of a fused node runs inside
/// its kernel, and so does its pullback, if the cotangent does not wait for the sum.
class unit_graph {
public:
    explicit unit_graph(std::span<const node_ptr> requested);

    /// The nodes, each after its inputs.
    [[nodiscard]] const std::vector<node_ptr>& nodes() const { return nodes_; }
    /// Place of a node in `nodes()`.
    [[nodiscard]] std::uint32_t at(const node_ptr& n) const { return index_.find(n.get()); }
    /// The units, each after what it reads.
    [[nodiscard]] const std::vector<unit>& units() const { return units_; }
    /// How many inputs of nodes a node is.
    [[nodiscard]] std::uint32_t readers(std::uint32_t i) const { return readers_[i]; }

    /// How many nodes a unit reads, and the k-th of them.
    [[nodiscard]] std::size_t input_count(const unit& u) const
    {
        const std::uint32_t first = u.single != none ? u.single : u.fused;
        return nodes_[first]->inputs().size() + (u.pullback != none ? 1 : 0);
    }
    [[nodiscard]] std::uint32_t input(const unit& u, std::size_t k) const
    {
        const auto inputs = nodes_[u.single != none ? u.single : u.fused]->inputs();
        return at(k < inputs.size() ? inputs[k] : nodes_[u.pullback]->inputs().back());
    }

private:
    void form();
    void order();
    void add_unit(const unit& u, std::initializer_list<std::uint32_t> members);
    [[nodiscard]] std::uint32_t primal_of(std::uint32_t i, const fused_pullback& pb) const;
    [[nodiscard]] bool is_independent(std::uint32_t i, std::uint32_t f, std::uint32_t sum) const;

    std::vector<node_ptr> nodes_;
    node_map index_;
    std::vector<unit> units_;
    std::vector<std::uint32_t> unit_of_, readers_;
    std::vector<std::pair<const operation*, std::uint32_t>> summed_; ///< fused nodes under a sum
};

} // namespace backtrail
