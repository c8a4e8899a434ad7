// SPDX-License-Identifier: BSD-3-Clause
// The gradient checker: passes on composite functions of several shapes, in double and float, in
// both its forms, and fails on derivatives that are wrong.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

reals waves(const std::vector<std::size_t>& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(1.1 * double(i) + phase);
    return a;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ad_check_gradient)

BOOST_AUTO_TEST_CASE(passes_on_composites_of_several_shapes)
{
    using list = std::vector<std::size_t>;
    for (const list& s : {list{}, list{1}, list{7}, list{3, 5}, list{2, 3, 4}, list{2, 0, 3}}) {
        const auto report = bt::check_gradient(
            [](auto x, auto y) { return tanh(x * y) + exp(-x * x) / (1.5 + y * y); }, waves(s),
            waves(s, 0.4));
        BOOST_TEST(report.ok, report.message);
        BOOST_TEST(bool(report) == report.ok);
        BOOST_TEST(report.message == "ok");
    }
    for (const list& s : {list{2, 3}, list{5, 1}, list{4, 4}}) {
        const auto report = bt::check_gradient(
            [](auto x) {
                const bt::tensor<double> c = x - mean(x, 0, bt::keepdims);
                const bt::tensor<double> g = matmul(transpose(c), c);
                return logsumexp(concatenate(0, softmax(g) * g, g * 0.5), 1);
            },
            waves(s));
        BOOST_TEST(report.ok, report.message);
    }
}

BOOST_AUTO_TEST_CASE(passes_in_float)
{
    const auto report = bt::check_gradient([](auto x) { return sum(sin(x) * x); },
                                           xt::xarray<float>(xt::cast<float>(waves({4, 3}))));
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(of_a_tensor_in_a_graph_at_its_present_point)
{
    bt::variable<double> x(waves({3})), w(waves({2, 3}, 1.0));
    const bt::tensor<double> y = sigmoid(w * x) - square(x);
    BOOST_TEST(bt::check_gradient(y, bt::wrt(x, w)).ok);
    BOOST_TEST(same(x, waves({3}))); // put back
    BOOST_TEST(same(w, waves({2, 3}, 1.0)));
    bt::check_gradient_options options;
    options.directions = 5;
    options.seed = 3;
    options.second_order = false;
    const auto report = bt::check_gradient(y, bt::wrt(x), options);
    BOOST_TEST(report.ok, report.message);
    BOOST_TEST(report.second_order_error == 0.0);
    BOOST_TEST(throws<bt::value_error>([&] { (void)bt::check_gradient(y, bt::wrt(y)); },
                                       {"[check_gradient]", "variables"}));
}

BOOST_AUTO_TEST_CASE(fails_where_the_derivative_is_wrong)
{
    // Differences see through a stop, derivatives do not.
    const auto wrong = bt::check_gradient([](auto x) { return x * stop_gradient(x); }, waves({4}));
    BOOST_TEST(!wrong.ok);
    BOOST_TEST(!bool(wrong));
    BOOST_TEST(wrong.difference_error > 0.01);
    BOOST_TEST(wrong.adjoint_error < 1e-11); // both modes are wrong alike
    BOOST_TEST(wrong.message.find("differences") != std::string::npos);
    // Right in first order, wrong in second.
    const auto second = bt::check_gradient(
        [](auto x) {
            const bt::tensor<double> c = stop_gradient(x);
            return (x - c) * exp(c) + stop_gradient(exp(x));
        },
        waves({4}));
    BOOST_TEST(!second.ok);
    BOOST_TEST(second.difference_error < 1e-6);
    BOOST_TEST(second.second_order_error > 0.01);
}

BOOST_AUTO_TEST_CASE(fails_at_a_kink_and_on_nan)
{
    BOOST_TEST(!bt::check_gradient([](auto x) { return abs(x - 1e-5); }, reals{0.0, 0.0}).ok);
    BOOST_TEST(!bt::check_gradient([](auto x) { return sqrt(x); }, reals{-1.0}).ok);
}

BOOST_AUTO_TEST_SUITE_END()
