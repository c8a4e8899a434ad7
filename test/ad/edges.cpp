// SPDX-License-Identifier: BSD-3-Clause
// Derivatives at singular points: forward and reverse follow one convention, also second order
// where it is finite, and a cotangent that is exactly 0 contributes exactly 0 across statements.
#include <support/expect.hpp>

namespace bt = backtrail;
using bt::infinity;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;

namespace {

using variable = bt::variable<double>;
using tensor = bt::tensor<double>;

/// dy/dx at one point, by both modes.
void check_slope(tensor (*f)(const variable&), double at, double slope)
{
    const variable x(at);
    const tensor y = f(x);
    BOOST_TEST_CONTEXT("at " << at)
    {
        BOOST_TEST(close(grad(y, x), slope));
        BOOST_TEST(close(jvp(y, bt::tangent(x, 1.0)), slope));
    }
}

/// Both partial derivatives at one point, by both modes.
void check_slopes(tensor (*f)(const variable&, const variable&), double a, double b, double value,
                  double by_a, double by_b)
{
    const variable x(a), y(b);
    const tensor z = f(x, y);
    BOOST_TEST_CONTEXT("at " << a << ", " << b)
    {
        BOOST_TEST(same(z, value));
        auto [dx, dy] = grad(z, bt::wrt(x, y));
        BOOST_TEST(same(dx, by_a));
        BOOST_TEST(same(dy, by_b));
        BOOST_TEST(same(jvp(z, bt::tangent(x, 1.0)), by_a));
        BOOST_TEST(same(jvp(z, bt::tangent(y, 1.0)), by_b));
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(ad_edges)

BOOST_AUTO_TEST_CASE(functions_of_one_number)
{
    check_slope([](const variable& x) -> tensor { return abs(x); }, 0.0, 0.0);
    check_slope([](const variable& x) -> tensor { return abs(x); }, -0.0, 0.0);
    check_slope([](const variable& x) -> tensor { return abs(x); }, not_a_number, not_a_number);
    check_slope([](const variable& x) -> tensor { return sqrt(x); }, 0.0, infinity);
    check_slope([](const variable& x) -> tensor { return log(x); }, 0.0, infinity);
    check_slope([](const variable& x) -> tensor { return log(x); }, -1.0, not_a_number);
    check_slope([](const variable& x) -> tensor { return reciprocal(x); }, 0.0, -infinity);
    check_slope([](const variable& x) -> tensor { return 1.0 / x; }, 0.0, -infinity);
    check_slope([](const variable& x) -> tensor { return relu(x); }, 0.0, 0.0);
    check_slope([](const variable& x) -> tensor { return relu(x); }, 1e-300, 1.0);
}

BOOST_AUTO_TEST_CASE(saturating_functions_stay_finite)
{
    check_slope([](const variable& x) -> tensor { return softplus(x); }, 1000.0, 1.0);
    check_slope([](const variable& x) -> tensor { return softplus(x); }, -1000.0, 0.0);
    check_slope([](const variable& x) -> tensor { return sigmoid(x); }, 1000.0, 0.0);
    check_slope([](const variable& x) -> tensor { return sigmoid(x); }, -1000.0, 0.0);
    check_slope([](const variable& x) -> tensor { return tanh(x); }, 1000.0, 0.0);
    check_slope([](const variable& x) -> tensor { return tanh(x); }, -1000.0, 0.0);
    const variable x(reals{1000.0, -1000.0});
    BOOST_TEST(same(softplus(x), reals{1000.0, 0.0}));
    BOOST_TEST(same(sigmoid(x), reals{1.0, 0.0}));
    BOOST_TEST(same(hvp(sum(softplus(x) + sigmoid(x) + tanh(x)), x, 1.0), reals{0.0, 0.0}));
    const variable far(20.0); // 1 - y² has lost every digit here, 1/cosh² has not
    BOOST_TEST(close(grad(tanh(far), far) * std::pow(std::cosh(20.0), 2), 1.0));
}

BOOST_AUTO_TEST_CASE(extrema_of_two)
{
    const auto largest = [](const variable& x, const variable& y) -> tensor {
        return maximum(x, y);
    };
    const auto smallest = [](const variable& x, const variable& y) -> tensor {
        return minimum(x, y);
    };
    check_slopes(largest, 1.0, 1.0, 1.0, 0.5, 0.5);
    check_slopes(smallest, 1.0, 1.0, 1.0, 0.5, 0.5);
    check_slopes(largest, 0.0, -0.0, 0.0, 0.5, 0.5);
    check_slopes(largest, infinity, infinity, infinity, 0.5, 0.5);
    check_slopes(largest, not_a_number, 1.0, not_a_number, 1.0, 0.0);
    check_slopes(largest, 1.0, not_a_number, not_a_number, 0.0, 1.0);
    check_slopes(smallest, not_a_number, 1.0, not_a_number, 1.0, 0.0);
    check_slopes(smallest, 1.0, not_a_number, not_a_number, 0.0, 1.0);
}

BOOST_AUTO_TEST_CASE(powers)
{
    const auto power = [](const variable& x, const variable& y) -> tensor { return pow(x, y); };
    check_slopes(power, 0.0, 0.0, 1.0, 0.0, 0.0);
    check_slopes(power, 0.0, 1.0, 0.0, 1.0, 0.0);
    check_slopes(power, 0.0, 2.0, 0.0, 0.0, 0.0);
    check_slopes(power, 0.0, 0.5, 0.0, infinity, 0.0);
    check_slopes(power, 0.0, -1.0, infinity, -infinity, -infinity);
    check_slopes(power, -2.0, 2.0, 4.0, -4.0, not_a_number);
    const variable x(reals{-2.0, 0.0, 3.0}); // a constant exponent asks for no logarithm
    BOOST_TEST(close(grad(sum(pow(x, 3)), x), reals{12.0, 0.0, 27.0}));
    BOOST_TEST(close(hvp(sum(pow(x, 3)), x, 1.0), reals{-12.0, 0.0, 18.0}));
    BOOST_TEST(close(hvp(sum(pow(x, 2)), x, 1.0), reals{2.0, 2.0, 2.0}));
}

BOOST_AUTO_TEST_CASE(the_branch_not_taken_gets_exactly_nothing)
{
    const variable x(reals{-1.0, 0.0, 4.0});
    const tensor y = where(x > 0.0, sqrt(x), 0.0);
    BOOST_TEST(same(y, reals{0.0, 0.0, 2.0}));
    BOOST_TEST(same(grad(sum(y), x), reals{0.0, 0.0, 0.25}));
    BOOST_TEST(same(jvp(y, bt::tangent(x, 1.0)), reals{0.0, 0.0, 0.25}));
    const tensor z = where(x > 0.0, log(x) / x, x * x);
    BOOST_TEST(close(grad(sum(z), x), reals{-2.0, 0.0, (1.0 - std::log(4.0)) / 16.0}));
    BOOST_TEST(same(hvp(sum(y), x, 1.0), reals{0.0, 0.0, -1.0 / 32.0}));
}

BOOST_AUTO_TEST_CASE(zero_cotangents_are_masked_across_statements)
{
    const variable x(reals{0.0, 4.0});
    const tensor s = sqrt(x); // a node of its own, with an infinite partial
    const tensor y = where(x > 0.0, s, 0.0);
    BOOST_TEST(same(grad(sum(y), x), reals{0.0, 0.25}));
    BOOST_TEST(same(jvp(y, bt::tangent(x, 1.0)), reals{0.0, 0.25}));
    BOOST_TEST(same(grad(sum(grad(sum(y), x)), x), reals{0.0, -1.0 / 32.0}));
    const tensor r = reciprocal(x), l = log(x), p = pow(x, 0.5), d = 1.0 / x;
    const tensor all_four = where(x > 0.0, r + l + p + d, 0.0);
    BOOST_TEST(close(grad(sum(all_four), x), reals{0.0, -0.0625 + 0.25 + 0.25 - 0.0625}));
    for (const tensor& f : {y, all_four}) { // second order, in every mix of modes
        const double expected = grad(sum(grad(sum(f), x)), x).value()(1);
        const tensor onward = jvp(f, bt::tangent(x, 1.0));
        BOOST_TEST(close(grad(sum(grad(sum(f), x)), x), reals{0.0, expected}));
        BOOST_TEST(close(hvp(sum(f), x, 1.0), reals{0.0, expected}));
        BOOST_TEST(close(grad(sum(onward), x), reals{0.0, expected}));
        BOOST_TEST(close(jvp(onward, bt::tangent(x, 1.0)), reals{0.0, expected}));
    }
    // Also where the zero comes from a product, and forward, from a tangent of zero.
    BOOST_TEST(same(grad(sum(s * reals{0.0, 1.0}), x), reals{0.0, 0.25}));
    BOOST_TEST(same(jvp(s, bt::tangent(x, reals{0.0, 1.0})), reals{0.0, 0.25}));
    BOOST_TEST(same(vjp(s, reals{0.0, 1.0}, x), reals{0.0, 0.25}));
}

BOOST_AUTO_TEST_CASE(where_passes_infinite_cotangents_to_the_branch_taken_only)
{
    const variable a(reals{1.0, 2.0}), b(reals{3.0, 4.0});
    const tensor y = where(bt::constant(xt::xarray<bool>{true, false}), a, b);
    auto [da, db] = vjp(y, reals({infinity, not_a_number}), bt::wrt(a, b));
    BOOST_TEST(same(da, reals({infinity, 0.0})));
    BOOST_TEST(same(db, reals({0.0, not_a_number})));
}

BOOST_AUTO_TEST_CASE(reductions_at_ties_in_both_modes_and_twice)
{
    const variable x(reals{2.0, 2.0, 1.0});
    const reals v = {1.0, 3.0, 100.0};
    BOOST_TEST(same(grad(max(x), x), reals{0.5, 0.5, 0.0}));
    BOOST_TEST(same(jvp(max(x), bt::tangent(x, v)), 2.0));
    BOOST_TEST(same(hvp(max(x) * max(x), x, v), reals{2.0, 2.0, 0.0}));
    const variable low(reals{-infinity, -infinity}), high(reals{infinity, 0.0, infinity});
    BOOST_TEST(same(jvp(logsumexp(low), bt::tangent(low, reals{1.0, 1.0})), 0.0));
    BOOST_TEST(same(jvp(logsumexp(high), bt::tangent(high, reals{1.0, 5.0, 3.0})), 2.0));
    const variable masked(reals{0.0, -infinity, 1.0});
    const double p = 1.0 / (1.0 + std::exp(1.0));
    BOOST_TEST(
        close(grad(view(softmax(masked), 0), masked), reals{p - p * p, 0.0, -p * (1.0 - p)}));
    BOOST_TEST(close(jvp(softmax(masked), bt::tangent(masked, reals{1.0, 1.0, 1.0})),
                     reals{0.0, 0.0, 0.0}));
    BOOST_TEST(close(grad(view(log_softmax(masked), 0), masked), reals{1.0 - p, 0.0, p - 1.0}));
}

BOOST_AUTO_TEST_SUITE_END()
