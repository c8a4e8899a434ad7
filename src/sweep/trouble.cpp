// SPDX-License-Identifier: BSD-3-Clause
// From "something is not finite" to the op, the element and the line; and the comparison of two runs.
#include <backtrail/sweep/trouble.hpp>

#include "state.hpp"

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/ops/entry.hpp>
#include <backtrail/run/control.hpp>
#include <backtrail/run/loop_sharing.hpp>
#include <backtrail/sweep/reducers.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace backtrail {
namespace {

std::string shortest(double x)
{
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
    return {digits, end};
}

std::vector<double> as_doubles(const buffer& data, dtype type, std::size_t n)
{
    std::vector<double> values(n);
    visit(type, [&](auto t) {
        const auto* from = data.as<const decltype(t)>();
        for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<double>(from[i]);
    });
    return values;
}

std::vector<std::size_t> unravel(std::size_t flat, const shape& s)
{
    std::vector<std::size_t> index(s.size());
    for (std::size_t axis = s.size(); axis-- > 0;) {
        index[axis] = flat % s[axis];
        flat /= s[axis];
    }
    return index;
}

std::string written(const std::vector<std::size_t>& index)
{
    std::string text;
    for (auto i : index) text += (text.empty() ? "" : ", ") + std::to_string(i);
    return "(" + text + ")";
}

std::string name_for(const node_ptr& n)
{
    const auto tags = n->tags();
    if (!tags.empty()) return "\"" + tags.front() + "\"";
    if (n->op().as_leaf() == nullptr && n->op().is_view() && !n->inputs().empty()) {
        return name_for(n->inputs()[0]);
    }
    return std::string(n->op().name());
}

/// The op of a statement that first makes something not finite of these operands; its own name if none
/// does, which happens in reverse mode.
std::string culprit(const fused& f, std::span<const double> x)
{
    std::vector<double> lines;
    for (const instruction& line : f.table().program) {
        double y = 0;
        if (line.what == instruction::kind::slot) {
            y = x[line.index];
        } else if (line.what == instruction::kind::literal) {
            y = f.literals()[line.index];
        } else {
            visit(f.table().type, [&](auto t) {
                using T = decltype(t);
                if constexpr (!std::is_same_v<T, bool>) {
                    constexpr std::size_t widest = block_alignment / sizeof(T);
                    alignas(block_alignment) T in[3][widest] = {}, out[widest];
                    const void* pointers[3] = {in[0], in[1], in[2]};
                    for (std::size_t j = 0; j < entry(line.index).arity; ++j) {
                        in[j][0] = static_cast<T>(lines[line.operands[j]]);
                    }
                    single_op_kernels(line.index, f.table().type).value(pointers, nullptr, out, 1);
                    y = static_cast<double>(out[0]);
                }
            });
            if (!std::isfinite(y)) return std::string(entry(line.index).name);
        }
        lines.push_back(y);
    }
    return std::string(f.name());
}

nonfinite_report describe(const detail::sweep_state& s, const node_ptr& n)
{
    nonfinite_report report;
    node_ptr owner = n;
    for (const auto& [made, origin] : s.origins) {
        if (!(made == n)) continue;
        report.is_reverse = true;
        owner = origin;
    }
    const node_ptr& source = n->op().as_pick() != nullptr ? n->inputs()[0] : n;
    std::vector<node_ptr> nodes = {n};
    nodes.insert(nodes.end(), source->inputs().begin(), source->inputs().end());
    executor exec(make_plan(detail::share_loop_states(detail::with_own_loops(nodes))));
    {
        const detail::run_control quiet(detail::run_control::quiet_t{});
        exec.run();
    }
    std::vector<std::vector<double>> values;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        values.push_back(
            as_doubles(exec.output(i), nodes[i]->type(), element_count(nodes[i]->shape())));
    }
    const auto at =
        static_cast<std::size_t>(std::find_if(values[0].begin(), values[0].end(),
                                              [](double v) { return !std::isfinite(v); }) -
                                 values[0].begin());
    report.index = unravel(at, n->shape());
    report.value = values[0][at];
    std::vector<double> there;
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        std::string what;
        if (nodes[i]->shape() == n->shape()) {
            there.push_back(values[i][at]);
            what = shortest(values[i][at]);
        } else {
            what = to_string(nodes[i]->shape());
            if (!values[i].empty()) {
                const auto [low, high] = std::minmax_element(values[i].begin(), values[i].end());
                what += " from " + shortest(*low) + " to " + shortest(*high);
            }
        }
        report.operands.push_back({name_for(nodes[i]), what});
    }
    const fused* statement = source->op().as_fused();
    report.operation = statement != nullptr && there.size() == source->inputs().size()
                           ? culprit(*statement, there)
                           : std::string(owner->op().name());
    report.place = owner->place();
    const auto marks = owner->tag_marks();
    if (!marks.empty()) {
        report.tag = marks.front().path;
        if (!report.place) report.place = marks.front().place;
    }
    return report;
}

