// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: comparisons and what chooses by them, as one family; they stand in comparison/.
#pragma once

#include <backtrail/ops/comparison/choice.hpp>
#include <backtrail/ops/comparison/logic.hpp>
#include <backtrail/ops/comparison/orders.hpp>
#include <backtrail/ops/comparison/predicates.hpp>

namespace backtrail::ops {

using comparison = op_list<Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual, IsFinite, IsNan,
                           IsInf, IsPosInf, IsNegInf, SignBit, Where, Preference, Maximum, Minimum,
                           Fmax, Fmin, ClipLow, ClipHigh>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::comparison> {
    using list = ops::comparison;
};

} // namespace backtrail
