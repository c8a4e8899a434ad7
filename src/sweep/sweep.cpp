// SPDX-License-Identifier: BSD-3-Clause
// The face of a sweep: requests are resolved to nodes where they are made, so that a mistake throws
// there; reads find their node and ask the state.
#include <backtrail/sweep/sweep.hpp>

#include "state.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/run/loop_sharing.hpp>

#include <algorithm>
#include <mutex>

namespace backtrail {
namespace {

/// One stand-alone evaluation, kept on its node.
struct evaluation {
    std::mutex mutex;
    std::optional<executor> exec;
};

node_ptr fitted(const char* verb, const node_ptr& given, const node_ptr& like)
{
    if (given->type() != like->type()) {
        throw dtype_error("[" + std::string(verb) + "] is given " +
                          std::string(name_of(given->type())) + " for " +
                          std::string(name_of(like->type())) + nearby(std::span(&like, 1)));
    }
    if (!is_broadcastable(given->shape(), like->shape())) {
        throw shape_error("[" + std::string(verb) + "] is given the shape " +
                          to_string(given->shape()) + " for " + to_string(like->shape()) +
                          nearby(std::span(&like, 1)));
    }
    return given->shape() == like->shape() ? given : detail::broadcast_to(given, like->shape());
}

} // namespace

namespace detail {

buffer evaluate(const node_ptr& n)
{
    if (const leaf_storage* leaf = n->op().as_leaf()) return leaf->data();
    auto kept = std::static_pointer_cast<evaluation>(n->cache());
    if (!kept) n->set_cache(kept = std::make_shared<evaluation>());
    const std::lock_guard lock(kept->mutex);
    if (!kept->exec) kept->exec.emplace(make_plan(share_loop_states(std::span(&n, 1))));
    if (!kept->exec->is_current()) kept->exec->run();
    return kept->exec->output(0);
}

void require_read_type(const result& r, dtype wanted)
{
    if (r.type == wanted) return;
    throw dtype_error("[sweep] this holds " + std::string(name_of(r.type)) + ", and was read as " +
                      std::string(name_of(wanted)) + "; say value<T> or adjoint<T>");
}

node_ptr find_tag(const node_ptr& y, std::string_view path)
{
    return name_table(std::span(&y, 1)).find(path);
}

node_ptr adjoint_node(const node_ptr& loss, const node_ptr& x)
{
    return vjp_nodes("adjoint_of", loss, unit_seed("adjoint_of", loss), std::span(&x, 1), false)
        .front();
}

} // namespace detail

sweep::sweep(node_ptr output, std::vector<node_ptr> inputs)
    : state_(std::make_shared<detail::sweep_state>())
{
    state_->request.seed_bar = detail::unit_seed("reverse", output);
    state_->request.output = std::move(output);
    state_->request.inputs = std::move(inputs);
}

detail::sweep_state& sweep::state() const
{
    if (!state_) throw state_error("[sweep] this one has been moved from");
    return *state_;
}

// ---- requests ------------------------------------------------------------------------------------

namespace {

void append_items(detail::sweep_state& s, const selection& chosen, std::vector<detail::item>& items)
{
    for (const auto& target : chosen.targets) {
        for (detail::item& i : s.items_of(chosen.what, target)) {
            if (chosen.reductions.empty()) items.push_back(i);
            for (const auto& by : chosen.reductions) {
                items.push_back(i);
                items.back().by = std::make_shared<detail::reduction>(by);
            }
        }
    }
}

} // namespace

void sweep::keep_only(std::vector<selection> selections)
{
    std::vector<detail::item> items;
    for (const auto& one : selections) append_items(state(), one, items);
    state().forget_plan();
    state().request.keeps_all = false;
    state().request.kept = std::move(items);
}

sweep& sweep::also_keep(const selection& s)
{
    append_items(state(), s, state().request.also_kept);
    state().forget_plan();
    return *this;
}

namespace {

/// Shows an array of a step, or of a region, to host code.
void observe_steps(detail::sweep_state& state, detail::item i, const detail::observer& f)
{
    auto view = std::make_shared<detail::step_view>(*i.at);
    view->sink = [f, type = i.n->type(), tag = i.n->tags().front(), extents = i.n->shape(),
                  shown = i.at](std::span<const std::size_t> steps, const buffer& data) {
        f(detail::path_of(tag, *shown, steps), {data, extents, type});
    };
    i.at = std::move(view);
    state.request.observed_steps.push_back(std::move(i));
}

} // namespace

sweep& sweep::add_observer(detail::quantity what, const detail::target& x, dtype type,
                           detail::observer f)
{
    if (state().is_steps(x)) return add_step_observer(what, x, type, f);
    const bool is_required = x.n || !detail::has_wildcards(x.pattern);
    if (!is_required) {
        const auto inside = state().regions_of(what, x.pattern);
        for (const detail::item& i : inside) {
            if (i.n->type() == type) observe_steps(state(), i, f);
        }
        state().forget_plan();
        if (!inside.empty() && !state().has_outside(x.pattern)) return *this;
    }
    auto& list = state().request.observations;
    std::vector<detail::sweep_request::observation> found;
    for (const auto& [path, n] : state().resolve(x)) {
        if (n->type() != type) {
            if (!is_required) continue;
            detail::require_read_type({{}, {}, n->type()}, type);
        }
        const bool is_seen =
            std::any_of(found.begin(), found.end(), [&n = n](const auto& o) { return o.n == n; });
        if (!is_seen) found.push_back({what, n, path, is_required, f});
    }
    list.insert(list.end(), found.begin(), found.end());
    state().forget_plan();
    return *this;
}

sweep& sweep::add_step_observer(detail::quantity what, const detail::target& x, dtype type,
                                const detail::observer& f)
{
    for (const detail::item& i : state().items_of(what, x, false)) {
        detail::require_read_type({{}, {}, i.n->type()}, type);
        observe_steps(state(), i, f);
    }
    state().forget_plan();
    return *this;
}

sweep& sweep::on_run(std::function<void(std::size_t)> f)
{
    state().request.run_hooks.push_back(std::move(f));
    return *this;
}

sweep& sweep::add_edit(detail::quantity what, const detail::target& x, detail::edit f)
{
    auto& r = state().request;
    auto& list = what == detail::quantity::value ? r.value_edits : r.adjoint_edits;
    for (const auto& [path, n] : state().resolve(x)) list.push_back({n, f});
    state().forget_plan();
    return *this;
}

sweep& sweep::add_cut(const char* verb, const detail::target& x)
{
    for (const auto& [path, n] : state().resolve(x)) {
        const std::string shown = x.n ? std::string("handle") : "\"" + x.pattern + "\"";
        state().request.adjoint_edits.push_back(
            {n, {}, std::string(verb) + "(" + shown + ") of this sweep lets no derivative pass"});
    }
    state().forget_plan();
    return *this;
}

sweep& sweep::add_seed(const detail::target& x, const node_ptr& x_bar)
{
    for (const auto& [path, n] : state().resolve(x)) {
        state().request.seeds.push_back({n, fitted("seed_adjoint", x_bar, n)});
    }
    state().forget_plan();
    return *this;
}

sweep& sweep::add_tangent(const detail::target& x, const node_ptr& x_dot)
{
    for (const auto& [path, n] : state().resolve(x)) {
        state().request.tangents.push_back({n, fitted("tangent", x_dot, n)});
    }
    state().forget_plan();
    return *this;
}

sweep& sweep::trap_nonfinite(bool on)
{
    if (state().request.traps_nonfinite != on) state().forget_plan();
    state().request.traps_nonfinite = on;
    return *this;
}

sweep& sweep::verify(bool on)
{
    state().request.verifies = on;
    return *this;
}

sweep& sweep::memory(memory_budget b)
{
    state().forget_plan();
    state().request.budget = b.bytes;
    return *this;
}

// ---- runs and reads ------------------------------------------------------------------------------

sweep& sweep::on_progress(std::function<void(const progress&)> f)
{
    state().request.report = std::move(f);
    return *this;
}

sweep& sweep::run(const std::stop_token& stop)
{
    state().run(stop);
    return *this;
}

detail::result sweep::read_output() const
{
    return state().read({detail::quantity::value, state().request.output}, false);
}

detail::result sweep::read(detail::quantity what, const detail::target& x,
                           const detail::read_options& options) const
{
    if (state().is_steps(x)) return read_steps(what, x, options);
    detail::item i{what, state().find(x), options.before};
    if (options.by != nullptr) i.by = std::make_shared<detail::reduction>(*options.by);
    return state().read(i, options.zeros);
}

detail::result sweep::read_steps(detail::quantity what, const detail::target& x,
                                 const detail::read_options& options) const
{
    const auto items = state().items_of(what, x);
    if (items.size() > 1) {
        throw tag_error("[sweep] \"" + x.pattern +
                        "\" stands for several tags: read them one by one");
    }
    detail::item i = items.front();
    if (options.before) throw value_error("[sweep] steps of loops have no edits");
    if (options.by != nullptr) {
        const auto& single = i.at->is_single;
        if (std::find(single.begin(), single.end(), 0) != single.end()) {
            throw value_error("[sweep] what a reducer makes of \"" + x.pattern +
                              "\" is read step by step");
        }
        i.by = std::make_shared<detail::reduction>(*options.by);
    }
    return detail::without_single(state().read_steps(i, options.zeros), *i.at);
}

detail::result sweep::read_use(const detail::target& x, const detail::target& consumer) const
{
    return state().read_part(state().find(x), state().find(consumer));
}

adjoint_status sweep::status_of(const detail::target& x) const
{
    if (state().is_steps(x)) {
        return state().status(state().items_of(detail::quantity::adjoint, x).front());
    }
    return state().status({detail::quantity::adjoint, state().find(x)});
}

shape sweep::shape_of(const detail::target& x) const
{
    if (state().is_steps(x)) {
        return state().items_of(detail::quantity::value, x).front().n->shape();
    }
    return state().find(x)->shape();
}

std::vector<std::string> sweep::tags() const
{
    std::vector<std::string> paths;
    const detail::name_table names(state().request.roots());
    for (const auto& [path, node] : names.all()) paths.push_back(path);
    return paths;
}

dtype sweep::output_type() const { return state().request.output->type(); }

std::string sweep::explain() const
{
    state().prepare();
    return backtrail::explain(state().exec->the_plan());
}

memory_plan sweep::plan() const { return state().describe_memory(); }

std::size_t sweep::peak_bytes() const
{
    state().follow_threads();
    state().prepare();
    return state().memory->peak_bytes();
}

} // namespace backtrail
