// SPDX-License-Identifier: BSD-3-Clause
// Builders of nodes for reductions that are made of others: users' functions are in graph/reductions.hpp.
#pragma once

#include <backtrail/graph/build.hpp>

namespace backtrail::detail {

/// The axes to reduce; nothing means all.
using reduction_axes = std::optional<std::span<const std::ptrdiff_t>>;

/// The product of all other elements along `over`, for each element: prefix times suffix products.
[[nodiscard]] BACKTRAIL_API node_ptr product_of_others(const node_ptr& x, const axes& over);

[[nodiscard]] BACKTRAIL_API node_ptr variance(const node_ptr& x, reduction_axes over, bool keep,
                                              std::size_t delta);
[[nodiscard]] BACKTRAIL_API node_ptr standard_deviation(const node_ptr& x, reduction_axes over,
                                                        bool keep, std::size_t delta);
[[nodiscard]] BACKTRAIL_API node_ptr vector_norm(const node_ptr& x, double order,
                                                 reduction_axes over, bool keep);
[[nodiscard]] BACKTRAIL_API node_ptr count_nonzero(const node_ptr& x, reduction_axes over,
                                                   bool keep);
/// The elements of x at indices along an axis that has extent 1 in `at`, and stays only if `keep`.
[[nodiscard]] BACKTRAIL_API node_ptr at_index(const node_ptr& x, const node_ptr& at,
                                              std::ptrdiff_t axis, bool keep);

} // namespace backtrail::detail
