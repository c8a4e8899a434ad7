// SPDX-License-Identifier: BSD-3-Clause
// What reports need to know of a sweep.
#include <backtrail/sweep/joined.hpp>

#include "state.hpp"

#include <backtrail/graph/build.hpp>

#include <chrono>

namespace backtrail::detail {

node_ptr joined_output(const sweep& s)
{
    s.state().prepare();
    return s.state().joint->output();
}

std::vector<tag_entry> tag_entries(const sweep& s)
{
    sweep_state& state = s.state();
    state.require_run();
    const auto is_kept = [&](quantity what, const node_ptr& n) {
        return state.outputs.contains(sweep_state::key_of({what, n}));
    };
    std::vector<tag_entry> entries;
    for (const auto& n : topological_order(state.request.roots())) {
        if (!n->is_annotated()) continue;
        for (const auto& path : n->tags()) {
            entries.push_back(
                {path, n, is_kept(quantity::value, n), is_kept(quantity::adjoint, n)});
        }
    }
    return entries;
}

std::vector<std::pair<std::string, node_ptr>> matching_tags(const sweep& s,
                                                            const std::string& pattern)
{
    return s.state().resolve({pattern, {}});
}

result read_kept(const sweep& s, quantity what, const node_ptr& n)
{
    return s.state().read({what, n}, false);
}

adjoint_status adjoint_status_of(const sweep& s, const node_ptr& n)
{
    return s.state().status({quantity::adjoint, n});
}

std::vector<timed_step> timed_run(const sweep& s)
{
    using clock = std::chrono::steady_clock;
    sweep_state& state = s.state();
    state.prepare();
    struct ending {
        std::size_t number;
        clock::time_point at;
    };
    std::vector<ending> endings;
    endings.reserve(state.exec->the_plan().steps.size());
    struct listening {
        executor& exec;
        ~listening() { exec.on_step({}); }
    };
    clock::time_point begin;
    {
        const listening until_the_end{*state.exec};
        state.exec->on_step([&](std::size_t i) { endings.push_back({i, clock::now()}); });
        begin = clock::now();
        state.run({});
    }
    const auto microseconds = [](clock::duration d) {
        return std::chrono::duration<double, std::micro>(d).count();
    };
    std::vector<timed_step> steps;
    clock::time_point start = begin;
    for (const ending& e : endings) {
        steps.push_back({e.number, describe(state.exec->the_plan(), e.number),
                         microseconds(start - begin), microseconds(e.at - start)});
        start = e.at;
    }
    return steps;
}

buffer reduce_array(const result& r, const reduction& by)
{
    const node_ptr leaf = make_node(
        make_operation<leaf_storage>(r.data, element_count(r.extents) * size_of(r.type), false),
        r.type, r.extents, {});
    return evaluate(by.apply(leaf));
}

} // namespace backtrail::detail
