// SPDX-License-Identifier: BSD-3-Clause
// What the functions of an integer order share: the order is a literal, and is checked.
#pragma once

#include <backtrail/core/error.hpp>

#include <string>

namespace backtrail::detail {

/// Throws unless n >= 0.
inline void require_order(const char* function, int n)
{
    if (n < 0) {
        throw value_error("[" + std::string(function) +
                          "] the order must not be negative: " + std::to_string(n));
    }
}

} // namespace backtrail::detail
