// SPDX-License-Identifier: BSD-3-Clause
// The derivatives of max and logsumexp over axes, as arrays of weights that sum to one.
#pragma once

#include <backtrail/core/shape.hpp>
#include <backtrail/ops/symbol.hpp>

namespace backtrail::detail {

/// 1/n for each of the n largest elements along the axes, else 0; with a NaN, 1 for the first NaN.
/// Locally constant.
[[nodiscard]] BACKTRAIL_API node_ptr tie_weights(const node_ptr& x, const axes& over);

/// exp(x - logsumexp(x)), with 0 where all elements are -inf, and shares of 1 for infinite ones.
[[nodiscard]] BACKTRAIL_API node_ptr softmax_weights(const node_ptr& x, const axes& over);

} // namespace backtrail::detail
