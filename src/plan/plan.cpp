// SPDX-License-Identifier: BSD-3-Clause
// The second half of planning: where each array lies and until when, and the steps.
#include <backtrail/plan/plan.hpp>

#include "units.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/plan/arena.hpp>

#include <algorithm>
#include <map>

namespace backtrail {
namespace {

/// An array that a step writes, or a leaf.
struct array {
    std::uint32_t base = 0;
    std::size_t offset = 0, bytes = 0;
    std::uint32_t last_use = 0;      ///< the unit after which its place is free
    std::uint32_t next_dying = none; ///< another array with the same last use
    bool in_arena = false;
};

/// How a node's value is found: an array and a layout in it.
struct place {
    std::uint32_t array = none;
    std::uint32_t layout = 0; // in plan::layouts
};

class planner {
public:
    explicit planner(std::span<const node_ptr> requested)
        : requested_(requested), graph_(requested), order_(graph_.nodes()), units_(graph_.units())
    {}

    plan run()
    {
        number_outputs();
        for (const unit& u : units_) reserve(u);
        find_last_uses();
        for (std::uint32_t u = 0; u < units_.size(); ++u) emit(units_[u], u);
        emit_outputs();
        result_.arena_bytes = arena_.size();
        return std::move(result_);
    }

private:
    [[nodiscard]] std::uint32_t at(const node_ptr& n) const { return graph_.at(n); }
    [[nodiscard]] const node_ptr& picked(std::uint32_t i) const { return order_[i]->inputs()[0]; }

    // ---- arrays and places -----------------------------------------------------------------------

    void number_outputs()
    {
        for (const auto& n : requested_) result_.outputs.push_back({n->type(), n->shape()});
        for (std::uint32_t k = 0; k < requested_.size(); ++k) {
            if (output_of_.find(requested_[k].get()) == none) {
                output_of_.set(requested_[k].get(), k);
            }
        }
        places_.resize(order_.size());
        first_pullback_array_.assign(order_.size(), none);
        for (std::uint32_t k = 0; k < requested_.size(); ++k) {
            const pick* p = requested_[k]->op().as_pick();
            if (p != nullptr && output_of_.find(requested_[k].get()) == k) {
                output_of_pick_.try_emplace({requested_[k]->inputs()[0].get(), p->index()}, k);
            }
        }
    }

    [[nodiscard]] std::uint32_t add_array(std::size_t bytes, std::uint32_t output)
    {
        array a;
        a.bytes = bytes;
        if (output == none) {
            a.in_arena = true;
        } else {
            a.base = 1 + output;
            output_is_written_.resize(requested_.size(), 0);
            output_is_written_[output] = 1;
        }
        arrays_.push_back(a);
        return static_cast<std::uint32_t>(arrays_.size() - 1);
    }

    /// A dense array for the value of node i: in the output itself, if the node is requested.
    void make_array(std::uint32_t i)
    {
        const node_ptr& n = order_[i];
        places_[i].array =
            add_array(element_count(n->shape()) * size_of(n->type()), output_of_.find(n.get()));
        places_[i].layout = layout_index(layout(n->shape()));
    }

    /// The places of what a unit produces.
    void reserve(const unit& members)
    {
        if (members.single == none) {
            make_array(members.total);
            if (value_is_read(members.fused)) make_array(members.fused);
            if (members.pullback != none) reserve_pullback(members.pullback);
            return;
        }
        const std::uint32_t i = members.single;
        const operation& op = order_[i]->op();
        if (op.as_leaf() != nullptr) {
            array a;
            a.base = static_cast<std::uint32_t>(1 + requested_.size() + result_.leaves.size());
            result_.leaves.push_back(order_[i]);
            arrays_.push_back(a);
            places_[i] = {static_cast<std::uint32_t>(arrays_.size() - 1),
                          layout_index(layout(order_[i]->shape()))};
        } else if (const pick* p = op.as_pick()) {
            places_[i] = {first_pullback_array_[at(picked(i))] +
                              static_cast<std::uint32_t>(p->index()),
                          layout_index(layout(order_[i]->shape()))};
        } else if (op.as_fused_pullback() != nullptr) {
            reserve_pullback(i);
        } else if (op.is_view()) {
            const place x = places_[at(picked(i))];
            if (const auto view = op.view(order_[i], result_.layouts[x.layout])) {
                places_[i] = {x.array, layout_index(*view)};
            } else {
                make_array(i); // a dense copy, then the view of it, which keeps its order
            }
        } else {
            make_array(i);
        }
    }

    void reserve_pullback(std::uint32_t i)
    {
        const auto& n = order_[i];
        const std::size_t bytes = element_count(n->shape()) * size_of(n->type());
        first_pullback_array_[i] = static_cast<std::uint32_t>(arrays_.size());
        for (std::size_t k = 0; k < n->op().as_fused_pullback()->outputs(); ++k) {
            // A requested pick is written straight into its output.
            const auto found = output_of_pick_.find({n.get(), k});
            static_cast<void>(
                add_array(bytes, found == output_of_pick_.end() ? none : found->second));
        }
    }

    /// Calls f with each array that pullback i writes.
    template <class F>
    void for_pullback_arrays(std::uint32_t i, F f) const
    {
        const std::size_t outputs = order_[i]->op().as_fused_pullback()->outputs();
        for (std::uint32_t k = 0; k < outputs; ++k) f(first_pullback_array_[i] + k);
    }

