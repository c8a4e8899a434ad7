// SPDX-License-Identifier: BSD-3-Clause
// The manual: expressions and statements.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

// An expression may leave the function it was written in: it holds what it is made of.
auto damped_wave(const bt::tensor<double>& t) { return exp(-0.5 * t) * cos(3.0 * t); }

int main()
{
    bt::variable<double> t(xt::xarray<double>{0.0, 1.0, 2.0});

    auto wave = damped_wave(t);         // still an expression
    bt::tensor<double> w = wave;        // one node, one fused loop
    bt::tensor<double> y = w * w + 1.0; // another node; w is computed once, and used twice
    std::cout << y.value() << '\n';     // only now something is computed

    t = xt::xarray<double>{0.0, 0.5, 1.0};
    std::cout << y.value() << '\n';
}
