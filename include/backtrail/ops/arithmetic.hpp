// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: arithmetic, as one family; the ops stand in arithmetic/.
#pragma once

#include <backtrail/ops/arithmetic/basic.hpp>
#include <backtrail/ops/arithmetic/combined.hpp>

namespace backtrail::ops {

using arithmetic = op_list<Neg, Sign, Abs, Square, Cube, Reciprocal, Add, Sub, Mul, Div, Masked,
                           SquaredDifference, Fma, Lerp>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::arithmetic> {
    using list = ops::arithmetic;
};

} // namespace backtrail
