// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: rounding to integers, remainders, and what else is made of pieces.
#pragma once

#include <backtrail/ops/comparison.hpp>

namespace backtrail::ops {

using rounding = op_list<>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::rounding> {
    using list = ops::rounding;
};

} // namespace backtrail
