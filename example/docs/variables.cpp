// SPDX-License-Identifier: BSD-3-Clause
// The manual: variables and their versions.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::xarray<double>{3.0, -2.0});
    bt::tensor<double> loss = sum(square(x));
    bt::sweep s = reverse(loss, bt::wrt(x));

    const auto before = x.value(); // owns what it shows
    for (int step = 0; step < 3; ++step) {
        s.run();
        x -= 0.25 * s.adjoint(x); // halves x
    }
    std::cout << before << ' ' << x.value() << '\n';

    const auto version = x.version();
    x *= 2.0;
    std::cout << (x.version() > version) << ' ' << loss.value() << '\n';
    x = 1.0; // a number, or any xtensor expression that broadcasts to the shape of x
    std::cout << x.value() << ' ' << loss.value() << '\n';
}
