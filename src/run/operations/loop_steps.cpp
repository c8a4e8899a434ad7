// SPDX-License-Identifier: BSD-3-Clause
// Loops that let their steps be seen: the same body with more results, inner loops first.
#include <backtrail/run/loop_steps.hpp>

#include "loop_operations.hpp"
#include "loop_padding.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/rebuild.hpp>
#include <backtrail/graph/traversal.hpp>

#include <set>

namespace backtrail::detail {
namespace {

const loop_operation* as_loop(const node_ptr& n)
{
    return dynamic_cast<const loop_operation*>(&n->op());
}

/// A view as it looks from within some of its loops.
struct inner_view {
    const step_view* view;
    std::size_t depth; ///< loops around
    [[nodiscard]] const node_ptr& loop() const { return view->loops[depth]; }
    [[nodiscard]] bool is_innermost() const { return depth + 1 == view->loops.size(); }
};

/// Called for the steps of all loops that the view is of.
step_sink filtered(const step_view& v)
{
    return
        [ranges = v.ranges, sink = v.sink](std::span<const std::size_t> steps, const buffer& data) {
            for (std::size_t i = 0; i < ranges.size(); ++i) {
                if (!ranges[i].row(steps[i])) return;
            }
            sink(steps, data);
        };
}

struct rebuilt_loop {
    node_ptr loop;
    std::vector<std::size_t> index; ///< by view, among what is seen, or among the cotangents
};

/// A loop applied to `inputs` that lets all views see into it, which are views of `loop` or of one that
/// computes the same.
rebuilt_loop rebuild_loop(const loop_operation& loop, std::span<const node_ptr> inputs,
                          std::span<const inner_view> views)
{
    const loop_form& f = loop.form();
    // Loops of the body that are looked into, each with its views.
    std::vector<std::pair<node_ptr, std::vector<std::size_t>>> inside;
    for (std::size_t i = 0; i < views.size(); ++i) {
        if (views[i].is_innermost()) continue;
        const node_ptr& inner = views[i].view->loops[views[i].depth + 1];
        auto found = std::find_if(inside.begin(), inside.end(),
                                  [&](const auto& entry) { return entry.first == inner; });
        if (found == inside.end()) found = inside.insert(found, {inner, {}});
        found->second.push_back(i);
    }
    std::vector<rebuilt_loop> made(inside.size());
    const auto make = [&](const node_ptr& n, std::span<const node_ptr> n_inputs) {
        for (std::size_t k = 0; k < inside.size(); ++k) {
            if (!(inside[k].first == n)) continue;
            std::vector<inner_view> deeper;
            for (const std::size_t i : inside[k].second) {
                deeper.push_back({views[i].view, views[i].depth + 1});
            }
            made[k] = rebuild_loop(*as_loop(n), n_inputs, deeper);
            const node_ptr result = primary_result(as_loop(made[k].loop)->form(), made[k].loop);
            return result == made[k].loop ? result : marked_as(n, result);
        }
        return node_ptr();
    };

    std::vector<node_ptr> roots = f.function().results;
    for (const auto& v : views) {
        if (v.is_innermost()) roots.push_back(v.view->tagged);
    }
    for (const auto& [inner, of] : inside) roots.push_back(inner);
    const std::vector<node_ptr> copies = rebuild(roots, make);

    rebuilt_loop result;
    result.index.resize(views.size());
    graph_function body{f.function().parameters, {}};
    body.results.assign(copies.begin(),
                        copies.begin() + static_cast<long>(f.function().results.size()));
    std::vector<seen_steps> seen = f.all_seen();
    std::vector<seen_cotangent> cotangents;
    std::size_t next = f.function().results.size();
    for (std::size_t i = 0; i < views.size(); ++i) {
        const step_view& v = *views[i].view;
        seen_steps steps{v.ranges[views[i].depth]};
        if (views[i].is_innermost() && v.sink) steps.sink = filtered(v);
        node_ptr n, inner;
        std::size_t inner_index = 0;
        if (views[i].is_innermost()) {
            n = copies[next++];
        } else {
            for (std::size_t k = 0; k < inside.size(); ++k) {
                const auto& of = inside[k].second;
                const auto at = std::find(of.begin(), of.end(), i);
                if (at == of.end()) continue;
                inner = made[k].loop;
                inner_index = made[k].index[static_cast<std::size_t>(at - of.begin())];
            }
        }
        if (v.is_adjoint) {
            result.index[i] = cotangents.size();
            auto reduced = n ? v.reduced : nullptr;
            if (auto state = cut_out_of(n)) {
                n = state->padded;
                reduced = [cut = std::move(state->cut), by = v.reduced](const node_ptr& bar) {
                    return by ? by(cut(bar)) : cut(bar);
                };
            }
            cotangents.push_back({n, inner, inner_index, steps, std::move(reduced)});
            continue;
        }
        if (n && v.reduced) n = v.reduced(n);
        result.index[i] = seen.size();
        seen.push_back(steps);
        body.results.push_back(n ? n : seen_of(as_loop(inner)->form(), inner, inner_index));
    }
    auto form = f.is_while() ? std::make_shared<loop_form>(std::move(body), f.begin->function(),
                                                           f.states, f.first, seen)
                             : std::make_shared<loop_form>(std::move(body), f.steps, f.is_backward,
                                                           f.states, f.slices, f.first, seen);
    form->keeps = f.keeps;
    form->is_derivative = f.is_derivative;
    form->seen_cotangents = std::move(cotangents);
    const operation_ptr op =
        make_operation<loop_operation>(form, std::make_shared<loop_settings>(loop.settings()));
    result.loop = make_node(op, form->out.type(), form->shape(), inputs);
    return result;
}

std::vector<char> is_region(std::span<const node_ptr> loops)
{
    std::vector<char> result;
    for (const auto& loop : loops) {
        const loop_form& f = as_loop(loop)->form();
        result.push_back(f.steps == 1 && f.states == 0 && f.slices == 0);
    }
    return result;
}

std::vector<inner_view> outermost(std::span<const step_view> views)
{
    std::vector<inner_view> all;
    for (const auto& v : views) all.push_back({&v, 0});
    return all;
}

} // namespace

std::vector<looped_tag> find_looped_tags(const node_ptr& y)
{
    struct frame {
        std::vector<node_ptr> roots, loops;
    };
    std::vector<looped_tag> found;
    std::vector<frame> pending = {{{y}, {}}};
    std::set<const body*> seen; // loops made from one another may share bodies
    while (!pending.empty()) {
        const frame f = std::move(pending.back());
        pending.pop_back();
        for (const auto& n : topological_order(f.roots)) {
            if (!f.loops.empty() && n->is_annotated()) {
                for (auto& tag : n->tags())
                    found.push_back({std::move(tag), f.loops, n, is_region(f.loops)});
            }
            const loop_operation* loop = as_loop(n);
            if (loop == nullptr || loop->form().is_derivative ||
                !seen.insert(loop->form().whole.get()).second)
                continue;
            frame inner = {loop->form().function().results, f.loops};
            inner.loops.push_back(n);
            pending.push_back(std::move(inner));
        }
    }
    return found;
}

std::optional<std::size_t> steps_of(const node_ptr& loop)
{
    const loop_form& f = as_loop(loop)->form();
    return f.is_while() ? std::nullopt : std::optional(f.steps);
}

void require_steps(const step_view& v, bool is_stacked)
{
    for (std::size_t i = 0; i < v.loops.size(); ++i) {
        const loop_form& f = as_loop(v.loops[i])->form();
        const step_range& r = v.ranges[i];
        if (f.is_while()) {
            if (r.last || !is_stacked) continue;
            throw value_error(
                "[keep] how many steps a while_loop has is not known: say which, as in "
                "u[0:100]" +
                nearby(std::span(&v.loops[i], 1)));
        }
        if (r.count(f.steps) > 0 && (!r.last || *r.last <= f.steps)) continue;
        if (f.steps == 0 && !r.last) continue;
        throw index_error("[tag] there is no step " +
                          std::to_string(r.last ? *r.last - 1 : r.first) + ": the loop has " +
                          std::to_string(f.steps) + " steps" + nearby(std::span(&v.loops[i], 1)));
    }
}

seen_loop see_steps(const node_ptr& loop, std::span<const step_view> views)
{
    const rebuilt_loop made = rebuild_loop(*as_loop(loop), loop->inputs(), outermost(views));
    const loop_form& f = as_loop(made.loop)->form();
    seen_loop result{primary_result(f, made.loop), made.loop, {}, {}};
    if (f.is_while()) result.count = f.out.unpack(result.result, f.states);
    for (std::size_t i = 0; i < views.size(); ++i) {
        result.seen.push_back(views[i].is_adjoint ? node_ptr()
                                                  : seen_of(f, made.loop, made.index[i]));
    }
    return result;
}

node_ptr without_seen(const node_ptr& n)
{
    if (const auto* loop = as_loop(n)) return primary_result(loop->form(), n);
    const auto* back = dynamic_cast<const loop_pullback_operation*>(&n->op());
    return back == nullptr ? n : primary_result(*back->reverse(), n);
}

std::vector<node_ptr> seen_adjoints(const node_ptr& loop, std::span<const step_view> views,
                                    std::span<const node_ptr> roots)
{
    const loop_operation& op = *as_loop(loop);
    std::vector<node_ptr> result(views.size());
    for (const auto& n : topological_order(roots)) {
        const auto* back = dynamic_cast<const loop_pullback_operation*>(&n->op());
        if (back == nullptr || back->settings() != op.settings()) continue;
        std::size_t index = 0; // cotangents are in the order of the views
        for (std::size_t i = 0; i < views.size(); ++i) {
            if (views[i].is_adjoint) result[i] = seen_of(*back->reverse(), n, index++);
        }
        break;
    }
    return result;
}

} // namespace backtrail::detail
