// SPDX-License-Identifier: BSD-3-Clause
// A program that depends on backtrail, as small as they come: the gradient of sum(x * x) is 2 x.
// Built by `.ci/run` against an installed or vendored library, in each of the ways beside it.
#include <backtrail/backtrail.hpp>

#include <iostream>

#include <xtensor/xarray.hpp>
#include <xtensor/xio.hpp>
#include <xtensor/xmath.hpp>

namespace bt = backtrail;

int main()
{
    const xt::xarray<double> start = {1.0, 2.0, 3.0};
    bt::variable<double> x(start);
    bt::tensor<double> loss = sum(x * x);
    const auto gradient = grad(loss, x).value();
    std::cout << "the gradient of " << loss.value()() << " is " << gradient << '\n';
    return xt::all(xt::equal(gradient, 2.0 * start)) ? 0 : 1;
}
