// SPDX-License-Identifier: BSD-3-Clause
// Reverse mode: gradients and vector-Jacobian products against analytic ones, with respect to
// variables, intermediates and lists; and the errors of both.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

BOOST_AUTO_TEST_SUITE(ad_reverse)

BOOST_AUTO_TEST_CASE(a_gradient_is_a_tensor_and_runs_nothing)
{
    bt::variable<double> x(reals{1.0, 2.0, 3.0});
    const bt::tensor<double> f = sum(x * x * x), g = grad(f, x);
    BOOST_TEST(close(g, reals{3.0, 12.0, 27.0}));
    x = reals{0.0, 1.0, -1.0}; // follows the variable
    BOOST_TEST(close(g, reals{0.0, 3.0, 3.0}));
    BOOST_TEST(close(sum(g * 2.0) + f, 12.0));
}

BOOST_AUTO_TEST_CASE(several_inputs_in_the_order_asked_for)
{
    const bt::variable<double> a(reals{1.0, 2.0}), b(reals{3.0, -1.0});
    const bt::variable<float> c(0.5f);
    const bt::tensor<double> f = sum(a * a * b * bt::cast<double>(c));
    auto [db, dc, da] = grad(f, bt::wrt(b, c, a));
    static_assert(std::is_same_v<decltype(dc), bt::tensor<float>>);
    BOOST_TEST(close(da, reals{3.0, -2.0}));
    BOOST_TEST(close(db, reals{0.5, 2.0}));
    BOOST_TEST(close(dc, -1.0));
    const std::vector<bt::variable<double>> list = {a, b, a};
    const std::vector<bt::tensor<double>> gradients = grad(f, bt::wrt(list));
    BOOST_TEST_REQUIRE(gradients.size() == 3u);
    BOOST_TEST(close(gradients[0], da));
    BOOST_TEST(close(gradients[1], db));
    BOOST_TEST(close(gradients[2], da));
}

BOOST_AUTO_TEST_CASE(cotangents_of_any_form)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> y = x * x;
    const bt::variable<double> w(reals{10.0, 1.0});
    BOOST_TEST(close(vjp(y, reals{10.0, 1.0}, x), reals{20.0, 4.0}));
    BOOST_TEST(close(vjp(y, 2.0 * reals{5.0, 0.5}, x), reals{20.0, 4.0}));
    BOOST_TEST(close(vjp(y, w, x), reals{20.0, 4.0}));
    BOOST_TEST(close(vjp(y, w * 2.0, x), reals{40.0, 8.0}));
    // The cotangent is part of the graph too.
    BOOST_TEST(close(grad(sum(vjp(y, w, x)), w), reals{2.0, 4.0}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)vjp(y, reals{1.0, 2.0, 3.0}, x); }, {"(3,)", "(2,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)vjp(y, bt::constant(reals{1.0, 2.0, 3.0}), x); },
                                       {"[vjp]", "(3,)", "(2,)"}));
    const bt::variable<float> single(xt::xarray<float>{1.0f, 2.0f}); // types never mix silently
    BOOST_TEST(
        throws<bt::dtype_error>([&] { (void)vjp(y, single, x).value(); }, {"float", "double"}));
}

BOOST_AUTO_TEST_CASE(only_numbers_have_a_gradient)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    BOOST_TEST(throws<bt::shape_error>([&] { (void)grad(x * 2.0, x); }, {"[grad]", "(2,)", "vjp"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)reverse(x * 2.0, bt::wrt(x)); },
                                       {"[reverse]", "(2,)", "vjp"}));
    const bt::variable<double> single(expect::table({1, 1}, {3.0})); // one element will do
    BOOST_TEST(close(grad(single * single, single), expect::table({1, 1}, {6.0})));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)grad(sum(x > 1.0), x); }, {"[grad]", "int64"}));
    const bt::tensor<bool> flag = view(x, 0) > 0.0;
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)grad(flag, x); }, {"bool"}));
}

BOOST_AUTO_TEST_CASE(with_respect_to_intermediates)
{
    const bt::variable<double> x(reals{0.5, 1.0});
    const bt::tensor<double> h = exp(x), k = h * h, f = sum(k * h);
    BOOST_TEST(close(grad(f, k), h));
    BOOST_TEST(close(grad(f, h), 3.0 * h * h)); // the total, through k as well
    BOOST_TEST(close(grad(f, x), 3.0 * h * h * h));
    BOOST_TEST(close(grad(f, f), 1.0));
    // All at once: an input that depends on another changes neither's total.
    auto [dk, dh, dx] = grad(f, bt::wrt(k, h, x));
    BOOST_TEST(close(dk, h));
    BOOST_TEST(close(dh, 3.0 * h * h));
    BOOST_TEST(close(dx, 3.0 * h * h * h));
}

BOOST_AUTO_TEST_CASE(adjoints_of_shared_tensors_add_up)
{
    const bt::variable<double> x(reals{{1.0, 2.0}, {3.0, 4.0}});
    const bt::tensor<double> h = x * 1.0;
    const bt::tensor<double> f = sum(h) + 2.0 * sum(view(h, 0)) + 3.0 * sum(transpose(h) * h) +
                                 sum(concatenate(0, h, h)) + sum(max(h, 1));
    // 1 + 2 [row 0] + 6 h^T + 2 + [largest]
    const reals expected = {{1 + 2 + 6 + 2, 1 + 2 + 18 + 2 + 1}, {1 + 12 + 2, 1 + 24 + 2 + 1}};
    BOOST_TEST(close(grad(f, h), expected));
    BOOST_TEST(close(grad(f, x), expected));
}

BOOST_AUTO_TEST_CASE(a_network_by_hand)
{
    const reals input = {{1.0, -1.0, 0.5}, {0.0, 2.0, 1.0}}, target = {{1.0, 0.0}, {0.0, 1.0}};
    const bt::variable<double> W(reals{{0.1, 0.2}, {-0.3, 0.4}, {0.5, -0.6}}),
        b(reals{0.01, -0.02});
    const bt::tensor<double> z = matmul(input, W) + b, a = tanh(z);
    const bt::tensor<double> f = mean(square(a - target));
    auto [dW, db] = grad(f, bt::wrt(W, b));
    // 2 (a - t) / 4 / cosh²z, pulled through the product.
    const bt::tensor<double> z_bar = (a - target) * 0.5 * (1.0 - a * a);
    BOOST_TEST(close(dW, matmul(xt::transpose(input), z_bar)));
    BOOST_TEST(close(db, sum(z_bar, 0)));
}

BOOST_AUTO_TEST_CASE(value_and_gradient_together)
{
    const bt::variable<double> x(reals{1.0, 2.0}), y(reals{3.0, 4.0});
    const auto [v, g] = bt::value_and_grad([](const auto& a) { return sum(a * a); })(x);
    BOOST_TEST(same(v, 5.0));
    BOOST_TEST(same(g, reals{2.0, 4.0}));
    const auto [w, both] =
        bt::value_and_grad([](const auto& a, const auto& b) { return sum(a * b); })(x, y);
    BOOST_TEST(same(w, 11.0));
    BOOST_TEST(same(std::get<0>(both), y));
    BOOST_TEST(same(std::get<1>(both), x));
}

BOOST_AUTO_TEST_SUITE_END()
