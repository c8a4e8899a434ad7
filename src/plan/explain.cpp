// SPDX-License-Identifier: BSD-3-Clause
// Plans as tables for people.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/ops/entry.hpp>
#include <backtrail/plan/plan.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace backtrail {
namespace {

constexpr std::size_t columns = 7;
using row = std::array<std::string, columns>;

std::string joined(const std::vector<std::string>& words)
{
    std::string list;
    for (const auto& word : words) list += (list.empty() ? "" : ", ") + word;
    return list;
}

/// 1234567 as 1.23e+06: three digits are enough to compare.
std::string number(double n)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), n < 1e5 ? "%.0f" : "%.3g", n);
    return text.data();
}

/// The bytes of memory behind a layout, each counted once however often it is read.
double bytes_of(const plan& p, const operand& o)
{
    const layout& l = p.layouts[o.layout];
    double n = static_cast<double>(size_of(o.type));
    for (std::size_t i = 0; i < l.extents.size(); ++i) {
        if (l.steps[i] != 0) n *= static_cast<double>(l.extents[i]);
    }
    return n;
}

double bytes_of(const plan& p, const step& s)
{
    double bytes = 0;
    if (s.what != step::kind::pass) {
        for (std::uint32_t i = 0; i < s.inputs; ++i)
            bytes += bytes_of(p, p.operands[s.first_input + i]);
        return bytes + bytes_of(p, p.operands[s.output]);
    }
    const pass& what = p.passes[s.index];
    for (std::uint32_t i = 0; i < what.streams; ++i) {
        const stream& t = p.streams[what.first_stream + i];
        if (t.array != none) bytes += bytes_of(p, p.operands[t.array]);
    }
    for (std::uint32_t i = 0; i < what.members; ++i) {
        const member& m = p.members[what.first_member + i];
        if (m.result != none) bytes += bytes_of(p, p.operands[m.result]);
    }
    return bytes;
}

/// The ops of a statement in the order in which they run: `{mul sin add}`; of a single op its name.
std::string names_of_ops(const fused& f)
{
    std::string names;
    std::size_t ops = 0;
    for (const instruction& line : f.table().program) {
        if (line.what != instruction::kind::op) continue;
        names += (ops++ == 0 ? "" : " ") + std::string(entry(line.index).name);
    }
    return ops > 1 ? "{" + names + "}" : std::string(f.name());
}

std::string name_of_operation(const node& n)
{
    std::string name(n.op().name());
    if (const fused* f = n.op().as_fused()) return names_of_ops(*f);
    if (const auto* pb = n.op().as_fused_pullback()) {
        name += "(" + std::string(pb->primal().name()) + ")";
    } else if (const auto* pf = n.op().as_fused_pushforward()) {
        name += "(" + std::string(pf->primal().name()) + ")";
    }
    return name;
}

/// What a node is computed over: what it reduces, or its own elements.
const shape& space_of(const node& n)
{
    const bool reduces = n.op().as_reduction() != nullptr || n.op().as_fold() != nullptr;
    return reduces ? n.inputs()[0]->shape() : n.shape();
}

row row_of(const plan& p, std::size_t i)
{
    const step_description d = describe(p, i);
    return {std::to_string(i),   d.what + (d.once ? " once" : ""),
            joined(d.tags),      to_string(d.extents),
            number(d.bytes),     number(d.flops),
            joined(d.operations)};
}

} // namespace

step_description describe(const plan& p, std::size_t i)
{
    const step& s = p.steps[i];
    step_description d;
    const char* kinds[] = {"pass", "evaluate", "copy", "zeros"};
    d.what = kinds[static_cast<std::size_t>(s.what)];
    d.once = s.once;
    d.bytes = bytes_of(p, s);
    for (std::uint32_t k = 0; k < s.origins; ++k) {
        const node& n = *p.origins[s.first_origin + k];
        for (const auto& path : n.tags()) d.tags.emplace_back(path);
        const shape& space = space_of(n);
        if (k == 0 || element_count(space) > element_count(d.extents)) d.extents = space;
        if (s.what < step::kind::copy) d.flops += n.op().flops(n);
        d.operations.push_back(name_of_operation(n));
    }
    return d;
}

std::string explain(const plan& p)
{
    std::vector<row> table = {{"step", "what", "tags", "shape", "bytes", "flops", "fused from"}};
    for (std::size_t i = 0; i < p.steps.size(); ++i) table.push_back(row_of(p, i));
    std::array<std::size_t, columns> width{};
    for (const row& r : table) {
        for (std::size_t c = 0; c < columns; ++c) width[c] = std::max(width[c], r[c].size());
    }
    constexpr std::array<bool, columns> is_number = {true, false, false, false, true, true, false};
    std::string text;
    for (const row& r : table) {
        std::string line;
        for (std::size_t c = 0; c < columns; ++c) {
            const std::string gap(width[c] - r[c].size(), ' ');
            line += is_number[c] ? gap + r[c] : r[c] + gap;
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

} // namespace backtrail