    /// True if somebody besides the sum reads the value of fused node i.
    [[nodiscard]] bool value_is_read(std::uint32_t i) const
    {
        return graph_.readers(i) > 1 || output_of_.find(order_[i].get()) != none;
    }

    void find_last_uses()
    {
        for (std::uint32_t u = 0; u < units_.size(); ++u) {
            for (std::size_t k = 0; k < graph_.input_count(units_[u]); ++k) {
                const std::uint32_t i = graph_.input(units_[u], k);
                if (places_[i].array != none) arrays_[places_[i].array].last_use = u;
            }
            // What nobody reads dies where it is made.
            for_results(units_[u], [&](std::uint32_t a) {
                arrays_[a].last_use = std::max(arrays_[a].last_use, u);
            });
        }
        const auto end = static_cast<std::uint32_t>(units_.size());
        for (const auto& n : requested_) arrays_[places_[at(n)].array].last_use = end;
        first_dying_.assign(units_.size() + 1, none);
        for (std::uint32_t a = 0; a < arrays_.size(); ++a) {
            if (!arrays_[a].in_arena) continue;
            arrays_[a].next_dying = first_dying_[arrays_[a].last_use];
            first_dying_[arrays_[a].last_use] = a;
        }
    }

    template <class F>
    void for_results(const unit& u, F f) const
    {
        const auto value_of = [&](std::uint32_t i) {
            if (i == none) return;
            if (order_[i]->op().as_fused_pullback() != nullptr) {
                for_pullback_arrays(i, f);
            } else if (places_[i].array != none) {
                f(places_[i].array);
            }
        };
        value_of(u.single);
        value_of(u.fused);
        value_of(u.total);
        value_of(u.pullback);
    }

    // ---- steps -----------------------------------------------------------------------------------

    void place_array(std::uint32_t a)
    {
        if (arrays_[a].in_arena) arrays_[a].offset = arena_.acquire(arrays_[a].bytes);
    }

    std::uint32_t layout_index(const layout& l)
    {
        if (!result_.layouts.empty()) {
            const layout& last = result_.layouts.back();
            if (last.extents == l.extents && last.steps == l.steps && last.offset == l.offset) {
                return static_cast<std::uint32_t>(result_.layouts.size() - 1);
            }
        }
        result_.layouts.push_back(l);
        return static_cast<std::uint32_t>(result_.layouts.size() - 1);
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
        return make_operand(places_[i].array, places_[i].layout, order_[i]->type());
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
        for_results(members, [&](std::uint32_t a) {
            // A view's array belongs to another unit and has its place already.
            if (is_made_by(members, a)) place_array(a);
        });
        if (members.single == none) {
            emit_total(members);
        } else {
            emit_single(members.single);
        }
        for (std::uint32_t a = first_dying_[now]; a != none; a = arrays_[a].next_dying) {
            arena_.release(arrays_[a].offset, arrays_[a].bytes);
        }
    }

    [[nodiscard]] bool is_made_by(const unit& members, std::uint32_t a) const
    {
        if (members.single == none) return true;
        const operation& op = order_[members.single]->op();
        if (op.as_leaf() != nullptr || op.as_pick() != nullptr) return false;
        return !op.is_view() || places_[at(picked(members.single))].array != a;
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
            if (places_[x].array == places_[i].array) return;
            copy_to(operand_of(x),
                    make_operand(places_[i].array, layout_index(layout(order_[x]->shape())),
                                 n->type()));
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
            const std::uint32_t dense = layout_index(layout(n->shape()));
            for_pullback_arrays(
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
        s.keeps_value = places_[u.fused].array != none;
        s.op = u.pullback != none ? &order_[u.pullback]->op() : &f->op();
        keep(f->op_handle());
        begin_step();
        results_.push_back(operand_of(u.total));
        for (const auto& x : f->inputs()) inputs_.push_back(operand_of(at(x)));
        if (s.keeps_value) results_.push_back(operand_of(u.fused));
        if (u.pullback != none) {
            keep(order_[u.pullback]->op_handle());
            inputs_.push_back(operand_of(at(order_[u.pullback]->inputs().back())));
            const std::uint32_t dense = layout_index(layout(f->shape()));
            for_pullback_arrays(u.pullback, [&](std::uint32_t a) {
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
        o.layout = layout_index(layout(order_[i]->shape()));
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
        output_is_written_.resize(requested_.size(), 0);
        for (std::uint32_t k = 0; k < requested_.size(); ++k) {
            const std::uint32_t i = at(requested_[k]);
            const place& p = places_[i];
            if (output_is_written_[k] && arrays_[p.array].base == 1 + k) continue;
            operand to;
            to.base = 1 + k;
            to.layout = layout_index(layout(order_[i]->shape()));
            to.type = order_[i]->type();
            copy_to(operand_of(i), to);
        }
    }

    std::span<const node_ptr> requested_;
    unit_graph graph_;
    const std::vector<node_ptr>& order_;
    const std::vector<unit>& units_;
    node_map output_of_;
    std::vector<array> arrays_;
    std::vector<place> places_;
    std::vector<std::uint32_t> first_pullback_array_, first_dying_;
    std::map<std::pair<const node*, std::size_t>, std::uint32_t> output_of_pick_;
    std::vector<operand> inputs_, results_; ///< of the step being made
    std::vector<char> output_is_written_;
    std::vector<std::pair<std::size_t, std::size_t>> scratch_;
    arena_layout arena_;
    plan result_;
};

} // namespace

plan make_plan(std::span<const node_ptr> requested) { return planner(requested).run(); }

} // namespace backtrail
