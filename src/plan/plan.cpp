// SPDX-License-Identifier: BSD-3-Clause
// The last part of planning: the steps, and the offsets of arrays in the arena.
#include <backtrail/plan/plan.hpp>

#include "placement.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/plan/arena.hpp>

#include <algorithm>

namespace backtrail {
namespace {

class planner {
public:
    explicit planner(std::span<const node_ptr> requested)
        : requested_(requested), graph_(requested), order_(graph_.nodes()),
          arrays_(requested, graph_, result_)
    {}

    plan run()
    {
        const std::vector<unit>& units = graph_.units();
        std::size_t operands = 0;
        for (const unit& u : units) operands += graph_.input_count(u) + 1;
        result_.steps.reserve(units.size());
        result_.operands.reserve(operands);
        for (std::uint32_t u = 0; u < units.size(); ++u) emit(units[u], u);
        emit_outputs();
        result_.arena_bytes = arena_.size();
        return std::move(result_);
    }

private:
    [[nodiscard]] std::uint32_t at(const node_ptr& n) const { return graph_.at(n); }
    [[nodiscard]] const node_ptr& picked(std::uint32_t i) const { return order_[i]->inputs()[0]; }

    void place_array(std::uint32_t a)
    {
        if (arrays_[a].in_arena) arrays_[a].offset = arena_.acquire(arrays_[a].bytes);
    }

    [[nodiscard]] operand make_operand(std::uint32_t a, std::uint32_t l_index, dtype type)
    {
        const layout& l = result_.layouts[l_index];
        operand o;
        o.base = arrays_[a].base;
        o.offset = arrays_[a].offset +
                   static_cast<std::size_t>(l.offset * static_cast<std::ptrdiff_t>(size_of(type)));
        o.layout = l_index;
        o.type = type;
        o.is_dense = l.is_dense();
        return o;
    }
    [[nodiscard]] operand operand_of(std::uint32_t i)
    {
        return make_operand(arrays_.of(i).array, arrays_.of(i).layout, order_[i]->type());
    }

    std::uint32_t append(std::span<const operand> list)
    {
        const auto first = static_cast<std::uint32_t>(result_.operands.size());
        result_.operands.insert(result_.operands.end(), list.begin(), list.end());
        return first;
    }

    void keep(const operation_ptr& op) { result_.operations.push_back(op); }

    void begin_step()
    {
        inputs_.clear();
        results_.clear();
    }

    /// Adds a step with the operands collected.
    void add_step(step s) { add_step(s, inputs_, results_); }
    void add_step(step s, std::span<const operand> inputs, std::span<const operand> outputs)
    {
        s.inputs = static_cast<std::uint32_t>(inputs.size());
        s.outputs = static_cast<std::uint32_t>(outputs.size());
        s.all_dense =
            std::all_of(inputs.begin(), inputs.end(), [](const operand& o) { return o.is_dense; });
        s.first_input = append(inputs);
        s.first_output = append(outputs);
        result_.steps.push_back(s);
    }

    void emit(const unit& members, std::uint32_t now)
    {
        arrays_.for_results(members, [&](std::uint32_t a) {
            // A view's array belongs to another unit and has its place already.
            if (is_made_by(members, a)) place_array(a);
        });
        if (members.single == none) {
            emit_total(members);
        } else {
            emit_single(members.single);
        }
        for (std::uint32_t a = arrays_.first_dying(now); a != none; a = arrays_[a].next_dying) {
            arena_.release(arrays_[a].offset, arrays_[a].bytes);
        }
    }

    [[nodiscard]] bool is_made_by(const unit& members, std::uint32_t a) const
    {
        if (members.single == none) return true;
        const operation& op = order_[members.single]->op();
        if (op.as_leaf() != nullptr || op.as_pick() != nullptr) return false;
        return !op.is_view() || arrays_.of(at(picked(members.single))).array != a;
    }

