// SPDX-License-Identifier: BSD-3-Clause
// The last part of planning: where values are stored; and the steps.
#include <backtrail/plan/plan.hpp>

#include "lifetimes.hpp"
#include "pass_writer.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/plan/arena.hpp>

#include <algorithm>

namespace backtrail {
namespace {

/// An array that the present pass is the last to read.
struct dying {
    std::uint32_t value;
    std::uint32_t last_read; ///< the last call that reads it
    bool is_whole;           ///< every call reads it as it lies; false also once its place is taken
};

class planner {
public:
    explicit planner(std::span<const node_ptr> requested)
        : requested_(requested), graph_(requested), places_(graph_, result_),
          units_(graph_, places_), calls_(graph_, places_, units_),
          writer_(graph_, places_, units_, calls_, stored_, result_),
          lives_(graph_, places_, units_), stored_(places_.values().size(), none)
    {}

    plan run()
    {
        for (const auto& n : requested_) result_.outputs.push_back({n->type(), n->shape(), none});
        claim_outputs();
        place_leaves();
        for (now_ = 0; now_ < units_.order().size(); ++now_) emit(units_.order()[now_]);
        emit_outputs();
        result_.arena_bytes = arena_.size();
        return std::move(result_);
    }

private:
    // ---- places in memory ------------------------------------------------------------------------------

    /// A requested value is computed in its output, if it is the output as a whole.
    void claim_outputs()
    {
        output_of_.assign(places_.values().size(), none);
        for (std::uint32_t k = 0; k < graph_.requests(); ++k) {
            const std::uint32_t i = graph_.requested(k), v = places_[i].value;
            const layout& l = places_.layout_of(i);
            if (output_of_[v] == none && places_.values()[v].leaf == none &&
                !graph_.is_constant(i) && l.is_dense() &&
                l.size() == places_.values()[v].elements) {
                output_of_[v] = k;
            }
        }
    }

    std::uint32_t add_operand(const operand& o)
    {
        result_.operands.push_back(o);
        return static_cast<std::uint32_t>(result_.operands.size() - 1);
    }

    [[nodiscard]] std::uint32_t dense_layout(const shape& s)
    {
        return places_.layout_index(layout(s));
    }

    void place_leaves()
    {
        for (std::uint32_t v = 0; v < places_.values().size(); ++v) {
            const value& what = places_.values()[v];
            if (what.leaf == none) continue;
            operand o;
            o.base = 1 + graph_.requests() + what.leaf;
            o.type = what.type;
            o.layout = dense_layout(graph_[what.producer]->shape());
            stored_[v] = add_operand(o);
        }
    }

    /// What is made within an array of its consumer's gets zeros around it.
    void place_framed(std::uint32_t v, step s)
    {
        if (!lives_[v].is_stored) return;
        place_value(v);
        s.what = step::kind::surround;
        s.first_origin = static_cast<std::uint32_t>(result_.origins.size());
        s.origins = 1;
        result_.origins.push_back(graph_[places_.values()[v].frame].get());
        s.first_input = add_operand(operand_of(places_.values()[v].producer));
        s.inputs = 1;
        s.output = stored_[v];
        result_.steps.push_back(s);
    }

    void place_value(std::uint32_t v)
    {
        lifetime& life = lives_[v];
        if (!life.is_stored) return;
        const value& what = places_.values()[v];
        operand o;
        o.type = what.type;
        o.layout = dense_layout(graph_[what.is_framed() ? what.frame : what.producer]->shape());
        if (output_of_[v] != none) {
            o.base = 1 + output_of_[v];
            result_.outputs[output_of_[v]].step = static_cast<std::uint32_t>(result_.steps.size());
        } else {
            life.in_arena = true;
            o.offset = arena_.acquire(what.bytes());
        }
        stored_[v] = add_operand(o);
    }

    void release_dying()
    {
        for (std::uint32_t v = lives_.first_dying(now_); v != none; v = lives_[v].next_dying) {
            if (lives_[v].in_arena) {
                arena_.release(result_.operands[stored_[v]].offset, places_.values()[v].bytes());
            }
        }
    }

