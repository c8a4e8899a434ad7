// SPDX-License-Identifier: BSD-3-Clause
// Where a step is cut: at the nodes that do not depend on a cotangent and are read by some that do.
#include "loop_split.hpp"

#include <backtrail/graph/traversal.hpp>

namespace backtrail {
namespace {

std::size_t bytes_of(const node_ptr& n) { return element_count(n->shape()) * size_of(n->type()); }

/// The nodes to keep of the forward half of `reverse`.
std::vector<node_ptr> cut(const loop_form& forward, const graph_function& reverse)
{
    const std::vector<node_ptr> order = topological_order(reverse.results);
    enum : char { early, late, parameter, kept };
    std::vector<char> kind(order.size(), early);
    node_map index, given;
    for (const auto& p : forward.function().parameters) given.set(p.get(), 0);
    for (const auto& p : reverse.parameters) {
        if (given.find(p.get()) == node_map::absent) given.set(p.get(), 1); // a cotangent
    }
    const auto at = [&](const node_ptr& n) -> char& { return kind[index.find(n.get())]; };
    for (std::size_t i = 0; i < order.size(); ++i) {
        const node_ptr& n = order[i];
        index.set(n.get(), static_cast<std::uint32_t>(i));
        const auto role = given.find(n.get());
        if (role != node_map::absent) {
            kind[i] = role == 0 ? parameter : late;
            continue;
        }
        for (const auto& input : n->inputs()) {
            if (at(input) == late) kind[i] = late;
        }
    }
    for (const auto& n : reverse.results) {
        if (at(n) == early) at(n) = kept;
    }
    // From the results down, so that a node is decided on after all that read it.
    std::vector<node_ptr> keep;
    for (std::size_t i = order.size(); i-- > 0;) {
        const node_ptr& n = order[i];
        if (kind[i] == kept) {
            std::size_t below = 0;
            for (const auto& input : n->inputs()) {
                if (at(input) == early) below += bytes_of(input);
            }
            const bool is_cheap = n->op().moves_elements() && below <= 2 * bytes_of(n);
            if (n->inputs().empty() || (forward.keeps ? !forward.keeps(n) : is_cheap)) {
                kind[i] = late; // done again
            } else {
                keep.push_back(n);
            }
        }
        if (kind[i] != late) continue;
        for (const auto& input : n->inputs()) {
            if (at(input) == early) at(input) = kept;
        }
    }
    return keep;
}

graph_function replayed(const graph_function& reverse, std::span<const node_ptr> kept)
{
    std::vector<node_ptr> parts;
    for (const auto& n : kept) {
        parts.push_back(detail::make_placeholder(n->shape(), n->type(), "loop"));
    }
    graph_function f{reverse.parameters, detail::substitute(reverse.results, kept, parts)};
    f.parameters.insert(f.parameters.end(), parts.begin(), parts.end());
    return f;
}

} // namespace

step_split::step_split(const loop_form& forward, const loop_form& reverse)
{
    const std::vector<node_ptr> kept = cut(forward, reverse.function());
    graph_function f = forward.is_while() ? forward.advance->function() : forward.function();
    parts = kept.size();
    first_part = f.results.size();
    f.results.insert(f.results.end(), kept.begin(), kept.end());
    graph_function g = replayed(reverse.function(), kept);
    node_map used;
    for (const auto& n : topological_order(g.results)) used.set(n.get(), 0);
    for (std::size_t j = 0; j < forward.states; ++j) {
        needs_state.push_back(used.find(forward.parameter(j).get()) != node_map::absent);
        if (needs_state.back()) bytes += buffer::capacity_for(bytes_of(forward.parameter(j)));
    }
    for (const auto& n : kept) bytes += buffer::capacity_for(bytes_of(n));
    const bool keeps_memory = forward.whole->keeps_memory();
    record = std::make_shared<const body>(std::move(f), keeps_memory);
    replay = std::make_shared<const body>(std::move(g), keeps_memory);
}

void step_records::keep_states(const step_split& split, const body_runner& from)
{
    auto& record = records_.emplace_back();
    for (std::size_t j = 0; j < split.needs_state.size(); ++j) {
        if (split.needs_state[j]) record.push_back(from.parameter(1 + j));
    }
}

void step_records::keep_parts(const step_split& split, const body_runner& from)
{
    for (std::size_t k = 0; k < split.parts; ++k) {
        records_.back().push_back(from.value_of_result(split.first_part + k));
    }
}

void step_records::take(const step_split& split, body_runner& to, std::size_t first_state,
                        std::size_t first_part)
{
    auto value = records_.back().begin();
    for (std::size_t j = 0; j < split.needs_state.size(); ++j) {
        if (split.needs_state[j]) to.put(first_state + j, *value++);
    }
    for (std::size_t k = 0; k < split.parts; ++k) to.put(first_part + k, *value++);
    records_.pop_back();
}

} // namespace backtrail
