// SPDX-License-Identifier: BSD-3-Clause
// Best fit by size, first by offset among equals.
#include <backtrail/plan/arena.hpp>

#include <algorithm>

namespace backtrail {

std::size_t arena_layout::rounded(std::size_t bytes)
{
    // Large places get nine cache lines more, so that equal ones do not start at equal addresses modulo a
    // page: loads from one would seem to wait for stores to the other.
    const std::size_t lines = std::max<std::size_t>(1, (bytes + 63) / 64);
    return 64 * (bytes >= 4096 ? lines + 9 : lines);
}

std::size_t arena_layout::acquire(std::size_t bytes)
{
    bytes = rounded(bytes);
    const auto fit = by_size_.lower_bound({bytes, 0});
    if (fit != by_size_.end()) {
        const auto [size, offset] = *fit;
        erase(free_.find(offset));
        if (size > bytes) insert(offset + bytes, size - bytes);
        return offset;
    }
    // Grow; a free place at the end is extended.
    std::size_t offset = end_;
    if (!free_.empty()) {
        const auto last = std::prev(free_.end());
        if (last->first + last->second == end_) {
            offset = last->first;
            erase(last);
        }
    }
    end_ = offset + bytes;
    return offset;
}

void arena_layout::release(std::size_t offset, std::size_t bytes)
{
    bytes = rounded(bytes);
    auto next = free_.lower_bound(offset);
    if (next != free_.end() && offset + bytes == next->first) {
        bytes += next->second;
        erase(next);
        next = free_.lower_bound(offset);
    }
    if (next != free_.begin()) {
        const auto previous = std::prev(next);
        if (previous->first + previous->second == offset) {
            offset = previous->first;
            bytes += previous->second;
            erase(previous);
        }
    }
    insert(offset, bytes);
}

void arena_layout::insert(std::size_t offset, std::size_t bytes)
{
    free_.emplace(offset, bytes);
    by_size_.emplace(bytes, offset);
}

void arena_layout::erase(std::map<std::size_t, std::size_t>::iterator at)
{
    by_size_.erase({at->second, at->first});
    free_.erase(at);
}

} // namespace backtrail
