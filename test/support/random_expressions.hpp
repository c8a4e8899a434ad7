// SPDX-License-Identifier: BSD-3-Clause
// A handful of statements of several ops, for random graphs: fused nodes with kernels of their own.
#pragma once

#include <backtrail/ops/symbol.hpp>

#include <cstddef>

namespace backtrail::test {

inline constexpr std::size_t expression_count = 10;

/// Statement `which` of float or double operands whose shapes broadcast; `type` is theirs.
[[nodiscard]] node_ptr make_expression(std::size_t which, dtype type, const node_ptr& a,
                                       const node_ptr& b, const node_ptr& c);

/// The elements of x mapped smoothly into [low, high].
[[nodiscard]] node_ptr mapped_into(double low, double high, const node_ptr& x);

} // namespace backtrail::test
