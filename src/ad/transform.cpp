// SPDX-License-Identifier: BSD-3-Clause
// The two transforms: back along the trail, and forward.
#include <backtrail/ad/transform.hpp>

#include "trail.hpp"

namespace backtrail {
namespace {

/// Says which node each new node of a derivative came from.
class origin_log {
public:
    origin_log(std::vector<std::pair<node_ptr, node_ptr>>& log, std::span<const node_ptr> roots)
        : log_(log)
    {
        for (const auto& n : topological_order(roots)) known_.set(n.get(), 0);
    }
    /// All nodes below s that nobody has seen yet come from `origin`; inputs first.
    void note(const symbol& s, const node_ptr& origin)
    {
        struct frame {
            node_ptr n;
            std::size_t next = 0;
        };
        std::vector<frame> stack;
        const auto push = [&](const node_ptr& n) {
            if (!n || known_.find(n.get()) != node_map::absent) return;
            known_.set(n.get(), 0);
            stack.push_back({n});
        };
        push(s.get());
        while (!stack.empty()) {
            frame& top = stack.back();
            if (top.next < top.n->inputs().size()) {
                const node_ptr input = top.n->inputs()[top.next++];
                push(input);
            } else {
                log_.emplace_back(std::move(top.n), origin);
                stack.pop_back();
            }
        }
    }

private:
    std::vector<std::pair<node_ptr, node_ptr>>& log_;
    node_map known_;
};

/// One run of pull_back.
class reverse_walk {
public:
    explicit reverse_walk(const detail::pull_back_request& request)
        : request_(request), outputs_(outputs_of(request)), trail_(outputs_, request.sources),
          bar_(trail_.nodes().size())
    {
        result_.unedited.resize(request.edits.size());
        result_.by_use.resize(request.uses.size());
        for (std::uint32_t k = 0; k < request.edits.size(); ++k) {
            edit_at_.set(request.edits[k].n.get(), k);
        }
        for (const auto& use : request.uses) consumers_.set(use.consumer.get(), 0);
        if (request.wants_origins) log_.emplace(result_.origins, outputs_);
    }

    detail::pull_back_result run()
    {
        for (const auto& seed : request_.seeds) add(seed.n, seed.bar);
        for (std::size_t i = bar_.size(); i-- > 0;) visit_node(i);
        for (const auto& n : request_.sources) {
            const auto i = trail_.find(n);
            result_.bars.push_back(i == node_map::absent ? symbol() : bar_[i]);
        }
        return std::move(result_);
    }

private:
    static std::vector<node_ptr> outputs_of(const detail::pull_back_request& request)
    {
        std::vector<node_ptr> outputs;
        for (const auto& seed : request.seeds) outputs.push_back(seed.n);
        return outputs;
    }

    void add(const node_ptr& n, const symbol& term)
    {
        symbol& sum = bar_[trail_.find(n)];
        detail::accumulate(sum, term);
        if (log_) log_->note(sum, n);
    }

    void visit_node(std::size_t i)
    {
        const visited& v = trail_.nodes()[i];
        if (!v.reaches || bar_[i].is_zero()) return;
        edit(i);
        if (bar_[i].is_zero()) return;
        if (v.stand_in) {
            detail::accumulate(bar_[trail_.find(v.stand_in)], bar_[i]);
        } else if (has_own_rule(v.n)) {
            pass_on(v.n, bar_[i]);
        }
        if (!v.is_source) bar_[i] = {};
    }

    void edit(std::size_t i)
    {
        const node_ptr& n = trail_.nodes()[i].n;
        const auto k = edit_at_.find(n.get());
        if (k == node_map::absent) return;
        const node_ptr whole = detail::as_node(bar_[i], n->type(), n->shape());
        result_.unedited[k] = whole;
        const node_ptr after = request_.edits[k].edit(whole);
        bar_[i] = after ? symbol(after) : symbol();
        if (log_) log_->note(bar_[i], n);
    }

    void pass_on(const node_ptr& n, const symbol& y_bar)
    {
        const auto inputs = n->inputs();
        wanted_.assign(inputs.size(), 0);
        x_bar_.assign(inputs.size(), {});
        bool any = false;
        for (std::size_t j = 0; j < inputs.size(); ++j) {
            wanted_[j] = n->op().passes(j) && trail_.reaches(inputs[j]) &&
                         is_differentiable(inputs[j]->type());
            any |= wanted_[j] != 0;
        }
        if (!any) return;
        n->op().pullback(n, y_bar, wanted_, x_bar_);
        for (std::size_t j = 0; j < inputs.size(); ++j) {
            if (!wanted_[j]) continue;
            if (log_) log_->note(x_bar_[j], n);
            if (consumers_.find(n.get()) != node_map::absent) note_use(n, inputs[j], x_bar_[j]);
            add(inputs[j], x_bar_[j]);
        }
    }

    void note_use(const node_ptr& consumer, const node_ptr& n, const symbol& term)
    {
        for (std::size_t k = 0; k < request_.uses.size(); ++k) {
            const auto& use = request_.uses[k];
            if (use.n == n && use.consumer == consumer) {
                detail::accumulate(result_.by_use[k], term);
            }
        }
    }

    const detail::pull_back_request& request_;
    std::vector<node_ptr> outputs_;
    trail trail_;
    std::vector<symbol> bar_;
    detail::pull_back_result result_;
    node_map edit_at_, consumers_;
    std::optional<origin_log> log_;
    std::vector<char> wanted_;
    std::vector<symbol> x_bar_;
};

} // namespace

namespace detail {

pull_back_result pull_back(const pull_back_request& request) { return reverse_walk(request).run(); }

std::vector<symbol> pull_back(const node_ptr& y, const node_ptr& y_bar, std::span<const node_ptr> x)
{
    pull_back_request request;
    request.seeds.push_back({y, y_bar});
    request.sources.assign(x.begin(), x.end());
    return pull_back(request).bars;
}

std::vector<symbol> push_forward(std::span<const node_ptr> outputs, std::span<const node_ptr> x,
                                 std::span<const node_ptr> x_dot, std::span<const node_ptr> cuts)
{
    trail t(outputs, x);
    auto& nodes = t.nodes();
    std::vector<symbol> dot(nodes.size());
    std::vector<char> is_cut(nodes.size(), 0);
    for (const auto& n : cuts) {
        const auto i = t.find(n);
        if (i != node_map::absent) is_cut[i] = 1;
    }
    for (std::size_t k = 0; k < x.size(); ++k) {
        const auto i = t.find(x[k]);
        if (i != node_map::absent) detail::accumulate(dot[i], x_dot[k]);
    }
    std::vector<symbol> inputs_dot;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const visited& v = nodes[i];
        if (!v.reaches) continue;
        if (v.stand_in) {
            detail::accumulate(dot[i], dot[t.find(v.stand_in)]);
        } else if (has_own_rule(v.n)) {
            bool any = false;
            inputs_dot.clear();
            for (const auto& input : v.n->inputs()) {
                const auto j = t.find(input);
                inputs_dot.push_back(is_cut[j] ? symbol() : dot[j]);
                any |= !inputs_dot.back().is_zero();
            }
            if (any) detail::accumulate(dot[i], v.n->op().pushforward(v.n, inputs_dot));
        }
    }
    std::vector<symbol> result;
    for (const auto& y : outputs) result.push_back(dot[t.find(y)]);
    return result;
}

symbol push_forward(const node_ptr& y, std::span<const node_ptr> x, std::span<const node_ptr> x_dot)
{
    return push_forward(std::span(&y, 1), x, x_dot).front();
}

} // namespace detail
} // namespace backtrail
