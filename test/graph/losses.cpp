// SPDX-License-Identifier: BSD-3-Clause
// Losses that compare element by element: values at both sides of every bend, derivatives at the
// singular points in both modes, reductions, and errors.
#include <support/expect.hpp>

namespace bt = backtrail;
using bt::infinity;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

/// The derivatives of a sum of terms by both modes, which must agree.
void check_slopes(const bt::tensor<double>& terms, const bt::variable<double>& x,
                  const reals& slopes)
{
    BOOST_TEST(close(grad(sum(terms), x), slopes));
    BOOST_TEST(close(jvp(terms, bt::tangent(x, xt::ones<double>(x.shape()))), slopes));
}

reals waves(const std::vector<std::size_t>& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(1.1 * double(i) + phase);
    return a;
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_losses)

BOOST_AUTO_TEST_CASE(reductions)
{
    const bt::variable<double> x(reals{{1.0, 2.0, -3.0}, {0.0, 4.0, 2.0}});
    const auto by = [&](bt::reduction how) { return l1_loss(x, 1.0, how); };
    BOOST_TEST(same(by(bt::reduction::none), reals{{0.0, 1.0, 4.0}, {1.0, 3.0, 1.0}}));
    BOOST_TEST(same(by(bt::reduction::sum), 10.0));
    BOOST_TEST(same(by(bt::reduction::mean), 10.0 / 6.0));
    BOOST_TEST(same(by(bt::reduction::batch_mean), 5.0));
    BOOST_TEST(same(l1_loss(x, 1.0), 10.0 / 6.0));
    const bt::variable<double> point(3.0), nothing(reals(reals::from_shape({0, 2})));
    BOOST_TEST(same(l1_loss(point, 1.0, bt::reduction::batch_mean), 2.0));
    BOOST_TEST(same(l1_loss(nothing, 1.0), not_a_number));
    BOOST_TEST(same(l1_loss(nothing, 1.0, bt::reduction::sum), 0.0));
    BOOST_TEST(same(mean_squared_error(x, 1.0, bt::reduction::batch_mean), 14.0));
}

BOOST_AUTO_TEST_CASE(absolute_differences)
{
    const bt::variable<double> x(reals{2.0, 2.0, -1.0}), y(reals{5.0, 2.0, -4.0});
    const bt::tensor<double> terms = l1_loss(x, y, bt::reduction::none);
    BOOST_TEST(same(terms, reals{3.0, 0.0, 3.0}));
    check_slopes(terms, x, reals{-1.0, 0.0, 1.0});
    check_slopes(terms, y, reals{1.0, 0.0, -1.0});
    BOOST_TEST(same(l1_loss(x, reals{5.0, 2.0, -4.0}), 2.0)); // an xtensor array
}

BOOST_AUTO_TEST_CASE(smooth_l1_on_both_sides_of_beta)
{
    const bt::variable<double> x(reals{0.0, 0.2, -0.2, 0.5, -3.0, not_a_number});
    const bt::smooth_l1_options options{.reduction = bt::reduction::none, .beta = 0.5};
    const bt::tensor<double> terms = smooth_l1_loss(x, 0.0, options);
    BOOST_TEST(close(terms, reals({0.0, 0.04, 0.04, 0.25, 2.75, not_a_number})));
    check_slopes(terms, x, reals({0.0, 0.4, -0.4, 1.0, -1.0, not_a_number}));
    BOOST_TEST(
        close(view(hvp(sum(terms), x, 1.0), xt::range(0, 5)), reals{2.0, 2.0, 2.0, 0.0, 0.0}));
    BOOST_TEST(same(smooth_l1_loss(view(x, xt::range(0, 5)), 0.0, {.beta = 0}),
                    l1_loss(view(x, xt::range(0, 5)), 0.0)));
    BOOST_TEST(same(smooth_l1_loss(bt::constant(3.0), 0.0), 2.5)); // beta = 1
    BOOST_TEST(throws<bt::value_error>([&] { (void)smooth_l1_loss(x, 0.0, {.beta = -1}); },
                                       {"[smooth_l1_loss] beta", "-1"}));
}

BOOST_AUTO_TEST_CASE(huber_on_both_sides_of_delta)
{
    const bt::variable<double> x(reals{0.0, 0.2, -0.2, 0.5, -3.0, not_a_number});
    const bt::huber_options options{.reduction = bt::reduction::none, .delta = 0.5};
    const bt::tensor<double> terms = huber_loss(0.0, x, options);
    BOOST_TEST(close(terms, reals({0.0, 0.02, 0.02, 0.125, 1.375, not_a_number})));
    check_slopes(terms, x, reals({0.0, 0.2, -0.2, 0.5, -0.5, not_a_number}));
    BOOST_TEST(
        close(view(hvp(sum(terms), x, 1.0), xt::range(0, 5)), reals{1.0, 1.0, 1.0, 1.0, 0.0}));
    BOOST_TEST(same(huber_loss(bt::constant(3.0), 0.0), 2.5)); // delta = 1
    BOOST_TEST(throws<bt::value_error>([&] { (void)huber_loss(x, 0.0, {.delta = 0}); },
                                       {"[huber_loss] delta"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)huber_loss(x, 0.0, {.delta = not_a_number}); }));
}

