// SPDX-License-Identifier: BSD-3-Clause
// The manual: plans and programs.

#include <array>
#include <backtrail/backtrail.hpp>
#include <iostream>
#include <vector>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::zeros<double>({4})), w(xt::zeros<double>({4}));
    bt::tensor<double> h = tanh(x * w);
    bt::tensor<double> loss = sum(square(h));

    bt::sweep s = reverse(loss, bt::wrt(x, w));
    std::cout << s.explain() << '\n'; // one pass: two statements, the sum, and both pullbacks

    bt::program p({x, w}, {loss, grad(loss, w)});
    const std::vector<double> data = {0.5, 1.0, 1.5, 2.0};
    const double weights[] = {1.0, 1.0, -1.0, -1.0};
    double value = 0.0;
    std::array<double, 4> gradient{};
    p(data, weights, &value, gradient); // reads and writes these arrays themselves
    std::cout << value << '\n';
    for (const double g : gradient) std::cout << g << ' ';
    std::cout << '\n';
}
