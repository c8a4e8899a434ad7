// SPDX-License-Identifier: BSD-3-Clause
// Which values of a plan are stored, and from when to when.
#pragma once

#include "units.hpp"

namespace backtrail {

/// When a stored value dies.
struct lifetime {
    std::uint32_t last_use = 0;      ///< position of the unit after which its place is free
    std::uint32_t next_dying = none; ///< another value with the same last use
    bool is_stored = false;
    bool is_permanent = false; ///< made once, and read in every replay
    bool in_arena = false;
};

/// By value.
class lifetimes {
public:
    lifetimes(const joint_graph& graph, const places& where, const unit_graph& units);

    [[nodiscard]] lifetime& operator[](std::uint32_t v) { return lives_[v]; }
    /// The first of the values whose last use is the unit at this position, or `none`.
    [[nodiscard]] std::uint32_t first_dying(std::uint32_t at) const { return first_dying_[at]; }

private:
    void note_uses(std::uint32_t i, const unit& u, std::uint32_t at);

    const joint_graph& graph_;
    const places& places_;
    const unit_graph& units_;
    std::vector<lifetime> lives_;
    std::vector<std::uint32_t> first_dying_; ///< by position
};

} // namespace backtrail
