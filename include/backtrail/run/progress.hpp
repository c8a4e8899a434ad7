// SPDX-License-Identifier: BSD-3-Clause
// How far a run is, for those who wait for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace backtrail {

/// How far a run is. Steps are those of the outermost loops.
struct progress {
    std::uint64_t steps = 0;            ///< run or reversed so far
    std::optional<std::uint64_t> total; ///< nothing: not known
    std::uint64_t recomputed = 0;       ///< of them, steps that have run before
    std::size_t bytes = 0;              ///< that the library's allocator has given, to anybody
};

} // namespace backtrail
