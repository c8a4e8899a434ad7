// SPDX-License-Identifier: BSD-3-Clause
// A tour: softmax regression, trained, with every kind of derivative on the way.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>
#include <xtensor/xrandom.hpp>

namespace bt = backtrail;

int main()
{
    // 120 points in 20 dimensions, of four classes in turn
    xt::xarray<double> features = xt::random::randn<double>({120, 20});
    xt::xarray<double> one_hot = xt::zeros<double>({120, 4});
    for (std::size_t i = 0; i < 120; ++i) {
        one_hot(i, i % 4) = 1.0;
        features(i, i % 4) += 2.0;
    }
    xt::xarray<double> V = xt::random::randn<double>({20, 4}); // a direction

    bt::variable<double> W(xt::random::randn<double>({20, 4})), b(xt::zeros<double>({4}));
    auto X = bt::constant(features), Y = bt::constant(one_hot);

    bt::tensor<double> z = bt::tag("logits", matmul(X, W) + b); // lazy: one node per statement
    bt::tensor<double> loss = mean(logsumexp(z, 1) - sum(Y * z, 1));

    bt::sweep s = reverse(loss, bt::wrt(W, b)); // names a request, computes nothing
    for (int k = 0; k < 200; ++k) {
        s.run(); // forward and reverse, replayed, no allocation
        if (k % 50 == 0) std::cout << "step " << k << ": loss " << s.value() << '\n';
        W -= 0.5 * s.adjoint(W); // any xtensor expression; bumps W's version
        b -= 0.5 * s.adjoint(b);
    }
    s.run();
    std::cout << "at last: loss " << s.value() << "\n\n"; // any intermediate, by tag or by handle:
    std::cout << "logits of point 0   " << xt::row(s.value("logits"), 0) << '\n';
    std::cout << "their adjoint       " << xt::row(s.adjoint("logits"), 0) << '\n';
    std::cout << "the same            " << xt::row(s.adjoint(z), 0) << "\n\n";

    bt::tensor<double> g = grad(loss, W);              // a derivative is a node
    bt::tensor<double> Hv = grad(sum(g * V), W);       // so it can be differentiated again
    bt::tensor<double> dz = jvp(z, bt::tangent(W, V)); // forward mode, the same way
    std::cout << "g, row 0            " << view(g, 0).value() << '\n';
    std::cout << "Hv, row 0           " << view(Hv, 0).value() << '\n';
    std::cout << "dz, row 0           " << view(dz, 0).value() << '\n';
}
