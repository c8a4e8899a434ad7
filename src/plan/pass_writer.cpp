// SPDX-License-Identifier: BSD-3-Clause
// Writing passes: see pass_writer.hpp.
#include "pass_writer.hpp"

#include <backtrail/plan/chunks.hpp>

#include <unistd.h>

#include <algorithm>
#include <functional>

namespace backtrail {
namespace {

/// The longest tile.
constexpr std::size_t longest_tile = 4 * tile_size;
/// Rows shorter than this are read many at a time, through a tile.
constexpr std::size_t shortest_row = 128;

/// What the tiles of a pass may take of the first cache: half of it, from 16 to 64 KiB. Where nobody says how large it
/// is, 24 KiB.
std::size_t cache_bytes()
{
    constexpr std::size_t least = std::size_t{16} << 10, usual = std::size_t{24} << 10,
                          most = std::size_t{64} << 10;
#ifdef _SC_LEVEL1_DCACHE_SIZE
    static const long first = sysconf(_SC_LEVEL1_DCACHE_SIZE);
    if (first > 0) return std::clamp(static_cast<std::size_t>(first) / 2, least, most);
#endif
    return usual;
}

/// Bytes of a partial result of a reduction; of a logsumexp it is two numbers.
std::size_t partial_size(const node& n)
{
    const bool is_pair = n.op().as_reduction()->kind == detail::reduction_kind::logsumexp;
    return size_of(n.type()) * (is_pair ? 2 : 1);
}

/// The length of the rows in which an array that is not dense lies without gaps, or 0.
std::size_t row_length(layout l)
{
    if (l.is_dense() || l.is_scalar()) return 0;
    coalesce(&l, 1);
    return l.steps.back() == 1 && l.extents.back() >= shortest_row ? l.extents.back() : 0;
}

} // namespace

bool pass_writer::is_aligned(const pass& p) { return p.rows == 1 || p.width % widest_vector == 0; }

pass pass_writer::shape_of(std::uint32_t u) const
{
    const unit& group = units_[u];
    std::size_t width = group.width;
    std::size_t streams = 0;
    for (const call& c : calls_.all()) {
        streams += places_.value_count(c.node);
        calls_.for_inputs(c, [&](std::uint32_t i, std::size_t k) {
            ++streams;
            if (width != 0 || group.has_fold || units_.is_streamed(i, k)) return;
            width = row_length(places_.layout_of(graph_.inputs(i)[k]));
        });
        if (places_.value_count(c.node) == 0) continue;
        const value& result = places_.values()[places_.first_value(c.node)];
        const bool has_rows = result.is_framed() && !group.has_fold;
        if (width == 0 && has_rows) width = row_length(result_.layouts[result.made]);
    }
    pass p;
    p.width = width == 0 ? group.elements : width;
    p.rows = group.elements / p.width;
    const std::size_t fit = cache_bytes() / (std::max<std::size_t>(1, streams) * tile_bytes);
    p.tile = std::clamp<std::size_t>(fit, 1, longest_tile / tile_size) * tile_size;
    if (group.has_gather) p.tile = std::max(p.tile, p.width); // whole rows
    if (p.rows == 1) {
        p.chunk = linear_chunk(p.width);
        // A short space needs no long tiles.
        const std::size_t whole = (p.width + widest_vector - 1) / widest_vector * widest_vector;
        p.tile = std::min(p.tile, whole);
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
        return (p.elements() + tile_size - 1) / tile_size * partial_size(*graph_[c.node]);
    case member::kind::columns: {
        const bool is_result = op.as_reduction()->kind != detail::reduction_kind::logsumexp;
        return is_result && p.chunks() == 1 ? 0
                                            : p.chunks() * p.width * partial_size(*graph_[c.node]);
    }
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
        calls_.for_inputs(c, [&](std::uint32_t i, std::size_t k) {
            if (units_.is_streamed(i, k)) streamed_.push_back(places_[graph_.inputs(i)[k]].value);
        });
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
    for (const known_stream& s : streams_) {
        p.has_reads |= s.what.how == stream::access::read;
        p.has_writes |= s.what.how == stream::access::write;
    }
    const auto calls = std::span(result_.members).subspan(p.first_member, p.members);
    for (const member& m : calls) {
        if (m.kernel != nullptr)
            p.slots = std::max<std::uint32_t>(p.slots, m.kernel->table().slots);
    }
    const bool is_alone = std::ranges::count(calls, false, &member::is_summed) == 1;
    p.stretch = p.rows == 1 && is_alone && has_no_tiles() ? p.chunk : p.tile;
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
    case member::kind::pushforward: write_kernel(c); break;
    case member::kind::pullback:
    case member::kind::value_and_pullback: write_pullback(c, m); break;
    case member::kind::gather: write_gather(c, m, partial); break;
    default: write_reduction(c, m, partial);
    }
    const bool is_reduction = m.result != none;
    if (!is_reduction) m.kernel = &expression_of(*m.op);
    if (!is_reduction) m.partial = sum_of_[at_] == none ? none : partial;
    m.is_summed = is_reduction && sum_of_[at_] != none;
    m.first_stream = static_cast<std::uint32_t>(result_.stream_lists.size());
    result_.stream_lists.insert(result_.stream_lists.end(), list_.begin(), list_.end());
    result_.members.push_back(m);
}

/// True if all that is read or made lies in memory.
bool pass_writer::has_no_tiles() const
{
    return std::ranges::all_of(streams_, [](const known_stream& s) {
        return s.what.how == stream::access::direct || s.what.how == stream::access::uniform;
    });
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

/// The operands of an expression, by slot. Those that a derivative does not read are zeros.
void pass_writer::write_slots(std::uint32_t i)
{
    const operation& op = graph_[i]->op();
    const kernel_table& table = table_of(op);
    std::size_t k = 0;
    for (std::size_t j = 0; j < table.slots; ++j) {
        list_.push_back(op.reads(j) ? input(i, k++, table.type) : zeros(table.type));
    }
}

/// Value: the slots, then the result. Pushforward: the slots, a tangent for each, then the result.
void pass_writer::write_kernel(const call& c)
{
    const operation& op = graph_[c.node]->op();
    const kernel_table& table = table_of(op);
    write_slots(c.node);
    if (const auto* forward = op.as_fused_pushforward()) {
        for (std::size_t j = 0; j < table.slots; ++j) {
            const std::uint16_t k = forward->input_of_tangent()[j];
            list_.push_back(k == fused_pushforward::zero
                                ? zeros(table.type)
                                : input(c.node, graph_.position(c.node, k), table.type));
        }
    }
    list_.push_back(made(places_.first_value(c.node), table.type));
}

/// The slots, the cotangent, the value if it is made and more than summed, then for each slot what it adds to.
void pass_writer::write_pullback(const call& c, member& m)
{
    const auto& op = *graph_[c.node]->op().as_fused_pullback();
    const kernel_table& table = op.primal().table();
    write_slots(c.value_node != none ? c.value_node : c.node);
    list_.push_back(cotangent(c, table.type));
    if (c.value_node != none && sum_of_[at_] == none) {
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
    if (sum_of_[at_] == none)
        list_.push_back(input(c.node, 0, graph_[graph_.inputs(c.node)[0]]->type()));
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
        list_.push_back(input(c.node, k, graph_[c.node]->type()));
    }
    m.result = stored_[places_.first_value(c.node)];
    m.partial = partial;
}

} // namespace backtrail
