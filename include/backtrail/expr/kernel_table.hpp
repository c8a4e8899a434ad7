// SPDX-License-Identifier: BSD-3-Clause
// The compiled face of an expression: its four kernels behind plain pointers, and its program,
// by which compiled code prints it, checks its shapes and differentiates it again.
#pragma once

#include <backtrail/core/dtype.hpp>
#include <backtrail/core/export.hpp>
#include <backtrail/ops/symbol.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace backtrail {

/// One line of a program in postfix order.
struct instruction {
    enum class kind : std::uint8_t { slot, literal, op };
    kind what = kind::slot;
    std::uint16_t index = 0;                           ///< of the slot, the literal or the op
    std::array<std::uint16_t, 3> operands = {0, 0, 0}; ///< earlier lines
};

/// What a pullback does with the cotangent of a slot.
enum class store_mode : std::uint8_t { skip, write, add };

/// Sums of tiles are made of so many parts: element i of a tile goes into part i modulo this.
inline constexpr std::size_t sum_parts = 16;

/// What a pullback reads and makes beside the operands.
struct reverse_tile {
    const void* y_bar = nullptr; ///< the cotangent
    bool is_uniform = false;     ///< it is one number, as often as a vector has lanes
    void* const* x_bar = nullptr;
    const store_mode* modes = nullptr; ///< by slot
    /// With the value: where it goes, or, where nobody reads it but a sum, the parts of that. Of a pullback alone both
    /// are null.
    void* y = nullptr;
    void* parts = nullptr;
};

/// Kernels run over contiguous tiles of `n` elements of the compute type, and may read and write
/// up to the next multiple of the vector width: tiles are padded. Outputs may alias one another,
/// because slots are accumulated one after the other, and they may lie where operands or the cotangent do: of
/// an element all is read before anything is written.
struct kernel_table {
    using pointers = const void* const*;

    std::uint16_t slots = 0;
    std::uint16_t literals = 0;
    dtype type = dtype::float64; ///< the compute type
    bool is_predicate = false;
    std::span<const instruction> program;

    void (*value)(pointers x, const double* literals, void* y, std::size_t n) = nullptr;
    void (*pullback)(pointers x, const double* literals, const reverse_tile& tile,
                     std::size_t n) = nullptr;
    void (*value_and_pullback)(pointers x, const double* literals, const reverse_tile& tile,
                               std::size_t n) = nullptr;
    void (*pushforward)(pointers x, const double* literals, pointers x_dot, void* y_dot,
                        std::size_t n) = nullptr;
};

/// The library's own kernels of op `index` alone, in compute type `type`, for this machine.
[[nodiscard]] BACKTRAIL_API const kernel_table& single_op_kernels(std::size_t index, dtype type);

namespace detail {
/// The library's own kernels of the expression at `place` of expr/common_trees.hpp, in float or double.
[[nodiscard]] BACKTRAIL_API const kernel_table& common_kernels(std::size_t place, dtype type);

/// One node of a fused kernel over `leaves`. Throws shape_error if they do not broadcast.
[[nodiscard]] BACKTRAIL_API node_ptr make_fused(const kernel_table& table,
                                                std::span<const node_ptr> leaves,
                                                std::span<const double> literals, dtype result);
} // namespace detail

} // namespace backtrail
