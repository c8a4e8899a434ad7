// SPDX-License-Identifier: BSD-3-Clause
// How an output hangs on an input: the four kinds, and what reading a derivative that does not
// exist says; stop_gradient.
#include <support/expect.hpp>

namespace bt = backtrail;
using bt::connection;
using expect::reals;
using expect::same;
using expect::throws;

BOOST_AUTO_TEST_SUITE(ad_status)

BOOST_AUTO_TEST_CASE(the_four_kinds)
{
    const bt::variable<double> x(reals{1.0, 2.0}), other(reals{1.0, 2.0});
    const bt::variable<std::int64_t> n(xt::xarray<std::int64_t>{1, 2});
    const auto kind = [](const bt::tensor<double>& y, const auto& of) { return bt::status(y, of); };
    BOOST_TEST((kind(sin(x) * 2.0, x) == connection::ok));
    BOOST_TEST((kind(x * 0.0, x) == connection::ok)); // zero, but connected
    BOOST_TEST((kind(x, x) == connection::ok));
    BOOST_TEST((kind(x * 2.0, other) == connection::disconnected));
    BOOST_TEST((kind(bt::constant(1.0), x) == connection::disconnected));
    BOOST_TEST((kind(stop_gradient(x) * 2.0, x) == connection::stopped));
    BOOST_TEST((kind(stop_gradient(x) * x, x) == connection::ok));
    BOOST_TEST((kind(bt::cast<double>(x > 1.0), x) == connection::not_differentiable));
    BOOST_TEST((kind(bt::cast<double>(argmax(x)), x) == connection::not_differentiable));
    BOOST_TEST((kind(where(x > 1.0, other, 0.0), x) == connection::not_differentiable));
    BOOST_TEST((kind(bt::cast<double>(n) * 2.0, n) == connection::not_differentiable));
    BOOST_TEST((bt::to_string(connection::ok) != bt::to_string(connection::stopped)));
}

BOOST_AUTO_TEST_CASE(the_weakest_bar_is_reported)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    // One path is stopped, the other a mask: it is not true that every path passes the stop.
    const bt::tensor<double> mixed = stop_gradient(x) + bt::cast<double>(x > 0.0);
    BOOST_TEST((bt::status(mixed, x) == connection::not_differentiable));
    const bt::tensor<double> both = bt::cast<double>(stop_gradient(x) > 0.0);
    BOOST_TEST((bt::status(both, x) == connection::stopped));
}

BOOST_AUTO_TEST_CASE(derivatives_of_derivatives_have_a_status_too)
{
    const bt::variable<double> x(2.0), y(3.0);
    const bt::tensor<double> g = grad(x * x * y, x);
    BOOST_TEST((bt::status(g, x) == connection::ok));
    BOOST_TEST((bt::status(g, y) == connection::ok));
    BOOST_TEST((bt::status(grad(exp(x), x), y) == connection::disconnected));
}

BOOST_AUTO_TEST_CASE(unconnected_is_not_zero)
{
    const bt::variable<double> x(reals{1.0, 2.0}), other(reals{1.0, 2.0});
    const bt::tensor<double> f = sum(x * stop_gradient(other));
    auto [dx, d_other] = grad(f, bt::wrt(x, other)); // asking throws nothing
    BOOST_TEST(same(dx, reals{1.0, 2.0}));
    BOOST_TEST((d_other.shape() == bt::shape{2}));
    BOOST_TEST(throws<bt::unconnected_error>([&, d = d_other] { (void)d.value(); },
                                             {"stop_gradient", "zero_if_unconnected"}));
    BOOST_TEST(throws<bt::unconnected_error>([&, d = d_other] { (void)(d * 2.0).value(); }));
    const bt::variable<double> stranger(1.0);
    BOOST_TEST(throws<bt::unconnected_error>([&] { (void)grad(f, stranger).value(); },
                                             {"does not depend"}));
    BOOST_TEST(throws<bt::unconnected_error>(
        [&] { (void)grad(sum(bt::cast<double>(x > 0.0)), x).value(); }, {"mask"}));
    BOOST_TEST(throws<bt::unconnected_error>(
        [&] { (void)jvp(f, bt::tangent(stranger, 1.0)).value(); }, {"does not depend"}));
    BOOST_TEST(throws<bt::unconnected_error>(
        [&] { (void)vjp(x * 1.0, reals{1.0, 1.0}, stranger).value(); }));
}

BOOST_AUTO_TEST_CASE(zeros_on_request)
{
    const bt::variable<double> x(reals{1.0, 2.0}), other(reals{{1.0, 2.0}, {3.0, 4.0}});
    const bt::tensor<double> f = sum(x);
    auto [dx, d_other] = grad(f, bt::wrt(x, other), bt::zero_if_unconnected);
    BOOST_TEST(same(dx, reals{1.0, 1.0}));
    BOOST_TEST(same(d_other, reals{{0.0, 0.0}, {0.0, 0.0}}));
    BOOST_TEST(same(grad(f, other, bt::zero_if_unconnected), d_other));
    BOOST_TEST(same(vjp(x, reals{1.0, 1.0}, other, bt::zero_if_unconnected), d_other));
    BOOST_TEST(same(jvp(f, bt::tangent(other, 1.0), bt::zero_if_unconnected), 0.0));
    BOOST_TEST(same(hvp(f, other, 1.0), d_other));
}

BOOST_AUTO_TEST_CASE(a_stop_holds_the_value_and_cuts_the_derivative)
{
    bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> frozen = stop_gradient(x * x);
    BOOST_TEST(same(frozen, reals{1.0, 4.0}));
    BOOST_TEST(same(grad(sum(frozen * x), x), reals{1.0, 4.0}));
    BOOST_TEST(same(jvp(frozen * x, bt::tangent(x, 1.0)), reals{1.0, 4.0}));
    BOOST_TEST(same(grad(sum(frozen * x), frozen), reals{1.0, 2.0})); // itself it has one
    x = 3.0;
    BOOST_TEST(same(frozen, reals{9.0, 9.0}));
}

BOOST_AUTO_TEST_SUITE_END()
