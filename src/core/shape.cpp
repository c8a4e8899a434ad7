// SPDX-License-Identifier: BSD-3-Clause
// Broadcasting and axis rules, with the messages a user sees when they are broken.
#include <backtrail/core/shape.hpp>

namespace backtrail {

std::string to_string(const shape& s)
{
    std::string text = "(";
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (i > 0) text += ", ";
        text += std::to_string(s[i]);
    }
    return text + (s.size() == 1 ? ",)" : ")");
}

shape broadcast(const char* operation, const shape& a, const shape& b)
{
    shape result(std::max(a.size(), b.size()), 1);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::size_t n = i < a.size() ? a[a.size() - 1 - i] : 1;
        const std::size_t m = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (n != m && n != 1 && m != 1) {
            throw shape_error("[" + std::string(operation) + "] shapes do not broadcast: " +
                              to_string(a) + " and " + to_string(b));
        }
        result[result.size() - 1 - i] = n == 1 ? m : n;
    }
    return result;
}

bool is_broadcastable(const shape& from, const shape& to)
{
    if (from.size() > to.size()) return false;
    const std::size_t lead = to.size() - from.size();
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] != 1 && from[i] != to[lead + i]) return false;
    }
    return true;
}

std::size_t normalise_axis(const char* operation, std::ptrdiff_t axis, std::size_t rank)
{
    const auto n = static_cast<std::ptrdiff_t>(rank);
    if (axis < -n || axis >= n) {
        throw index_error("[" + std::string(operation) + "] axis " + std::to_string(axis) +
                          " is out of range for rank " + std::to_string(rank));
    }
    return static_cast<std::size_t>(axis < 0 ? axis + n : axis);
}

axes normalise_axes(const char* operation, std::span<const std::ptrdiff_t> list, std::size_t rank)
{
    axes result;
    for (auto axis : list) {
        const std::size_t i = normalise_axis(operation, axis, rank);
        if (std::find(result.begin(), result.end(), i) != result.end()) {
            throw index_error("[" + std::string(operation) + "] axis " + std::to_string(axis) +
                              " is given twice");
        }
        result.push_back(i);
    }
    std::sort(result.begin(), result.end());
    return result;
}

} // namespace backtrail
