// SPDX-License-Identifier: BSD-3-Clause
// Reshaping and simplifying layouts.
#include <backtrail/core/layout.hpp>

namespace backtrail {

std::optional<layout> reshaped(const layout& from, const shape& to)
{
    if (from.size() == 0) return layout(to);
    // Split both shapes into the shortest runs of axes with equal element counts; within a run
    // the source must be mergeable to one stride.
    layout result(to, strides(to.size(), 0), from.offset);
    shape source;
    strides steps;
    for (std::size_t i = 0; i < from.extents.size(); ++i) {
        if (from.extents[i] == 1) continue;
        source.push_back(from.extents[i]);
        steps.push_back(from.steps[i]);
    }
    std::size_t i = 0, j = 0;
    while (i < source.size()) {
        std::size_t n = source[i], m = 1, i_end = i + 1, j_end = j;
        while (m != n) {
            if (m < n) {
                m *= to[j_end++];
            } else {
                n *= source[i_end++];
            }
        }
        for (std::size_t k = i; k + 1 < i_end; ++k) {
            if (steps[k] != steps[k + 1] * static_cast<std::ptrdiff_t>(source[k + 1])) {
                return std::nullopt;
            }
        }
        std::ptrdiff_t step = steps[i_end - 1];
        for (std::size_t k = j_end; k-- > j;) {
            result.steps[k] = step;
            step *= static_cast<std::ptrdiff_t>(to[k]);
        }
        i = i_end;
        j = j_end;
    }
    return result;
}

void coalesce(layout* layouts, std::size_t count)
{
    shape& first = layouts[0].extents;
    for (std::size_t i = first.size(); i-- > 0;) {
        if (first[i] != 1) continue;
        for (std::size_t k = 0; k < count; ++k) {
            layouts[k].extents.erase(i);
            layouts[k].steps.erase(i);
        }
    }
    for (std::size_t i = first.size(); i-- > 1;) {
        bool merges = true;
        for (std::size_t k = 0; k < count; ++k) {
            const auto& steps = layouts[k].steps;
            merges &= steps[i - 1] == steps[i] * static_cast<std::ptrdiff_t>(first[i]);
        }
        if (!merges) continue;
        for (std::size_t k = 0; k < count; ++k) {
            layouts[k].extents[i - 1] *= layouts[k].extents[i];
            layouts[k].steps[i - 1] = layouts[k].steps[i];
            layouts[k].extents.erase(i);
            layouts[k].steps.erase(i);
        }
    }
}

} // namespace backtrail
