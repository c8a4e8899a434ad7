// SPDX-License-Identifier: BSD-3-Clause
// Fused nodes: how statements are recorded, how their derivatives are, and how both are taken
// apart into single ops when a derivative is differentiated again.
#include "dependence.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/fused.hpp>
#include <backtrail/ops/entry.hpp>

#include <algorithm>
#include <bit>
#include <functional>

namespace backtrail {
namespace {

/// The shapes of a program's lines, found one op at a time so that an error names the op.
[[noreturn]] void explain_mismatch(const kernel_table& table, std::span<const node_ptr> x)
{
    std::vector<shape> shapes;
    for (const instruction& line : table.program) {
        shape s;
        if (line.what == instruction::kind::slot) {
            s = x[line.index]->shape();
        } else if (line.what == instruction::kind::op) {
            const op_entry& op = entry(line.index);
            for (std::size_t j = 0; j < op.arity; ++j) {
                try {
                    s = broadcast(std::string(op.name).c_str(), s, shapes[line.operands[j]]);
                } catch (const shape_error& e) {
                    throw shape_error(e.what() + nearby(x));
                }
            }
        }
        shapes.push_back(s);
    }
    throw shape_error("[expression] shapes do not broadcast" + nearby(x));
}

shape common_shape(const kernel_table& table, std::span<const node_ptr> x)
{
    shape s;
    for (const auto& n : x) {
        const shape& t = n->shape();
        if (t == s) continue;
        if (!is_broadcastable(t, s)) {
            if (is_broadcastable(s, t)) {
                s = t;
                continue;
            }
            try {
                s = broadcast("expression", s, t);
            } catch (const shape_error&) {
                explain_mismatch(table, x);
            }
        }
    }
    return s;
}

node_ptr make_fused(const operation_ptr& op, std::span<const node_ptr> leaves, dtype result)
{
    const kernel_table& table = op->as_fused()->table();
    const shape s = common_shape(table, leaves);
    const bool all_equal =
        std::all_of(leaves.begin(), leaves.end(), [&](const auto& n) { return n->shape() == s; });
    if (all_equal) return make_node(op, result, s, leaves);
    std::vector<node_ptr> inputs(leaves.begin(), leaves.end());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (leaves[i]->shape() == s) continue;
        const auto same = std::find(leaves.begin(), leaves.begin() + i, leaves[i]);
        inputs[i] = same != leaves.begin() + i ? inputs[same - leaves.begin()]
                                               : detail::broadcast_to(leaves[i], s);
    }
    return make_node(op, result, s, inputs);
}

/// The operation of a single op of the catalogue, made once for each compute type.
const operation_ptr& single_operation(std::size_t index, dtype type)
{
    constexpr std::size_t types = 4; // all but bool
    using operations = std::vector<operation_ptr>;
    static const auto all = [] {
        std::array<operations, op_family_count> made;
        for (std::size_t f = 0; f < op_family_count; ++f) {
            for (std::size_t i = 0; i < entries(static_cast<op_family>(f)).size() * types; ++i) {
                made[f].push_back(
                    make_operation<fused>(single_op_kernels(f * op_family_capacity + i / types,
                                                            static_cast<dtype>(i % types)),
                                          std::span<const double>{}));
            }
        }
        return made;
    }();
    return all[index / op_family_capacity]
              [index % op_family_capacity * types + static_cast<std::size_t>(type)];
}

/// An op on numbers only is a number.
symbol fold(std::size_t index, std::span<const symbol> operands)
{
    constexpr std::size_t widest = block_alignment / sizeof(double);
    alignas(block_alignment) double x[3][widest] = {}, y[widest];
    const void* pointers[3] = {x[0], x[1], x[2]};
    for (std::size_t i = 0; i < operands.size(); ++i) x[i][0] = operands[i].literal();
    single_op_kernels(index, dtype::float64).value(pointers, nullptr, y, 1);
    return y[0];
}

} // namespace

symbol record(std::size_t index, std::span<const symbol> operands, dtype computes_in)
{
    dtype compute = dtype::boolean;
    bool has_node = false, only_masks = true;
    for (const symbol& s : operands) {
        const bool is_mask = s.get() && s.get()->type() == dtype::boolean;
        has_node |= bool(s.get());
        only_masks &= is_mask;
        if (s.get() && !is_mask) compute = s.get()->type();
    }
    if (!has_node) return fold(index, operands);
    if (compute == dtype::boolean) compute = only_masks ? dtype::int32 : computes_in;
    std::array<node_ptr, 3> nodes;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        nodes[i] = operands[i].get() ? operands[i].get()
                                     : detail::make_scalar(operands[i].literal(), compute);
    }
    const dtype result = entry(index).is_predicate || only_masks ? dtype::boolean : compute;
    return make_fused(single_operation(index, compute), std::span(nodes).first(operands.size()),
                      result);
}

