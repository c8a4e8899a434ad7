// SPDX-License-Identifier: BSD-3-Clause
// The memory of a sweep: how much a run may hold, and what it will hold, known before it.
//
//     s.memory(bt::budget(256_MiB));
//     std::cout << s.plan().explain();
#pragma once

#include <backtrail/core/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace backtrail {

/// A limit for what a run holds at any time.
struct memory_budget {
    std::size_t bytes = 0;
};
[[nodiscard]] constexpr memory_budget budget(std::size_t bytes) { return {bytes}; }

/// What a run of a sweep holds and computes again. Bytes are those that the library's allocator gives to
/// arenas, workspaces of all threads, results and kept states; variables, the graph and the insides of
/// BLAS are not counted.
struct BACKTRAIL_API memory_plan {
    /// A loop that is reversed.
    struct loop {
        std::string name;
        std::vector<std::string> tags;    ///< in its body
        std::optional<std::size_t> steps; ///< nothing: known only after a run
        /// States or records kept at once; 0: all of an unknown number, or `mixed_bytes`.
        std::size_t kept = 0;
        std::size_t bytes = 0; ///< of one of them
        /// Records of some steps are kept beside states of others, in so many bytes; `bytes` is of a record.
        std::size_t mixed_bytes = 0;
        /// Of all steps not only the state is kept, but all that their reverse mode needs.
        bool is_recorded = false;
        /// How often steps are run beyond once on the way and once while they are reversed; nothing where the
        /// number of steps is not known.
        std::optional<std::uint64_t> recomputed;
    };
    std::size_t peak_bytes = 0;
    std::size_t minimum_bytes = 0;     ///< the smallest budget that can be met
    std::optional<std::size_t> budget; ///< nothing: no limit
    bool gives_up_tags = false;        ///< tags are kept by default, but not under this budget
    std::vector<loop> loops;

    [[nodiscard]] bool fits() const { return !budget || *budget >= minimum_bytes; }
    /// Steps run again, all loops together, those of unknown length excepted.
    [[nodiscard]] std::uint64_t recomputed() const;
    /// How often the loop around a tag runs one of its steps again. Throws tag_error if no loop that is
    /// reversed has such a tag.
    [[nodiscard]] std::uint64_t recomputed(std::string_view tag) const;
    /// A table for people.
    [[nodiscard]] std::string explain() const;
};

} // namespace backtrail
