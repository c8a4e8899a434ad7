// SPDX-License-Identifier: BSD-3-Clause
// What is said of a memory plan.
#include <backtrail/sweep/memory.hpp>

#include <backtrail/core/error.hpp>

#include <algorithm>
#include <cstdio>

namespace backtrail {
namespace {

std::string in_units(std::size_t bytes)
{
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto n = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (n >= 1024 && unit + 1 < std::size(units)) {
        n /= 1024;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", n, units[unit]);
    return text;
}

} // namespace

std::uint64_t memory_plan::recomputed() const
{
    std::uint64_t total = 0;
    for (const loop& l : loops) total += l.recomputed.value_or(0);
    return total;
}

std::uint64_t memory_plan::recomputed(std::string_view tag) const
{
    for (const loop& l : loops) {
        if (std::find(l.tags.begin(), l.tags.end(), tag) == l.tags.end()) continue;
        return l.recomputed.value_or(0);
    }
    throw tag_error("[plan] no loop that is reversed has a tag \"" + std::string(tag) + "\"");
}

std::string memory_plan::explain() const
{
    std::string text = "peak " + in_units(peak_bytes) + ", at least " + in_units(minimum_bytes);
    text += budget ? ", budget " + in_units(*budget) : ", no budget";
    if (!fits()) text += ", which cannot be met";
    if (gives_up_tags) text += "; tags are not kept";
    text += "\n";
    for (const loop& l : loops) {
        text += l.name;
        for (std::size_t i = 0; i < l.tags.size(); ++i)
            text += (i == 0 ? " of " : ", ") + l.tags[i];
        text += l.steps ? ": " + std::to_string(*l.steps) + " steps, " : ": steps not known, ";
        if (l.mixed_bytes > 0) {
            text += "states and records kept in " + in_units(l.mixed_bytes);
        } else {
            text += l.kept == 0 ? "all " : std::to_string(l.kept) + " ";
            text += l.is_recorded ? "records kept" : "states kept";
            text += " of " + in_units(l.bytes);
        }
        if (l.recomputed) text += ", " + std::to_string(*l.recomputed) + " steps run again";
        text += "\n";
    }
    return text;
}

} // namespace backtrail