BOOST_AUTO_TEST_CASE(divergence_of_distributions)
{
    const reals p = {0.0, 0.5, 0.5, 0.0},
                log_q = {std::log(0.25), std::log(0.5), std::log(0.25), -infinity};
    const bt::variable<double> x(log_q), y(p);
    const bt::kl_div_options each{.reduction = bt::reduction::none};
    const bt::tensor<double> terms = kl_div(x, y, each);
    BOOST_TEST(close(terms, reals{0.0, 0.0, 0.5 * std::log(2.0), 0.0}));
    check_slopes(terms, x, reals{0.0, -0.5, -0.5, 0.0});
    check_slopes(terms, y, reals{std::log(4.0), 1.0, 1.0 + std::log(2.0), 0.0});
    const bt::variable<double> log_p(reals{-infinity, std::log(0.5), std::log(0.5), -infinity});
    const bt::tensor<double> of_logs =
        kl_div(x, log_p, {.reduction = bt::reduction::none, .log_target = true});
    BOOST_TEST(close(of_logs, terms));
    check_slopes(of_logs, x, reals{0.0, -0.5, -0.5, 0.0});
    check_slopes(of_logs, log_p, reals{0.0, 0.5, 0.5 + 0.5 * std::log(2.0), 0.0});
    BOOST_TEST(close(
        kl_div(reshape(x, {2, 2}), reshape(y, {2, 2}), {.reduction = bt::reduction::batch_mean}),
        0.25 * std::log(2.0)));
}

BOOST_AUTO_TEST_CASE(hinges)
{
    const bt::variable<double> x(reals{0.25, -0.5, 1.0, -2.0});
    const reals y = {1.0, 1.0, 1.0, -1.0};
    const bt::tensor<double> terms = hinge_loss(x, y, bt::reduction::none);
    BOOST_TEST(same(terms, reals{0.75, 1.5, 0.0, 0.0}));
    check_slopes(terms, x, reals{-1.0, -1.0, 0.0, 0.0});
}

BOOST_AUTO_TEST_CASE(derivatives_of_any_order)
{
    const auto check = [](auto f) {
        const auto report = bt::check_gradient(f, waves({2, 3}), waves({2, 3}, 0.7));
        BOOST_TEST(report.ok, report.message);
    };
    check([](auto x, auto y) { return mean_squared_error(x, sin(y)); });
    check([](auto x, auto y) { return l1_loss(x * x, y - 2.0); });
    check([](auto x, auto y) { return smooth_l1_loss(x * 3.0, y * y, {.beta = 0.7}); });
    check([](auto x, auto y) { return huber_loss(x * 3.0, y * y, {.delta = 0.7}); });
    check([](auto x, auto y) { return kl_div(log_softmax(x), softmax(y)); });
    check([](auto x, auto y) { return kl_div(x, y, {.log_target = true}); });
    check([](auto x, auto y) { return hinge_loss(x * x, y); });
}

BOOST_AUTO_TEST_CASE(in_float)
{
    const bt::variable<float> x(xt::xarray<float>{0.5f, -2.0f}), y(xt::xarray<float>{0.25f, 2.0f});
    static_assert(std::is_same_v<decltype(huber_loss(x, y))::value_type, float>);
    BOOST_TEST(close(huber_loss(x, y), (0.03125 + 3.5) / 2, expect::float_rounding));
    BOOST_TEST(close(smooth_l1_loss(x, y), (0.03125 + 3.5) / 2, expect::float_rounding));
    BOOST_TEST(close(kl_div(x, exp(y)), mean(exp(y) * (y - x)), expect::float_rounding));
}

BOOST_AUTO_TEST_CASE(shapes_do_not_broadcast)
{
    const bt::variable<double> x(waves({3, 1})), y(waves({3}));
    const auto refused = [&](auto loss, const char* name) {
        return throws<bt::shape_error>([&] { (void)loss(x, y); }, {name, "(3, 1)", "(3,)"});
    };
    BOOST_TEST(
        refused([](auto a, auto b) { return mean_squared_error(a, b); }, "[mean_squared_error]"));
    BOOST_TEST(refused([](auto a, auto b) { return l1_loss(a, b); }, "[l1_loss]"));
    BOOST_TEST(refused([](auto a, auto b) { return smooth_l1_loss(a, b); }, "[smooth_l1_loss]"));
    BOOST_TEST(refused([](auto a, auto b) { return huber_loss(a, b); }, "[huber_loss]"));
    BOOST_TEST(refused([](auto a, auto b) { return kl_div(a, b); }, "[kl_div]"));
    BOOST_TEST(refused([](auto a, auto b) { return hinge_loss(a, b); }, "[hinge_loss]"));
    BOOST_TEST(refused([](auto a, auto b) { return binary_cross_entropy(a, b); },
                       "[binary_cross_entropy]"));
}

BOOST_AUTO_TEST_SUITE_END()
