// SPDX-License-Identifier: BSD-3-Clause
// The fourth part of planning: what a pass does to a tile, call by call.
#pragma once

#include "units.hpp"

namespace backtrail {

/// A kernel, or a reduction, run on each tile.
struct call {
    member::kind what = member::kind::value;
    std::uint32_t node = none;
    std::uint32_t value_node = none; ///< value_and_pullback: the node of the value
};

/// The calls of a pass. A value and its pullback are computed together where the cotangent does not
/// wait for the value.
class call_list {
public:
    call_list(const joint_graph& graph, const places& where, const unit_graph& units);

    /// Makes the calls of a unit; replaces those made before.
    void make(std::uint32_t u);
    [[nodiscard]] const std::vector<call>& all() const { return calls_; }
    /// Calls f with each value that a call makes.
    template <class F>
    void for_results(const call& c, F f) const
    {
        for (std::uint32_t k = 0; k < places_.value_count(c.node); ++k) {
            f(places_.first_value(c.node) + k);
        }
        if (c.value_node != none) f(places_.first_value(c.value_node));
    }

    /// Calls f(node, k) for each input k of `node` that a call reads: a value and its pullback have the same operands.
    template <class F>
    void for_inputs(const call& c, F f) const
    {
        const std::uint32_t first = c.value_node != none ? c.value_node : c.node;
        for (std::size_t k = 0; k < graph_.inputs(first).size(); ++k) f(first, k);
        if (c.value_node != none) f(c.node, graph_.inputs(c.node).size() - 1); // the cotangent
    }

private:
    [[nodiscard]] member::kind kind_of(std::uint32_t i) const;
    void join_pullbacks();
    [[nodiscard]] bool makes_value_of(const call& c, std::uint32_t pullback) const;
    [[nodiscard]] std::size_t maker(std::uint32_t x) const;

    const joint_graph& graph_;
    const places& places_;
    const unit_graph& units_;
    std::vector<call> calls_;
};

} // namespace backtrail
