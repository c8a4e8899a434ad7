// SPDX-License-Identifier: BSD-3-Clause
// Pairs of a loop and its reverse mode, and the copy of the graph in which they are joined.
#include <backtrail/run/loop_sharing.hpp>

#include "loop_operations.hpp"

#include <backtrail/graph/rebuild.hpp>
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
    node_map pair_of;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        pair_of.set(pairs[k].loop.get(), static_cast<std::uint32_t>(k));
        pair_of.set(pairs[k].pullback.get(), static_cast<std::uint32_t>(k));
    }
    return rebuild(requested, [&](const node_ptr& n, std::span<const node_ptr> inputs) {
        const auto k = pair_of.find(n.get());
        if (k == node_map::absent) return node_ptr();
        pair& p = pairs[k];
        if (!p.recording) {
            p.handover = std::make_shared<loop_handover>(
                static_cast<const loop_pullback_operation&>(p.pullback->op()).split());
            const operation_ptr op = make_operation<loop_operation>(
                static_cast<const loop_operation&>(p.loop->op()), p.handover);
            p.recording = marked_as(p.loop, make_node(op, p.loop->type(), p.loop->shape(),
                                                      inputs.first(p.loop->inputs().size())));
        }
        if (n == p.loop) return p.recording;
        std::vector<node_ptr> with_recording(inputs.begin(), inputs.end());
        with_recording.push_back(p.recording);
        return make_node(make_operation<loop_pullback_operation>(
                             static_cast<const loop_pullback_operation&>(n->op()), p.handover),
                         n->type(), n->shape(), with_recording);
    });
}

} // namespace backtrail::detail
