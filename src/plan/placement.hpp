// SPDX-License-Identifier: BSD-3-Clause
// The middle of planning: which arrays there are, who writes them, until when they are read, and as
// which layout of which array each node's value is found. Offsets come last, in plan.cpp.
#pragma once

#include "units.hpp"

#include <backtrail/plan/plan.hpp>

#include <map>

namespace backtrail {

/// An array that a step writes, or a leaf.
struct array {
    std::uint32_t base = 0;
    std::size_t offset = 0, bytes = 0;
    std::uint32_t last_use = 0;      ///< the unit after which its place is free
    std::uint32_t next_dying = none; ///< another array with the same last use
    bool in_arena = false;
};

/// How a node's value is found: an array and a layout in it.
struct place {
    std::uint32_t array = none;
    std::uint32_t layout = 0; // in plan::layouts
};

/// The arrays of a request and the places of its nodes' values.
class placement {
public:
    /// Adds the layouts and leaves it meets to `result`.
    placement(std::span<const node_ptr> requested, const unit_graph& graph, plan& result);

    [[nodiscard]] array& operator[](std::uint32_t a) { return arrays_[a]; }
    [[nodiscard]] const place& of(std::uint32_t node) const { return places_[node]; }
    /// The first array whose last use is unit u; the others follow by `next_dying`.
    [[nodiscard]] std::uint32_t first_dying(std::uint32_t u) const { return first_dying_[u]; }
    /// True if the steps write request k where it is read.
    [[nodiscard]] bool is_written_in_place(std::uint32_t k) const { return is_written_[k] != 0; }

    /// Calls f with each array that pullback i writes.
    template <class F>
    void for_pullback_arrays(std::uint32_t i, F f) const
    {
        const std::size_t outputs = order_[i]->op().as_fused_pullback()->outputs();
        for (std::uint32_t k = 0; k < outputs; ++k) f(first_pullback_array_[i] + k);
    }
    /// Calls f with each array that holds a result of unit u.
    template <class F>
    void for_results(const unit& u, F f) const
    {
        for (const std::uint32_t i : {u.single, u.fused, u.total, u.pullback}) {
            if (i == none) continue;
            if (order_[i]->op().as_fused_pullback() != nullptr) {
                for_pullback_arrays(i, f);
            } else if (places_[i].array != none) {
                f(places_[i].array);
            }
        }
    }
    /// The index of a layout in the plan.
    [[nodiscard]] std::uint32_t layout_index(const layout& l);

private:
    [[nodiscard]] const node_ptr& picked(std::uint32_t i) const { return order_[i]->inputs()[0]; }
    void number_outputs();
    [[nodiscard]] std::uint32_t add_array(std::size_t bytes, std::uint32_t output);
    void make_array(std::uint32_t i);
    void reserve(const unit& members);
    void reserve_single(std::uint32_t i);
    void reserve_pullback(std::uint32_t i);
    [[nodiscard]] bool value_is_read(std::uint32_t i) const;
    void find_last_uses();

    std::span<const node_ptr> requested_;
    const unit_graph& graph_;
    const std::vector<node_ptr>& order_;
    plan& result_;
    node_map output_of_;
    std::vector<array> arrays_;
    std::vector<place> places_;
    std::vector<std::uint32_t> first_pullback_array_, first_dying_;
    std::map<std::pair<const node*, std::size_t>, std::uint32_t> output_of_pick_;
    std::vector<char> is_written_;
};

} // namespace backtrail
