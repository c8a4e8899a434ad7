// SPDX-License-Identifier: BSD-3-Clause
// Counts what a test program allocates: every operator new of every thread, and every malloc of the
// calling one. Linking allocations.cpp replaces both.
#pragma once

#include <cstddef>

namespace backtrail::test {

/// Calls of operator new, in any form and by any thread, since the program began.
[[nodiscard]] std::size_t allocations() noexcept;

/// Calls of malloc, calloc, realloc and the aligned forms by the calling thread, those under operator new
/// included; 0 always where the C library is not glibc, or a sanitizer has its own.
[[nodiscard]] std::size_t system_allocations() noexcept;

} // namespace backtrail::test
