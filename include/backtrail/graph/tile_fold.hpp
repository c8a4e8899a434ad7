// SPDX-License-Identifier: BSD-3-Clause
// Results that are folded from the elements of one operand: sums, extrema, histograms. A plan runs a
// fold inside the pass that makes the operand, tile by tile, so that the operand is never stored.
#pragma once

#include <backtrail/core/export.hpp>

#include <cstddef>

namespace backtrail {

struct array_view;

/// Elements per tile: kernels and reductions cut their work at multiples of it, always.
inline constexpr std::size_t tile_size = 512;
inline constexpr std::size_t tile_bytes = tile_size * sizeof(double);

/// How an operation with one operand reads it in pieces. The operand is cut into parts, by its shape
/// alone; each part has a state of its own, which takes the tiles of the part in row-major order;
/// states are then merged from the first to the last. The result so depends neither on the number of
/// threads nor on whether the operand was stored. Implementations hold no mutable state, allocate
/// nothing and do not throw.
class BACKTRAIL_API tile_fold {
public:
    virtual ~tile_fold();
    /// Memory of one state; it is aligned to a cache line.
    [[nodiscard]] virtual std::size_t state_bytes() const = 0;
    /// Makes a state that has seen nothing.
    virtual void begin(std::byte* state) const = 0;
    /// Takes elements [start, start + n) of the flattened operand, contiguous, of its element type;
    /// n is at most `tile_size`.
    virtual void add(std::byte* state, const void* x, std::size_t start, std::size_t n) const = 0;
    /// Joins what another state has seen, all of it later in the operand.
    virtual void merge(std::byte* state, const std::byte* later) const = 0;
    /// Writes the result, which is dense, from a state that has seen everything.
    virtual void finish(const std::byte* state, const array_view& y) const = 0;
    /// True if the result is the same wherever the operand is cut: such a fold can join any pass.
    [[nodiscard]] virtual bool is_exact() const { return false; }
};

} // namespace backtrail
