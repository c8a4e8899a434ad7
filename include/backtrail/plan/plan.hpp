// SPDX-License-Identifier: BSD-3-Clause
// A plan: what a request turns into. A flat list of steps over operands with fixed places in an
// arena, made once and replayed as often as the leaves change.
#pragma once

#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/storage.hpp>

#include <cstdint>
#include <vector>

namespace backtrail {

/// Where an array begins and how it lies.
struct operand {
    std::uint32_t base = 0;   ///< 0: the arena, then the outputs, then the leaves
    std::uint32_t layout = 0; ///< in plan::layouts, for shape and strides
    std::size_t offset = 0;   ///< bytes from the base, that of the layout included
    dtype type = dtype::float64;
    bool is_dense = true; ///< the whole array, row-major
};

struct step {
    enum class kind : std::uint8_t {
        value,       ///< a fused kernel
        pullback,    ///< its reverse, several results
        pushforward, ///< its forward mode
        total,    ///< a fused kernel, the sum of its result, and perhaps its reverse, in one pass
        evaluate, ///< any other operation
        copy      ///< to a dense array
    };
    kind what = kind::evaluate;
    const operation* op = nullptr; ///< total: that of the pullback, or of the fused node
    std::uint32_t first_input = 0; ///< in plan::operands
    std::uint32_t first_output = 0;
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0; ///< total: the sum, then the value if kept, then x_bar
    bool all_dense = false;    ///< no reader is needed
    bool keeps_value = false;  ///< total: the fused result is an output too
    bool divides = false;      ///< total: a mean
    std::size_t elements = 0;  ///< of the iteration space
    double divisor = 1;
};

struct plan {
    std::vector<step> steps;
    std::vector<operand> operands;
    std::vector<layout> layouts;
    std::vector<node_ptr> leaves;          ///< base 1 + outputs.size() + i
    std::vector<operation_ptr> operations; ///< keeps what the steps point to
    struct output {
        dtype type;
        shape extents;
    };
    std::vector<output> outputs; ///< base 1 + i
    std::size_t arena_bytes = 0;
    std::size_t workspace_bytes = 0;
};

/// Plans the evaluation of `requested`; output i holds the value of requested[i]. Throws
/// unconnected_error if one of them depends on a derivative that does not exist.
[[nodiscard]] BACKTRAIL_API plan make_plan(std::span<const node_ptr> requested);

} // namespace backtrail
