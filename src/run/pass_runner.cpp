// SPDX-License-Identifier: BSD-3-Clause
// The walk over chunks and tiles, and the calls of kernels: see pass_runner.hpp. Reductions are in
// pass_reductions.cpp.
#include "pass_frame.hpp"

#include <backtrail/plan/chunks.hpp>
#include <backtrail/run/threads.hpp>

#include <algorithm>

namespace backtrail {

std::size_t pass_runner::frame_bytes(const plan& p, const pass& what, bool is_exact)
{
    return frame(p, what, nullptr, is_exact).bytes;
}

std::size_t pass_runner::workers(const pass& what)
{
    constexpr std::size_t little = std::size_t{1} << 16; // not worth waking anybody
    const std::size_t chunks = what.chunks();
    if (chunks <= 1 || what.elements() * what.members < little) return 1;
    return std::min(chunks, num_threads());
}

array_view pass_runner::view_of(std::uint32_t operand) const
{
    const backtrail::operand& o = plan_.operands[operand];
    const layout& l = plan_.layouts[o.layout];
    return {address(operand), o.type, layout(l.extents, l.steps, 0)};
}

void pass_runner::begin(std::byte* memory) const
{
    const frame& f = *new (memory) frame(plan_, pass_, memory, memory_.has_exact);
    for (std::uint32_t s = 0; s < pass_.streams; ++s) {
        const stream& what = stream_at(s);
        if (what.how == stream::access::direct) {
            f.origin[s] = address(what.array);
            continue;
        }
        f.at[s] = f.tile<std::byte>(what.scratch);
        if (what.how == stream::access::tile || what.how == stream::access::write) continue;
        visit(what.type, [&](auto t) {
            using T = decltype(t);
            T* const tile = f.tile<T>(what.scratch);
            if (what.how == stream::access::read) {
                new (f.reader<T>(s)) tile_reader<T>(view_of(what.array), tile, pass_.tile);
            } else if (what.how == stream::access::uniform) {
                std::fill_n(tile, block_alignment / sizeof(T),
                            *reinterpret_cast<const T*>(address(what.array)));
            } else {
                std::fill_n(tile, pass_.tile, T(0));
            }
        });
    }
}

void pass_runner::run_chunk(std::byte* memory, std::size_t chunk) const
{
    frame& f = frame::in_memory(memory);
    begin_chunk(f, chunk);
    if (pass_.rows == 1) {
        const std::size_t end = std::min(pass_.width, (chunk + 1) * pass_.chunk);
        const std::size_t step = memory_.has_exact ? pass_.tile : pass_.stretch;
        for (std::size_t i = chunk * pass_.chunk; i < end; i += step) {
            run_tile(f, {i, std::min(step, end - i), 0, i}, chunk);
        }
        return;
    }
    const std::size_t end = std::min(pass_.rows, (chunk + 1) * pass_.chunk);
    const std::size_t rows = std::max<std::size_t>(1, pass_.tile / pass_.width);
    for (std::size_t row = chunk * pass_.chunk; row < end; row += rows) {
        const std::size_t start = row * pass_.width;
        if (pass_.width <= pass_.tile) {
            run_tile(f, {start, std::min(rows, end - row) * pass_.width, row, 0}, chunk);
            continue;
        }
        for (std::size_t j = 0; j < pass_.width; j += pass_.tile) {
            run_tile(f, {start + j, std::min(pass_.tile, pass_.width - j), row, j}, chunk);
        }
    }
}

void pass_runner::run_tile(frame& f, const tile_span& t, std::size_t chunk) const
{
    const bool puts_away = memory_.has_exact || pass_.has_writes;
    std::uint32_t read = 0, write = 0;
    for (std::uint32_t m = 0; m < pass_.members; ++m) {
        for (; read < pass_.streams && stream_at(read).first == m; ++read) {
            const stream& what = stream_at(read);
            if (what.how == stream::access::direct) {
                f.at[read] = tile_at(f.origin[read], what, t);
                if (memory_.has_exact) use_edge(f, read, t);
            } else if (what.how == stream::access::read) {
                fill(f, read, t);
            }
        }
        run_member(f, m, t, chunk);
        for (; puts_away && write < pass_.streams && stream_at(write).first == m; ++write) {
            put_away(f, write, t);
        }
    }
}

void pass_runner::run_member(frame& f, std::uint32_t m, const tile_span& t, std::size_t chunk) const
{
    const member& what = member_at(m);
    if (what.kernel != nullptr) {
        call(f, what, t);
    } else {
        fold_tile(f, what, m, t, chunk);
    }
}

/// Memory of others ends with its last element: kernels get a copy of the last tile.
void pass_runner::use_edge(frame& f, std::uint32_t s, const tile_span& t) const
{
    const stream& what = stream_at(s);
    if (!is_at_edge(what, t)) return;
    std::memcpy(f.edge(s), f.at[s], t.count * size_of(what.type));
    f.at[s] = f.edge(s);
}

/// Has a tile gathered, or finds it where it lies.
void pass_runner::fill(frame& f, std::uint32_t s, const tile_span& t) const
{
    const stream& what = stream_at(s);
    // Any tile may be the last of its memory, if rows lie the other way round, or are all the same.
    const bool is_exact =
        memory_.has_exact && memory_.is_exact[plan_.operands[what.array].base] != 0;
    const bool is_padded = !is_exact || t.count % widest_vector == 0;
    visit(what.type, [&](auto type) {
        using T = decltype(type);
        f.at[s] = reinterpret_cast<std::byte*>(
            const_cast<T*>(f.reader<T>(s)->read(t.start, t.count, is_padded)));
    });
}

/// Copies a finished tile to where its array lies, if it was not made there.
void pass_runner::put_away(frame& f, std::uint32_t s, const tile_span& t) const
{
    const stream& what = stream_at(s);
    if (what.how == stream::access::direct) {
        if (is_at_edge(what, t)) {
            std::memcpy(tile_at(f.origin[s], what, t), f.edge(s), t.count * size_of(what.type));
        }
    } else if (what.how == stream::access::write) {
        std::byte* const to = address(what.array);
        const operand& array = plan_.operands[what.array];
        if (!array.is_dense) {
            visit(what.type, [&](auto type) {
                using T = decltype(type);
                scatter(reinterpret_cast<const T*>(f.at[s]), plan_.layouts[array.layout],
                        reinterpret_cast<T*>(to), t.start, t.count);
            });
            return;
        }
        if (array.type == what.type) {
            std::memcpy(to + t.start * size_of(what.type), f.at[s], t.count * size_of(what.type));
            return;
        }
        visit(what.type, [&](auto type) { // a mask, made as 0 and 1
            using T = decltype(type);
            const T* tile = reinterpret_cast<const T*>(f.at[s]);
            bool* mask = reinterpret_cast<bool*>(to) + t.start;
            for (std::size_t i = 0; i < t.count; ++i) mask[i] = tile[i] != T(0);
        });
    }
}

void pass_runner::call(frame& f, const member& m, const tile_span& t) const
{
    if (m.what != member::kind::value && m.what != member::kind::pushforward) {
        pull_back(f, m, t);
        return;
    }
    const kernel_table& table = m.kernel->table();
    const bool has_tangents = m.what == member::kind::pushforward;
    const std::size_t inputs = std::size_t{table.slots} * (has_tangents ? 2 : 1);
    const std::uint32_t* list = plan_.stream_lists.data() + m.first_stream;
    for (std::size_t j = 0; j < inputs; ++j) f.in[j] = f.at[*list++];
    if (has_tangents) {
        table.pushforward(f.in, m.kernel->literals(), f.in + table.slots, f.at[*list], t.count);
    } else {
        table.value(f.in, m.kernel->literals(), f.at[*list], t.count);
    }
}

void pass_runner::pull_back(frame& f, const member& m, const tile_span& t) const
{
    const fused& op = *m.kernel;
    const kernel_table& table = op.table();
    const std::uint32_t* list = plan_.stream_lists.data() + m.first_stream;
    for (std::size_t j = 0; j < table.slots; ++j) f.in[j] = f.at[*list++];
    reverse_tile tile;
    tile.is_uniform = stream_at(*list).how == stream::access::uniform;
    tile.y_bar = f.at[*list++];
    if (m.what == member::kind::value_and_pullback && m.partial == none) tile.y = f.at[*list++];
    for (std::size_t j = 0; j < table.slots; ++j, ++list) {
        f.out[j] = *list == none ? nullptr : f.at[*list];
    }
    tile.x_bar = f.out;
    tile.modes = plan_.modes.data() + m.first_mode;
    if (m.what == member::kind::pullback) {
        table.pullback(f.in, op.literals(), tile, t.count);
    } else if (m.partial == none) {
        table.value_and_pullback(f.in, op.literals(), tile, t.count);
    } else if (table.type == dtype::float64) {
        pull_back_sums<double>(f, m, t, tile);
    } else {
        pull_back_sums<float>(f, m, t, tile);
    }
}

/// Block by block, which leaves a block's sum rather than its values.
template <class T>
void pass_runner::pull_back_sums(frame& f, const member& m, const tile_span& t,
                                 reverse_tile tile) const
{
    const fused& op = *m.kernel;
    const kernel_table& table = op.table();
    T* const partial = reinterpret_cast<T*>(address(m.partial)) + t.start / tile_size;
    const auto move = [&](std::ptrdiff_t blocks) {
        const std::ptrdiff_t by = blocks * static_cast<std::ptrdiff_t>(tile_size);
        for (std::size_t j = 0; j < table.slots; ++j) {
            f.in[j] = static_cast<const T*>(f.in[j]) + by;
            if (f.out[j] != nullptr) f.out[j] = static_cast<T*>(f.out[j]) + by;
        }
        if (!tile.is_uniform) tile.y_bar = static_cast<const T*>(tile.y_bar) + by;
    };
    const std::size_t blocks = (t.count + tile_size - 1) / tile_size;
    if (is_backward_) move(static_cast<std::ptrdiff_t>(blocks) - 1);
    for (std::size_t k = 0; k < blocks; ++k) {
        const std::size_t b = is_backward_ ? blocks - 1 - k : k;
        const std::size_t n = std::min(tile_size, t.count - b * tile_size);
        T parts[sum_parts];
        tile.parts = parts;
        table.value_and_pullback(f.in, op.literals(), tile, n);
        partial[b] = sum_of_parts(parts);
        if (k + 1 < blocks) move(is_backward_ ? -1 : 1);
    }
}

} // namespace backtrail
