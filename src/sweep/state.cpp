// SPDX-License-Identifier: BSD-3-Clause
// Planning and running what was asked.
#include "state.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/run/control.hpp>
#include <backtrail/run/loop_sharing.hpp>
#include <backtrail/run/threads.hpp>
#include <backtrail/sweep/reducers.hpp>

#include <algorithm>

namespace backtrail::detail {

void sweep_state::forget_plan()
{
    is_complete = false;
    joint.reset();
    exec.reset();
    memory.reset();
    outputs.clear();
    counts.clear();
    planned.clear();
    audience.clear();
    watches.clear();
    origins.clear();
    late.clear();
}

const name_table& sweep_state::current_names()
{
    if (!names_are_known) names = name_table(request.roots());
    names_are_known = true;
    return names;
}

std::vector<std::pair<std::string, node_ptr>> sweep_state::resolve(const target& x)
{
    if (is_steps(x)) {
        throw tag_error(
            "[sweep] \"" + x.pattern +
            "\" is in a loop or in a region: it can be kept, observed and read, but not "
            "edited, cut or seeded");
    }
    if (!x.n) {
        // Tags may have been given since.
        if (has_wildcards(x.pattern) || !current_names().contains(x.pattern)) {
            names_are_known = false;
        }
        return current_names().match(x.pattern);
    }
    const auto tags = x.n->tags();
    request.beside.push_back(x.n);
    names_are_known = false;
    return {{tags.empty() ? std::string(x.n->op().name()) : tags.front(), x.n}};
}

bool sweep_state::is_steps(const target& x)
{
    if (x.n || current_names().contains(x.pattern)) return false;
    if (x.pattern.find('[') != x.pattern.npos) return true;
    if (has_wildcards(x.pattern)) return false;
    names_are_known = false; // tags may have been given since
    return !current_names().contains(x.pattern) &&
           !match_steps(request.output, parse_steps(x.pattern), quantity::value, 1, false).empty();
}

std::vector<item> sweep_state::items_of(quantity what, const target& x, bool is_stacked)
{
    const bool is_pattern = !x.n && has_wildcards(x.pattern);
    std::vector<item> items;
    if (is_steps(x) || is_pattern) {
        items = match_steps(request.output, parse_steps(x.pattern), what, x.every, is_stacked);
        if (what == quantity::tangent && !items.empty()) {
            throw value_error("[sweep] tangents of steps, \"" + x.pattern + "\", cannot be kept");
        }
        if (x.pattern.find('[') != x.pattern.npos) {
            if (items.empty()) throw_unknown_steps(request.output, x.pattern);
            return items;
        }
        if (!is_pattern) return items;
    }
    if (x.every != 1) {
        throw value_error("[every] chooses among the steps of loops, as in values(\"u[*]\") | "
                          "every(10), but \"" +
                          x.pattern + "\" names none");
    }
    if (!items.empty() && !has_outside(x.pattern)) return items;
    for (const auto& [path, n] : resolve(x)) items.push_back({what, n});
    return items;
}

std::vector<item> sweep_state::regions_of(quantity what, const std::string& pattern)
{
    return match_steps(request.output, parse_steps(pattern), what, 1, false);
}

bool sweep_state::has_outside(const std::string& pattern)
{
    names_are_known = false;
    return current_names().has_match(pattern);
}

node_ptr sweep_state::find(const target& x)
{
    if (x.n) return x.n;
    if (!current_names().contains(x.pattern)) names_are_known = false;
    return current_names().find(x.pattern);
}

// ---- planning ------------------------------------------------------------------------------------

std::vector<item> sweep_state::wanted_items()
{
    std::vector<item> items = {{quantity::value, request.output}};
    const auto is_edited = [&](quantity what, const node_ptr& n) {
        const auto is_at = [&](const auto& e) { return e.n == n; };
        return std::any_of(request.value_edits.begin(), request.value_edits.end(), is_at) ||
               (what == quantity::adjoint &&
                std::any_of(request.adjoint_edits.begin(), request.adjoint_edits.end(), is_at));
    };
    const auto want = [&](const item& i) {
        items.push_back(i);
        if (!i.by && is_edited(i.what, i.n)) items.push_back({i.what, i.n, true});
    };
    for (const auto& n : request.inputs) want({quantity::adjoint, n});
    if (request.keeps_all && !gives_up_tags) {
        names_are_known = false;
        for (const auto& [path, named] : current_names().all()) {
            want({quantity::value, named.n});
            if (is_differentiable(named.n->type())) want({quantity::adjoint, named.n});
            if (!request.tangents.empty()) want({quantity::tangent, named.n});
        }
        if (!request.tangents.empty()) want({quantity::tangent, request.output});
    }
    for (const auto& i : request.kept) want(i);
    for (const auto& i : request.also_kept) want(i);
    for (const auto& i : request.observed_steps) want(i);
    for (const auto& o : request.observations) want({o.what, o.n});
    std::vector<item> unique;
    std::map<key, char> seen;
    for (auto& i : items) {
        if (seen.emplace(key_of(i), 0).second) unique.push_back(std::move(i));
    }
    return unique;
}

void sweep_state::plan_audience(const std::vector<node_ptr>& order)
{
    node_map position;
    for (std::uint32_t i = 0; i < order.size(); ++i) position.set(order[i].get(), i);
    for (const auto& o : request.observations) {
        const auto found = outputs.find(key_of({o.what, o.n}));
        if (found != outputs.end()) {
            audience.push_back({&o, found->second});
        } else if (o.is_required) {
            throw unconnected_error(
                "[on_adjoint] there is none: " + joint->status({o.what, o.n}).reason +
                nearby(std::span(&o.n, 1)));
        }
    }
    // Values as they are computed, then adjoints, from the output back.
    const auto rank = [&](const shown& s) {
        const auto at = static_cast<std::int64_t>(position.find(s.what->n.get()));
        const bool is_value = s.what->what == quantity::value;
        return std::pair(is_value ? 0 : 1, is_value ? at : -at);
    };
    std::stable_sort(audience.begin(), audience.end(),
                     [&](const shown& a, const shown& b) { return rank(a) < rank(b); });
}

/// The counts that watch over all that is computed for the nodes, some of which may be none. Views make no
/// numbers, leaves make none either, and several outputs are watched one by one.
std::vector<node_ptr> sweep_state::plan_watches(std::vector<node_ptr> nodes)
{
    std::erase(nodes, node_ptr());
    const reduction count = count_nonfinite().as_reduction();
    const std::vector<node_ptr> order = topological_order(nodes);
    std::vector<node_ptr> watching;
    node_map has_outputs; // they are read through picks alone
    for (const auto& n : order) {
        if (n->op().as_pick() != nullptr) has_outputs.set(n->inputs()[0].get(), 0);
    }
    for (const auto& n : order) {
        const operation& op = n->op();
        if (!is_differentiable(n->type()) || has_outputs.find(n.get()) != node_map::absent ||
            op.as_fold() != nullptr || op.as_leaf() != nullptr || op.is_view() ||
            op.derivative() == passage::not_differentiable) {
            continue;
        }
        watches.push_back({n, static_cast<std::uint32_t>(watching.size())});
        watching.push_back(count.apply(without_seen(n)));
    }
    return watching;
}

void sweep_state::compile()
{
    forget_plan();
    planned = wanted_items();
    joint.emplace(request, planned);
    const auto found = joint->nodes_of(planned, request.traps_nonfinite ? &origins : nullptr);
    // What watches comes first, so that it is planned beside what it watches.
    std::vector<node_ptr> nodes;
    if (request.traps_nonfinite) nodes = plan_watches(found);
    node_map index;
    for (std::size_t i = 0; i < planned.size(); ++i) {
        if (!found[i]) continue;
        auto at = index.find(found[i].get());
        if (at == node_map::absent) {
            index.set(found[i].get(), at = static_cast<std::uint32_t>(nodes.size()));
            nodes.push_back(found[i]);
        }
        outputs.emplace(key_of(planned[i]), at);
    }
    for (const item& i : planned) {
        const node_ptr count = i.at ? joint->count_of(i) : node_ptr();
        if (!count) continue;
        counts.emplace_back(i.at->loops.front(), static_cast<std::uint32_t>(nodes.size()));
        nodes.push_back(count);
    }
    if (!request.observations.empty()) plan_audience(topological_order(request.roots()));
    computed = share_loop_states(with_own_loops(nodes));
    plan p = make_plan(computed);
    if (!request.observed_steps.empty()) { // they are to be called in each run
        for (step& s : p.steps) s.once = false;
    }
    exec.emplace(std::move(p));
    memory.emplace(*exec);
}

namespace {

void require_budget(std::size_t budget, const loop_memory& m)
{
    if (budget >= m.minimum_bytes()) return;
    throw budget_error("[memory] a budget of " + std::to_string(budget) +
                       " bytes cannot be met: a run needs at least " +
                       std::to_string(m.minimum_bytes()));
}

} // namespace

/// Tags are given up before anything is computed again.
void sweep_state::obey_budget()
{
    if (!request.budget) return;
    const auto fit = [&] {
        if (*request.budget < memory->minimum_bytes()) return false;
        memory->fit(*request.budget);
        return memory->keeps_everything();
    };
    if (fit() || !request.keeps_all) return;
    gives_up_tags = true;
    compile();
    fit();
}

void sweep_state::prepare()
{
    if (exec) return;
    gives_up_tags = false;
    compile();
    threads = num_threads();
    obey_budget();
}

/// More threads have more workspaces. A run that is complete stays as it is.
void sweep_state::follow_threads()
{
    if (!exec || is_complete || threads == num_threads()) return;
    if (request.budget) {
        forget_plan();
    } else {
        memory.emplace(*exec);
        threads = num_threads();
    }
}

/// The least that a run can do with, if need be without the tags that nobody asked for.
std::size_t sweep_state::minimum_bytes() const
{
    const std::size_t bytes = memory->minimum_bytes();
    if (!request.keeps_all || gives_up_tags) return bytes;
    sweep_state bare;
    bare.request = request;
    bare.request.keeps_all = false;
    bare.request.budget.reset();
    bare.prepare();
    return std::min(bytes, bare.memory->minimum_bytes());
}

memory_plan sweep_state::describe_memory()
{
    follow_threads();
    prepare();
    memory_plan p;
    p.peak_bytes = memory->peak_bytes();
    p.minimum_bytes = minimum_bytes();
    p.budget = request.budget;
    p.gives_up_tags = gives_up_tags;
    for (const reversed_loop& l : memory->loops()) {
        memory_plan::loop shown;
        shown.name = l.name;
        shown.tags = l.tags;
        shown.steps = l.steps;
        shown.kept = l.slots;
        shown.bytes = l.bytes;
        if (l.table) shown.mixed_bytes = l.room_bytes;
        shown.is_recorded = l.is_recorded && !l.table;
        if (l.steps) {
            if (l.slots == 0 && !l.table) shown.kept = l.most();
            shown.recomputed = l.recomputed();
        }
        p.loops.push_back(std::move(shown));
    }
    return p;
}

executor sweep_state::small_plan(std::span<const node_ptr> wanted) const
{
    executor e(make_plan(share_loop_states(with_own_loops(wanted))));
    if (request.budget) {
        loop_memory m(e);
        require_budget(*request.budget, m);
        m.fit(*request.budget);
    }
    return e;
}

// ---- running -------------------------------------------------------------------------------------

void sweep_state::run(const std::stop_token& stop)
{
    is_complete = false;
    follow_threads();
    prepare();
    if (request.budget) require_budget(*request.budget, *memory);
    {
        const run_control control(stop, request.report, memory->steps(), request.verifies);
        exec->run();
    }
    if (request.traps_nonfinite) {
        is_complete = true; // what went wrong can be looked at
        report_nonfinite(*this);
        is_complete = false;
    }
    for (const shown& s : audience) s.what->f(s.what->path, output_of(*exec, s.output));
    ++runs;
    is_complete = true;
    try {
        for (const auto& f : request.run_hooks) f(runs);
    } catch (...) {
        is_complete = false;
        throw;
    }
}

} // namespace backtrail::detail
