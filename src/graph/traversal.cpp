// SPDX-License-Identifier: BSD-3-Clause
// The plain walk: every node after its inputs.
#include <backtrail/graph/traversal.hpp>

namespace backtrail {

std::vector<node_ptr> topological_order(std::span<const node_ptr> roots, below which)
{
    struct frame {
        node_ptr n;
        std::size_t next = 0;
    };
    std::vector<node_ptr> order;
    std::vector<frame> stack;
    node_map seen;
    for (const auto& root : roots) {
        if (seen.find(root.get()) != node_map::absent) continue;
        seen.set(root.get(), 0);
        stack.push_back({root});
        while (!stack.empty()) {
            frame& top = stack.back();
            if (top.next < top.n->inputs().size()) {
                const std::size_t k = top.next++;
                if (which == below::read && !top.n->op().reads(k)) continue;
                const node_ptr& input = top.n->inputs()[k];
                if (seen.find(input.get()) == node_map::absent) {
                    seen.set(input.get(), 0);
                    stack.push_back({input});
                }
            } else {
                order.push_back(std::move(top.n));
                stack.pop_back();
            }
        }
    }
    return order;
}

} // namespace backtrail
