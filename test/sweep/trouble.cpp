// SPDX-License-Identifier: BSD-3-Clause
// Where the first NaN or infinity was made, forward and in reverse; where two runs part; the gradient
// checker at a tag.
#include <support/expect.hpp>

#include <limits>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::throws;

namespace {
using D = bt::tensor<double>;
}

BOOST_AUTO_TEST_SUITE(sweep_trouble)

BOOST_AUTO_TEST_CASE(the_first_one_of_forward_mode)
{
    bt::variable<double> x(reals{{1.0, 2.0}, {3.0, 4.0}});
    const D a = bt::tag("a", x * 2.0);
    const auto line = __LINE__ + 1;
    const D h = log(a) * x;
    bt::tag("h", h);
    bt::sweep s = reverse(sum(where(h > 0.0, h, 0.0)), bt::wrt(x)).trap_nonfinite();
    s.run(); // nothing to report
    x = reals{{1.0, 2.0}, {0.0, 4.0}};
    try {
        s.run();
        BOOST_TEST(false, "nothing was thrown");
    } catch (const bt::nonfinite_error& e) {
        const auto& r = e.report();
        BOOST_TEST(r.tag == "h");
        BOOST_TEST(r.operation == "log");
        BOOST_TEST(!r.is_reverse);
        BOOST_TEST((r.index == std::vector<std::size_t>{1, 0}));
        BOOST_TEST(!std::isfinite(r.value));
        BOOST_TEST(r.place.line == std::uint32_t(line));
        BOOST_TEST_REQUIRE(r.operands.size() == 2u);
        BOOST_TEST(r.operands[0].name == "\"a\"");
        BOOST_TEST(r.operands[0].description == "0");
        const std::string text = e.what();
        BOOST_TEST(text.find("trouble.cpp:" + std::to_string(line)) != text.npos);
    }
    BOOST_TEST(same(s.value("a"), a)); // it can be looked at
    x = 1.0;
    s.run();
    s.trap_nonfinite(false);
    x = 0.0;
    s.run();
}

BOOST_AUTO_TEST_CASE(the_first_one_of_reverse_mode)
{
    bt::variable<double> x(reals{4.0, 0.0});
    const D h = bt::tag("h", sqrt(x));
    bt::sweep s = reverse(sum(h * h * h + h), bt::wrt(x)).trap_nonfinite();
    try {
        s.run(); // the value is fine, the slope of sqrt at 0 is not
        BOOST_TEST(false, "nothing was thrown");
    } catch (const bt::nonfinite_error& e) {
        BOOST_TEST(e.report().is_reverse);
        BOOST_TEST(e.report().tag == "h");
        BOOST_TEST(e.report().operation == "sqrt");
        BOOST_TEST((e.report().index == std::vector<std::size_t>{1}));
        BOOST_TEST(e.report().value == std::numeric_limits<double>::infinity());
    }
}

BOOST_AUTO_TEST_CASE(a_variable_that_holds_one)
{
    bt::variable<double> x(reals{4.0, std::numeric_limits<double>::quiet_NaN()});
    bt::tag("x", x);
    bt::sweep s = reverse(sum(x * x), bt::wrt(x)).keep().trap_nonfinite();
    BOOST_TEST(throws<bt::nonfinite_error>([&] { s.run(); }, {"variable", "\"x\"", "(1)", "nan"}));
}

BOOST_AUTO_TEST_CASE(a_leaf_that_holds_one_that_goes_nowhere)
{
    bt::variable<double> x(reals{4.0, std::numeric_limits<double>::infinity()});
    const D h = where(x < 5.0, x, 0.0);
    bt::sweep s = reverse(sum(h * h), bt::wrt(x)).trap_nonfinite();
    s.run();
    BOOST_TEST(s.value()() == 16.0);
}

BOOST_AUTO_TEST_CASE(finite_numbers_whose_sum_is_not)
{
    const bt::variable<double> x(reals{1.5e308, 1.5e308, -1.0});
    const D h = x * 1.0;
    bt::sweep s = reverse(sum(h / 1e300), bt::wrt(x)).trap_nonfinite();
    s.run();
    const bt::variable<float> y(xt::xarray<float>{3e38F, 3e38F});
    bt::sweep t = reverse(sum(bt::tensor<float>(y * 1.0F) / 1e30F), bt::wrt(y)).trap_nonfinite();
    t.run();
}

BOOST_AUTO_TEST_CASE(a_trap_watches_in_the_passes_that_are_there)
{
    const std::size_t n = 300, m = 40;
    const bt::variable<double> x(0.5 * xt::ones<double>({n, m})), b(xt::zeros<double>({m}));
    D h = x + b; // its reverse adds up columns
    for (int k = 0; k < 12; ++k) h = tanh(h * 1.5);
    bt::sweep s = reverse(sum(square(h)), bt::wrt(x, b)).keep();
    const auto steps = [&] {
        const std::string table = s.explain();
        return std::count(table.begin(), table.end(), '\n');
    };
    const auto untrapped = steps();
    const std::size_t bytes = s.peak_bytes();
    s.trap_nonfinite();
    BOOST_TEST(steps() == untrapped + 2); // the two sums are looked at once they are complete
    BOOST_TEST(s.peak_bytes() < bytes + n * m * sizeof(double)); // no array more
}

BOOST_AUTO_TEST_CASE(the_first_tag_where_two_runs_part)
{
    bt::variable<double> x(reals{1.0, 2.0}), w(reals{0.5, 3.0});
    const D a = bt::tag("a", x * 2.0), b = bt::tag("b", a * w), c = bt::tag("c", b + a);
    bt::sweep s = reverse(sum(c * c), bt::wrt(x));
    s.run();
    const bt::run_record first = s;
    s.run();
    BOOST_TEST(!diff(first, s));
    w = reals{0.5, 3.5};
    s.run();
    const bt::difference d = diff(first, s);
    BOOST_TEST(bool(d));
    BOOST_TEST(d.path == "b"); // a does not depend on w; c, and all adjoints, come later
    BOOST_TEST(!d.is_adjoint);
    BOOST_TEST((d.index == std::vector<std::size_t>{1}));
    BOOST_TEST(d.first == 12.0);
    BOOST_TEST(d.second == 14.0);
    BOOST_TEST(d.message.find("the value of \"b\" at (1) is 12, and then 14") == 0u);
    BOOST_TEST(!diff(first, s, 0.5));
    bt::sweep other = reverse(sum(c * c * 2.0), bt::wrt(x));
    other.run();
    const bt::difference e = diff(s, other); // the same values, another loss
    BOOST_TEST(e.is_adjoint);
    BOOST_TEST(e.path == "c");
    bt::sweep none = reverse(sum(c * c), bt::wrt(x)).keep();
    none.run();
    BOOST_TEST(throws<bt::tag_error>([&] { (void)diff(s, none); }, {"in common"}));
}

BOOST_AUTO_TEST_CASE(the_gradient_checker_at_a_tag)
{
    const bt::variable<double> x(reals{0.5, -1.0, 2.0});
    const D h = bt::tag("h", tanh(x));
    const D loss = sum(exp(h) * h + h * x);
    BOOST_TEST(check_gradient(loss, "h").message == "ok");
    BOOST_TEST(check_gradient(loss, h).message == "ok");
    BOOST_TEST(!check_gradient(sum(h * stop_gradient(h)), "h")); // its adjoint is not its slope
    BOOST_TEST(throws<bt::tag_error>([&] { (void)check_gradient(loss, "g"); }, {"\"h\""}));
}

BOOST_AUTO_TEST_SUITE_END()
