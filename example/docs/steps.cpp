// SPDX-License-Identifier: BSD-3-Clause
// The manual: intermediates inside loops.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> u0(xt::xarray<double>{0.2, 0.5, 0.9}), rate(0.1);
    bt::tensor<double> u = bt::loop(1000, u0, [&](auto, auto u) {
        const bt::tensor<double> flow = bt::tag("flow", rate * (u * (1.0 - u)));
        return bt::tag("u", u + 0.01 * flow);
    });
    bt::sweep s = reverse(sum(square(u - 0.7)), bt::wrt(u0));

    // Every 250th state, and a number for each step
    s.keep(bt::values("u[*]") | bt::every(250), bt::adjoints("flow[*]") | bt::moments());
    int steps = 0;
    s.on_value("u[*]", [&](const bt::array<double>&) { ++steps; });
    s.run();

    std::cout << s.value("u[0:1000:250]") << '\n'; // a stack
    std::cout << s.value("u[500]") << '\n';        // one of them
    std::cout << s.adjoint("flow[17]", bt::moments()).l2 << '\n';
    std::cout << s.adjoint("u[17]") << '\n'; // not kept: run again, quietly
    std::cout << steps << " steps seen\n";
}
