// SPDX-License-Identifier: BSD-3-Clause
// Which states of a loop can be had again, and how.
#include "loop_restarts.hpp"

#include <backtrail/graph/traversal.hpp>

#include <algorithm>

namespace backtrail {

std::shared_ptr<const loop_restarts> loop_restarts::of(const loop_form& f)
{
    if (f.is_while() || f.states == 0 || f.seen.empty()) return nullptr;
    const graph_function& body_of = f.function();
    std::vector<node_ptr> from, to;
    std::vector<std::size_t> index;
    for (std::size_t e = 0; e < f.seen.size(); ++e) {
        const node_ptr& n = body_of.results[f.first_seen() + e];
        if (f.seen[e].rows == 0 || std::ranges::find(from, n) != from.end()) continue;
        from.push_back(n);
        to.push_back(detail::make_placeholder(n->shape(), n->type(), "loop"));
        index.push_back(e);
    }
    const std::span next(body_of.results.data(), f.states);
    graph_function restart{{}, detail::substitute(next, from, to)};
    node_map used;
    for (const auto& n : topological_order(restart.results)) used.set(n.get(), 0);
    const auto is_used = [&](const node_ptr& n) { return used.find(n.get()) != node_map::absent; };
    if (std::ranges::any_of(body_of.parameters, is_used)) return nullptr;
    auto found = std::make_shared<loop_restarts>();
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (!is_used(to[i])) continue;
        restart.parameters.push_back(to[i]);
        found->seen_.push_back(index[i]);
    }
    const auto is_kept = [&](std::size_t k) {
        return std::ranges::all_of(found->seen_, [&](std::size_t e) {
            const auto row = f.seen[e].steps.range.row(f.index(k));
            return row && *row < f.seen[e].rows;
        });
    };
    for (std::size_t k = 0; k < f.steps; ++k) {
        if (is_kept(k)) found->states_.push_back(k + 1);
    }
    if (found->states_.empty() || found->seen_.empty()) return nullptr;
    found->restart_ = std::make_shared<const body>(std::move(restart), true);
    return found;
}

void loop_restarts::load(std::size_t k, const loop_form& f, const void* result,
                         body_runner& to) const
{
    const body::loan runner = restart_->borrow();
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const seen_result& s = f.seen[seen_[i]];
        const std::size_t row = *s.steps.range.row(f.index(k - 1));
        runner->write(i, static_cast<const std::byte*>(result) + s.offset + row * s.bytes);
    }
    runner->run();
    for (std::size_t j = 0; j < f.states; ++j) to.put(1 + j, runner->value_of_result(j));
}

} // namespace backtrail
