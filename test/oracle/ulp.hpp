// SPDX-License-Identifier: BSD-3-Clause
// Accuracy of functions of one number, counted in units in the last place.
#pragma once

#include "registry.hpp"

#include "support/npz.hpp"

namespace oracle {

/// The largest error of a function over the points of a table, and the argument it is at.
struct worst_ulp {
    double error = 0;
    double at = 0;
};

struct accuracy {
    worst_ulp value, derivative;
};

inline constexpr double value_ulps_allowed = 4;
inline constexpr double derivative_ulps_allowed = 8;

/// The accuracy of an op of one tensor at the points `x` of the table, whose correctly rounded
/// results are `f` and `d` with residuals `f_res` and `d_res`: the exact value is f + f_res. The
/// derivative counts as bad as the worse of forward and reverse mode.
[[nodiscard]] accuracy measure_accuracy(const op& o, const npz::archive& table);

} // namespace oracle
