// SPDX-License-Identifier: BSD-3-Clause
// Builders of nodes, without element types: what the typed functions of users and the derivative
// rules are made of. Each checks its arguments, and names itself in what it throws.
#pragma once

#include <backtrail/expr/handle.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace backtrail::detail {

enum class reduction_kind { sum, mean, max, logsumexp };

/// One axis of a view: `count` elements from `start` on, `step` apart.
struct slice {
    std::ptrdiff_t start = 0;
    std::ptrdiff_t step = 1;
    std::size_t count = 0;
};

// Leaves.
[[nodiscard]] BACKTRAIL_API node_ptr make_scalar(double value, dtype type);
/// A symbol as a node of the given type and shape; zeros for a structural zero.
[[nodiscard]] BACKTRAIL_API node_ptr as_node(const symbol& s, dtype type, const shape& extents);

// Views.
[[nodiscard]] BACKTRAIL_API node_ptr broadcast_to(const node_ptr& x, const shape& to);
[[nodiscard]] BACKTRAIL_API node_ptr reshape(const node_ptr& x, const shape& to);
/// One extent may be -1.
[[nodiscard]] BACKTRAIL_API shape resolve_shape(const node_ptr& x,
                                                std::span<const std::ptrdiff_t> to);
[[nodiscard]] BACKTRAIL_API node_ptr transpose(const node_ptr& x,
                                               std::span<const std::ptrdiff_t> permutation);
/// The last two axes exchanged.
[[nodiscard]] BACKTRAIL_API node_ptr matrix_transpose(const node_ptr& x);
[[nodiscard]] BACKTRAIL_API node_ptr slice_axes(const node_ptr& x, std::span<const slice> slices);
/// Zeros of shape `to` with x in the places that `slices` selects: the transpose of slicing.
[[nodiscard]] BACKTRAIL_API node_ptr embed(const node_ptr& x, const shape& to,
                                           std::span<const slice> slices);
[[nodiscard]] BACKTRAIL_API node_ptr stop_gradient(const node_ptr& x);

// Joining and conversion.
[[nodiscard]] BACKTRAIL_API node_ptr concatenate(std::span<const node_ptr> x, std::ptrdiff_t axis);
[[nodiscard]] BACKTRAIL_API node_ptr stack(std::span<const node_ptr> x, std::ptrdiff_t axis);
[[nodiscard]] BACKTRAIL_API node_ptr cast(const node_ptr& x, dtype to);

// Reductions. No axes given means all.
[[nodiscard]] BACKTRAIL_API node_ptr reduce(reduction_kind kind, const node_ptr& x,
                                            std::optional<std::span<const std::ptrdiff_t>> over,
                                            bool keep);
/// The sum over what broadcasting x to its present shape from `to` had repeated.
[[nodiscard]] BACKTRAIL_API node_ptr sum_to(const node_ptr& x, const shape& to);
[[nodiscard]] BACKTRAIL_API node_ptr argmax(const node_ptr& x, std::optional<std::ptrdiff_t> axis,
                                            bool keep);

// Products.
[[nodiscard]] BACKTRAIL_API node_ptr matmul(const node_ptr& x, const node_ptr& y);
[[nodiscard]] BACKTRAIL_API node_ptr dot(const node_ptr& x, const node_ptr& y);
[[nodiscard]] BACKTRAIL_API node_ptr outer(const node_ptr& x, const node_ptr& y);
[[nodiscard]] BACKTRAIL_API node_ptr inner(const node_ptr& x, const node_ptr& y);
[[nodiscard]] BACKTRAIL_API node_ptr kron(const node_ptr& x, const node_ptr& y);
/// Sums over axis over_x[i] of x together with axis over_y[i] of y.
[[nodiscard]] BACKTRAIL_API node_ptr tensordot(const node_ptr& x, const node_ptr& y,
                                               std::span<const std::ptrdiff_t> over_x,
                                               std::span<const std::ptrdiff_t> over_y);
/// The last `axes` axes of x with the first ones of y.
[[nodiscard]] BACKTRAIL_API node_ptr tensordot(const node_ptr& x, const node_ptr& y,
                                               std::size_t axes);
[[nodiscard]] BACKTRAIL_API node_ptr linear(const node_ptr& x, const node_ptr& w);
[[nodiscard]] BACKTRAIL_API node_ptr einsum(std::string_view equation,
                                            std::span<const node_ptr> operands);
/// The axis moved to another place, the others in their order.
[[nodiscard]] BACKTRAIL_API node_ptr move_axis(const node_ptr& x, std::size_t from, std::size_t to);

/// Views of the parts of an axis, which are equally long. Throws shape_error if that cannot be.
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> split_evenly(const char* operation,
                                                               const node_ptr& x, std::size_t parts,
                                                               std::ptrdiff_t axis);
/// Throws shape_error unless x has an axis 1, that of the channels.
BACKTRAIL_API void require_channels(const char* operation, const node_ptr& x);
/// x (n, channels, ...) as (n, groups, rest). Throws shape_error if the groups are not equal.
[[nodiscard]] BACKTRAIL_API node_ptr group_channels(const char* operation, const node_ptr& x,
                                                    std::size_t groups);
/// Throws shape_error unless queries (..., l, d), keys (..., s, d) and values (..., s, e) fit.
BACKTRAIL_API void require_attention(const node_ptr& q, const node_ptr& k, const node_ptr& v);
/// Throws shape_error unless a mask broadcasts to the scores.
BACKTRAIL_API void require_mask(const char* operation, const node_ptr& mask,
                                const node_ptr& scores);

/// Throws dtype_error unless both have one element type.
BACKTRAIL_API void require_one_type(const char* operation, const node_ptr& x, const node_ptr& y);
/// Throws shape_error unless x has the shape that `what` should have.
BACKTRAIL_API void require_fits(const char* operation, const char* what, const node_ptr& x,
                                const shape& wanted);
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

} // namespace backtrail::detail
