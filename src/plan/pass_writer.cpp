// SPDX-License-Identifier: BSD-3-Clause
// Writing passes: see pass_writer.hpp.
#include "pass_writer.hpp"

#include <backtrail/plan/chunks.hpp>

#include <algorithm>
#include <functional>

namespace backtrail {
namespace {

/// Kernels may write up to this many bytes past the end of a tile.
constexpr std::size_t vector_bytes = 64;
/// What the tiles of a pass may take of the first cache, and the longest tile.
constexpr std::size_t cache_bytes = 24 * 1024, longest_tile = 4 * tile_size;
/// Rows shorter than this are read many at a time, through a tile.
constexpr std::size_t shortest_row = 128;

bool is_same(const layout& a, const layout& b)
{
    if (a.is_dense() && b.is_dense()) return a.size() == b.size() && a.offset == b.offset;
    return a.extents == b.extents && a.steps == b.steps && a.offset == b.offset;
}

/// The length of the rows in which an array that is not dense lies without gaps, or 0.
std::size_t row_length(layout l)
{
    if (l.is_dense() || l.is_scalar()) return 0;
    coalesce(&l, 1);
    return l.steps.back() == 1 && l.extents.back() >= shortest_row ? l.extents.back() : 0;
}

} // namespace

bool pass_writer::is_aligned(const pass& p)
{
    return p.rows == 1 || p.width % (vector_bytes / sizeof(float)) == 0;
}

pass pass_writer::shape_of(std::uint32_t u) const
{
    const unit& group = units_[u];
    std::size_t width = group.width;
    std::size_t streams = 0;
    for (const call& c : calls_.all()) {
        const auto inputs = graph_.inputs(c.node);
        streams += inputs.size() + places_.value_count(c.node);
        for (std::size_t k = 0; k < inputs.size() && width == 0 && !group.has_fold; ++k) {
            if (!units_.is_streamed(c.node, k)) width = row_length(places_.layout_of(inputs[k]));
        }
        if (places_.value_count(c.node) == 0) continue;
        const value& result = places_.values()[places_.first_value(c.node)];
        const bool has_rows = result.is_framed() && !group.has_fold;
        if (width == 0 && has_rows) width = row_length(result_.layouts[result.made]);
    }
    pass p;
    p.width = width == 0 ? group.elements : width;
    p.rows = group.elements / p.width;
    const std::size_t fit = cache_bytes / (std::max<std::size_t>(1, streams) * tile_bytes);
    p.tile = std::clamp<std::size_t>(fit, 1, longest_tile / tile_size) * tile_size;
    if (group.has_gather) p.tile = std::max(p.tile, p.width); // whole rows
    if (p.rows == 1) {
        p.chunk = linear_chunk(p.width);
        // A short space needs no long tiles.
        constexpr std::size_t grain = vector_bytes / sizeof(float);
        p.tile = std::min(p.tile, (p.width + grain - 1) / grain * grain);
    } else {
        p.chunk = row_chunk(p.rows, p.width);
        const bool reads_rows = group.width == 0 || (group.has_gather && p.width >= shortest_row);
        if (p.width < p.tile) p.tile = reads_rows ? p.width : p.tile / p.width * p.width;
    }
    return p;
}

std::size_t pass_writer::partial_bytes(const call& c, const pass& p) const
{
    const operation& op = graph_[c.node]->op();
    switch (c.what) {
    case member::kind::total:
        return (p.elements() + tile_size - 1) / tile_size * size_of(graph_[c.node]->type());
    case member::kind::columns:
        return p.chunks() == 1 ? 0 : p.chunks() * p.width * size_of(graph_[c.node]->type());
    case member::kind::fold: {
        const std::size_t state = (op.as_fold()->state_bytes() + 63) / 64 * 64;
        return p.chunks() * state;
    }
    case member::kind::gather: {
        if (p.chunks() == 1) return 0;
        const auto parts = op.places_of_inputs(*graph_[c.node]);
        const auto [least, most] = std::ranges::minmax(parts, {}, &layout::offset);
        const auto row = static_cast<std::ptrdiff_t>(graph_[c.node]->shape()[1]);
        const auto late = static_cast<std::size_t>(most.offset / row - least.offset / row);
        return p.chunks() * late * parts.size() * p.width * size_of(graph_[c.node]->type());
    }
    default: return 0;
    }
}

std::uint32_t pass_writer::write(pass p, std::span<const std::uint32_t> partials)
{
    streams_.clear();
    streamed_.clear();
    pass_ = p;
    for (const call& c : calls_.all()) {
        for (std::size_t k = 0; k < graph_.inputs(c.node).size(); ++k) {
            if (!units_.is_streamed(c.node, k)) continue;
            streamed_.push_back(places_[graph_.inputs(c.node)[k]].value);
        }
    }
    p.first_member = static_cast<std::uint32_t>(result_.members.size());
    p.members = static_cast<std::uint32_t>(calls_.all().size());
    find_sums(p);
    for (at_ = 0; at_ < p.members; ++at_) {
        // Of a kernel that sums: those of the total, which comes after it.
        const bool sums = sum_of_[at_] != none && sum_of_[at_] > at_;
        write_call(calls_.all()[at_], partials[sums ? sum_of_[at_] : at_]);
    }
    share_tiles(p);
    p.first_stream = static_cast<std::uint32_t>(result_.streams.size());
    p.streams = static_cast<std::uint32_t>(streams_.size());
    for (known_stream& s : streams_) {
        s.what.first = s.first;
        result_.streams.push_back(s.what);
    }
    result_.passes.push_back(p);
    return static_cast<std::uint32_t>(result_.passes.size() - 1);
}

void pass_writer::write_call(const call& c, std::uint32_t partial)
{
    member m;
    m.what = c.what;
    m.op = &graph_[c.node]->op();
    result_.operations.push_back(graph_[c.node]->op_handle());
    if (c.value_node != none) result_.operations.push_back(graph_[c.value_node]->op_handle());
    list_.clear();
    switch (c.what) {
    case member::kind::value:
    case member::kind::pushforward: write_kernel(c, m); break;
    case member::kind::pullback:
    case member::kind::value_and_pullback: write_pullback(c, m); break;
    case member::kind::gather: write_gather(c, m, partial); break;
    default: write_reduction(c, m, partial);
    }
    const bool is_reduction = m.result != none;
    if (!is_reduction) m.partial = sum_of_[at_] == none ? none : partial;
    m.is_summed = is_reduction && sum_of_[at_] != none;
    m.first_stream = static_cast<std::uint32_t>(result_.stream_lists.size());
    result_.stream_lists.insert(result_.stream_lists.end(), list_.begin(), list_.end());
    result_.members.push_back(m);
}

/// Finds the values that are computed with their pullbacks and read by one total alone: their kernels sum.
void pass_writer::find_sums(const pass& p)
{
    sum_of_.assign(calls_.all().size(), none);
    if (p.rows != 1) return; // tiles might not begin with blocks
    for (std::uint32_t k = 0; k < calls_.all().size(); ++k) {
        const call& c = calls_.all()[k];
        if (c.what != member::kind::total) continue;
        const auto kind = graph_[c.node]->op().as_reduction()->kind;
        const bool is_sum =
            kind == detail::reduction_kind::sum || kind == detail::reduction_kind::mean;
        if (!is_sum || !units_.is_streamed(c.node, 0)) continue;
        const std::uint32_t x = graph_.inputs(c.node)[0], v = places_[x].value;
        if (stored_[v] != none || std::ranges::count(streamed_, v) != 1) continue;
        const auto maker = std::ranges::find_if(calls_.all(), [&](const call& other) {
            return other.value_node != none && places_.first_value(other.value_node) == v;
        });
        if (maker == calls_.all().end()) continue;
        const auto m = static_cast<std::uint32_t>(maker - calls_.all().begin());
        if (table_of(graph_[maker->value_node]->op()).type != graph_[x]->type()) continue;
        sum_of_[k] = m;
        sum_of_[m] = k;
    }
}

/// Value: the slots, then the result. Pushforward: the slots, a tangent for each, then the result.
void pass_writer::write_kernel(const call& c, member&)
{
    const operation& op = graph_[c.node]->op();
    const kernel_table& table = table_of(op);
    for (std::size_t j = 0; j < table.slots; ++j) list_.push_back(input(c, j, table.type));
    if (const auto* forward = op.as_fused_pushforward()) {
        for (std::size_t j = 0; j < table.slots; ++j) {
            const std::uint16_t k = forward->input_of_tangent()[j];
            list_.push_back(k == fused_pushforward::zero ? zeros(table.type)
                                                         : input(c, k, table.type));
        }
    }
    list_.push_back(made(places_.first_value(c.node), table.type));
}

/// The slots, the cotangent, the value if it is made too, then for each slot what it adds to.
void pass_writer::write_pullback(const call& c, member& m)
{
    const auto& op = *graph_[c.node]->op().as_fused_pullback();
    const kernel_table& table = op.primal().table();
    for (std::size_t j = 0; j < table.slots; ++j) list_.push_back(input(c, j, table.type));
    list_.push_back(cotangent(c, table.slots, table.type));
    if (c.value_node != none) {
        list_.push_back(made(places_.first_value(c.value_node), table.type));
    }
    const auto output = op.output_of_slot();
    std::vector<std::uint32_t> of_output(op.outputs(), none);
    m.first_mode = static_cast<std::uint32_t>(result_.modes.size());
    for (std::size_t j = 0; j < output.size(); ++j) {
        const std::uint32_t k = output[j];
        const bool is_skipped = k == fused_pullback::skipped;
        const std::uint32_t v = is_skipped ? none : places_.first_value(c.node) + k;
        if (is_skipped || !is_wanted(v)) {
            list_.push_back(none);
            result_.modes.push_back(store_mode::skip);
            continue;
        }
        const bool is_first = of_output[k] == none;
        if (is_first) of_output[k] = made(v, table.type);
        list_.push_back(of_output[k]);
        result_.modes.push_back(is_first ? store_mode::write : store_mode::add);
    }
}

void pass_writer::write_reduction(const call& c, member& m, std::uint32_t partial)
{
    if (const axis_reduction* r = m.op->as_reduction()) m.reduces = r->kind;
    list_.push_back(input(c, 0, graph_[graph_.inputs(c.node)[0]]->type()));
    m.result = stored_[places_.first_value(c.node)];
    m.partial = partial;
}

/// The streams in the order in which they come to a row of the result: those that are shifted furthest first.
void pass_writer::write_gather(const call& c, member& m, std::uint32_t partial)
{
    const auto parts = m.op->places_of_inputs(*graph_[c.node]);
    const std::size_t row = graph_[c.node]->shape()[1];
    std::vector<std::pair<shift, std::uint32_t>> order;
    for (std::uint32_t k = 0; k < parts.size(); ++k) {
        const auto at = static_cast<std::size_t>(parts[k].offset);
        order.push_back({{at / row, at % row}, k});
    }
    std::ranges::stable_sort(order, std::greater{}, [](const auto& s) { return s.first.row; });
    m.first_shift = static_cast<std::uint32_t>(result_.shifts.size());
    m.shifts = static_cast<std::uint32_t>(order.size());
    for (const auto& [s, k] : order) {
        result_.shifts.push_back(s);
        list_.push_back(input(c, k, graph_[c.node]->type()));
    }
    m.result = stored_[places_.first_value(c.node)];
    m.partial = partial;
}

std::uint32_t pass_writer::input(const call& c, std::size_t k, dtype type)
{
    const std::uint32_t x = graph_.inputs(c.node)[k];
    if (!units_.is_streamed(c.node, k)) return external(x, type);
    const auto found = std::ranges::find_if(streams_, [&](const known_stream& s) {
        return s.value == places_[x].value && s.layout == none;
    });
    const auto s = static_cast<std::uint32_t>(found - streams_.begin());
    use(s);
    return s;
}

/// The cotangent of a sum is one number, which fills no tile.
std::uint32_t pass_writer::cotangent(const call& c, std::size_t k, dtype type)
{
    const std::uint32_t x = graph_.inputs(c.node)[k];
    const bool is_uniform = !units_.is_streamed(c.node, k) && graph_[x]->type() == type &&
                            places_.layout_of(x).is_scalar();
    return is_uniform ? external(x, type, true) : input(c, k, type);
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
    known_stream s = {v, l, {}, places_.layout_of(x).is_scalar(), at_, at_};
    s.what.type = type;
    s.what.array = operand_of(x);
    const bool is_direct =
        places_.layout_of(x).is_dense() && graph_[x]->type() == type && !s.is_scalar;
    s.what.row_step = static_cast<std::ptrdiff_t>(pass_.width);
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
        s.what.array = what.is_framed() ? operand_of(what.producer) : stored_[v];
        s.what.row_step = what.is_framed() ? step_between_rows(result_.layouts[what.made])
                                           : static_cast<std::ptrdiff_t>(pass_.width);
        const bool is_direct = is_aligned(pass_) && what.type == type && s.what.row_step != 0;
        s.what.how = is_direct ? stream::access::direct : stream::access::write;
    }
    streams_.push_back(s);
    return static_cast<std::uint32_t>(streams_.size() - 1);
}

/// How far apart rows of the pass are made in a larger array, or 0 if tiles cannot be made there: kernels
/// would write past the end of rows, or tiles are no part of a row.
std::ptrdiff_t pass_writer::step_between_rows(const layout& l) const
{
    layout rows = l;
    coalesce(&rows, 1);
    if (pass_.width % (vector_bytes / sizeof(float)) != 0) return 0;
    if (rows.extents.size() == 1) return static_cast<std::ptrdiff_t>(pass_.width);
    const bool fits = rows.extents.size() == 2 && rows.extents[1] == pass_.width &&
                      rows.extents[0] == pass_.rows && pass_.tile <= pass_.width;
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
