// SPDX-License-Identifier: BSD-3-Clause
// Offsets in one block of memory for buffers that come and go: best fit, neighbours merged.
#pragma once

#include <backtrail/core/export.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <utility>

namespace backtrail {

class arena_layout {
public:
    /// The offset of a place of `bytes`, rounded up to whole vectors.
    [[nodiscard]] std::size_t acquire(std::size_t bytes);
    void release(std::size_t offset, std::size_t bytes);
    /// The size of the block so far.
    [[nodiscard]] std::size_t size() const { return end_; }
    [[nodiscard]] static std::size_t rounded(std::size_t bytes);

private:
    void insert(std::size_t offset, std::size_t bytes);
    void erase(std::map<std::size_t, std::size_t>::iterator at);

    std::map<std::size_t, std::size_t> free_;               // by offset
    std::set<std::pair<std::size_t, std::size_t>> by_size_; // (bytes, offset)
    std::size_t end_ = 0;
};

} // namespace backtrail
