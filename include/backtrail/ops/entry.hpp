// SPDX-License-Identifier: BSD-3-Clause
// What is known of the elementwise ops without their formulas: the families, and one entry for each
// op, deduced from its struct. Code that only needs this is not compiled anew when an op changes.
#pragma once

#include <backtrail/ops/symbol.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backtrail {

/// The families of ops, one header each. The ops of a family may mention those of their own in their
/// formulas, and of others those that are words (ops/words.hpp).
enum class op_family : std::uint8_t {
    arithmetic,
    comparison,
    rounding,
    exponential,
    trigonometric,
    hyperbolic,
    special,
    activation
};
inline constexpr std::size_t op_family_count = 8;
/// An op's index is its family's number times this, plus its place in the family's list.
inline constexpr std::size_t op_family_capacity = 256;

/// What a pullback needs in memory.
enum class partials_form : std::uint8_t { constant, from_inputs, from_output, from_both };

/// What the list of ops in the documentation says of an op, beside what follows from its form. The
/// last four are its names elsewhere, empty where it has none.
struct documentation {
    std::string_view formula;                 ///< `y = 1/√x`
    std::string_view derivative;              ///< `dy = -y/(2x)`
    std::string_view at_singular_points = {}; ///< the convention there
    std::string_view numpy = {}, xtensor = {}, torch = {}, jax = {};
};

struct op_entry {
    std::string_view name;
    std::uint8_t arity = 0;
    bool is_predicate = false;
    bool accepts_integers = false;
    partials_form form = partials_form::constant;
    documentation about;
    /// Sets x_bar to what y_bar contributes, as nodes. `y` is the node of the result.
    void (*pullback)(const symbol& y, const symbol* x, const symbol& y_bar,
                     symbol* x_bar) = nullptr;
    /// The tangent of the result, as nodes; empty if structurally zero.
    symbol (*pushforward)(const symbol& y, const symbol* x, const symbol* x_dot) = nullptr;
};

/// The entries of a family, in the order of its list.
[[nodiscard]] BACKTRAIL_API std::span<const op_entry> entries(op_family f);

/// The entry of op `index`.
[[nodiscard]] inline const op_entry& entry(std::size_t index)
{
    return entries(static_cast<op_family>(index / op_family_capacity))[index % op_family_capacity];
}

/// The index of the op of that name, which there must be.
[[nodiscard]] BACKTRAIL_API std::size_t index_named(std::string_view name);

} // namespace backtrail
