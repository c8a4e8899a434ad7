// SPDX-License-Identifier: BSD-3-Clause
// The manual, intermediates: what is kept, how adjoints stand, adjoints to build on.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::xarray<double>{0.5, 1.0, 2.0});
    bt::tensor<double> y = bt::tag("y", x * x);
    bt::tensor<double> frozen = bt::tag("frozen", exp(y));
    bt::tensor<double> loss = sum(sin(y) * y + stop_gradient(frozen));

    bt::sweep s = reverse(loss, bt::wrt(x)).keep(bt::values("*"), bt::adjoints("y"));
    s.run();
    std::cout << "y        " << s.value("y") << '\n';
    std::cout << "its bar  " << s.adjoint("y") << '\n'; // both uses: cos(y) y + sin(y)
    std::cout << "frozen   " << s.status("frozen").reason << '\n';
    std::cout << "zeros    " << s.adjoint("frozen", bt::zero_if_unconnected) << '\n';
    std::cout << "loss     " << (s.status(loss) == bt::connection::not_kept ? "not kept, " : "")
              << s.adjoint(loss) << '\n'; // computed again

    // A penalty on the gradient with respect to an intermediate.
    bt::tensor<double> penalised = loss + sum(square(adjoint_of("y", loss)));
    std::cout << "penalty  " << grad(penalised, x).value() << '\n';

    try {
        s.keep(bt::values("z*"));
    } catch (const bt::tag_error& e) {
        std::cout << e.what() << '\n';
    }
}
