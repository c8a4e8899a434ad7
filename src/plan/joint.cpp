// SPDX-License-Identifier: BSD-3-Clause
// Numbering and merging the nodes of a request.
#include "joint.hpp"

#include <algorithm>
#include <bit>

namespace backtrail {

joint_graph::joint_graph(std::span<const node_ptr> requested)
    : nodes_(topological_order(requested, below::read)), first_input_(nodes_.size() + 1, 0),
      same_(nodes_.size()), is_constant_(nodes_.size()), is_requested_(nodes_.size()),
      table_(std::bit_ceil(2 * nodes_.size() + 1), none)
{
    node_map index;
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
        const node& n = *nodes_[i];
        const leaf_storage* leaf = n.op().as_leaf();
        bool is_constant = leaf == nullptr || !leaf->is_variable();
        for (std::size_t k = 0; k < n.inputs().size(); ++k) {
            if (!n.op().reads(k)) continue;
            inputs_.push_back(index.find(n.inputs()[k].get()));
            is_constant &= is_constant_[inputs_.back()] != 0;
        }
        first_input_[i + 1] = static_cast<std::uint32_t>(inputs_.size());
        is_constant_[i] = is_constant;
        same_[i] = find_same(i);
        index.set(&n, same_[i]);
    }
    for (const auto& n : requested) {
        requested_.push_back(index.find(n.get()));
        is_requested_[requested_.back()] = 1;
    }
}

std::size_t joint_graph::position(std::uint32_t i, std::size_t k) const
{
    std::size_t at = 0;
    for (std::size_t j = 0; j < k; ++j) at += nodes_[i]->op().reads(j) ? 1 : 0;
    return at;
}

std::uint32_t joint_graph::find_same(std::uint32_t i)
{
    std::size_t hash = nodes_[i]->op().hash();
    for (const std::uint32_t input : inputs(i)) {
        hash = (hash ^ input) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    for (std::size_t at = hash;; ++at) {
        std::uint32_t& slot = table_[at & (table_.size() - 1)];
        if (slot == none) return slot = i;
        if (are_same(i, slot)) return slot;
    }
}

bool joint_graph::are_same(std::uint32_t i, std::uint32_t j) const
{
    const node &a = *nodes_[i], &b = *nodes_[j];
    return a.type() == b.type() && a.op().same_as(b.op()) &&
           std::ranges::equal(inputs(i), inputs(j)) && a.shape() == b.shape();
}

} // namespace backtrail
