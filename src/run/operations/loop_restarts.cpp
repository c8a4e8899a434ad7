// SPDX-License-Identifier: BSD-3-Clause
// Which states of a loop can be had again, and how.
#include "loop_restarts.hpp"

#include <backtrail/graph/traversal.hpp>

#include <algorithm>

namespace backtrail {
namespace {

/// The row of a step in a stack of those that are seen.
std::optional<std::size_t> row_of(const seen_result& s, std::size_t step)
{
    const auto row = s.steps.range.row(step);
    return row && *row < s.rows ? row : std::nullopt;
}

} // namespace

std::shared_ptr<const loop_restarts> loop_restarts::of(const loop_form& f)
{
    if (f.is_while() || f.states == 0 || f.seen.empty()) return nullptr;
    const auto& results = f.function().results;
    std::vector<node_ptr> from, to;
    std::vector<std::vector<std::size_t>> seen;
    for (std::size_t e = 0; e < f.seen.size(); ++e) {
        if (f.seen[e].rows == 0) continue;
        const node_ptr& n = results[f.first_seen() + e];
        const auto at = static_cast<std::size_t>(std::ranges::find(from, n) - from.begin());
        if (at == from.size()) {
            from.push_back(n);
            to.push_back(detail::make_placeholder(n->shape(), n->type(), "loop"));
            seen.emplace_back();
        }
        seen[at].push_back(e);
    }
    graph_function restart{{}, detail::substitute(std::span(results.data(), f.states), from, to)};
    auto found = std::make_shared<loop_restarts>();
    for (const auto& n : topological_order(restart.results)) {
        const auto at = static_cast<std::size_t>(std::ranges::find(to, n) - to.begin());
        if (at < to.size()) {
            restart.parameters.push_back(n);
            found->seen_.push_back(seen[at]);
        } else if (n->inputs().empty() || !n->op().moves_elements()) {
            return nullptr; // depends on more, or would have to be computed
        }
    }
    for (std::size_t k = 0; k < f.steps; ++k) {
        const bool is_kept = std::ranges::all_of(found->seen_, [&](const auto& places) {
            return std::ranges::any_of(
                places, [&](std::size_t e) { return row_of(f.seen[e], f.index(k)).has_value(); });
        });
        if (is_kept) found->states_.push_back(k + 1);
    }
    if (found->states_.empty()) return nullptr;
    found->restart_ = std::make_shared<const body>(std::move(restart), true);
    return found;
}

void loop_restarts::run(std::size_t k, const loop_form& f, const void* result,
                        body_runner& runner) const
{
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        for (const std::size_t e : seen_[i]) {
            const seen_result& s = f.seen[e];
            const auto row = row_of(s, f.index(k - 1));
            if (!row) continue;
            runner.write(i, static_cast<const std::byte*>(result) + s.offset + *row * s.bytes);
            break;
        }
    }
    runner.run();
}

} // namespace backtrail
