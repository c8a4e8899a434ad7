// SPDX-License-Identifier: BSD-3-Clause
// Finding on what derivatives depend: see dependence.hpp. Nothing is written down op by op: each op's own rule is
// applied to symbols once, and those that are found in what it made it has read.
#include "dependence.hpp"

#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/ops/entry.hpp>

#include <array>
#include <atomic>

namespace backtrail {
namespace {

/// An op has at most as many operands; its result stands behind them.
constexpr std::size_t most_operands = 3;

/// What the partials of an op read, four bits for each: operands and result. Above them a bit for each that is 1.
class partial_facts {
public:
    /// Known, and nothing read.
    static constexpr std::uint32_t nothing = 1U << 31;

    explicit partial_facts(std::uint32_t bits) : bits_(bits) {}
    [[nodiscard]] bool reads(std::size_t partial, std::size_t what) const
    {
        return (bits_ >> (partial * (most_operands + 1) + what) & 1) != 0;
    }
    [[nodiscard]] bool is_one(std::size_t partial) const
    {
        return (bits_ >> (most_operands * (most_operands + 1) + partial) & 1) != 0;
    }
    void add_reading(std::size_t partial, std::size_t what)
    {
        bits_ |= 1U << (partial * (most_operands + 1) + what);
    }
    void add_one(std::size_t partial)
    {
        bits_ |= 1U << (most_operands * (most_operands + 1) + partial);
    }
    [[nodiscard]] std::uint32_t bits() const { return bits_; }

private:
    std::uint32_t bits_;
};

partial_facts ask(const op_entry& op)
{
    const auto number = [] { return symbol(detail::make_leaf(shape(), dtype::float64, true)); };
    std::array<symbol, most_operands + 1> x; // the result last
    std::array<symbol, most_operands> x_bar;
    for (symbol& s : x) s = number();
    const symbol y_bar = number();
    op.pullback(x.back(), x.data(), y_bar, x_bar.data());
    partial_facts facts(partial_facts::nothing);
    for (std::size_t j = 0; j < op.arity; ++j) {
        const node_ptr& made = x_bar[j].get();
        if (!made) continue;
        if (made == y_bar.get()) facts.add_one(j);
        for (const node_ptr& n : topological_order(std::span(&made, 1))) {
            for (std::size_t k = 0; k < x.size(); ++k) {
                if (n == x[k].get()) facts.add_reading(j, k);
            }
        }
    }
    return facts;
}

partial_facts facts_of(std::size_t op)
{
    static std::array<std::array<std::atomic<std::uint32_t>, op_family_capacity>, op_family_count>
        known;
    auto& fact = known[op / op_family_capacity][op % op_family_capacity];
    std::uint32_t bits = fact.load(std::memory_order_relaxed);
    if (bits == 0) { // whoever else asks now finds the same
        bits = ask(entry(op)).bits();
        fact.store(bits, std::memory_order_relaxed);
    }
    return partial_facts(bits);
}

bool is_smooth_op(const instruction& line)
{
    return line.what == instruction::kind::op && !entry(line.index).is_predicate;
}

} // namespace

dependence dependence_of(const fused& expression, std::span<const char> marked)
{
    const auto program = expression.table().program;
    struct line_facts {
        bool leads = false;     // to a marked slot
        bool is_read = false;   // its value counts
        bool is_smooth = false; // the result depends on it, and not only by comparison
        bool has_unit = false;  // the derivative of the result in it is 1
    };
    std::vector<line_facts> lines(program.size());
    for (std::size_t i = 0; i < program.size(); ++i) {
        const instruction& line = program[i];
        if (line.what == instruction::kind::slot) lines[i].leads = marked[line.index] != 0;
        if (!is_smooth_op(line)) continue;
        for (std::size_t j = 0; j < entry(line.index).arity; ++j) {
            lines[i].leads |= lines[line.operands[j]].leads;
        }
    }
    dependence found = {std::vector<char>(marked.size(), 0), std::vector<char>(marked.size(), 0)};
    std::vector<char> is_met(marked.size(), 0);
    lines.back().is_smooth = lines.back().has_unit = true;
    for (std::size_t i = program.size(); i-- > 0;) { // what uses a line stands behind it
        const instruction& line = program[i];
        line_facts& own = lines[i];
        if (line.what == instruction::kind::slot) {
            if (own.is_read) found.reads[line.index] = 1;
            if (!own.is_smooth) continue;
            found.passes_on[line.index] = own.has_unit && is_met[line.index] == 0;
            is_met[line.index] = 1;
        } else if (line.what == instruction::kind::op) {
            const std::size_t arity = entry(line.index).arity;
            if (own.is_smooth && own.leads && is_smooth_op(line)) {
                const partial_facts facts = facts_of(line.index);
                for (std::size_t j = 0; j < arity; ++j) {
                    line_facts& operand = lines[line.operands[j]];
                    operand.is_smooth = true;
                    operand.has_unit = own.has_unit && facts.is_one(j);
                    if (!operand.leads) continue;
                    for (std::size_t k = 0; k < arity; ++k) {
                        if (facts.reads(j, k)) lines[line.operands[k]].is_read = true;
                    }
                    own.is_read |= facts.reads(j, most_operands);
                }
            }
            for (std::size_t j = 0; own.is_read && j < arity; ++j) {
                lines[line.operands[j]].is_read = true;
            }
        }
    }
    return found;
}

} // namespace backtrail
