// SPDX-License-Identifier: BSD-3-Clause
// The second part of planning: what each node is to a plan, which values there are, and as which
// layout of which value a node is found. Views are places; they cost nothing.
#pragma once

#include "joint.hpp"

namespace backtrail {

enum class role : std::uint8_t {
    merged, ///< into another, or with nothing left to compute
    leaf,
    view,      ///< of another node's value
    pick,      ///< one of the values of a pullback that it computes
    kernel,    ///< runs tile by tile
    reduction, ///< folds tiles: sums and the like
    fold,      ///< folds tiles in its own way
    gather, ///< adds rows, shifted, to rows of a larger array; an evaluation where they come from elsewhere
    evaluation ///< needs whole arrays; a copy, if it is a view that no layout shows
};

/// An array, if it is stored at all: a leaf's, or what a node computes.
struct value {
    std::uint32_t producer = none; ///< the node
    std::uint32_t leaf = none;     ///< in plan::leaves
    dtype type = dtype::float64;
    std::size_t elements = 0;
    std::uint32_t made = 0;     ///< how its producer makes it, in plan::layouts
    std::uint32_t frame = none; ///< the node in whose array it is made, with zeros around it
    [[nodiscard]] bool is_framed() const { return frame != none; }
    [[nodiscard]] std::size_t bytes() const { return elements * size_of(type); }
};

struct place {
    std::uint32_t value = none;
    std::uint32_t layout = 0; ///< in plan::layouts
};

class places {
public:
    /// Adds the layouts and leaves it meets to `result`.
    places(const joint_graph& graph, plan& result);

    [[nodiscard]] role role_of(std::uint32_t i) const { return roles_[i]; }
    [[nodiscard]] const place& operator[](std::uint32_t i) const { return places_[i]; }
    [[nodiscard]] std::span<const value> values() const { return values_; }
    /// The values that node i makes: one, or several for a pullback, from this one on.
    [[nodiscard]] std::uint32_t first_value(std::uint32_t i) const { return first_value_[i]; }
    [[nodiscard]] std::uint32_t value_count(std::uint32_t i) const;
    [[nodiscard]] const layout& layout_of(std::uint32_t i) const
    {
        return result_.layouts[places_[i].layout];
    }
    /// True if node x shows its value as it is made, each element in its turn.
    [[nodiscard]] bool is_as_made(std::uint32_t x) const;
    /// Node x as an operand, given where the value that it shows is stored.
    [[nodiscard]] operand shown(std::uint32_t x, operand stored) const;
    /// The index of a layout in the plan.
    [[nodiscard]] std::uint32_t layout_index(const layout& l);

private:
    void find_frames();
    void visit(std::uint32_t i);
    void add_value(std::uint32_t i);
    void find_reduced();
    [[nodiscard]] bool passes_on(std::uint32_t pullback, std::size_t output) const;
    [[nodiscard]] bool computes_any(std::uint32_t pullback) const;
    [[nodiscard]] role computed_role(std::uint32_t i) const;
    [[nodiscard]] bool gathers_rows(std::uint32_t i) const;
    [[nodiscard]] bool folds_tiles(std::uint32_t i, const axis_reduction& r) const;

    const joint_graph& graph_;
    plan& result_;
    std::vector<role> roles_;
    std::vector<place> places_;
    std::vector<value> values_;
    std::vector<std::uint32_t> first_value_;
    std::vector<std::uint32_t> frame_of_; ///< by node: the one in whose array it is made
    std::vector<char>
        is_reduced_; ///< by node: a reduction reads it, or of a pullback one of its outputs
};

/// The expression that an operation with a kernel is, or is a derivative of.
[[nodiscard]] const fused& expression_of(const operation& op);
[[nodiscard]] inline const kernel_table& table_of(const operation& op)
{
    return expression_of(op).table();
}

} // namespace backtrail
