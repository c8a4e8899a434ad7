// SPDX-License-Identifier: BSD-3-Clause
// The table of a run.
#include <backtrail/inspect/table.hpp>

#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/sweep/joined.hpp>

#include <cstdio>

namespace backtrail::inspect {
namespace {

using row = std::vector<std::string>;

std::string digits(double x)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", x);
    return text;
}

/// The figures of a kept array; the path may be that of two nodes, so it is read by handle.
moments_result figures(const backtrail::detail::result& r)
{
    const moments by;
    const buffer folded = backtrail::detail::reduce_array(r, by.as_reduction());
    return by.decode(std::span(folded.as<const double>(), 10), r.extents);
}

row describe(const sweep& s, const backtrail::detail::tag_entry& tag)
{
    using backtrail::detail::quantity;
    row cells = {tag.path, std::string(name_of(tag.n->type())) + " " + to_string(tag.n->shape())};
    std::uint64_t nonfinite = 0;
    if (tag.keeps_value) {
        const auto m = figures(backtrail::detail::read_kept(s, quantity::value, tag.n));
        nonfinite += m.nonfinite;
        for (double x : {m.mean, m.deviation, m.min, m.max}) cells.push_back(digits(x));
    } else {
        cells.insert(cells.end(), {"not kept", "", "", ""});
    }
    if (tag.keeps_adjoint) {
        const auto m = figures(backtrail::detail::read_kept(s, quantity::adjoint, tag.n));
        nonfinite += m.nonfinite;
        cells.push_back(digits(m.l2));
    } else {
        cells.push_back(
            std::string(short_name(backtrail::detail::adjoint_status_of(s, tag.n).kind)));
    }
    cells.push_back(nonfinite == 0 ? "" : std::to_string(nonfinite));
    return cells;
}

} // namespace

std::string table(const sweep& s)
{
    std::vector<row> rows = {
        {"tag", "", "mean", "deviation", "min", "max", "|adjoint|", "nonfinite"}};
    for (const auto& tag : backtrail::detail::tag_entries(s)) rows.push_back(describe(s, tag));
    std::vector<std::size_t> width(rows[0].size());
    for (const auto& cells : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            width[i] = std::max(width[i], cells[i].size());
    }
    std::string text;
    for (const auto& cells : rows) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string space(width[i] - cells[i].size(), ' ');
            line += (i == 0 ? "" : "  ") + (i < 2 ? cells[i] + space : space + cells[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

} // namespace backtrail::inspect
