// SPDX-License-Identifier: BSD-3-Clause
// The first program of the README.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::xarray<double>{0.5, 1.0, 1.5});
    bt::tensor<double> h = bt::tag("hidden", tanh(x)); // lazy, and named
    bt::tensor<double> loss = sum(square(h - 0.5));

    bt::sweep s = reverse(loss, bt::wrt(x));
    s.run();
    std::cout << "loss         " << s.value() << '\n';
    std::cout << "hidden       " << s.value("hidden") << '\n';
    std::cout << "its adjoint  " << s.adjoint("hidden") << '\n';
    std::cout << "gradient     " << s.adjoint(x) << '\n';
}
