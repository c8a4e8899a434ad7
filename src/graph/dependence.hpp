// SPDX-License-Identifier: BSD-3-Clause
// On which values of its slots a derivative of an expression depends: of a sum on none, of a product in one factor
// on the other.
#pragma once

#include <backtrail/graph/fused.hpp>

#include <span>
#include <vector>

namespace backtrail {

struct dependence {
    /// By slot: its value counts.
    std::vector<char> reads;
    /// By slot: it is an operand once, and the cotangent of the result reaches it as it is.
    std::vector<char> passes_on;
};

/// The dependence of cotangents of the marked slots; with all of them marked, that of tangents.
[[nodiscard]] dependence dependence_of(const fused& expression, std::span<const char> marked);

} // namespace backtrail
