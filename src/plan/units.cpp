// SPDX-License-Identifier: BSD-3-Clause
// Joining nodes to units, and ordering the units.
#include "units.hpp"

#include <algorithm>

namespace backtrail {

unit_graph::unit_graph(std::span<const node_ptr> requested) : nodes_(topological_order(requested))
{
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) index_.set(nodes_[i].get(), i);
    readers_.assign(nodes_.size(), 0);
    for (const auto& n : nodes_) {
        for (const auto& input : n->inputs()) ++readers_[at(input)];
    }
    form();
    order();
}

void unit_graph::form()
{
    const std::size_t n = nodes_.size();
    unit_of_.assign(n, none);
    std::vector<std::uint32_t> sum_of(n, none), pullback_of(n, none);
    for (std::uint32_t i = 0; i < n; ++i) {
        if (!nodes_[i]->op().total_factor(nodes_[i])) continue;
        const std::uint32_t x = at(nodes_[i]->inputs()[0]);
        if (nodes_[x]->op().as_fused() != nullptr && is_differentiable(nodes_[x]->type()) &&
            sum_of[x] == none && element_count(nodes_[x]->shape()) > 0) {
            sum_of[x] = i;
            summed_.emplace_back(nodes_[x]->op_handle().get(), x);
        }
    }
    std::sort(summed_.begin(), summed_.end());
    for (std::uint32_t i = 0; i < n; ++i) {
        const auto* pb = nodes_[i]->op().as_fused_pullback();
        if (pb == nullptr) continue;
        const std::uint32_t f = primal_of(i, *pb);
        if (f != none && pullback_of[f] == none && is_independent(i, f, sum_of[f])) {
            pullback_of[f] = i;
        }
    }
    for (std::uint32_t i = 0; i < n; ++i) {
        if (sum_of[i] != none) {
            add_unit({i, sum_of[i], pullback_of[i], none}, {i, sum_of[i], pullback_of[i]});
        }
    }
    for (std::uint32_t i = 0; i < n; ++i) {
        if (unit_of_[i] == none) add_unit({none, none, none, i}, {i});
    }
}

void unit_graph::add_unit(const unit& u, std::initializer_list<std::uint32_t> members)
{
    for (std::uint32_t i : members) {
        if (i != none) unit_of_[i] = static_cast<std::uint32_t>(units_.size());
    }
    units_.push_back(u);
}

/// The fused node of which node `i` is the pullback, if it is summed.
std::uint32_t unit_graph::primal_of(std::uint32_t i, const fused_pullback& pb) const
{
    const auto x = nodes_[i]->inputs().first(nodes_[i]->inputs().size() - 1);
    const operation* op = pb.primal_handle().get();
    auto candidate = std::lower_bound(summed_.begin(), summed_.end(), std::pair(op, 0u));
    for (; candidate != summed_.end() && candidate->first == op; ++candidate) {
        if (std::ranges::equal(nodes_[candidate->second]->inputs(), x)) return candidate->second;
    }
    return none;
}

/// True if the cotangent of pullback `i` surely does not depend on nodes `f` or `sum`.
bool unit_graph::is_independent(std::uint32_t i, std::uint32_t f, std::uint32_t sum) const
{
    constexpr std::size_t horizon = 64;
    std::vector<const node*> seen = {nodes_[i]->inputs().back().get()};
    for (std::size_t k = 0; k < seen.size(); ++k) {
        if (k == horizon || seen[k] == nodes_[f].get() || seen[k] == nodes_[sum].get()) {
            return false;
        }
        for (const auto& input : seen[k]->inputs()) {
            if (std::find(seen.begin(), seen.end(), input.get()) == seen.end()) {
                seen.push_back(input.get());
            }
        }
    }
    return true;
}

void unit_graph::order()
{
    struct frame {
        std::uint32_t u;
        std::uint32_t next = 0;
    };
    std::vector<char> seen(units_.size(), 0);
    std::vector<frame> stack;
    std::vector<unit> sequence;
    sequence.reserve(units_.size());
    const auto push = [&](std::uint32_t u) {
        if (seen[u]) return;
        seen[u] = 1;
        stack.push_back({u});
    };
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
        push(unit_of_[i]);
        while (!stack.empty()) {
            frame& top = stack.back();
            const unit& u = units_[top.u];
            if (top.next < input_count(u)) {
                push(unit_of_[input(u, top.next++)]);
            } else {
                sequence.push_back(u);
                stack.pop_back();
            }
        }
    }
    units_ = std::move(sequence);
}

} // namespace backtrail
