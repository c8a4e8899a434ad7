// SPDX-License-Identifier: BSD-3-Clause
// How the tiles of a pass are reduced. Partial results lie in the arena, one for each block of a total, or
// for each chunk; they are combined in order when all chunks are done.
#include "pass_frame.hpp"

#include <backtrail/plan/chunks.hpp>

#include <algorithm>

namespace backtrail {
namespace {

/// The sum, extremum or product of a block of a total.
template <class T>
T reduce_block(detail::reduction_kind kind, const T* x, std::size_t n)
{
    return is_extremum(kind)                      ? tile_extremum(kind, x, n)
           : kind == detail::reduction_kind::prod ? tile_product(x, n)
                                                  : tile_sum(x, n);
}

bool is_logsumexp(const member& m) { return m.reduces == detail::reduction_kind::logsumexp; }

} // namespace

void pass_runner::begin_chunk(frame& f, std::size_t chunk) const
{
    for (std::uint32_t m = 0; m < pass_.members; ++m) {
        const member& what = member_at(m);
        if (what.what == member::kind::total) {
            if (!what.is_summed) new (f.states[m]) total_block;
        } else if (what.what == member::kind::fold) {
            what.op->as_fold()->begin(address(what.partial) + chunk * state_bytes(what));
        } else if (what.what == member::kind::columns) {
            visit(plan_.operands[what.result].type, [&](auto t) {
                using T = decltype(t);
                if constexpr (differentiable<T>) {
                    if (is_logsumexp(what)) {
                        const auto none = exponentials<T>::none();
                        std::fill_n(reinterpret_cast<exponentials<T>*>(f.states[m]), pass_.width,
                                    none);
                        std::fill_n(columns_of<exponentials<T>>(what, chunk), pass_.width, none);
                        return;
                    }
                }
                if constexpr (!std::is_same_v<T, bool>) {
                    std::fill_n(reinterpret_cast<T*>(f.states[m]), pass_.width, T(0));
                    std::fill_n(columns_of<T>(what, chunk), pass_.width, neutral<T>(what.reduces));
                }
            });
        }
    }
}

void pass_runner::fold_tile(frame& f, const member& m, std::uint32_t index, const tile_span& t,
                            std::size_t chunk) const
{
    if (m.is_summed) return;
    if (m.what == member::kind::gather) {
        gather(f, m, t, chunk);
        return;
    }
    const std::uint32_t s = plan_.stream_lists[m.first_stream];
    if (m.what == member::kind::fold) {
        const tile_fold& fold = *m.op->as_fold();
        std::byte* const state = address(m.partial) + chunk * state_bytes(m);
        const std::size_t size = size_of(stream_at(s).type);
        for (std::size_t i = 0; i < t.count; i += tile_size) {
            fold.add(state, f.at[s] + i * size, t.start + i, std::min(tile_size, t.count - i));
        }
        return;
    }
    visit(stream_at(s).type, [&](auto type) {
        using T = decltype(type);
        if constexpr (!std::is_same_v<T, bool>) {
            const T* x = reinterpret_cast<const T*>(f.at[s]);
            if (m.what == member::kind::total) {
                add_to_total(m, *reinterpret_cast<total_block*>(f.states[index]), x, t);
            } else if (m.what == member::kind::rows) {
                reduce_rows(m, f.states[index], x, t);
            } else {
                add_to_columns(m, reinterpret_cast<T*>(f.states[index]), x, t, chunk);
            }
        }
    });
}

/// Block b of a total is elements [512 b, 512 (b + 1)), wherever tiles begin and end.
template <class T>
void pass_runner::add_to_total(const member& m, total_block& block, const T* x,
                               const tile_span& t) const
{
    const auto put = [&](std::size_t b, const T* from, std::size_t n) {
        if constexpr (differentiable<T>) {
            if (is_logsumexp(m)) {
                auto* const state = reinterpret_cast<std::byte*>(&block);
                reinterpret_cast<exponentials<T>*>(address(m.partial))[b] =
                    tile_exponentials(from, n, scratch_behind<T>(state, sizeof block));
                return;
            }
        }
        reinterpret_cast<T*>(address(m.partial))[b] = reduce_block(m.reduces, from, n);
    };
    std::size_t done = 0;
    if (block.count == 0 && t.start % tile_size == 0) {
        for (; t.count - done >= tile_size; done += tile_size) {
            put((t.start + done) / tile_size, x + done, tile_size);
        }
    }
    T* const kept = reinterpret_cast<T*>(block.elements);
    while (done < t.count) {
        const std::size_t n = std::min(tile_size - block.count, t.count - done);
        std::copy_n(x + done, n, kept + block.count);
        done += n;
        block.count += n;
        const bool is_last = t.start + done == pass_.elements();
        if (block.count == tile_size || is_last) {
            put((t.start + done - 1) / tile_size, kept, block.count);
            block.count = 0;
        }
    }
}

template <class T>
void pass_runner::reduce_rows(const member& m, std::byte* state, const T* x,
                              const tile_span& t) const
{
    if constexpr (differentiable<T>) {
        if (is_logsumexp(m)) {
            logsumexp_of_rows(m, state, x, t);
            return;
        }
    }
    T* const y = reinterpret_cast<T*>(address(m.result));
    auto& row = *reinterpret_cast<row_reduction<T>*>(state);
    if (pass_.width > pass_.tile) { // a part of a row
        if (t.column == 0) new (&row) row_reduction<T>(m.reduces);
        row.add(x, t.count);
        if (t.column + t.count == pass_.width) y[t.row] = row.result();
        return;
    }
    for (std::size_t r = 0; r * pass_.width < t.count; ++r) {
        const T* const first = x + r * pass_.width;
        if (pass_.width <= tile_size && (m.reduces == detail::reduction_kind::sum ||
                                         m.reduces == detail::reduction_kind::mean)) {
            const T sum = tile_sum(first, pass_.width);
            y[t.row + r] = m.reduces == detail::reduction_kind::sum
                               ? sum
                               : static_cast<T>(sum / static_cast<T>(pass_.width));
            continue;
        }
        new (&row) row_reduction<T>(m.reduces);
        row.add(first, pass_.width);
        y[t.row + r] = row.result();
    }
}

template <class T>
void pass_runner::logsumexp_of_rows(const member& m, std::byte* state, const T* x,
                                    const tile_span& t) const
{
    T* const y = reinterpret_cast<T*>(address(m.result));
    auto& row = *reinterpret_cast<row_logsumexp<T>*>(state);
    T* const scratch = scratch_behind<T>(state, sizeof row);
    if (pass_.width > pass_.tile) { // a part of a row
        if (t.column == 0) new (&row) row_logsumexp<T>;
        row.add(x, t.count, scratch);
        if (t.column + t.count == pass_.width) y[t.row] = row.result();
        return;
    }
    for (std::size_t r = 0; r * pass_.width < t.count; ++r) {
        new (&row) row_logsumexp<T>;
        row.add(x + r * pass_.width, pass_.width, scratch);
        y[t.row + r] = row.result();
    }
}

template <class T>
void pass_runner::add_to_columns(const member& m, T* block, const T* x, const tile_span& t,
                                 std::size_t chunk) const
{
    const std::size_t width = pass_.width;
    const std::size_t last_row = std::min(pass_.rows, (chunk + 1) * pass_.chunk) - 1;
    const auto ends_block = [&](std::size_t row) {
        return (row + 1) % column_block == 0 || row == last_row;
    };
    for (std::size_t done = 0; done < t.count;) {
        const std::size_t row = t.row + (t.column + done) / width;
        const std::size_t column = (t.column + done) % width;
        const std::size_t n = std::min(width - column, t.count - done);
        const T* const from = x + done;
        done += n;
        if constexpr (differentiable<T>) {
            if (is_logsumexp(m)) {
                auto* const sums = reinterpret_cast<exponentials<T>*>(block);
                T* const scratch =
                    scratch_behind<T>(reinterpret_cast<std::byte*>(block), width * sizeof *sums);
                add_exponentials(sums + column, from, n, scratch);
                if (ends_block(row)) {
                    auto* const partial = columns_of<exponentials<T>>(m, chunk);
                    for (std::size_t j = column; j < column + n; ++j) {
                        partial[j] = partial[j] + sums[j];
                        sums[j] = exponentials<T>::none();
                    }
                }
                continue;
            }
        }
        T* const partial = columns_of<T>(m, chunk);
        if (takes_one_by_one(m.reduces)) {
            for (std::size_t j = 0; j < n; ++j) {
                partial[column + j] = combined(m.reduces, partial[column + j], from[j]);
            }
            continue;
        }
        for (std::size_t j = 0; j < n; ++j) block[column + j] += from[j];
        if (ends_block(row)) {
            for (std::size_t j = column; j < column + n; ++j) {
                partial[j] += block[j];
                block[j] = T(0);
            }
        }
    }
}

void pass_runner::finish() const
{
    for (std::uint32_t k = 0; k < pass_.members; ++k) {
        const member& m = member_at(k);
        if (m.what == member::kind::fold) {
            const tile_fold& fold = *m.op->as_fold();
            std::byte* const state = address(m.partial);
            for (std::size_t c = 1; c < pass_.chunks(); ++c) {
                fold.merge(state, state + c * state_bytes(m));
            }
            fold.finish(state, view_of(m.result));
        } else if (m.what == member::kind::gather) {
            finish_gather(m);
        } else if (m.what == member::kind::total || m.what == member::kind::columns) {
            visit(plan_.operands[m.result].type, [&](auto t) {
                using T = decltype(t);
                if constexpr (!std::is_same_v<T, bool>) {
                    if (m.what == member::kind::total) {
                        finish_total<T>(m);
                    } else {
                        finish_columns<T>(m);
                    }
                }
            });
        }
    }
}

template <class T>
void pass_runner::finish_total(const member& m) const
{
    const T* const partial = reinterpret_cast<const T*>(address(m.partial));
    const std::size_t n = pass_.elements(), blocks = (n + tile_size - 1) / tile_size;
    T& y = *reinterpret_cast<T*>(address(m.result));
    if constexpr (differentiable<T>) {
        if (is_logsumexp(m)) {
            const auto* tiles = reinterpret_cast<const exponentials<T>*>(partial);
            row_logsumexp<T> all;
            for (std::size_t b = 0; b < blocks; ++b) all.add(tiles[b]);
            y = all.result();
            return;
        }
    }
    if (takes_one_by_one(m.reduces)) {
        y = reduce_block(m.reduces, partial, blocks);
        return;
    }
    pairwise_sum<T> sum;
    for (std::size_t b = 0; b < blocks; ++b) sum.add(partial[b]);
    y = sum.total();
    if (m.reduces == detail::reduction_kind::mean) {
        y = static_cast<T>(y / static_cast<T>(n));
    }
}

template <class T>
void pass_runner::finish_columns(const member& m) const
{
    T* const y = reinterpret_cast<T*>(address(m.result));
    if constexpr (differentiable<T>) {
        if (is_logsumexp(m)) {
            for (std::size_t j = 0; j < pass_.width; ++j) {
                auto sum = columns_of<exponentials<T>>(m, 0)[j];
                for (std::size_t c = 1; c < pass_.chunks(); ++c) {
                    sum = sum + columns_of<exponentials<T>>(m, c)[j];
                }
                y[j] = sum.log();
            }
            return;
        }
    }
    if (m.partial != none) {
        const T* const partial = reinterpret_cast<const T*>(address(m.partial));
        std::copy_n(partial, pass_.width, y);
        for (std::size_t c = 1; c < pass_.chunks(); ++c) {
            const T* const from = partial + c * pass_.width;
            for (std::size_t j = 0; j < pass_.width; ++j) {
                y[j] = takes_one_by_one(m.reduces) ? combined(m.reduces, y[j], from[j])
                                                   : y[j] + from[j];
            }
        }
    }
    if (m.reduces == detail::reduction_kind::mean) {
        for (std::size_t j = 0; j < pass_.width; ++j) y[j] /= static_cast<T>(pass_.rows);
    }
}

std::size_t pass_runner::state_bytes(const member& m) const
{
    return (m.op->as_fold()->state_bytes() + block_alignment - 1) / block_alignment *
           block_alignment;
}

/// Where a chunk adds up its columns: the result itself, if there is one chunk.
template <class T>
T* pass_runner::columns_of(const member& m, std::size_t chunk) const
{
    return m.partial == none ? reinterpret_cast<T*>(address(m.result))
                             : reinterpret_cast<T*>(address(m.partial)) + chunk * pass_.width;
}

} // namespace backtrail
