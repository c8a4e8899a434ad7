// SPDX-License-Identifier: BSD-3-Clause
// Reading a run back: from what was kept, or by computing it again.
#include "state.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/run/control.hpp>

#include <algorithm>

namespace backtrail::detail {
namespace {

void run_quietly(executor& e)
{
    const run_control quiet(run_control::quiet_t{});
    e.run();
}

/// Whether what is kept is rows of the same array, of whatever steps.
bool has_rows_of(const item& kept, const item& wanted)
{
    if (!kept.at || kept.at->sink) return false; // what was only observed has no rows
    return kept.n == wanted.n && kept.what == wanted.what &&
           (kept.by ? kept.by->key : "") == (wanted.by ? wanted.by->key : "");
}

} // namespace

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

/// From what was kept, or by running the sweep again with them kept.
result sweep_state::read_steps(const item& wanted, bool zeros)
{
    require_run();
    for (const item& i : planned) {
        if (!has_rows_of(i, wanted)) continue;
        const auto kept = outputs.find(key_of(i));
        if (kept == outputs.end()) continue;
        result all = output_of(*exec, kept->second);
        std::optional<std::size_t> steps;
        for (const auto& [loop, count] : counts) {
            if (!(loop == i.at->loops.front())) continue;
            const auto n = *exec->output(count).as<const std::int64_t>();
            static_cast<void>(reached_steps({{}, all.extents, all.type}, *wanted.at, n));
            steps = static_cast<std::size_t>(n);
            all.extents[0] = i.at->ranges.front().count(*steps);
        }
        if (auto r = take_steps(all, *i.at, *wanted.at, steps)) return *r;
    }
    return read(wanted, zeros);
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
        std::vector<node_ptr> wanted(1);
        if (s == connection::ok) {
            joint_graph with_steps(request, i.at ? std::span(&i, 1) : std::span<const item>());
            joint_graph& graph = i.at ? with_steps : *joint;
            wanted[0] = graph.nodes_of(std::span(&i, 1)).front();
            if (i.at && graph.count_of(i)) wanted.push_back(graph.count_of(i));
            if (!wanted[0]) {
                throw unconnected_error("[sweep] no derivative passes these steps" +
                                        nearby(std::span(&i.n, 1)));
            }
        } else if (zeros) {
            wanted[0] = as_node(symbol(), i.n->type(), i.n->shape());
            if (i.by) wanted[0] = i.by->apply(wanted[0]);
        } else {
            throw unconnected_error((i.what == quantity::adjoint ? "[adjoint]" : "[tangent]") +
                                    std::string(" there is none: ") + s.reason +
                                    nearby(std::span(&i.n, 1)));
        }
        executor small = small_plan(wanted);
        if (s.kind != connection::ok) { // not kept: asking without zeros must still throw
            run_quietly(small);
            return output_of(small, 0);
        }
        if (i.at) { // many are read one after the other
            std::erase_if(late, [](const auto& entry) { return entry.second.what.at != nullptr; });
        }
        found = late.emplace(k, late_item{i, std::move(small)}).first;
    }
    executor& small = found->second.exec;
    if (!small.is_current()) run_quietly(small);
    result r = output_of(small, 0);
    if (i.at && small.the_plan().outputs.size() > 1) {
        return reached_steps(std::move(r), *i.at, *output_of(small, 1).data.as<std::int64_t>());
    }
    return r;
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
    executor small = small_plan(std::span(&part, 1));
    run_quietly(small);
    return output_of(small, 0);
}

adjoint_status sweep_state::status(const item& i)
{
    prepare();
    const adjoint_status s = joint->status(i);
    if (!(s == connection::ok) || outputs.contains(key_of(i))) return s;
    const auto covers = [&](const item& kept) {
        return has_rows_of(kept, i) && outputs.contains(key_of(kept)) &&
               covers_steps(*kept.at, *i.at);
    };
    if (i.at && std::any_of(planned.begin(), planned.end(), covers)) return s;
    return {connection::not_kept, std::string(to_string(connection::not_kept))};
}

} // namespace backtrail::detail