    [[nodiscard]] std::uint32_t scratch(std::size_t bytes, dtype type, const shape& s)
    {
        operand o;
        o.type = type;
        o.layout = dense_layout(s);
        o.offset = arena_.acquire(bytes);
        scratch_.emplace_back(o.offset, bytes);
        return add_operand(o);
    }

    void release_scratch()
    {
        for (const auto& [offset, bytes] : scratch_) arena_.release(offset, bytes);
        scratch_.clear();
    }

    // ---- steps -----------------------------------------------------------------------------------------

    void emit(std::uint32_t u)
    {
        const unit& what = units_[u];
        step s;
        s.once = what.is_constant;
        s.first_origin = static_cast<std::uint32_t>(result_.origins.size());
        units_.for_members(what, [&](std::uint32_t i) {
            result_.origins.push_back(graph_[i].get());
            ++s.origins;
        });
        if (what.is_pass) {
            emit_pass(u, s);
        } else {
            emit_evaluation(what.first, s);
        }
        release_scratch();
        release_dying();
    }

    void emit_pass(std::uint32_t u, step s)
    {
        calls_.make(u);
        const pass p = writer_.shape_of(u);
        partials_.clear();
        for (const call& c : calls_.all()) {
            calls_.for_results(c, [&](std::uint32_t v) {
                if (places_.values()[v].is_framed()) place_framed(v, s);
            });
        }
        find_dying_inputs(pass_writer::is_aligned(p));
        for (std::uint32_t at = 0; at < calls_.all().size(); ++at) {
            const call& c = calls_.all()[at];
            calls_.for_results(c, [&](std::uint32_t v) {
                if (!places_.values()[v].is_framed() && !takes_over(v, at)) place_value(v);
            });
            const std::size_t bytes = writer_.partial_bytes(c, p);
            partials_.push_back(bytes == 0 ? none
                                           : scratch(bytes, graph_[c.node]->type(), shape{bytes}));
        }
        for (const call& c : calls_.all()) {
            calls_.for_results(c, [&](std::uint32_t v) {
                if (output_of_[v] == none) return;
                result_.outputs[output_of_[v]].step =
                    static_cast<std::uint32_t>(result_.steps.size());
            });
        }
        s.what = step::kind::pass;
        s.index = writer_.write(p, partials_);
        result_.steps.push_back(s);
    }

    /// What this pass reads element by element, and nobody later: results of later calls may take its place.
    void find_dying_inputs(bool is_aligned)
    {
        dying_.clear();
        if (!is_aligned) return; // kernels would write into elements not read yet
        for (std::uint32_t at = 0; at < calls_.all().size(); ++at) {
            calls_.for_inputs(calls_.all()[at], [&](std::uint32_t i, std::size_t k) {
                const std::uint32_t x = graph_.inputs(i)[k], v = places_[x].value;
                const lifetime& life = lives_[v];
                const bool is_dying = life.last_use == now_ && life.in_arena && !life.is_permanent;
                if (!is_dying || units_.is_streamed(i, k)) return;
                const layout& l = places_.layout_of(x);
                const bool is_whole = l.is_dense() && l.size() == places_.values()[v].elements;
                auto known = std::ranges::find(dying_, v, &dying::value);
                if (known == dying_.end()) known = dying_.insert(known, {v, at, true});
                known->last_read = at;
                known->is_whole &= is_whole;
            });
        }
    }

    /// Puts value v where a dying input lies, if there is one of its size.
    bool takes_over(std::uint32_t v, std::uint32_t at)
    {
        const value& what = places_.values()[v];
        if (!lives_[v].is_stored || output_of_[v] != none || what.is_framed()) return false;
        for (dying& d : dying_) { // a kernel writes behind what it has read
            const value& input = places_.values()[d.value];
            const bool fits = d.is_whole && d.last_read <= at && input.type == what.type &&
                              input.elements == what.elements;
            if (!fits || places_.role_of(what.producer) != role::kernel) continue;
            operand o = result_.operands[stored_[d.value]];
            o.layout = dense_layout(graph_[what.producer]->shape());
            stored_[v] = add_operand(o);
            lives_[v].in_arena = true;
            lives_[d.value].in_arena = false;
            d.is_whole = false;
            return true;
        }
        return false;
    }

