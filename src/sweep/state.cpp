// SPDX-License-Identifier: BSD-3-Clause
// Planning and running what was asked, and reading it back.
#include "state.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/run/loop_sharing.hpp>
#include <backtrail/sweep/reducers.hpp>

#include <algorithm>
#include <cstring>

namespace backtrail::detail {

void sweep_state::forget_plan()
{
    is_complete = false;
    joint.reset();
    exec.reset();
    outputs.clear();
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
    if (request.keeps_all) {
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
            op.as_fold() != nullptr || op.as_leaf() != nullptr || op.is_view()) {
            continue;
        }
        watches.push_back({n, static_cast<std::uint32_t>(watching.size())});
        watching.push_back(count.apply(n));
    }
    return watching;
}

void sweep_state::compile()
{
    forget_plan();
    joint.emplace(request);
    planned = wanted_items();
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
    if (!request.observations.empty()) plan_audience(topological_order(request.roots()));
    computed = share_loop_states(nodes);
    exec.emplace(make_plan(computed));
}

void sweep_state::prepare()
{
    if (!exec) compile();
}

// ---- running -------------------------------------------------------------------------------------

void sweep_state::run()
{
    is_complete = false;
    prepare();
    exec->run();
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

// ---- reading -------------------------------------------------------------------------------------

result sweep_state::output_of(const executor& e, std::uint32_t i)
{
    const auto& o = e.the_plan().outputs[i];
    return {e.output(i), o.extents, o.type};
}

void sweep_state::require_run() const
{
    if (is_complete) return;
    throw state_error("[sweep] there are no results: the sweep has not run, or its last run "
                      "failed; call run()");
}

void sweep_state::require_current() const
{
    if (exec->is_current()) return;
    throw state_error("[sweep] this was not kept, and a variable has changed since the last run: "
                      "run again, or keep it (a tag, or keep(...)) before the run");
}

result sweep_state::read(const item& i, bool zeros)
{
    require_run();
    const key k = key_of(i);
    const auto kept = outputs.find(k);
    if (kept != outputs.end()) return output_of(*exec, kept->second);
    auto found = late.find(k);
    if (found == late.end() || !found->second.exec.is_current()) require_current();
    if (found == late.end()) {
        if (i.what == quantity::tangent && request.tangents.empty()) {
            throw state_error("[sweep] has no tangents: give some by tangent(x, x_dot)");
        }
        const adjoint_status s = joint->status(i);
        node_ptr wanted;
        if (s == connection::ok) {
            wanted = joint->nodes_of(std::span(&i, 1)).front();
        } else if (zeros) {
            wanted = as_node(symbol(), i.n->type(), i.n->shape());
            if (i.by) wanted = i.by->apply(wanted);
        } else {
            throw unconnected_error((i.what == quantity::adjoint ? "[adjoint]" : "[tangent]") +
                                    std::string(" there is none: ") + s.reason +
                                    nearby(std::span(&i.n, 1)));
        }
        executor small(make_plan(std::span(&wanted, 1)));
        if (s.kind != connection::ok) { // not kept: asking without zeros must still throw
            small.run();
            return output_of(small, 0);
        }
        found = late.emplace(k, late_item{i, std::move(small)}).first;
    }
    executor& small = found->second.exec;
    if (!small.is_current()) small.run();
    return output_of(small, 0);
}

result sweep_state::read_part(const node_ptr& n, const node_ptr& consumer)
{
    require_run();
    require_current();
    const adjoint_status s = joint->status({quantity::adjoint, n, true});
    if (!(s == connection::ok)) {
        throw unconnected_error("[adjoint_of_use] there is no adjoint: " + s.reason +
                                nearby(std::span(&n, 1)));
    }
    const node_ptr part = joint->part_of_use(n, consumer);
    executor small(make_plan(std::span(&part, 1)));
    small.run();
    return output_of(small, 0);
}

adjoint_status sweep_state::status(const node_ptr& n)
{
    if (!exec) compile();
    const item i{quantity::adjoint, n};
    const adjoint_status s = joint->status(i);
    if (!(s == connection::ok) || outputs.contains(key_of(i))) return s;
    return {connection::not_kept, std::string(to_string(connection::not_kept))};
}

} // namespace backtrail::detail
