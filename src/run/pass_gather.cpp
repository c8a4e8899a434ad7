// SPDX-License-Identifier: BSD-3-Clause
// Rows of a pass added to rows of a larger matrix, each stream shifted by its own number of rows and columns:
// what the cotangents of overlapping slices add up to. A row of the result gets its terms in the order of the
// pass's rows, so that nothing is added to but rows that are still in the cache.
//
// A chunk begins the rows of the result that its first stream, the one shifted furthest, brings it to. The
// rows before them were begun by the chunk before: what its own first rows add to those is kept, and added
// when all chunks are done.
#include "pass_frame.hpp"

#include <run/row_kernels.hpp>

#include <algorithm>

namespace backtrail {
namespace {

template <class T>
void add_row(const T* from, T* to, std::size_t n)
{
    if constexpr (differentiable<T>) {
        row_kernels_for<T>().add(from, to, n);
    } else {
        for (std::size_t j = 0; j < n; ++j) to[j] = static_cast<T>(to[j] + from[j]);
    }
}

/// Begins a row of the result with a first term. A term that stays alone is not added to zero: -0 stays.
template <class T>
void begin_row(const T* from, T* row, std::size_t column, std::size_t n, std::size_t width,
               bool is_alone)
{
    std::fill_n(row, column, T(0));
    std::fill_n(row + column + n, width - column - n, T(0));
    if constexpr (differentiable<T>) {
        if (!is_alone) {
            row_kernels_for<T>().add_to_zero(from, row + column, n);
            return;
        }
    }
    std::copy_n(from, n, row + column);
}

} // namespace

/// Where a stream's row is kept, one of the first of its chunk.
template <class T>
T* pass_runner::late_row(const member& m, std::size_t chunk, std::size_t row,
                         std::size_t part) const
{
    const shift* shifts = plan_.shifts.data() + m.first_shift;
    const std::size_t late = shifts[0].row - shifts[m.shifts - 1].row;
    const std::size_t index = (chunk * late + row - chunk * pass_.chunk) * m.shifts + part;
    return reinterpret_cast<T*>(address(m.partial)) + index * pass_.width;
}

void pass_runner::gather(const frame& f, const member& m, const tile_span& t,
                         std::size_t chunk) const
{
    visit(plan_.operands[m.result].type,
          [&](auto type) { gather_rows<decltype(type)>(f, m, t, chunk); });
}

template <class T>
void pass_runner::gather_rows(const frame& f, const member& m, const tile_span& t,
                              std::size_t chunk) const
{
    const shape& extents = plan_.layouts[plan_.operands[m.result].layout].extents;
    const shift* shifts = plan_.shifts.data() + m.first_shift;
    const std::uint32_t* streams = plan_.stream_lists.data() + m.first_stream;
    T* const y = reinterpret_cast<T*>(address(m.result));
    const std::size_t n = pass_.width, width = extents[1], furthest = shifts[0].row;
    const std::size_t first = chunk == 0 ? 0 : chunk * pass_.chunk + furthest;
    for (std::size_t row = t.row; row < t.row + t.count / n; ++row) {
        const auto part = [&](std::size_t k) {
            return reinterpret_cast<const T*>(f.at[streams[k]]) + (row - t.row) * n;
        };
        if (row == 0) std::fill_n(y, furthest * width, T(0));
        begin_row(part(0), y + (row + furthest) * width, shifts[0].column, n, width, m.shifts == 1);
        for (std::size_t k = 1; k < m.shifts; ++k) {
            const std::size_t to = row + shifts[k].row;
            if (to >= first) {
                add_row(part(k), y + to * width + shifts[k].column, n);
            } else {
                std::copy_n(part(k), n, late_row<T>(m, chunk, row, k));
            }
        }
        if (row + 1 == pass_.rows) {
            const std::size_t done = row + 1 + furthest;
            std::fill_n(y + done * width, (extents[0] - done) * width, T(0));
        }
    }
}

void pass_runner::finish_gather(const member& m) const
{
    visit(plan_.operands[m.result].type, [&](auto type) { add_late_rows<decltype(type)>(m); });
}

template <class T>
void pass_runner::add_late_rows(const member& m) const
{
    const std::size_t width = plan_.layouts[plan_.operands[m.result].layout].extents[1];
    const shift* shifts = plan_.shifts.data() + m.first_shift;
    T* const y = reinterpret_cast<T*>(address(m.result));
    const std::size_t late = shifts[0].row - shifts[m.shifts - 1].row;
    for (std::size_t chunk = 1; chunk < pass_.chunks(); ++chunk) {
        const std::size_t begin = chunk * pass_.chunk;
        const std::size_t end = std::min({begin + late, begin + pass_.chunk, pass_.rows});
        for (std::size_t row = begin; row < end; ++row) {
            for (std::size_t k = 1; k < m.shifts; ++k) {
                const std::size_t to = row + shifts[k].row;
                if (to >= begin + shifts[0].row) continue;
                add_row(late_row<T>(m, chunk, row, k), y + to * width + shifts[k].column,
                        pass_.width);
            }
        }
    }
}

} // namespace backtrail
