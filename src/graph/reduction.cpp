// SPDX-License-Identifier: BSD-3-Clause
// Recognising the form of a reduction.
#include <backtrail/graph/reduction.hpp>

#include <algorithm>

namespace backtrail {

reduction_pattern pattern_of(const shape& s, const axes& over)
{
    // Seen from the last axis: runs of reduced and of kept axes.
    std::size_t inner = 1, outer = 1, turns = 0;
    bool last_is_reduced = false, is_first = true, inner_is_reduced = false;
    for (std::size_t i = s.size(); i-- > 0;) {
        if (s[i] == 1) continue;
        const bool is_reduced = std::find(over.begin(), over.end(), i) != over.end();
        if (is_first) inner_is_reduced = is_reduced;
        turns += !is_first && is_reduced != last_is_reduced;
        (turns == 0 ? inner : outer) *= s[i];
        last_is_reduced = is_reduced;
        is_first = false;
    }
    if (turns > 1) return {};
    if (is_first || (turns == 0 && inner_is_reduced)) return {reduction_form::total, inner};
    if (turns == 0) return {reduction_form::rows, 1};
    return {inner_is_reduced ? reduction_form::rows : reduction_form::columns, inner};
}

} // namespace backtrail
