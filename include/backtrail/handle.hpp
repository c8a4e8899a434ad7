// SPDX-License-Identifier: BSD-3-Clause
// The handles alone, for interfaces and headers: tensors, variables, tags, derivatives, and the functions
// that take nothing but tensors. Neither xtensor nor xsimd is read (test/structure/headers.py).
#pragma once

#include <backtrail/ad/derivative.hpp>
#include <backtrail/core/error.hpp>
#include <backtrail/graph/diagonal.hpp>
#include <backtrail/graph/extrema.hpp>
#include <backtrail/graph/rearrange.hpp>
#include <backtrail/graph/reductions.hpp>
#include <backtrail/graph/statistics.hpp>
#include <backtrail/graph/structure.hpp>
#include <backtrail/graph/tag.hpp>
