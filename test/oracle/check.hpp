// SPDX-License-Identifier: BSD-3-Clause
// Checks one op: value, vjp, jvp and hvp of each of its variants.
#pragma once

#include "compare.hpp"
#include "manifest.hpp"
#include "registry.hpp"

#include "support/npz.hpp"

namespace oracle {

/// Builds every variant with variables for its differentiable inputs and constants for the others,
/// and compares whatever the archive holds for it. An exception of the library is a failed check;
/// npz::error means that the archive is no good.
[[nodiscard]] tally check_op(const op& o, const op_entry& entry, const npz::archive& archive);

} // namespace oracle
