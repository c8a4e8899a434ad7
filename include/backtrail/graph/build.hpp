// SPDX-License-Identifier: BSD-3-Clause
// Builders of nodes, without element types: what the typed functions of users and the derivative
// rules are made of. Each checks its arguments, and names itself in what it throws.
#pragma once

#include <backtrail/core/buffer.hpp>
#include <backtrail/expr/handle.hpp>
#include <backtrail/graph/reduction.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace backtrail::detail {

/// One axis of a view: `count` elements from `start` on, `step` apart.
struct slice {
    std::ptrdiff_t start = 0;
    std::ptrdiff_t step = 1;
    std::size_t count = 0;
    friend bool operator==(const slice&, const slice&) = default;
};

// Leaves.
[[nodiscard]] BACKTRAIL_API node_ptr make_scalar(double value, dtype type);
/// A symbol as a node of the given type and shape; zeros for a structural zero.
[[nodiscard]] BACKTRAIL_API node_ptr as_node(const symbol& s, dtype type, const shape& extents);

/// The value of a node, evaluated alone, or kept from the last time: defined on the floor that runs plans,
/// declared here for masks that must be counted when a node is built.
[[nodiscard]] BACKTRAIL_API buffer evaluate(const node_ptr& n);

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
[[nodiscard]] BACKTRAIL_API node_ptr argmin(const node_ptr& x, std::optional<std::ptrdiff_t> axis,
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

} // namespace backtrail::detail
