// SPDX-License-Identifier: BSD-3-Clause
// A dense array seen as lines along one of its axes.
#pragma once

#include <backtrail/core/shape.hpp>

namespace backtrail {

/// Element j of line (o, i) is at (o * extent + j) * inner + i.
struct lines {
    std::size_t outer = 1, extent = 1, inner = 1;

    lines(const shape& s, std::size_t axis) : extent(s[axis])
    {
        for (std::size_t a = 0; a < axis; ++a) outer *= s[a];
        for (std::size_t a = axis + 1; a < s.size(); ++a) inner *= s[a];
    }
    /// Calls f with the place of each line's first element.
    template <class F>
    void for_each(F f) const
    {
        for (std::size_t o = 0; o < outer; ++o) {
            for (std::size_t i = 0; i < inner; ++i) f(o * extent * inner + i);
        }
    }
};

} // namespace backtrail
