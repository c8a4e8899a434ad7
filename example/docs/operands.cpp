// SPDX-License-Identifier: BSD-3-Clause
// The manual: numbers, constants and xtensor expressions as operands.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

// Generic: finds xtensor's functions for arrays of xtensor, and ours for ours.
template <class A>
auto soft_step(const A& a)
{
    return 0.5 * (tanh(a) + 1.0);
}

int main()
{
    xt::xarray<double> data = {{1.0, 2.0}, {3.0, 4.0}};
    bt::variable<double> w(xt::xarray<double>{0.5, -0.5});

    bt::tensor<double> X = bt::constant(data); // copied once; use it as often as you like
    bt::tensor<double> y = X * w + 1.0;
    bt::tensor<double> z = data * w + 1.0; // the same value; `data` is copied where it stands
    data.fill(0.0);                        // changes neither
    std::cout << y.value() << '\n' << z.value() << '\n';

    std::cout << soft_step(w).value() << '\n' << soft_step(xt::xarray<double>{0.5, -0.5}) << '\n';

    bt::tensor<float> f = bt::cast<float>(y) * 2.0f; // element types never mix silently
    std::cout << f.value() << '\n';
}
