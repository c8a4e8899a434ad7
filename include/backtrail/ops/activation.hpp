// SPDX-License-Identifier: BSD-3-Clause
// Elementwise ops: the functions neural networks and statistics are fond of, as one family. They
// stand in activation/, by their form.
#pragma once

#include <backtrail/ops/activation/exponential_units.hpp>
#include <backtrail/ops/activation/gated.hpp>
#include <backtrail/ops/activation/rectified.hpp>
#include <backtrail/ops/activation/saturating.hpp>

namespace backtrail::ops {

using activation = op_list<Sigmoid, LogSigmoid, Softplus, CutSoftplus, Softsign, TanhShrink, Relu,
                           LeakyStep, LeakyRelu, HardTanh, HardSwish, SoftShrink, HardShrink, Elu,
                           Celu, Selu, Silu, SiluSlope, GeluTanh, GeluTanhSlope, Mish, MishSlope>;

} // namespace backtrail::ops

namespace backtrail {

template <>
struct family<op_family::activation> {
    using list = ops::activation;
};

} // namespace backtrail
