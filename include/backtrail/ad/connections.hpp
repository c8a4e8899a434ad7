// SPDX-License-Identifier: BSD-3-Clause
// How some outputs hang on every node below them, found in one walk for all.
#pragma once

#include <backtrail/ad/transform.hpp>
#include <backtrail/graph/traversal.hpp>

namespace backtrail::detail {

class BACKTRAIL_API connections {
public:
    /// `cuts` are nodes that pass no derivative on.
    explicit connections(std::span<const node_ptr> outputs, std::span<const node_ptr> cuts = {});
    /// Whether the outputs have a derivative with respect to x, and if not, why.
    [[nodiscard]] connection of(const node_ptr& x) const { return judge(x, leaving_); }
    /// The same above the cut, if one is at x: for what its consumers read.
    [[nodiscard]] connection above_cut(const node_ptr& x) const { return judge(x, arriving_); }

private:
    /// What some way from x up to an output is.
    static constexpr unsigned char path = 1;      ///< there is one
    static constexpr unsigned char unstopped = 2; ///< it passes no stop_gradient and no cut
    static constexpr unsigned char smooth = 4;    ///< and every op on it has a derivative

    [[nodiscard]] connection judge(const node_ptr& x, const std::vector<unsigned char>& marks) const;

    node_map index_;
    std::vector<unsigned char> arriving_, leaving_; ///< by node: at its uses, and behind a cut
};

} // namespace backtrail::detail
