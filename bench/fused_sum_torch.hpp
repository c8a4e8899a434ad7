// SPDX-License-Identifier: BSD-3-Clause
// The same workload in LibTorch, where it is there; a translation unit of its own, because its
// headers take long.
#pragma once

#include "timing.hpp"

/// Adds LibTorch to the contenders, or says that it is missing.
void add_torch(std::vector<bench::contender>& all, const double* a, const double* b,
               const double* c, std::size_t n);
