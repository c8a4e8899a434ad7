// SPDX-License-Identifier: BSD-3-Clause
// The manual: threads.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <thread>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::xarray<double>{1.0, 2.0, 3.0});
    bt::tensor<double> loss = sum(sin(x) * x);

    double first = 0.0, second = 0.0;
    const auto work = [&](double& result) {
        bt::sweep s = reverse(loss, bt::wrt(x)); // each thread has a sweep of its own
        for (int k = 0; k < 1000; ++k) s.run();
        result = s.adjoint(x)(0);
    };
    std::thread one(work, std::ref(first)), two(work, std::ref(second));
    one.join();
    two.join();
    std::cout << (first == second ? "the same bits" : "different") << '\n';
}
