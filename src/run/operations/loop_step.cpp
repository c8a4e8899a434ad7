// SPDX-License-Identifier: BSD-3-Clause
// A loop with one step written out: the steps before it, the body itself as nodes, the steps after it.
#include <backtrail/run/loop_step.hpp>

#include "loop_operations.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>

#include <algorithm>
#include <charconv>
#include <set>

namespace backtrail::detail {
namespace {

const loop_operation* as_loop(const node_ptr& n)
{
    return dynamic_cast<const loop_operation*>(&n->op());
}

/// "outer[3]/u[17]" as the tag "outer/u" at steps 3 and 17.
struct step_path {
    std::string tag;
    std::vector<std::int64_t> steps;
};

step_path parse(std::string_view path)
{
    step_path result;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '[') {
            result.tag.push_back(path[i]);
            continue;
        }
        std::int64_t step = 0;
        const char* first = path.data() + i + 1;
        const auto [end, failure] = std::from_chars(first, path.data() + path.size(), step);
        if (failure != std::errc{} || end == path.data() + path.size() || *end != ']') {
            throw tag_error("[tag] \"" + std::string(path) +
                            "\" is no tag at a step: write the number of the step, u[17]");
        }
        result.steps.push_back(step);
        i = static_cast<std::size_t>(end - path.data());
    }
    return result;
}

/// The loops on the way to a tag, the outermost first, each a node of the body of the one before, and the
/// node that carries it.
struct tag_way {
    std::vector<node_ptr> loops;
    node_ptr tagged;
};

/// All tags in the bodies of loops.
std::vector<std::pair<std::string, tag_way>> find_tags(const node_ptr& y)
{
    struct frame {
        std::vector<node_ptr> roots, loops;
    };
    std::vector<std::pair<std::string, tag_way>> found;
    std::vector<frame> pending = {{{y}, {}}};
    std::set<const body*> seen; // loops made from one another may share bodies
    while (!pending.empty()) {
        const frame f = std::move(pending.back());
        pending.pop_back();
        for (const auto& n : topological_order(f.roots)) {
            if (!f.loops.empty() && n->is_annotated()) {
                for (auto& tag : n->tags()) found.push_back({std::move(tag), {f.loops, n}});
            }
            const loop_operation* loop = as_loop(n);
            if (loop == nullptr || !seen.insert(loop->form().whole.get()).second) continue;
            frame inner = {loop->form().function().results, f.loops};
            inner.loops.push_back(n);
            pending.push_back(std::move(inner));
        }
    }
    return found;
}

node_ptr part_of(const node_ptr& x, std::size_t first, std::size_t count)
{
    std::vector<slice> slices;
    for (const std::size_t extent : x->shape()) slices.push_back({0, 1, extent});
    slices[0] = {static_cast<std::ptrdiff_t>(first), 1, count};
    return slice_axes(x, slices);
}

node_ptr without_first_axis(const node_ptr& x)
{
    shape s = x->shape();
    s.erase(0);
    return reshape(x, s);
}

/// A loop taken apart: what it gives, and what `inside`, a node of its body, is at step k.
struct written_out {
    node_ptr packed, inside;
};

