// SPDX-License-Identifier: BSD-3-Clause
// Pairs of a loop and its reverse mode, and the copy of the graph in which they are joined.
#include <backtrail/run/loop_sharing.hpp>

#include "loop_operations.hpp"

#include <backtrail/graph/function.hpp>
#include <backtrail/graph/traversal.hpp>

#include <algorithm>

namespace backtrail::detail {
namespace {

/// A loop and the reverse mode that takes its states; which of the two is met first depends on
/// whether the cotangent depends on the loop.
struct pair {
    node_ptr loop, pullback;
    node_ptr recording; ///< the loop that records, once it is made
    std::shared_ptr<loop_handover> handover = {};
};

std::vector<pair> find_pairs(const std::vector<node_ptr>& order)
{
    std::vector<pair> pairs;
    for (const auto& n : order) {
        if (dynamic_cast<const loop_pullback_operation*>(&n->op()) != nullptr) {
            pairs.push_back({{}, n, {}});
        }
    }
    if (pairs.empty()) return pairs;
    for (const auto& n : order) {
        const auto* loop = dynamic_cast<const loop_operation*>(&n->op());
        if (loop == nullptr) continue;
        const auto belongs = [&](const pair& p) {
            const auto& back = static_cast<const loop_pullback_operation&>(p.pullback->op());
            return !p.loop && !back.takes_recording() && back.settings() == loop->settings() &&
                   std::ranges::equal(n->inputs(), p.pullback->inputs().first(n->inputs().size()));
        };
        const auto found = std::find_if(pairs.begin(), pairs.end(), belongs);
        if (found != pairs.end()) found->loop = n;
    }
    std::erase_if(pairs, [](const pair& p) { return !p.loop; });
    return pairs;
}

} // namespace

std::vector<node_ptr> share_loop_states(std::span<const node_ptr> requested)
{
    const std::vector<node_ptr> order = topological_order(requested);
    std::vector<pair> pairs = find_pairs(order);
    if (pairs.empty()) return {requested.begin(), requested.end()};
    node_map index, pair_of;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        pair_of.set(pairs[k].loop.get(), static_cast<std::uint32_t>(k));
        pair_of.set(pairs[k].pullback.get(), static_cast<std::uint32_t>(k));
    }
    std::vector<node_ptr> copies, inputs;
    for (const auto& n : order) {
        inputs.clear();
        bool differs = false;
        for (const auto& input : n->inputs()) {
            inputs.push_back(copies[index.find(input.get())]);
            differs |= !(inputs.back() == input);
        }
        index.set(n.get(), static_cast<std::uint32_t>(copies.size()));
        const auto k = pair_of.find(n.get());
        if (k == node_map::absent) {
            copies.push_back(differs ? make_node(n->op_handle(), n->type(), n->shape(), inputs)
                                     : n);
            continue;
        }
        pair& p = pairs[k];
        if (!p.recording) {
            p.handover = std::make_shared<loop_handover>();
            p.recording =
                make_node(make_operation<loop_operation>(
                              static_cast<const loop_operation&>(p.loop->op()), p.handover),
                          p.loop->type(), p.loop->shape(),
                          std::span<const node_ptr>(inputs).first(p.loop->inputs().size()));
        }
        if (n == p.loop) {
            copies.push_back(p.recording);
        } else {
            inputs.push_back(p.recording);
            copies.push_back(
                make_node(make_operation<loop_pullback_operation>(
                              static_cast<const loop_pullback_operation&>(n->op()), p.handover),
                          n->type(), n->shape(), inputs));
        }
    }
    std::vector<node_ptr> results;
    for (const auto& n : requested) results.push_back(copies[index.find(n.get())]);
    return results;
}

} // namespace backtrail::detail
