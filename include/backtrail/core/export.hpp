// SPDX-License-Identifier: BSD-3-Clause
// Symbol visibility: the library is built hidden, and what users link against says so.
#pragma once

#if defined(__FAST_MATH__)
#error                                                                                             \
    "backtrail needs IEEE arithmetic: build without -ffast-math (its results would not be reproducible)"
#endif

#if defined(__GNUC__) || defined(__clang__)
#define BACKTRAIL_API __attribute__((visibility("default")))
#else
#define BACKTRAIL_API
#endif