namespace detail {

node_ptr make_fused(const kernel_table& table, std::span<const node_ptr> leaves,
                    std::span<const double> literals, dtype result)
{
    return backtrail::make_fused(make_operation<fused>(table, literals), leaves, result);
}

} // namespace detail

node_ptr make_pick(const node_ptr& source, std::size_t index)
{
    constexpr std::size_t common = 16;
    static const auto first = [] {
        std::vector<operation_ptr> made;
        for (std::size_t i = 0; i < common; ++i) made.push_back(make_operation<pick>(i));
        return made;
    }();
    return make_node(index < common ? first[index] : make_operation<pick>(index), source->type(),
                     source->shape(), std::span(&source, 1));
}

fused::fused(const kernel_table& table, std::span<const double> literals)
    : table_(&table), literals_(literals.begin(), literals.end()), passes_(table.slots, 0)
{
    // From the result down: which lines are used other than by a comparison?
    std::vector<char> is_smooth(table.program.size(), 0);
    if (!is_smooth.empty()) is_smooth.back() = 1;
    for (std::size_t i = table.program.size(); i-- > 0;) {
        const instruction& line = table.program[i];
        if (!is_smooth[i]) continue;
        if (line.what == instruction::kind::slot) {
            passes_[line.index] = 1;
        } else if (line.what == instruction::kind::op && !entry(line.index).is_predicate) {
            for (std::size_t j = 0; j < entry(line.index).arity; ++j) {
                is_smooth[line.operands[j]] = 1;
            }
        }
    }
}

std::string_view fused::name() const
{
    const instruction& last = table_->program.back();
    return last.what == instruction::kind::op ? entry(last.index).name : "identity";
}

double fused::flops(const node& self) const
{
    const auto ops = std::ranges::count(table_->program, instruction::kind::op, &instruction::what);
    return static_cast<double>(ops) * operation::flops(self);
}

bool fused::same_as(const operation& other) const
{
    const fused* f = other.as_fused();
    return f != nullptr && f->table_ == table_ && // bit by bit: NaN is NaN, and 0 is not -0
           std::ranges::equal(f->literals_, literals_, {}, std::bit_cast<std::uint64_t, double>,
                              std::bit_cast<std::uint64_t, double>);
}

std::size_t fused::hash() const
{
    std::size_t h = std::hash<const kernel_table*>{}(table_);
    for (const double c : literals_) h = h * 31 + std::hash<double>{}(c);
    return h;
}

fused_pullback::fused_pullback(operation_ptr primal, std::vector<std::uint16_t> output_of_slot,
                               std::size_t outputs)
    : primal_(std::move(primal)), output_of_slot_(std::move(output_of_slot)), outputs_(outputs),
      passes_on_(outputs, 0)
{
    std::vector<char> wanted(output_of_slot_.size());
    std::vector<std::size_t> shared_by(outputs, 0);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        wanted[i] = output_of_slot_[i] != skipped;
        if (wanted[i] != 0) ++shared_by[output_of_slot_[i]];
    }
    dependence found = dependence_of(fused_pullback::primal(), wanted);
    reads_ = std::move(found.reads);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::size_t k = output_of_slot_[i];
        if (wanted[i] != 0) passes_on_[k] = found.passes_on[i] != 0 && shared_by[k] == 1;
    }
}

fused_pushforward::fused_pushforward(operation_ptr primal,
                                     std::vector<std::uint16_t> input_of_tangent)
    : primal_(std::move(primal)), input_of_tangent_(std::move(input_of_tangent))
{
    // The kernel multiplies partials by tangents of 0, too: all partials are those of the true values.
    const std::vector<char> all(input_of_tangent_.size(), 1);
    reads_ = dependence_of(fused_pushforward::primal(), all).reads;
}

bool fused_pullback::same_as(const operation& other) const
{
    const fused_pullback* f = other.as_fused_pullback();
    return f != nullptr && f->outputs_ == outputs_ && f->primal_->same_as(*primal_) &&
           f->output_of_slot_ == output_of_slot_;
}

bool fused_pushforward::same_as(const operation& other) const
{
    const fused_pushforward* f = other.as_fused_pushforward();
    return f != nullptr && f->primal_->same_as(*primal_) &&
           f->input_of_tangent_ == input_of_tangent_;
}

passage fused::derivative() const
{
    return table_->pullback == nullptr || table_->is_predicate ? passage::not_differentiable
                                                               : passage::differentiable;
}