    void emit_evaluation(std::uint32_t i, step s)
    {
        const node& n = *graph_[i];
        const operation& op = n.op();
        for (std::uint32_t k = 0; k < places_.value_count(i); ++k) {
            place_value(places_.first_value(i) + k);
        }
        if (op.as_fused() != nullptr || op.as_fused_pullback() != nullptr ||
            op.as_fused_pushforward() != nullptr) {
            return; // of no elements
        }
        if (op.is_view()) {
            const std::uint32_t x = graph_.inputs(i)[0];
            operand to = result_.operands[stored_[places_.first_value(i)]];
            to.layout = dense_layout(graph_[x]->shape());
            copy(operand_of(x), to, s);
            return;
        }
        result_.operations.push_back(n.op_handle());
        std::vector<operand> inputs;
        for (std::size_t k = 0; k < graph_.inputs(i).size(); ++k) {
            const std::uint32_t x = graph_.inputs(i)[k];
            operand o = operand_of(x);
            if (!o.is_dense && !op.reads_strided(k)) o = dense_copy(o, x, s);
            inputs.push_back(o);
        }
        s.what = step::kind::evaluate;
        s.op = &op;
        s.output = stored_[places_.first_value(i)];
        note_workspace(op, inputs, result_.operands[s.output]);
        s.inputs = static_cast<std::uint32_t>(inputs.size());
        s.first_input = static_cast<std::uint32_t>(result_.operands.size());
        result_.operands.insert(result_.operands.end(), inputs.begin(), inputs.end());
        result_.steps.push_back(s);
    }

    [[nodiscard]] operand operand_of(std::uint32_t x) const
    {
        return places_.shown(x, result_.operands[stored_[places_[x].value]]);
    }

    /// A dense copy that lives for the present step only.
    [[nodiscard]] operand dense_copy(const operand& from, std::uint32_t x, const step& like)
    {
        const shape& s = graph_[x]->shape();
        const operand to =
            result_.operands[scratch(element_count(s) * size_of(from.type), from.type, s)];
        copy(from, to, like);
        return to;
    }

    void copy(const operand& from, const operand& to, step s)
    {
        s.what = step::kind::copy;
        s.first_input = add_operand(from);
        s.inputs = 1;
        s.output = add_operand(to);
        result_.steps.push_back(s);
    }

    void note_workspace(const operation& op, std::span<const operand> inputs, const operand& y)
    {
        std::vector<array_view> x;
        for (const operand& o : inputs) x.push_back({nullptr, o.type, result_.layouts[o.layout]});
        result_.workspace_bytes =
            std::max(result_.workspace_bytes,
                     op.workspace_bytes(x, {nullptr, y.type, result_.layouts[y.layout]}));
    }

    /// What was not computed in its output is copied there: leaves, constants, views, and doubles.
    void emit_outputs()
    {
        for (std::uint32_t k = 0; k < graph_.requests(); ++k) {
            const std::uint32_t i = graph_.requested(k);
            if (output_of_[places_[i].value] == k) continue;
            operand to;
            to.base = 1 + k;
            to.type = graph_[i]->type();
            to.layout = dense_layout(graph_[i]->shape());
            step s;
            s.first_origin = static_cast<std::uint32_t>(result_.origins.size());
            s.origins = 1;
            result_.origins.push_back(graph_[i].get());
            result_.outputs[k].step = static_cast<std::uint32_t>(result_.steps.size());
            copy(operand_of(i), to, s);
        }
    }

    std::span<const node_ptr> requested_;
    plan result_;
    joint_graph graph_;
    places places_;
    unit_graph units_;
    call_list calls_;
    pass_writer writer_;
    lifetimes lives_;
    stored_operands stored_;
    std::vector<std::uint32_t> output_of_; ///< by value
    std::vector<std::uint32_t> partials_;
    std::vector<dying> dying_;
    arena_layout arena_;
    std::vector<std::pair<std::size_t, std::size_t>> scratch_;
    std::uint32_t now_ = 0;
};

} // namespace

plan make_plan(std::span<const node_ptr> requested) { return planner(requested).run(); }

} // namespace backtrail
