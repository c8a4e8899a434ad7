// SPDX-License-Identifier: BSD-3-Clause
// backtrail: tensor algebra that can be differentiated. Everything a user needs, in one header;
// docs/architecture.md is the map of what lies below.
#pragma once

#include <backtrail/ad/derivative.hpp>
#include <backtrail/core/error.hpp>
#include <backtrail/expr/build.hpp>
#include <backtrail/graph/attention.hpp>
#include <backtrail/graph/cells.hpp>
#include <backtrail/graph/checkpoint.hpp>
#include <backtrail/graph/composites.hpp>
#include <backtrail/graph/cross_entropy.hpp>
#include <backtrail/graph/diagonal.hpp>
#include <backtrail/graph/einsum.hpp>
#include <backtrail/graph/extrema.hpp>
#include <backtrail/graph/indexing.hpp>
#include <backtrail/graph/leaf.hpp>
#include <backtrail/graph/loop.hpp>
#include <backtrail/graph/losses.hpp>
#include <backtrail/graph/normalisation.hpp>
#include <backtrail/graph/prelu.hpp>
#include <backtrail/graph/products.hpp>
#include <backtrail/graph/random.hpp>
#include <backtrail/graph/rearrange.hpp>
#include <backtrail/graph/reductions.hpp>
#include <backtrail/graph/scans.hpp>
#include <backtrail/graph/sorting.hpp>
#include <backtrail/graph/statistics.hpp>
#include <backtrail/graph/structure.hpp>
#include <backtrail/graph/tag.hpp>
#include <backtrail/graph/update.hpp>
#include <backtrail/graph/view.hpp>
#include <backtrail/graph/while_loop.hpp>
#include <backtrail/inspect/dot.hpp>
#include <backtrail/inspect/progress.hpp>
#include <backtrail/inspect/record.hpp>
#include <backtrail/inspect/table.hpp>
#include <backtrail/inspect/trace.hpp>
#include <backtrail/run/threads.hpp>
#include <backtrail/sweep/array.hpp>
#include <backtrail/sweep/check_gradient.hpp>
#include <backtrail/sweep/program.hpp>
#include <backtrail/sweep/reducers.hpp>
#include <backtrail/sweep/selection.hpp>
#include <backtrail/sweep/sweep.hpp>
#include <backtrail/sweep/trouble.hpp>

namespace backtrail {
namespace literals {

/// Bytes: `256_MiB`.
[[nodiscard]] constexpr std::size_t operator""_KiB(unsigned long long n) { return n << 10; }
[[nodiscard]] constexpr std::size_t operator""_MiB(unsigned long long n) { return n << 20; }
[[nodiscard]] constexpr std::size_t operator""_GiB(unsigned long long n) { return n << 30; }

} // namespace literals
} // namespace backtrail
