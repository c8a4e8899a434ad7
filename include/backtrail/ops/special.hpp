// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: the special functions of statistics and physics. Here is their list; the ops are in
// the headers of the folder special/.
#pragma once

#include <backtrail/ops/special/bessel.hpp>
#include <backtrail/ops/special/error_function.hpp>
#include <backtrail/ops/special/gamma.hpp>
#include <backtrail/ops/special/normal.hpp>

namespace backtrail::ops {

using special = op_list<Gaussian, GaussianSlope, Erf, Erfc, Erfinv, ErfinvSlope, Erfcinv,
                        ErfcinvSlope, NormalDensity, Ndtr, NormalHazard, NormalExcess, LogNdtr,
                        Ndtri, NdtriSlope, GeluSlope, Gelu, Polygamma, Trigamma, Digamma, Lgamma,
                        Iv, Ive, I1, I0, I0e, I0eSlope, I1e, I1eSlope>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::special> {
    using list = ops::special;
};

} // namespace backtrail