    void emit_single(std::uint32_t i)
    {
        const node_ptr& n = order_[i];
        const operation& op = n->op();
        if (op.as_leaf() != nullptr || op.as_pick() != nullptr) return;
        step s;
        s.op = &op;
        s.elements = element_count(n->shape());
        if (op.is_view()) {
            const std::uint32_t x = at(picked(i));
            if (arrays_.of(x).array == arrays_.of(i).array) return;
            copy_to(operand_of(x),
                    make_operand(arrays_.of(i).array,
                                 arrays_.layout_index(layout(order_[x]->shape())), n->type()));
            return;
        }
        keep(n->op_handle());
        begin_step();
        for (std::size_t k = 0; k < n->inputs().size(); ++k) {
            const std::uint32_t x = at(n->inputs()[k]);
            operand o = operand_of(x);
            if (!o.is_dense && !op.reads_strided(k)) o = dense_copy(o, x);
            inputs_.push_back(o);
        }
        if (op.as_fused_pullback() != nullptr) {
            s.what = step::kind::pullback;
            const std::uint32_t dense = arrays_.layout_index(layout(n->shape()));
            arrays_.for_pullback_arrays(
                i, [&](std::uint32_t a) { results_.push_back(make_operand(a, dense, n->type())); });
            if (s.elements > 0) add_step(s);
            return;
        }
        s.what = op.as_fused() != nullptr               ? step::kind::value
                 : op.as_fused_pushforward() != nullptr ? step::kind::pushforward
                                                        : step::kind::evaluate;
        results_.push_back(operand_of(i));
        if (s.what == step::kind::evaluate) note_workspace(op);
        if (s.what == step::kind::evaluate || s.elements > 0) add_step(s);
    }

    void emit_total(const unit& u)
    {
        step s;
        s.what = step::kind::total;
        const node_ptr& f = order_[u.fused];
        const node_ptr& total = order_[u.total];
        s.elements = element_count(f->shape());
        s.divisor = *total->op().total_factor(total);
        s.divides = s.divisor != 1;
        s.keeps_value = arrays_.of(u.fused).array != none;
        s.op = u.pullback != none ? &order_[u.pullback]->op() : &f->op();
        keep(f->op_handle());
        begin_step();
        results_.push_back(operand_of(u.total));
        for (const auto& x : f->inputs()) inputs_.push_back(operand_of(at(x)));
        if (s.keeps_value) results_.push_back(operand_of(u.fused));
        if (u.pullback != none) {
            keep(order_[u.pullback]->op_handle());
            inputs_.push_back(operand_of(at(order_[u.pullback]->inputs().back())));
            const std::uint32_t dense = arrays_.layout_index(layout(f->shape()));
            arrays_.for_pullback_arrays(u.pullback, [&](std::uint32_t a) {
                results_.push_back(make_operand(a, dense, f->type()));
            });
        }
        add_step(s);
    }

    /// A dense copy that lives for the present step only.
    [[nodiscard]] operand dense_copy(const operand& from, std::uint32_t i)
    {
        const std::size_t bytes = element_count(order_[i]->shape()) * size_of(from.type);
        operand o = from;
        o.base = 0;
        o.offset = arena_.acquire(bytes);
        o.layout = arrays_.layout_index(layout(order_[i]->shape()));
        o.is_dense = true;
        copy_to(from, o);
        scratch_.emplace_back(o.offset, bytes);
        return o;
    }

    void copy_to(const operand& from, const operand& to)
    {
        step s;
        s.what = step::kind::copy;
        add_step(s, std::span(&from, 1), std::span(&to, 1));
    }

    void note_workspace(const operation& op)
    {
        const operand& y = results_.front();
        std::vector<array_view> x;
        for (const operand& o : inputs_) x.push_back({nullptr, o.type, result_.layouts[o.layout]});
        result_.workspace_bytes =
            std::max(result_.workspace_bytes,
                     op.workspace_bytes(x, {nullptr, y.type, result_.layouts[y.layout]}));
        for (const auto& [offset, bytes] : scratch_) arena_.release(offset, bytes);
        scratch_.clear();
    }

    /// What was not computed in its output is copied there: leaves, views, and doubles.
    void emit_outputs()
    {
        for (std::uint32_t k = 0; k < requested_.size(); ++k) {
            const std::uint32_t i = at(requested_[k]);
            const place& p = arrays_.of(i);
            if (arrays_.is_written_in_place(k) && arrays_[p.array].base == 1 + k) continue;
            operand to;
            to.base = 1 + k;
            to.layout = arrays_.layout_index(layout(order_[i]->shape()));
            to.type = order_[i]->type();
            copy_to(operand_of(i), to);
        }
    }

    std::span<const node_ptr> requested_;
    unit_graph graph_;
    const std::vector<node_ptr>& order_;
    plan result_;
    placement arrays_;
    arena_layout arena_;
    std::vector<operand> inputs_, results_; ///< of the step being made
    std::vector<std::pair<std::size_t, std::size_t>> scratch_;
};

} // namespace

plan make_plan(std::span<const node_ptr> requested) { return planner(requested).run(); }

} // namespace backtrail
