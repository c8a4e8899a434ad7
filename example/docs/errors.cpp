// SPDX-License-Identifier: BSD-3-Clause
// The manual: errors.

#include <backtrail/backtrail.hpp>
#include <iostream>

namespace bt = backtrail;

template <class F>
void attempt(F&& f)
{
    try {
        f();
    } catch (const bt::error& e) {
        std::cout << e.what() << '\n';
    }
}

int main()
{
    bt::variable<double> x(xt::zeros<double>({64, 10})), w(xt::zeros<double>({12, 1}));
    bt::tensor<double> h = bt::tag("h1", tanh(x));

    attempt([&] { bt::tensor<double> y = matmul(h, w); });
    attempt([&] { bt::tensor<double> y = h + w; });
    attempt([&] { bt::tensor<double> g = grad(h, x); });
    attempt([&] { return grad(sum(h), w).value(); });
    attempt([&] { return reverse(sum(h), bt::wrt(x)).run().value("h2"); });
    attempt([&] { x = xt::zeros<double>({3}); });
}
