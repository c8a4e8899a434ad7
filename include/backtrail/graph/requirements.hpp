// SPDX-License-Identifier: BSD-3-Clause
// What products, losses and layers ask of their operands before they build anything, and the forms
// they bring them to. Without element types, as graph/build.hpp.
#pragma once

#include <backtrail/graph/build.hpp>

#include <array>
#include <cstdint>

namespace backtrail::detail {

// Any function.
/// Throws dtype_error unless both have one element type.
BACKTRAIL_API void require_one_type(const char* operation, const node_ptr& x, const node_ptr& y);
/// Throws shape_error unless x has the shape that `what` should have.
BACKTRAIL_API void require_fits(const char* operation, const char* what, const node_ptr& x,
                                const shape& wanted);
/// Views of the parts of an axis, which are equally long. Throws shape_error if that cannot be.
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> split_evenly(const char* operation,
                                                               const node_ptr& x, std::size_t parts,
                                                               std::ptrdiff_t axis);

// Products.
/// Both operands with one of their axes last, where they have one extent; the others broadcast.
[[nodiscard]] BACKTRAIL_API std::array<node_ptr, 2> vectors_last(const char* operation,
                                                                 const node_ptr& x,
                                                                 const node_ptr& y,
                                                                 std::ptrdiff_t axis);

/// The operands of a product of 3-vectors, vectors last, each rotated once and twice:
/// (x[1], x[2], x[0]) and (x[2], x[0], x[1]).
struct rotated_vectors {
    node_ptr x_once, x_twice, y_once, y_twice;
    std::size_t axis; ///< where the axis of the vectors belongs in the result
};
[[nodiscard]] BACKTRAIL_API rotated_vectors rotate_for_cross(const node_ptr& x, const node_ptr& y,
                                                             std::ptrdiff_t axis);
/// The product of operands of a given rank, to which c can be added.
[[nodiscard]] BACKTRAIL_API node_ptr matmul_to_add(const char* operation, std::size_t rank,
                                                   const node_ptr& c, const node_ptr& x,
                                                   const node_ptr& y);

// Losses.
/// Throws shape_error unless both have one shape or one is a single number: broadcasting a column
/// against a vector is a mistake in a loss.
BACKTRAIL_API void require_alike(const char* operation, const node_ptr& x, const node_ptr& y);
/// Throws value_error unless a parameter is positive (or 0, if that makes sense).
BACKTRAIL_API void require_positive(const char* operation, const char* parameter, double value,
                                    bool zero_makes_sense);
/// Throws shape_error unless labels have the shape of the scores without the axis of the classes,
/// the second or the only one, or probabilities the whole shape.
BACKTRAIL_API void require_targets(const char* operation, const node_ptr& scores,
                                   const node_ptr& targets);
/// The labels, which throw index_error when they are evaluated and one of them is neither a class
/// nor to be ignored.
[[nodiscard]] BACKTRAIL_API node_ptr check_labels(const char* operation, const node_ptr& labels,
                                                  const node_ptr& scores, std::size_t classes,
                                                  std::optional<std::int64_t> ignore);

// Layers.
/// Throws shape_error unless x has an axis 1, that of the channels.
BACKTRAIL_API void require_channels(const char* operation, const node_ptr& x);
/// Throws shape_error unless queries (..., l, d), keys (..., s, d) and values (..., s, e) fit.
BACKTRAIL_API void require_attention(const node_ptr& q, const node_ptr& k, const node_ptr& v);
/// Throws shape_error unless a mask broadcasts to the scores.
BACKTRAIL_API void require_mask(const char* operation, const node_ptr& mask,
                                const node_ptr& scores);
/// x (n, channels, ...) as (n, groups, rest). Throws shape_error if the groups are not equal.
[[nodiscard]] BACKTRAIL_API node_ptr group_channels(const char* operation, const node_ptr& x,
                                                    std::size_t groups);

} // namespace backtrail::detail
