// SPDX-License-Identifier: BSD-3-Clause
// backtrail: tensor algebra that can be differentiated. Everything a user needs, in one header;
// docs/architecture.md is the map of what lies below.
#pragma once

#include <backtrail/ad/derivative.hpp>
#include <backtrail/core/error.hpp>
#include <backtrail/expr/build.hpp>
#include <backtrail/graph/composites.hpp>
#include <backtrail/graph/leaf.hpp>
#include <backtrail/graph/prelu.hpp>
#include <backtrail/graph/products.hpp>
#include <backtrail/graph/structure.hpp>
#include <backtrail/graph/tag.hpp>
#include <backtrail/graph/view.hpp>
#include <backtrail/sweep/array.hpp>
#include <backtrail/sweep/check_gradient.hpp>
#include <backtrail/sweep/sweep.hpp>

namespace backtrail {
namespace literals {

/// Bytes: `256_MiB`.
[[nodiscard]] constexpr std::size_t operator""_KiB(unsigned long long n) { return n << 10; }
[[nodiscard]] constexpr std::size_t operator""_MiB(unsigned long long n) { return n << 20; }
[[nodiscard]] constexpr std::size_t operator""_GiB(unsigned long long n) { return n << 30; }

} // namespace literals
} // namespace backtrail