void fused::pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                     std::span<symbol> x_bar) const
{
    const auto x = self->inputs();
    std::vector<std::uint16_t> output_of_slot(x.size(), fused_pullback::skipped);
    std::vector<std::size_t> first_slot;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!wanted[i]) continue;
        std::size_t k = 0;
        while (k < first_slot.size() && !(x[first_slot[k]] == x[i])) ++k;
        if (k == first_slot.size()) first_slot.push_back(i);
        output_of_slot[i] = static_cast<std::uint16_t>(k);
    }
    std::vector<node_ptr> inputs(x.begin(), x.end());
    inputs.push_back(detail::as_node(y_bar, self->type(), self->shape()));
    const std::size_t outputs = first_slot.size();
    const node_ptr pb = make_node(
        make_operation<fused_pullback>(self->op_handle(), std::move(output_of_slot), outputs),
        self->type(), self->shape(), inputs);
    for (std::size_t k = 0; k < outputs; ++k) x_bar[first_slot[k]] = make_pick(pb, k);
}

symbol fused::pushforward(const node_ptr& self, std::span<const symbol> x_dot) const
{
    const auto x = self->inputs();
    std::vector<node_ptr> inputs(x.begin(), x.end());
    std::vector<std::uint16_t> input_of_tangent(x.size(), fused_pushforward::zero);
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x_dot[i].is_zero()) continue;
        input_of_tangent[i] = static_cast<std::uint16_t>(inputs.size());
        inputs.push_back(detail::as_node(x_dot[i], x[i]->type(), self->shape()));
    }
    return make_node(
        make_operation<fused_pushforward>(self->op_handle(), std::move(input_of_tangent)),
        self->type(), self->shape(), inputs);
}

namespace {

/// Every line of a program as a symbol.
std::vector<symbol> interpret(const fused& f, std::span<const node_ptr> x)
{
    std::vector<symbol> lines;
    for (const instruction& line : f.table().program) {
        switch (line.what) {
        case instruction::kind::slot: lines.emplace_back(x[line.index]); break;
        case instruction::kind::literal: lines.emplace_back(f.literals()[line.index]); break;
        case instruction::kind::op: {
            std::array<symbol, 3> operands;
            const std::size_t n = entry(line.index).arity;
            for (std::size_t j = 0; j < n; ++j) operands[j] = lines[line.operands[j]];
            lines.push_back(record(line.index, std::span(operands).first(n), f.table().type));
            break;
        }
        }
    }
    return lines;
}

std::array<symbol, 3> gather(const instruction& line, std::span<const symbol> lines)
{
    std::array<symbol, 3> operands;
    for (std::size_t j = 0; j < entry(line.index).arity; ++j) operands[j] = lines[line.operands[j]];
    return operands;
}

} // namespace

std::vector<symbol> fused_pullback::lower(const node_ptr& self) const
{
    const auto program = primal().table().program;
    const auto x = self->inputs().first(self->inputs().size() - 1);
    const auto y = interpret(primal(), x);
    std::vector<symbol> y_bar(program.size()), outputs(outputs_);
    y_bar.back() = self->inputs().back();
    for (std::size_t i = program.size(); i-- > 0;) {
        const instruction& line = program[i];
        if (y_bar[i].is_zero()) continue;
        if (line.what == instruction::kind::slot) {
            const auto output = output_of_slot_[line.index];
            if (output != skipped) detail::accumulate(outputs[output], y_bar[i]);
        } else if (line.what == instruction::kind::op && !entry(line.index).is_predicate) {
            const auto operands = gather(line, y);
            std::array<symbol, 3> x_bar;
            entry(line.index).pullback(y[i], operands.data(), y_bar[i], x_bar.data());
            for (std::size_t j = 0; j < entry(line.index).arity; ++j) {
                if (!operands[j].is_literal())
                    detail::accumulate(y_bar[line.operands[j]], x_bar[j]);
            }
        }
    }
    return outputs;
}

std::vector<symbol> fused_pushforward::lower(const node_ptr& self) const
{
    const auto program = primal().table().program;
    const auto inputs = self->inputs();
    const auto y = interpret(primal(), inputs);
    std::vector<symbol> y_dot(program.size());
    for (std::size_t i = 0; i < program.size(); ++i) {
        const instruction& line = program[i];
        if (line.what == instruction::kind::slot) {
            const auto at = input_of_tangent_[line.index];
            if (at != zero) y_dot[i] = inputs[at];
        } else if (line.what == instruction::kind::op && !entry(line.index).is_predicate) {
            const auto operands = gather(line, y), tangents = gather(line, y_dot);
            y_dot[i] = entry(line.index).pushforward(y[i], operands.data(), tangents.data());
        }
    }
    return {y_dot.back()};
}

} // namespace backtrail
