// SPDX-License-Identifier: BSD-3-Clause
// The manual, intermediates: finding trouble, and seeing.

#include <backtrail/backtrail.hpp>
#include <iostream>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::xarray<double>{1.0, 2.0, 3.0});
    bt::tensor<double> a = bt::tag("a", x - 1.0);
    bt::tensor<double> h = bt::tag("h", x * sqrt(a));
    bt::tensor<double> loss = sum(h);

    bt::sweep s = reverse(loss, bt::wrt(x)).trap_nonfinite();
    try {
        s.run();
    } catch (const bt::nonfinite_error& e) {
        std::cout << e.what() << '\n';
    }
    x = xt::xarray<double>{2.0, 2.0, 3.0};
    s.run();
    std::cout << bt::inspect::table(s);

    const bt::run_record before = s; // shares the arrays of the run
    x = xt::xarray<double>{2.0, 2.5, 3.0};
    s.run();
    std::cout << diff(before, s).message << '\n';
    std::cout << "checked at h: " << check_gradient(loss, "h").message << '\n';

    bt::inspect::dot(std::cout, loss);
}
