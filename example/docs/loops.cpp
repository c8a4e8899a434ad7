// SPDX-License-Identifier: BSD-3-Clause
// The manual: loops.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> u0(xt::xarray<double>{0.2, 0.5, 0.9}), rate(0.1);

    // A thousand steps of u' = u (1 - u): one node, whose body is recorded once
    bt::tensor<double> u =
        bt::loop(1000, u0, [&](auto, auto u) { return u + 0.01 * rate * (u * (1.0 - u)); });
    bt::tensor<double> loss = sum(square(u - 0.7));

    bt::sweep s = reverse(loss, bt::wrt(u0, rate));
    s.run();
    std::cout << s.value(u) << '\n' << s.adjoint(u0) << '\n' << s.adjoint(rate) << '\n';

    // Until a condition fails; the number of steps is found when it runs
    bt::tensor<double> v = bt::while_loop([](auto x) { return sum(x) < 2.5; }, u0,
                                          [](auto, auto x) { return x + 0.1 * (1.0 - x); });
    std::cout << v.value() << '\n' << grad(sum(v), u0).value() << '\n';
}
