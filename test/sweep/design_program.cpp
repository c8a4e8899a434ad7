// SPDX-License-Identifier: BSD-3-Clause
// The program of section 2 of the design, as written there but for the loop and the budget, on
// data on which it must learn; and the derivatives it takes against formulas.
#include <support/expect.hpp>

#include <xtensor/xrandom.hpp>

namespace bt = backtrail;

BOOST_AUTO_TEST_SUITE(sweep_design_program)

BOOST_AUTO_TEST_CASE(softmax_regression)
{
    xt::random::seed(7);
    xt::xarray<double> features = xt::random::randn<double>({120, 20});
    xt::xarray<double> one_hot = xt::zeros<double>({120, 4});
    for (std::size_t i = 0; i < 120; ++i) {
        one_hot(i, i % 4) = 1.0;
        features(i, i % 4) += 2.0;
    }
    const xt::xarray<double> V = xt::random::randn<double>({20, 4});

    // clang-format off: as written in the design
    bt::variable<double> W(xt::random::randn<double>({20, 4})), b(xt::zeros<double>({4}));   // leaves that change
    auto X = bt::constant(features), Y = bt::constant(one_hot);                              // leaves that do not

    bt::tensor<double> z    = bt::tag("logits", matmul(X, W) + b);        // lazy: one node per statement
    bt::tensor<double> loss = mean(logsumexp(z, 1) - sum(Y * z, 1));

    bt::sweep s = reverse(loss, bt::wrt(W, b));                            // names a request, computes nothing
    const double at_first = loss.value()();
    for (int k = 0; k < 200; ++k) {
        s.run();                                                           // forward + reverse, replayed, no allocation
        W -= 0.5 * s.adjoint(W);                                           // any xtensor expression; bumps W's version
        b -= 0.5 * s.adjoint(b);
    }
    // clang-format on
    s.run();
    BOOST_TEST(s.value()() < 0.25 * at_first);
    BOOST_TEST(s.value()() < 0.5);

    const bt::tensor<double> residual = (softmax(z) - Y) / 120.0;
    BOOST_TEST(expect::same(s.value("logits"), z));
    BOOST_TEST(expect::close(s.adjoint("logits"), residual));
    BOOST_TEST(expect::identical(expect::read(s.adjoint(z)), expect::read(s.adjoint("logits"))));

    // clang-format off
    bt::tensor<double> g  = grad(loss, W);                                 // a derivative is a node
    bt::tensor<double> Hv = grad(sum(g * V), W);                           // so it can be differentiated again
    bt::tensor<double> dz = jvp(z, bt::tangent(W, V));                     // forward mode, the same way
    // clang-format on
    BOOST_TEST(expect::close(g, matmul(transpose(X), residual)));
    BOOST_TEST(expect::close(dz, matmul(X, V)));
    const bt::tensor<double> p = softmax(z);
    BOOST_TEST(
        expect::close(Hv, matmul(transpose(X), p * (dz - sum(p * dz, 1, bt::keepdims))) / 120.0));
    BOOST_TEST(expect::close(Hv, hvp(loss, W, V)));

    using namespace bt::literals;
    static_assert(256_MiB == std::size_t{256} << 20);
}

BOOST_AUTO_TEST_SUITE_END()
