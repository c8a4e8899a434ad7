// SPDX-License-Identifier: BSD-3-Clause
// Adding an array to places of another, which may coincide.
#pragma once

#include <backtrail/graph/operation.hpp>

namespace backtrail {

/// to[i] += from[i] for each i in row-major order, so that the order of the additions to a place
/// that `to` shows more than once is fixed. Arrays of one shape and type; masks are or-ed.
BACKTRAIL_API void add_to(const array_view& from, const array_view& to);

/// Part of an array: `shape` is relative to the array's first element.
[[nodiscard]] inline array_view part_of(const array_view& x, const layout& shape)
{
    auto* first = static_cast<std::byte*>(x.data) +
                  shape.offset * static_cast<std::ptrdiff_t>(size_of(x.type));
    return {first, x.type, layout(shape.extents, shape.steps, 0)};
}

} // namespace backtrail
