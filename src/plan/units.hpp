// SPDX-License-Identifier: BSD-3-Clause
// The third part of planning: fusion groups. Which nodes run in one pass, and in what order passes and
// evaluations come.
//
// Every unit has a level. What it reads is made by units of lower levels, or of its own level and made
// before it; so there are no circles, whatever is grouped. A node can join a pass that walks over as many
// elements if that stays true.
#pragma once

#include "places.hpp"

namespace backtrail {

/// What runs as one step: the nodes of a pass, or one evaluation.
struct unit {
    bool is_pass = false;
    bool is_constant = false;
    bool has_fold = false; ///< one whose parts are cut by the shape of its operand alone
    bool has_gather = false;
    std::uint32_t level = 0;
    std::uint32_t first = none, last = none; ///< its nodes, linked by `next`
    std::uint32_t members = 0, slots = 0;
    std::size_t elements = 0;
    std::size_t width = 0; ///< of rows that reductions ask for; 0: none
};

class unit_graph {
public:
    unit_graph(const joint_graph& graph, const places& where);

    /// The units in the order of execution; constant ones come first.
    [[nodiscard]] std::span<const std::uint32_t> order() const { return order_; }
    [[nodiscard]] const unit& operator[](std::uint32_t u) const { return units_[u]; }
    /// The unit that computes node i, or `none`.
    [[nodiscard]] std::uint32_t unit_of(std::uint32_t i) const { return unit_of_[i]; }
    /// True if node i finds the value of its k-th input in the tiles of its own pass.
    [[nodiscard]] bool is_streamed(std::uint32_t i, std::size_t k) const;
    /// Calls f with each node of a unit, each after those it reads.
    template <class F>
    void for_members(const unit& u, F f) const
    {
        for (std::uint32_t i = u.first; i != none; i = next_[i]) f(i);
    }

private:
    [[nodiscard]] bool can_stream(std::uint32_t i, std::uint32_t x) const;
    [[nodiscard]] bool cuts_by_shape(std::uint32_t i) const;
    [[nodiscard]] std::uint32_t producer(std::uint32_t x) const;
    [[nodiscard]] std::size_t elements_of(std::uint32_t i) const;
    [[nodiscard]] std::uint32_t level_for(std::uint32_t i) const;
    void place_in_pass(std::uint32_t i);
    void place_gather(std::uint32_t i);
    [[nodiscard]] std::uint32_t find_pass(std::uint32_t i, std::size_t width) const;
    [[nodiscard]] bool reads_array(std::uint32_t i) const;
    [[nodiscard]] std::uint32_t last_pass_like(std::uint32_t i, std::size_t width) const;
    [[nodiscard]] bool accepts(std::uint32_t u, std::uint32_t i, std::size_t width) const;
    [[nodiscard]] bool waits_for(std::uint32_t u, std::uint32_t i, std::uint32_t x) const;
    void join(std::uint32_t u, std::uint32_t i, std::size_t width);
    void add_to(std::uint32_t u, std::uint32_t i, std::size_t width);
    [[nodiscard]] std::uint32_t add_unit(std::uint32_t i, bool is_pass);
    void put_in_order();
    void visit_in_order(std::uint32_t u);

    const joint_graph& graph_;
    const places& places_;
    std::vector<unit> units_;
    std::vector<std::uint32_t> unit_of_, next_;
    std::vector<std::uint32_t> last_reader_; ///< by value: the pass that last read it
    std::vector<std::uint32_t> order_;
    std::vector<char> is_ordered_;
};

} // namespace backtrail
