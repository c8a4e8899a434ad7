// SPDX-License-Identifier: BSD-3-Clause
// The streams of a pass: where the tiles lie that its calls read and make. See pass_writer.hpp.
#include "pass_writer.hpp"

#include <backtrail/plan/chunks.hpp>

#include <algorithm>

namespace backtrail {
namespace {

bool is_same(const layout& a, const layout& b)
{
    if (a.is_dense() && b.is_dense()) return a.size() == b.size() && a.offset == b.offset;
    return a.extents == b.extents && a.steps == b.steps && a.offset == b.offset;
}

} // namespace

/// What node i reads as its k-th input.
std::uint32_t pass_writer::input(std::uint32_t i, std::size_t k, dtype type)
{
    const std::uint32_t x = graph_.inputs(i)[k];
    if (!units_.is_streamed(i, k)) return external(x, type);
    const auto found = std::ranges::find_if(streams_, [&](const known_stream& s) {
        return s.value == places_[x].value && s.layout == none;
    });
    const auto s = static_cast<std::uint32_t>(found - streams_.begin());
    use(s);
    return s;
}

/// The cotangent that a pullback reads, its last input; that of a sum is one number, which fills no tile.
std::uint32_t pass_writer::cotangent(const call& c, dtype type)
{
    const std::size_t k = graph_.inputs(c.node).size() - 1;
    const std::uint32_t x = graph_.inputs(c.node)[k];
    const bool is_uniform = !units_.is_streamed(c.node, k) && graph_[x]->type() == type &&
                            places_.layout_of(x).is_scalar();
    return is_uniform ? external(x, type, true) : input(c.node, k, type);
}

/// What is read from memory: one stream, however many calls read it.
std::uint32_t pass_writer::external(std::uint32_t x, dtype type, bool is_uniform)
{
    const auto [v, l] = places_[x];
    for (std::uint32_t s = 0; s < streams_.size(); ++s) {
        const known_stream& known = streams_[s];
        if (known.value == v && known.layout != none && known.what.type == type &&
            is_uniform == (known.what.how == stream::access::uniform) &&
            is_same(result_.layouts[known.layout], result_.layouts[l])) {
            use(s);
            return s;
        }
    }
    const layout& lies = places_.layout_of(x);
    known_stream s = {v, l, {}, lies.is_scalar(), at_, at_};
    s.what.type = type;
    s.what.array = operand_of(x);
    s.what.row_step = step_between_rows(lies);
    const bool is_direct = graph_[x]->type() == type && !s.is_scalar && s.what.row_step != 0;
    s.what.how = is_uniform  ? stream::access::uniform
                 : is_direct ? stream::access::direct
                             : stream::access::read;
    streams_.push_back(s);
    return static_cast<std::uint32_t>(streams_.size() - 1);
}

/// What a call makes.
std::uint32_t pass_writer::made(std::uint32_t v, dtype type)
{
    known_stream s = {v, none, {}, false, at_, at_};
    s.what.type = type;
    s.what.how = stream::access::tile;
    if (stored_[v] != none) {
        const value& what = places_.values()[v];
        const bool is_framed = what.is_framed();
        s.what.array = is_framed ? operand_of(what.producer) : stored_[v];
        s.what.row_step = is_framed ? step_between_rows(result_.layouts[what.made])
                                    : static_cast<std::ptrdiff_t>(pass_.width);
        // Kernels write to the end of a vector: not over what lies beside a row.
        const bool fits = is_framed ? pass_.width % widest_vector == 0 : is_aligned(pass_);
        const bool is_direct = fits && what.type == type && s.what.row_step != 0;
        s.what.how = is_direct ? stream::access::direct : stream::access::write;
    }
    streams_.push_back(s);
    return static_cast<std::uint32_t>(streams_.size() - 1);
}

/// How far apart rows of the pass lie in a larger array, or 0 if tiles are not found there. Kernels read to the end
/// of a vector, and leave the array with its last row at most.
std::ptrdiff_t pass_writer::step_between_rows(const layout& l) const
{
    const auto width = static_cast<std::ptrdiff_t>(pass_.width);
    if (l.is_dense()) return width;
    layout rows = l;
    coalesce(&rows, 1);
    const bool fits = rows.extents.size() == 2 && rows.extents[0] == pass_.rows &&
                      rows.extents[1] == pass_.width && rows.steps[1] == 1 &&
                      rows.steps[0] >= width && pass_.tile <= pass_.width;
    return fits ? rows.steps[0] : 0;
}

std::uint32_t pass_writer::zeros(dtype type)
{
    for (std::uint32_t s = 0; s < streams_.size(); ++s) {
        if (streams_[s].what.how == stream::access::zeros && streams_[s].what.type == type)
            return s;
    }
    known_stream s = {none, none, {}, true, at_, at_};
    s.what.type = type;
    s.what.how = stream::access::zeros;
    streams_.push_back(s);
    return static_cast<std::uint32_t>(streams_.size() - 1);
}

bool pass_writer::is_wanted(std::uint32_t v) const
{
    return stored_[v] != none || std::ranges::find(streamed_, v) != streamed_.end();
}

/// Gives each stream that needs one a tile of its own for as long as it lives. Single numbers fill theirs
/// once, and keep it.
void pass_writer::share_tiles(pass& p)
{
    std::vector<std::uint32_t> free_at; // by tile: the call after which it is free
    for (known_stream& s : streams_) {
        if (s.what.how == stream::access::direct) continue;
        const std::uint32_t last = s.is_scalar ? none : s.last;
        const auto found = std::ranges::find_if(
            free_at, [&](std::uint32_t t) { return !s.is_scalar && t != none && t < s.first; });
        s.what.scratch = static_cast<std::uint32_t>(found - free_at.begin());
        if (found == free_at.end()) {
            free_at.push_back(last);
        } else {
            *found = last;
        }
    }
    p.scratch_tiles = static_cast<std::uint32_t>(free_at.size());
}

std::uint32_t pass_writer::operand_of(std::uint32_t x) const
{
    result_.operands.push_back(places_.shown(x, result_.operands[stored_[places_[x].value]]));
    return static_cast<std::uint32_t>(result_.operands.size() - 1);
}

} // namespace backtrail
