// SPDX-License-Identifier: BSD-3-Clause
// Derivatives of functions that are held as graphs: functions again.
#pragma once

#include <backtrail/graph/function.hpp>

namespace backtrail::detail {

/// The reverse mode of f: parameters of f, then a cotangent for each differentiable result; results: the
/// cotangent of each parameter for which `wanted` is set, then of each node of `also`; zeros where there is
/// none.
[[nodiscard]] BACKTRAIL_API graph_function pull_back(const graph_function& f,
                                                     std::span<const char> wanted,
                                                     std::span<const node_ptr> also = {});

/// The forward mode of f: parameters of f, then a tangent for each parameter for which `moves` is
/// set; results: those of f, then the tangent of each differentiable one.
[[nodiscard]] BACKTRAIL_API graph_function push_forward(const graph_function& f,
                                                        std::span<const char> moves);

/// For each parameter of f, which of its results have a derivative with respect to it.
[[nodiscard]] BACKTRAIL_API std::vector<std::vector<char>> reaches(const graph_function& f);

} // namespace backtrail::detail
