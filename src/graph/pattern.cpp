// SPDX-License-Identifier: BSD-3-Clause
// Matching without going back further than to the last star.
#include <backtrail/graph/pattern.hpp>

namespace backtrail::detail {

/// On a mismatch the last star takes one character more.
bool matches(std::string_view pattern, std::string_view path)
{
    std::size_t p = 0, i = 0, star = std::string_view::npos, taken = 0;
    while (i < path.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = i;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == path[i])) {
            ++p;
            ++i;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            i = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

} // namespace backtrail::detail
