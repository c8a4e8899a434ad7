// SPDX-License-Identifier: BSD-3-Clause
// The manual, intermediates: figures instead of arrays.

#include <backtrail/backtrail.hpp>
#include <iostream>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::linspace<double>(-4.0, 4.0, 100'001));
    bt::tensor<double> h = bt::tag("h", tanh(x));

    // Neither h nor its adjoint is stored.
    bt::sweep s = reverse(sum(h * h), bt::wrt(x));
    s.keep(bt::values("h") | bt::histogram(8) | bt::moments(), bt::adjoints("h") | bt::l2norm());
    s.run();

    const auto bins = s.value("h", bt::histogram(8));
    for (std::size_t i = 0; i < bins.counts.size(); ++i) {
        std::cout << '[' << bins.edge(i) << ", " << bins.edge(i + 1) << ") " << bins.counts[i]
                  << '\n';
    }
    const auto m = s.value("h", bt::moments());
    std::cout << "deviation " << m.deviation << ", from " << m.min << " to " << m.max << '\n';
    std::cout << "norm of the adjoint " << s.adjoint("h", bt::l2norm()) << '\n';

    const auto q = s.value("h", bt::quantiles({0.25, 0.75})); // not kept: computed again
    std::cout << "quartiles within [" << q[0].lower << ", " << q[0].upper << "] and [" << q[1].lower
              << ", " << q[1].upper << "]\n";

    const auto positive = bt::fold(
        "positive", 0.0, [](double& n, double v) { n += v > 0 ? 1 : 0; },
        [](double& n, const double& later) { n += later; });
    std::cout << s.value("h", positive) << " are positive\n";
}