written_out write_out(const node_ptr& loop, std::int64_t number, const node_ptr& inside)
{
    const loop_form& f = as_loop(loop)->form();
    const auto inputs = loop->inputs();
    std::int64_t steps = static_cast<std::int64_t>(f.steps);
    if (f.is_while()) {
        const buffer count = evaluate(f.out.unpack(loop, f.states));
        steps = *count.as<const std::int64_t>();
    }
    if (number < 0 || number >= steps) {
        throw index_error("[tag] there is no step " + std::to_string(number) + ": the loop has " +
                          std::to_string(steps) + " steps" + nearby(std::span(&loop, 1)));
    }
    const auto k = static_cast<std::size_t>(number);
    const auto sequences = inputs.subspan(f.states, f.slices);
    const auto captured = inputs.last(f.captured);
    const auto inputs_of = [&](std::vector<node_ptr> states, std::size_t first, std::size_t count) {
        for (const auto& x : sequences) states.push_back(part_of(x, first, count));
        states.insert(states.end(), captured.begin(), captured.end());
        return states;
    };
    const auto states_of = [&](const loop_form& form, const node_ptr& packed) {
        std::vector<node_ptr> states;
        for (std::size_t j = 0; j < f.states; ++j) states.push_back(form.out.unpack(packed, j));
        return states;
    };

    const auto before_form =
        std::make_shared<const loop_form>(f.function(), k, false, f.states, f.slices, f.first);
    const node_ptr before =
        make_loop(before_form,
                  inputs_of({inputs.begin(), inputs.begin() + static_cast<long>(f.states)}, 0, k));

    std::vector<node_ptr> arguments = {make_leaf({}, dtype::int64, false)};
    *static_cast<std::int64_t*>(writable_data(arguments[0], false)) = f.first + number;
    for (auto& state : states_of(*before_form, before)) arguments.push_back(std::move(state));
    for (const auto& x : sequences) arguments.push_back(without_first_axis(part_of(x, k, 1)));
    arguments.insert(arguments.end(), captured.begin(), captured.end());
    graph_function body = f.function();
    body.results.push_back(inside);
    const std::vector<node_ptr> here = call(body, arguments);

    std::vector<node_ptr> next(here.begin(), here.begin() + static_cast<long>(f.states));
    if (f.is_while()) {
        const auto form = std::make_shared<const loop_form>(f.function(), f.begin->function(),
                                                            f.states, f.first + number + 1);
        const node_ptr after = make_loop(form, inputs_of(next, 0, 0));
        std::vector<node_ptr> parts = states_of(*form, after);
        parts.emplace_back(); // how often it ran is asked of the loop itself
        return {f.out.pack(parts), here.back()};
    }
    const auto form = std::make_shared<const loop_form>(f.function(), f.steps - k - 1, false,
                                                        f.states, f.slices, f.first + number + 1);
    const node_ptr after = make_loop(form, inputs_of(next, k + 1, f.steps - k - 1));
    std::vector<node_ptr> parts = states_of(*form, after);
    for (std::size_t j = f.states; j < f.out.parts().size(); ++j) {
        shape one = here[j]->shape();
        one.insert(0, 1);
        const node_ptr pieces[] = {before_form->out.unpack(before, j), reshape(here[j], one),
                                   form->out.unpack(after, j)};
        parts.push_back(concatenate(pieces, 0));
    }
    return {f.out.pack(parts), here.back()};
}

} // namespace

opened_step open_step(const node_ptr& y, std::string_view path)
{
    const step_path wanted = parse(path);
    const auto all = find_tags(y);
    const auto fits = [&](const auto& entry) {
        return entry.first == wanted.tag && entry.second.loops.size() == wanted.steps.size();
    };
    const auto found = std::find_if(all.begin(), all.end(), fits);
    if (found == all.end()) {
        std::string near;
        for (const auto& name : tags_in_loops(y)) near += (near.empty() ? "" : ", ") + name;
        throw tag_error("[tag] no tag \"" + std::string(path) + "\" in a loop" +
                        (near.empty() ? "" : "; there are: " + near));
    }
    if (std::find_if(std::next(found), all.end(), fits) != all.end()) {
        throw tag_error("[tag] \"" + std::string(path) + "\" names several nodes in loops; put " +
                        "them in scopes of their own");
    }
    const tag_way& way = found->second;
    node_ptr output = y, loop = way.loops.front();
    for (std::size_t depth = 0;; ++depth) {
        const bool is_last = depth + 1 == way.loops.size();
        const written_out w =
            write_out(loop, wanted.steps[depth], is_last ? way.tagged : way.loops[depth + 1]);
        output =
            substitute(std::span(&output, 1), std::span(&loop, 1), std::span(&w.packed, 1)).front();
        if (is_last) return {output, w.inside};
        loop = w.inside;
    }
}

std::vector<std::string> tags_in_loops(const node_ptr& y)
{
    std::vector<std::string> names;
    for (const auto& [tag, way] : find_tags(y)) {
        std::string name = tag;
        for (std::size_t i = 0; i < way.loops.size(); ++i) name += "[]";
        names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace backtrail::detail
