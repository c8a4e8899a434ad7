// SPDX-License-Identifier: BSD-3-Clause
// Builders of nodes that read and write where arrays of indices point. Three of them compute, and are
// one another's transposes: gather, scatter and gather_last; the others are made of these and of
// views. `name` is the function that users called: errors speak of it, also those at evaluation.
// Indices are int64 or int32, negative ones count from the end.
#pragma once

#include <backtrail/core/buffer.hpp>
#include <backtrail/graph/build.hpp>

#include <string>

namespace backtrail::detail {

/// What happens where indices meet: the last one in row-major order stays, or all are added, in
/// that order.
enum class scatter_mode { replace, add };

/// `[name] what`: how an error begins.
[[nodiscard]] std::string named(const char* name, const std::string& what);
/// The indices as int64. Throws dtype_error unless they are integers.
[[nodiscard]] node_ptr as_indices(const char* name, const node_ptr& indices);

/// y[i..., j, k...] = x[i..., indices[i..., j, k...], k...], with j on `axis`. The indices have the
/// rank of x, and beside the axis extents not larger.
[[nodiscard]] BACKTRAIL_API node_ptr gather(const char* name, const node_ptr& x,
                                            std::ptrdiff_t axis, const node_ptr& indices);
/// x with src[i..., j, k...] put to, or added at, [i..., indices[i..., j, k...], k...]. Of src, the
/// leading part that has the indices' shape counts; a single number serves all.
[[nodiscard]] BACKTRAIL_API node_ptr scatter(const char* name, const node_ptr& x,
                                             std::ptrdiff_t axis, const node_ptr& indices,
                                             const node_ptr& src, scatter_mode mode);
/// Like gather, but 0 where another index later in row-major order points to the same element: the
/// transpose of scattering into zeros with `replace`.
[[nodiscard]] BACKTRAIL_API node_ptr gather_last(const char* name, const node_ptr& x,
                                                 std::ptrdiff_t axis, const node_ptr& indices);

/// gather, after x and the indices are broadcast beside the axis.
[[nodiscard]] BACKTRAIL_API node_ptr gather_broadcast(const char* name, const node_ptr& x,
                                                      std::ptrdiff_t axis, const node_ptr& indices);
/// Whole slices along an axis, which is replaced by the axes of the indices.
[[nodiscard]] BACKTRAIL_API node_ptr select(const char* name, const node_ptr& x,
                                            std::ptrdiff_t axis, const node_ptr& indices);
/// x with the slices of src put to, or added at, places along an axis; `indices` is a vector.
[[nodiscard]] BACKTRAIL_API node_ptr scatter_slices(const char* name, const node_ptr& x,
                                                    std::ptrdiff_t axis, const node_ptr& indices,
                                                    const node_ptr& src, scatter_mode mode);
/// x[indices[0], indices[1], ...]: the indices are broadcast together, and stand for the leading
/// axes.
[[nodiscard]] BACKTRAIL_API node_ptr take(const char* name, const node_ptr& x,
                                          std::span<const node_ptr> indices);
/// x with v, which broadcasts to x[indices...], put there or added there.
[[nodiscard]] BACKTRAIL_API node_ptr put(const char* name, const node_ptr& x,
                                         std::span<const node_ptr> indices, const node_ptr& v,
                                         scatter_mode mode);

/// The positions that indices into an array of shape `into` stand for in row-major order; int64.
[[nodiscard]] BACKTRAIL_API node_ptr ravel_indices(const char* name,
                                                   std::span<const node_ptr> indices,
                                                   const shape& into);
/// The positions of the true elements of a mask in row-major order; int64. The mask is evaluated
/// now, to be counted; whenever the positions are evaluated there must be as many, else
/// state_error.
[[nodiscard]] BACKTRAIL_API node_ptr true_positions(const char* name, const node_ptr& mask);
/// x[mask]. The mask has the leading extents of x.
[[nodiscard]] BACKTRAIL_API node_ptr compress(const char* name, const node_ptr& x,
                                              const node_ptr& mask);
/// The slices along an axis where a vector, the mask, is true.
[[nodiscard]] BACKTRAIL_API node_ptr compress_axis(const char* name, const node_ptr& x,
                                                   const node_ptr& mask, std::ptrdiff_t axis);

/// x, with `value`, a single number, where the mask is true.
[[nodiscard]] BACKTRAIL_API node_ptr masked_fill(const char* name, const node_ptr& x,
                                                 const node_ptr& mask, const node_ptr& value);
/// 1 where the new last axis is at the index, else 0.
[[nodiscard]] BACKTRAIL_API node_ptr one_hot(const char* name, const node_ptr& indices,
                                             std::ptrdiff_t classes, dtype type);

} // namespace backtrail::detail
