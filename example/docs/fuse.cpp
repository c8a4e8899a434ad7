// SPDX-License-Identifier: BSD-3-Clause
// The manual: fuse.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::xarray<double>{0.0, 1.0, 2.0});

    // x * x * x - x would load x four times, and add to its adjoint four times; here it is once.
    bt::tensor<double> y = fuse([](auto a) { return a * a * a - a; }, x);
    std::cout << y.value() << '\n' << grad(sum(y), x).value() << '\n';
}
