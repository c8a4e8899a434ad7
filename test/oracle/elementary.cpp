// SPDX-License-Identifier: BSD-3-Clause
// Registry: roots, powers, logarithms, inverse functions, rounding and remainders, element by element.
#include "registry.hpp"

namespace oracle {

void add_elementary(registry& ops)
{
    ops.unary("rsqrt", [](const real& x) { return bt::rsqrt(x); });
    ops.unary("cbrt", [](const real& x) { return bt::cbrt(x); });
    ops.unary("exp2", [](const real& x) { return bt::exp2(x); });
    ops.unary("log2", [](const real& x) { return bt::log2(x); });
    ops.unary("log10", [](const real& x) { return bt::log10(x); });
    ops.unary("logit", [](const real& x) { return bt::logit(x); });
    ops.unary("entr", [](const real& x) { return bt::entr(x); });
    ops.binary("hypot", [](const real& x, const real& y) { return bt::hypot(x, y); });
    ops.binary("logaddexp", [](const real& x, const real& y) { return bt::logaddexp(x, y); });
    ops.binary("logaddexp2", [](const real& x, const real& y) { return bt::logaddexp2(x, y); });
    ops.binary("xlogy", [](const real& x, const real& y) { return bt::xlogy(x, y); });
    ops.binary("xlog1py", [](const real& x, const real& y) { return bt::xlog1py(x, y); });

    ops.unary("asin", [](const real& x) { return bt::asin(x); });
    ops.unary("acos", [](const real& x) { return bt::acos(x); });
    ops.unary("atan", [](const real& x) { return bt::atan(x); });
    ops.binary("atan2", [](const real& y, const real& x) { return bt::atan2(y, x); });
    ops.unary("sinc", [](const real& x) { return bt::sinc(x); });
    ops.unary("deg2rad", [](const real& x) { return bt::deg2rad(x); });
    ops.unary("rad2deg", [](const real& x) { return bt::rad2deg(x); });
    ops.unary("asinh", [](const real& x) { return bt::asinh(x); });
    ops.unary("acosh", [](const real& x) { return bt::acosh(x); });
    ops.unary("atanh", [](const real& x) { return bt::atanh(x); });

    ops.unary("floor", [](const real& x) { return bt::floor(x); });
    ops.unary("ceil", [](const real& x) { return bt::ceil(x); });
    ops.unary("round", [](const real& x) { return bt::round(x); });
    ops.unary("trunc", [](const real& x) { return bt::trunc(x); });
    ops.unary("frac", [](const real& x) { return bt::frac(x); });
    ops.binary("fmod", [](const real& x, const real& y) { return bt::fmod(x, y); });
    ops.binary("remainder", [](const real& x, const real& y) { return bt::remainder(x, y); });
    ops.binary("copysign", [](const real& x, const real& y) { return bt::copysign(x, y); });
}

} // namespace oracle
