// SPDX-License-Identifier: BSD-3-Clause
// How an array lies in memory: shape, strides and offset, in elements. Views are layouts.
#pragma once

#include <backtrail/core/shape.hpp>

#include <optional>

namespace backtrail {

struct layout {
    shape extents;
    strides steps;
    std::ptrdiff_t offset = 0;

    layout() = default;
    explicit layout(const shape& s) : extents(s), steps(dense_strides(s)) {}
    layout(shape s, strides t, std::ptrdiff_t o) : extents(s), steps(t), offset(o) {}

    [[nodiscard]] std::size_t size() const { return element_count(extents); }

    /// Row-major without gaps; axes of extent 1 do not matter, nor does an empty array.
    [[nodiscard]] bool is_dense() const
    {
        std::ptrdiff_t step = 1;
        for (std::size_t i = extents.size(); i-- > 0;) {
            if (extents[i] != 1 && steps[i] != step) return size() == 0;
            step *= static_cast<std::ptrdiff_t>(extents[i]);
        }
        return true;
    }
    /// One element, read again and again.
    [[nodiscard]] bool is_scalar() const
    {
        for (std::size_t i = 0; i < extents.size(); ++i) {
            if (extents[i] != 1 && steps[i] != 0) return false;
        }
        return true;
    }
};

/// The same elements read with another shape, if no copy is needed.
[[nodiscard]] BACKTRAIL_API std::optional<layout> reshaped(const layout& from, const shape& to);

/// Adjacent axes merged where one stride serves both, axes of extent 1 dropped: the same elements
/// in the same order with the fewest axes. `count` layouts of one shape are merged in step.
BACKTRAIL_API void coalesce(layout* layouts, std::size_t count);

} // namespace backtrail
