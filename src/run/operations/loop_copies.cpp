// SPDX-License-Identifier: BSD-3-Clause
// Graphs whose loops are copies, those inside of loops included.
#include "loop_operations.hpp"

#include <backtrail/graph/rebuild.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/run/loop_memory.hpp>

#include <algorithm>

namespace backtrail::detail {
namespace {

bool is_loop(const node_ptr& n)
{
    return dynamic_cast<const loop_operation*>(&n->op()) != nullptr ||
           dynamic_cast<const loop_pullback_operation*>(&n->op()) != nullptr;
}

/// Copies what loops and their reverse modes share once.
class loop_copier {
public:
    std::vector<node_ptr> copy(std::span<const node_ptr> roots)
    {
        const auto order = topological_order(roots);
        if (std::none_of(order.begin(), order.end(), is_loop)) return {roots.begin(), roots.end()};
        return rebuild(roots, [&](const node_ptr& n, std::span<const node_ptr> inputs) {
            const operation_ptr op = copy_of(n->op());
            return op ? marked_as(n, make_node(op, n->type(), n->shape(), inputs)) : node_ptr();
        });
    }

private:
    operation_ptr copy_of(const operation& op)
    {
        if (const auto* loop = dynamic_cast<const loop_operation*>(&op)) {
            return make_operation<loop_operation>(copy(loop->shared_form()),
                                                  copy(loop->settings()));
        }
        if (const auto* back = dynamic_cast<const loop_pullback_operation*>(&op)) {
            return make_operation<loop_pullback_operation>(
                copy(back->forward()), copy(back->reverse()), copy(back->settings()));
        }
        return {};
    }
    std::shared_ptr<loop_settings> copy(const std::shared_ptr<loop_settings>& s)
    {
        auto& copied = settings_[s.get()];
        if (!copied) copied = std::make_shared<loop_settings>(s);
        return copied;
    }
    std::shared_ptr<const loop_form> copy(const std::shared_ptr<const loop_form>& f)
    {
        auto& copied = forms_[f.get()];
        if (!copied) {
            graph_function g = f->function();
            g.results = copy(g.results);
            const auto made =
                f->is_while()
                    ? std::make_shared<loop_form>(std::move(g), f->begin->function(), f->states,
                                                  f->first, f->all_seen())
                    : std::make_shared<loop_form>(std::move(g), f->steps, f->is_backward, f->states,
                                                  f->slices, f->first, f->all_seen());
            made->keeps = f->keeps;
            made->is_derivative = f->is_derivative;
            copied = made;
        }
        return copied;
    }

    std::map<const loop_settings*, std::shared_ptr<loop_settings>> settings_;
    std::map<const loop_form*, std::shared_ptr<const loop_form>> forms_;
};

} // namespace

std::vector<node_ptr> with_own_loops(std::span<const node_ptr> requested)
{
    return loop_copier().copy(requested);
}

} // namespace backtrail::detail
