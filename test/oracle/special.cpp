// SPDX-License-Identifier: BSD-3-Clause
// Registry: the special functions.
#include "registry.hpp"

namespace oracle {

void add_special(registry& ops)
{
    ops.unary("erf", [](const real& x) { return bt::erf(x); });
    ops.unary("erfc", [](const real& x) { return bt::erfc(x); });
    ops.unary("erfinv", [](const real& x) { return bt::erfinv(x); });
    ops.unary("ndtr", [](const real& x) { return bt::ndtr(x); });
    ops.unary("log_ndtr", [](const real& x) { return bt::log_ndtr(x); });
    // The derivative is the normal distribution function plus x times the density.
    ops.unary("gelu", [](const real& x) { return bt::gelu(x); }).largest_term = [](double x) {
        return 0.5 * std::erfc(-x / std::sqrt(2.0));
    };
    // LibTorch's trigamma ends its series with a term too few, which is 4e-10 at 1.6 and up to 4e-9
    // near 1/2; its derivatives of lgamma and digamma come from it.
    constexpr double short_series = 1e-8;
    ops.unary("lgamma", [](const real& x) { return bt::lgamma(x); }).allowed.derivative =
        short_series;
    ops.unary("digamma", [](const real& x) { return bt::digamma(x); }).allowed.derivative =
        short_series;
    ops.unary("trigamma", [](const real& x) { return bt::trigamma(x); }).allowed = {short_series,
                                                                                    short_series};
    ops.unary("i0", [](const real& x) { return bt::i0(x); });
    ops.unary("i0e", [](const real& x) { return bt::i0e(x); });
    ops.unary("i1", [](const real& x) { return bt::i1(x); });
}

} // namespace oracle
