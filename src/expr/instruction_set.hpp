// SPDX-License-Identifier: BSD-3-Clause
// Which instruction set the library's own kernels use.
#pragma once

namespace backtrail {

enum class instruction_set { baseline, avx2, avx512 };

/// The best of the machine among those compiled, or the one that the environment variable BACKTRAIL_ISA
/// names (baseline, avx2, avx512). Throws value_error if it names something else.
[[nodiscard]] instruction_set chosen_instruction_set();

} // namespace backtrail
