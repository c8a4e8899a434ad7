// SPDX-License-Identifier: BSD-3-Clause
// The joint graph of a sweep.
#include "joint.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/fused.hpp>

#include <algorithm>

namespace backtrail::detail {

std::vector<node_ptr> sweep_request::roots() const
{
    std::vector<node_ptr> all = inputs;
    all.insert(all.end(), beside.begin(), beside.end());
    all.push_back(output);
    return all;
}

joint_graph::joint_graph(const sweep_request& request, std::span<const item> items)
    : request_(request)
{
    for (const auto& e : request.value_edits) graph_.add(e.n, e.f);
    see(items);
    std::vector<std::vector<const sweep_request::node_edit*>> of_node;
    for (const auto& e : request.adjoint_edits) {
        const node_ptr at = used(e.n);
        auto k = edit_index_.find(at.get());
        if (k == node_map::absent) {
            edit_index_.set(at.get(), k = static_cast<std::uint32_t>(of_node.size()));
            of_node.emplace_back();
            edits_.push_back({at, {}});
        }
        of_node[k].push_back(&e);
        if (!e.f) cuts_.push_back(at);
    }
    for (std::size_t k = 0; k < edits_.size(); ++k) {
        edits_[k].edit = [list = of_node[k]](const node_ptr& bar) {
            node_ptr after = bar;
            for (const auto* e : list) {
                if (!e->f) return node_ptr(); // a cut
                after = apply_edit("edit_adjoint", e->f, after, e->n);
            }
            return after;
        };
    }
}

/// A loop that is looked into is replaced by one that hands out what is seen.
void joint_graph::see(std::span<const item> items)
{
    for (const item& i : items) {
        if (!i.at) continue;
        const auto is_of = [&](const auto& g) { return g->loop == i.at->loops.front(); };
        auto found = std::find_if(groups_.begin(), groups_.end(), is_of);
        if (found == groups_.end()) {
            auto g = std::make_unique<seen_group>();
            g->loop = i.at->loops.front();
            found = groups_.insert(found, std::move(g));
        }
        step_view view = *i.at;
        if (i.by) view.reduced = [by = i.by](const node_ptr& n) { return by->apply(n); };
        (*found)->views.push_back(std::move(view));
        (*found)->asked.push_back(i.at);
    }
    for (const auto& g : groups_) {
        graph_.replace(g->loop, [group = g.get()](const node_ptr& made) {
            group->made = see_steps(made, group->views);
            return group->made.result;
        });
    }
}

std::pair<joint_graph::seen_group*, std::size_t> joint_graph::place_of(const item& i)
{
    for (const auto& g : groups_) {
        const auto at = std::find(g->asked.begin(), g->asked.end(), i.at);
        if (at == g->asked.end()) continue;
        static_cast<void>(output()); // made, if anything depends on it
        return {g.get(), static_cast<std::size_t>(at - g->asked.begin())};
    }
    return {nullptr, 0};
}

node_ptr joint_graph::value_of_steps(const item& i)
{
    const auto [group, at] = place_of(i);
    return group == nullptr || !group->made.loop ? node_ptr() : group->made.seen[at];
}

node_ptr joint_graph::count_of(const item& i)
{
    const auto group = place_of(i).first;
    return group == nullptr ? node_ptr() : group->made.count;
}

pull_back_request joint_graph::seeded()
{
    pull_back_request r;
    r.seeds.push_back({output(), request_.seed_bar});
    for (const auto& s : request_.seeds) r.seeds.push_back({used(s.n), s.bar});
    r.edits = edits_;
    return r;
}

std::vector<node_ptr> joint_graph::nodes_of(std::span<const item> items,
                                            std::vector<std::pair<node_ptr, node_ptr>>* origins)
{
    std::vector<symbol> found(items.size());
    std::vector<node_ptr> result(items.size());
    add_adjoints(items, found, origins);
    add_tangents(items, found);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const item& one = items[i];
        if (one.at) {
            result[i] = one.what == quantity::value ? value_of_steps(one) : found[i].get();
            continue;
        }
        if (one.what == quantity::value) {
            result[i] = one.before ? made(one.n) : used(one.n);
        } else if (!found[i].is_zero() || status(one) == connection::ok) {
            result[i] = as_node(found[i], one.n->type(), one.n->shape());
        }
        if (result[i] && one.by) result[i] = one.by->apply(result[i]);
    }
    return result;
}