std::string in_words(const nonfinite_report& r)
{
    std::string text = "[trap_nonfinite] " + std::string(r.is_reverse ? "the reverse of " : "") +
                       r.operation + " made " + shortest(r.value) + " at " + written(r.index);
    if (!r.tag.empty()) text += " of \"" + r.tag + "\"";
    if (r.place) text += " (" + to_string(r.place) + ")";
    text += r.is_reverse ? ", in reverse mode" : ", in forward mode";
    for (std::size_t i = 0; i < r.operands.size(); ++i) {
        text +=
            (i == 0 ? "; from " : ", ") + r.operands[i].name + " = " + r.operands[i].description;
    }
    return text;
}

/// Of the results of `count_nonfinite`.
bool has_nonfinite(const buffer& counted)
{
    const double* const counts = counted.as<const double>();
    return counts[0] + counts[1] + counts[2] > 0;
}

} // namespace

nonfinite_error::nonfinite_error(nonfinite_report report)
    : error(in_words(report)), report_(std::move(report))
{}
nonfinite_error::~nonfinite_error() = default;

void detail::report_nonfinite(sweep_state& s)
{
    for (const auto& w : s.watches) {
        if (!has_nonfinite(s.exec->output(w.output))) continue;
        // Leaves are not watched: they are looked at only now. One of them may have come with it.
        const reduction count = count_nonfinite().as_reduction();
        for (const auto& n : topological_order(std::span(&w.n, 1))) {
            if (n->op().as_leaf() == nullptr || !is_differentiable(n->type())) continue;
            if (has_nonfinite(evaluate(count.apply(n)))) throw nonfinite_error(describe(s, n));
        }
        throw nonfinite_error(describe(s, w.n));
    }
}

// ---- two runs ------------------------------------------------------------------------------------

run_record::run_record(const sweep& s)
{
    detail::sweep_state& state = s.state();
    state.require_run();
    std::map<const node*, std::vector<std::string>> paths;
    for (const auto& [path, named] : state.current_names().all()) {
        paths[named.n.get()].push_back(path);
    }
    const auto order = topological_order(state.request.roots());
    const auto collect = [&](const node_ptr& n, bool is_adjoint) {
        const auto found = paths.find(n.get());
        if (found == paths.end()) return;
        const detail::item i{is_adjoint ? detail::quantity::adjoint : detail::quantity::value, n};
        if (!state.outputs.contains(detail::sweep_state::key_of(i))) return;
        const detail::result array = state.read(i, false);
        for (const auto& path : found->second) entries_.push_back({path, is_adjoint, array});
    };
    for (const auto& n : order) collect(n, false);
    for (auto n = order.rbegin(); n != order.rend(); ++n) collect(*n, true);
}

difference diff(const run_record& a, const run_record& b, double tolerance)
{
    bool in_common = false;
    for (const auto& x : a.entries()) {
        const auto y = std::find_if(b.entries().begin(), b.entries().end(), [&](const auto& e) {
            return e.path == x.path && e.is_adjoint == x.is_adjoint;
        });
        if (y == b.entries().end()) continue;
        in_common = true;
        difference d{true, x.path, x.is_adjoint, {}, 0, 0, {}};
        const std::string what =
            std::string(x.is_adjoint ? "the adjoint" : "the value") + " of \"" + x.path + "\"";
        if (!(x.array.extents == y->array.extents)) {
            d.message = what + " has shape " + to_string(x.array.extents) + ", and then " +
                        to_string(y->array.extents);
            return d;
        }
        const std::size_t n = element_count(x.array.extents);
        const auto p = as_doubles(x.array.data, x.array.type, n);
        const auto q = as_doubles(y->array.data, y->array.type, n);
        for (std::size_t i = 0; i < n; ++i) {
            if (p[i] == q[i] || (std::isnan(p[i]) && std::isnan(q[i]))) continue;
            const double bound = tolerance * std::max(std::abs(p[i]), std::abs(q[i]));
            if (std::isfinite(bound) && std::abs(p[i] - q[i]) <= bound) continue;
            d.index = unravel(i, x.array.extents);
            d.first = p[i];
            d.second = q[i];
            d.message = what + " at " + written(d.index) + " is " + shortest(p[i]) + ", and then " +
                        shortest(q[i]);
            return d;
        }
    }
    if (!in_common) throw tag_error("[diff] the two runs have kept no tag in common");
    difference none;
    none.message = "no difference";
    return none;
}

} // namespace backtrail
