// SPDX-License-Identifier: BSD-3-Clause
// A plan: what a request turns into. A flat list of steps over operands with fixed places in an
// arena, made once and replayed as often as the leaves change.
//
// Most steps are passes: one walk over an iteration space, tile by tile, in which all kernels of a
// fusion group run on a tile while it is in the cache. The rest are evaluations of whole arrays.
#pragma once

#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/reduction.hpp>
#include <backtrail/graph/storage.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace backtrail {

/// No index.
inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// Where an array begins and how it lies.
struct operand {
    std::uint32_t base = 0;   ///< 0: the arena, then the outputs, then the leaves
    std::uint32_t layout = 0; ///< in plan::layouts, for shape and strides
    std::size_t offset = 0;   ///< bytes from the base, that of the layout included
    dtype type = dtype::float64;
    bool is_dense = true; ///< the whole array, row-major
};

/// A sequence of tiles in a pass: what kernels read and write.
struct stream {
    enum class access : std::uint8_t {
        direct,  ///< the tile is where the array lies
        read,    ///< gathered or converted before its first use, unless it can be read as it lies
        write,   ///< made in a tile and copied to where the array lies
        tile,    ///< never leaves the cache
        uniform, ///< one number, as often as a vector has lanes: cotangents only
        zeros
    };
    access how = access::direct;
    dtype type = dtype::float64;  ///< of the tile's elements
    std::uint32_t array = none;   ///< in plan::operands
    std::uint32_t scratch = none; ///< which of the worker's tiles it needs
    std::uint32_t first = 0;      ///< the call, counted from the pass's first, that first uses it
    std::ptrdiff_t row_step = 0;  ///< direct: elements from one row of the pass to the next
};

/// A kernel, or the end of a fold, in a pass. Its streams are in plan::stream_lists.
struct member {
    enum class kind : std::uint8_t {
        value,              ///< slots; the result
        pullback,           ///< slots, the cotangent; one result per slot, or none
        value_and_pullback, ///< the same, and after the cotangent the value, if it is more than summed
        pushforward,        ///< slots, tangents; the result
        total,              ///< of all elements
        rows,               ///< of each row
        columns,            ///< of each column
        fold,               ///< of all elements, by the operation's own tile_fold
        gather              ///< rows of several streams, added to rows of a larger matrix
    };
    kind what = kind::value;
    detail::reduction_kind reduces = detail::reduction_kind::sum;
    const operation* op = nullptr;  ///< pullbacks: that of the derivative
    const fused* kernel = nullptr;  ///< of expressions and their derivatives: the expression
    std::uint32_t first_stream = 0; ///< in plan::stream_lists
    std::uint32_t first_mode = 0;   ///< in plan::modes, by slot
    std::uint32_t result = none;    ///< reductions and folds: in plan::operands
    /// Theirs for each chunk or block, in plan::operands. Of a value and its pullback: those of the total
    /// that alone reads the value, and then finds its blocks summed.
    std::uint32_t partial = none;
    bool is_summed = false;                    ///< totals: by the kernel, and then without a stream
    std::uint32_t first_shift = 0, shifts = 0; ///< gathers: in plan::shifts, by stream
    std::uint32_t origin = none;               ///< the node, in plan::origins
};

/// Where in a larger matrix the first element of a smaller one is added.
struct shift {
    std::size_t row = 0, column = 0;
};

/// How a pass is cut: into chunks, which threads take, and those into tiles. Both depend on the shape
/// alone. An iteration space has `rows` rows of `width` elements; without row structure it is one row.
struct pass {
    std::uint32_t first_stream = 0, streams = 0; ///< in plan::streams
    std::uint32_t first_member = 0, members = 0; ///< in plan::members
    std::uint32_t scratch_tiles = 0;
    std::size_t rows = 1, width = 0;
    std::size_t tile = 0; ///< elements of a tile: whole rows, or a part of one
    /// Elements that a call takes at once: a tile, or a chunk where there is one call, which needs no tile.
    std::size_t stretch = 0;
    std::uint32_t slots = 0; ///< the most that a kernel has
    bool has_reads = false;  ///< streams that are read through tiles
    bool has_writes = false; ///< and that are written through them
    /// Rows of a chunk, or, of a single row, elements.
    std::size_t chunk = 0;
    [[nodiscard]] std::size_t elements() const { return rows * width; }
    [[nodiscard]] std::size_t chunk_elements() const { return rows == 1 ? chunk : chunk * width; }
    [[nodiscard]] std::size_t chunks() const
    {
        const std::size_t n = rows == 1 ? width : rows;
        return (n + chunk - 1) / chunk;
    }
};

struct step {
    enum class kind : std::uint8_t {
        pass,     ///< of plan::passes
        evaluate, ///< an operation on whole arrays
        copy,     ///< to a dense array
        surround  ///< zeros in the output around the place of the input
    };
    kind what = kind::evaluate;
    bool once = false;             ///< depends on no variable: runs in the first replay only
    const operation* op = nullptr; ///< evaluate
    std::uint32_t index = 0;       ///< pass: in plan::passes
    std::uint32_t first_input = 0; ///< evaluate, copy: in plan::operands
    std::uint32_t inputs = 0;
    std::uint32_t output = 0;
    std::uint32_t first_origin = 0, origins = 0; ///< the nodes it computes, in plan::origins
};

struct plan {
    std::vector<step> steps;
    std::vector<pass> passes;
    std::vector<member> members;
    std::vector<stream> streams;
    std::vector<std::uint32_t> stream_lists; ///< indices into a pass's streams
    std::vector<store_mode> modes;
    std::vector<shift> shifts;
    std::vector<operand> operands;
    std::vector<layout> layouts;
    std::vector<node_ptr> leaves;          ///< base 1 + outputs.size() + i
    std::vector<operation_ptr> operations; ///< keeps what the steps point to
    /// For explanations: what was planned, alive as long as the requested nodes.
    std::vector<const node*> origins;
    struct output {
        dtype type;
        shape extents;
        std::uint32_t step = none; ///< after which it is there; none: it is a leaf's
    };
    std::vector<output> outputs; ///< base 1 + i
    std::size_t arena_bytes = 0;
    std::size_t workspace_bytes = 0; ///< of evaluations
};

/// Plans the evaluation of `requested`; output i holds the value of requested[i]. Throws
/// unconnected_error if one of them depends on a derivative that does not exist.
[[nodiscard]] BACKTRAIL_API plan make_plan(std::span<const node_ptr> requested);

/// A step in words and figures.
struct step_description {
    std::string what;                    ///< "pass", "evaluate" or "copy"
    bool once = false;                   ///< in the first replay only
    std::vector<std::string> tags;       ///< that it computes
    std::vector<std::string> operations; ///< that it is made of
    shape extents;                       ///< of the largest array that it computes or reduces
    double bytes = 0;                    ///< read and written
    double flops = 0;
};
/// Of step i. The requested nodes must be alive.
[[nodiscard]] BACKTRAIL_API step_description describe(const plan& p, std::size_t i);

/// The plan as a table: for each step what it is, the tags it computes, the shape that it walks over, the bytes
/// it reads and writes, its floating-point operations, and the operations it is made of. The requested nodes must be alive.
[[nodiscard]] BACKTRAIL_API std::string explain(const plan& p);

} // namespace backtrail