void joint_graph::add_adjoints(std::span<const item> items, std::span<symbol> found,
                               std::vector<std::pair<node_ptr, node_ptr>>* origins)
{
    pull_back_request r = seeded();
    r.wants_origins = origins != nullptr;
    std::vector<std::size_t> place(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].what != quantity::adjoint) continue;
        place[i] = r.sources.size();
        if (!items[i].at) {
            r.sources.push_back(items[i].before ? used(items[i].n) : made(items[i].n));
            continue;
        }
        // The way to what goes into the loop leads through its reverse mode.
        const auto group = place_of(items[i]).first;
        if (group == nullptr || !group->made.loop) continue;
        for (const auto& input : group->made.loop->inputs()) {
            if (is_differentiable(input->type())) r.sources.push_back(input);
        }
    }
    if (r.sources.empty()) return;
    const pull_back_result bars = pull_back(r);
    std::vector<node_ptr> roots;
    for (const auto& bar : bars.bars) {
        if (bar.get()) roots.push_back(bar.get());
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].what != quantity::adjoint) continue;
        if (items[i].at) {
            const auto [group, at] = place_of(items[i]);
            if (group == nullptr || !group->made.loop) continue;
            const node_ptr bar = seen_adjoints(group->made.loop, group->views, roots)[at];
            if (bar) found[i] = symbol(bar);
            continue;
        }
        const node_ptr& source = r.sources[place[i]];
        const auto edited = edit_index_.find(source.get());
        found[i] = items[i].before && edited != node_map::absent ? bars.unedited[edited]
                                                                 : bars.bars[place[i]];
    }
    if (origins != nullptr) *origins = bars.origins;
}

void joint_graph::add_tangents(std::span<const item> items, std::span<symbol> found)
{
    std::vector<node_ptr> outputs, x, x_dot;
    for (const item& i : items) {
        if (i.what == quantity::tangent && !i.at)
            outputs.push_back(i.before ? made(i.n) : used(i.n));
    }
    if (outputs.empty()) return;
    for (const auto& t : request_.tangents) {
        x.push_back(made(t.n));
        x_dot.push_back(t.bar);
    }
    const auto dots = push_forward(outputs, x, x_dot, cuts_);
    std::size_t k = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].what == quantity::tangent && !items[i].at) found[i] = dots[k++];
    }
}

connection joint_graph::tangent_status(const item& i)
{
    const node_ptr y = i.before ? made(i.n) : used(i.n);
    std::vector<node_ptr> cuts = cuts_;
    std::erase(cuts, y); // a cut at y itself is still ahead
    const connections below(std::span(&y, 1), cuts);
    connection best = connection::disconnected;
    for (const auto& t : request_.tangents) {
        const connection c = below.of(made(t.n));
        if (c == connection::ok) return c;
        if (best == connection::disconnected) best = c;
    }
    return best;
}

adjoint_status joint_graph::status(const item& i)
{
    if (i.what == quantity::value) return {connection::ok, {}};
    connection c = connection::ok;
    if (i.what == quantity::tangent) {
        c = tangent_status(i);
    } else {
        if (!connections_) {
            std::vector<node_ptr> outputs;
            for (const auto& s : seeded().seeds) outputs.push_back(s.n);
            connections_.emplace(outputs, cuts_);
        }
        c = i.at       ? connections_->of(made(i.at->loops.front()))
            : i.before ? connections_->above_cut(used(i.n))
                       : connections_->of(made(i.n));
    }
    if (c == connection::stopped) {
        for (const auto& e : request_.adjoint_edits) {
            if (!e.f && e.n == i.n) return {c, e.reason};
        }
    }
    return {c, c == connection::ok ? std::string() : std::string(to_string(c))};
}

node_ptr joint_graph::part_of_use(const node_ptr& n, const node_ptr& consumer)
{
    const node_ptr x = used(n), c = made(consumer);
    const auto leads_to_x = [&](node_ptr v) { // through views alone
        while (!(v == x) && v->op().as_leaf() == nullptr && v->op().is_view()) v = v->inputs()[0];
        return v == x;
    };
    pull_back_request r = seeded();
    for (const auto& input : c->inputs()) {
        const bool is_known =
            std::any_of(r.uses.begin(), r.uses.end(), [&](const use& u) { return u.n == input; });
        if (!is_known && leads_to_x(input)) r.uses.push_back({input, c});
    }
    if (r.uses.empty() || c->op().as_pick() != nullptr) {
        const node_ptr both[] = {consumer, n};
        throw value_error("[adjoint_of_use] the consumer, of shape " +
                          backtrail::to_string(c->shape()) +
                          ", is not computed from the tensor in one statement" + nearby(both));
    }
    r.sources = {x};
    symbol part;
    const auto by_use = pull_back(r).by_use;
    for (std::size_t k = 0; k < r.uses.size(); ++k) {
        const node_ptr& v = r.uses[k].n;
        if (by_use[k].is_zero()) continue;
        accumulate(
            part, v == x ? by_use[k]
                         : pull_back(v, as_node(by_use[k], v->type(), v->shape()), std::span(&x, 1))
                               .front());
    }
    return as_node(part, n->type(), n->shape());
}

} // namespace backtrail::detail
