// SPDX-License-Identifier: BSD-3-Clause
// What a reduction over axes does, for plans that run it inside the pass that makes its operand.
#pragma once

#include <backtrail/core/shape.hpp>

namespace backtrail {

namespace detail {
enum class reduction_kind { sum, mean, max, min, prod, logsumexp };
} // namespace detail

struct axis_reduction {
    detail::reduction_kind kind = detail::reduction_kind::sum;
    axes over; ///< of the operand
};

/// Where the reduced axes lie, axes of extent 1 aside.
enum class reduction_form {
    total,   ///< all of them: one result
    rows,    ///< the last ones: one result for each row of `width` elements
    columns, ///< the first ones: one result for each of `width` columns
    other
};

struct reduction_pattern {
    reduction_form form = reduction_form::other;
    std::size_t width = 0;
};

/// The form of a reduction of a dense array of shape `s`.
[[nodiscard]] BACKTRAIL_API reduction_pattern pattern_of(const shape& s, const axes& over);

} // namespace backtrail
