// SPDX-License-Identifier: BSD-3-Clause
// Builders of nodes that work line by line along one axis: scans and orders.
// Axes are normalised already; users' functions are in graph/scans.hpp and graph/sorting.hpp.
#pragma once

#include <backtrail/graph/build.hpp>

namespace backtrail::detail {

enum class direction : std::uint8_t { forward, backward };

/// y[j] = y[j-1] + x[j], from y[-1] = 0; backward from the end.
[[nodiscard]] BACKTRAIL_API node_ptr cumulative_sum(const node_ptr& x, std::size_t axis,
                                                    direction way = direction::forward);
/// y[j] = y[j-1] x[j], from y[-1] = 1.
[[nodiscard]] BACKTRAIL_API node_ptr cumulative_product(const node_ptr& x, std::size_t axis,
                                                        direction way = direction::forward);
/// s[j] = a[j] s[j-1] + b[j], from s[-1] = 0: what the derivatives of scans are made of.
[[nodiscard]] BACKTRAIL_API node_ptr recurrence(const node_ptr& a, const node_ptr& b,
                                                std::size_t axis,
                                                direction way = direction::forward);
/// y[j] = log(exp(x[0]) + ... + exp(x[j])).
[[nodiscard]] BACKTRAIL_API node_ptr cumulative_logsumexp(const node_ptr& x, std::size_t axis);
/// Where the largest (smallest) of x[0] ... x[j] is: the first such place, that of a NaN if there is one.
[[nodiscard]] BACKTRAIL_API node_ptr cumulative_argmax(const node_ptr& x, std::size_t axis);
[[nodiscard]] BACKTRAIL_API node_ptr cumulative_argmin(const node_ptr& x, std::size_t axis);
/// x[j-1] (backward: x[j+1]) at place j, and `fill` where there is none.
[[nodiscard]] BACKTRAIL_API node_ptr neighbour(const node_ptr& x, std::size_t axis, direction way,
                                               double fill);
/// x[j+1] - x[j], n times over; each time the axis gets shorter by one, if it has an element.
[[nodiscard]] BACKTRAIL_API node_ptr differences(const node_ptr& x, std::size_t axis,
                                                 std::ptrdiff_t n);

/// The places of the first `count` elements in order; equal elements keep theirs. NaN counts as largest.
[[nodiscard]] BACKTRAIL_API node_ptr order_along(const node_ptr& x, std::size_t axis,
                                                 bool descending, std::size_t count);
/// The place of element `rank` in ascending order, along an axis that stays with extent 1; of the first
/// NaN, if there is one.
[[nodiscard]] BACKTRAIL_API node_ptr rank_along(const node_ptr& x, std::size_t axis,
                                                std::size_t rank);
/// The element of rank q (n - 1), without its axis; between two elements, if that is no integer.
[[nodiscard]] BACKTRAIL_API node_ptr quantile_along(const node_ptr& x, std::size_t axis, double q);

} // namespace backtrail::detail
