// SPDX-License-Identifier: BSD-3-Clause
// How work is cut, by its shape alone: into chunks that threads take, and within them into blocks whose
// results are combined in a fixed order. Whoever sums, in a pass or on its own, cuts like this, so that
// bits depend neither on threads nor on what else runs in the same pass.
#pragma once

#include <backtrail/graph/tile_fold.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace backtrail {

/// Elements of a chunk, if nothing asks for more.
inline constexpr std::size_t chunk_size = 32 * tile_size;
/// Sums over rows add this many rows, then add such sums.
inline constexpr std::size_t column_block = 32;
/// Sums over rows of more elements than this are not made in a pass.
inline constexpr std::size_t widest_columns = 16384;
/// Longer rows are not gathered in a pass.
inline constexpr std::size_t widest_gather = 4 * tile_size;

/// Elements of the smallest type that comes in vectors in the widest of them: so many end with a vector of any kind.
inline constexpr std::size_t widest_vector = 64 / sizeof(float);

/// Elements of a chunk of `n` in one row: a power of two times `chunk_size`, so that there are at most 256.
[[nodiscard]] constexpr std::size_t linear_chunk(std::size_t n)
{
    std::size_t chunk = chunk_size;
    while (n > 256 * chunk) chunk *= 2;
    return chunk;
}

/// Rows of a chunk: whole blocks of rows, whole tiles, at most 64 chunks.
[[nodiscard]] constexpr std::size_t row_chunk(std::size_t rows, std::size_t width)
{
    const std::size_t least = std::lcm(column_block, tile_size / std::gcd(tile_size, width));
    std::size_t chunk = (chunk_size / width + least) / least * least;
    while (rows > 64 * chunk) chunk *= 2;
    return chunk;
}

} // namespace backtrail
