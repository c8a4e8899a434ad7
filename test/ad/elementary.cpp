// SPDX-License-Identifier: BSD-3-Clause
// Roots, powers, logarithms, inverse functions and rounding at their singular points: both modes alike,
// finite second derivatives, and zero cotangents that stay zero beside infinite partials.
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
using function = tensor (*)(const variable&);
using function_of_two = tensor (*)(const variable&, const variable&);

/// f, f' and f'' at one point, the derivatives by every mix of modes.
void check_at(function f, double at, double value, double slope, double curvature)
{
    const variable x(at);
    const tensor y = f(x), y_dot = jvp(y, bt::tangent(x, 1.0)), x_bar = grad(y, x);
    BOOST_TEST_CONTEXT("at " << at)
    {
        BOOST_TEST(close(y, value));
        BOOST_TEST(close(x_bar, slope));
        BOOST_TEST(close(y_dot, slope));
        BOOST_TEST(close(grad(x_bar, x), curvature));
        BOOST_TEST(close(jvp(x_bar, bt::tangent(x, 1.0)), curvature));
        BOOST_TEST(close(grad(y_dot, x), curvature));
        BOOST_TEST(close(jvp(y_dot, bt::tangent(x, 1.0)), curvature));
    }
}

/// The Hessian of a function of two numbers, as (xx, xy, yx, yy).
reals hessian_at(function_of_two f, double a, double b)
{
    const variable x(a), y(b);
    auto [by_x, by_y] = grad(f(x, y), bt::wrt(x, y));
    const auto number = [](const tensor& t) { return t.value()(); };
    const auto both = [&](const tensor& t) {
        auto [dx, dy] = grad(t, bt::wrt(x, y));
        return std::pair(number(dx), number(dy));
    };
    const auto [xx, xy] = both(by_x);
    const auto [yx, yy] = both(by_y);
    const reals forward = {
        number(jvp(by_x, bt::tangent(x, 1.0))), number(jvp(by_x, bt::tangent(y, 1.0))),
        number(jvp(by_y, bt::tangent(x, 1.0))), number(jvp(by_y, bt::tangent(y, 1.0)))};
    const reals reverse = {xx, xy, yx, yy};
    BOOST_TEST(close(forward, reverse));
    return reverse;
}

/// A zero cotangent through f at a singular point gives zero, at first and at second order.
void check_masked(function f, double singular, double regular)
{
    const variable x(reals{singular, regular});
    const tensor y = f(x);
    const tensor kept = where(bt::constant(xt::xarray<bool>{false, true}), y, 0.0);
    const tensor x_bar = grad(sum(kept), x);
    const tensor y_dot = jvp(kept, bt::tangent(x, 1.0));
    BOOST_TEST_CONTEXT("at " << singular)
    {
        BOOST_TEST(x_bar.value()(0) == 0.0);
        BOOST_TEST(y_dot.value()(0) == 0.0);
        BOOST_TEST(grad(sum(x_bar), x).value()(0) == 0.0);
        BOOST_TEST(hvp(sum(kept), x, 1.0).value()(0) == 0.0);
        BOOST_TEST(grad(sum(y_dot), x).value()(0) == 0.0);
        BOOST_TEST(std::isfinite(grad(sum(x_bar), x).value()(1)));
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(ad_elementary)

BOOST_AUTO_TEST_CASE(second_derivatives_at_hard_points)
{
    constexpr double pi = 3.141592653589793;
    check_at([](const variable& x) -> tensor { return sinc(x); }, 0.0, 1.0, 0.0, -pi* pi / 3);
    check_at([](const variable& x) -> tensor { return sinc(x); }, 1e-9, 1.0, -1e-9 * pi * pi / 3,
             -pi * pi / 3);
    check_at([](const variable& x) -> tensor { return sinc(x); }, 2.0, 0.0, 0.5, -0.5);
    check_at([](const variable& x) -> tensor { return atan(x); }, infinity, pi / 2, 0.0, 0.0);
    check_at([](const variable& x) -> tensor { return asinh(x); }, 1e200, 461.2101657793691, 0.0,
             0.0);
    check_at([](const variable& x) -> tensor { return asin(x); }, 0.6, std::asin(0.6), 1.25,
             1.171875);
    check_at([](const variable& x) -> tensor { return acos(x); }, 0.6, std::acos(0.6), -1.25,
             -1.171875);
    check_at([](const variable& x) -> tensor { return acosh(x); }, 1.25, 0.6931471805599453,
             4.0 / 3, -1.25 * std::pow(4.0 / 3, 3));
    check_at([](const variable& x) -> tensor { return atanh(x); }, 0.5, std::atanh(0.5), 4.0 / 3,
             16.0 / 9);
    check_at([](const variable& x) -> tensor { return logit(x); }, 0.5, 0.0, 4.0, 0.0);
    check_at([](const variable& x) -> tensor { return entr(x); }, 1.0, 0.0, -1.0, -1.0);
    check_at([](const variable& x) -> tensor { return cbrt(x); }, -8.0, -2.0, 1.0 / 12, 1.0 / 144);
    check_at([](const variable& x) -> tensor { return log2(x); }, 0.5, -1.0, 2 / std::log(2.0),
             -4 / std::log(2.0));
    check_at([](const variable& x) -> tensor { return round(x); }, 0.5, 0.0, 0.0, 0.0);
    check_at([](const variable& x) -> tensor { return frac(x); }, -2.75, -0.75, 1.0, 0.0);
    check_at([](const variable& x) -> tensor { return floor(x); }, not_a_number, not_a_number,
             not_a_number, 0.0);
}

BOOST_AUTO_TEST_CASE(sinc_to_the_sixth_order)
{
    constexpr double pi = 3.141592653589793;
    for (const double at : {0.0, 0.3}) {
        const variable x(at);
        tensor y = sinc(x);
        for (int order = 0; order < 6; ++order) y = grad(y, x);
        // -pi⁶ ∫ u⁶ cos(pi x u) du over [0, 1], by Simpson's rule
        constexpr int n = 2000;
        double integral = 0;
        for (int i = 0; i <= n; ++i) {
            const double u = double(i) / n, weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
            integral += weight * std::pow(u, 6) * std::cos(pi * at * u) / (3.0 * n);
        }
        BOOST_TEST(close(y, -std::pow(pi, 6) * integral, 1e-9));
    }
}

BOOST_AUTO_TEST_CASE(powers_of_literals)
{
    const variable x(reals{-2.0, 0.0, 3.0});
    BOOST_TEST(same(pow(x, 2.0), reals{4.0, 0.0, 9.0}));
    BOOST_TEST(same(pow(x, 3.0), reals{-8.0, 0.0, 27.0}));
    BOOST_TEST(same(pow(x, 5.0), reals{-32.0, 0.0, 243.0}));
    BOOST_TEST(same(pow(x, -1.0), reals{-0.5, infinity, 1.0 / 3}));
    BOOST_TEST(same(pow(x, 0.5), reals{not_a_number, 0.0, std::sqrt(3.0)}));
    BOOST_TEST(same(pow(x, 0.0), reals{1.0, 1.0, 1.0}));
    BOOST_TEST(same(grad(sum(pow(x, 2.0)), x), reals{-4.0, 0.0, 6.0}));
    BOOST_TEST(same(grad(sum(pow(x, 1.0)), x), reals{1.0, 1.0, 1.0}));
    BOOST_TEST(same(grad(sum(pow(x, 0.0)), x), reals{0.0, 0.0, 0.0}));
    BOOST_TEST(same(grad(sum(pow(x, 4)), x), reals{-32.0, 0.0, 108.0}));
    BOOST_TEST(same(hvp(sum(pow(x, 1.0)), x, 1.0), reals{0.0, 0.0, 0.0}));
    BOOST_TEST(same(hvp(sum(pow(x, 4.0)), x, 1.0), reals{48.0, 0.0, 108.0}));
    const variable large(1e10), huge(1e300); // y - 1 rounded would cost digits
    BOOST_TEST(close(grad(pow(large, 0.3), large) * 1e7, 0.3));
    BOOST_TEST(close(grad(pow(huge, 0.1), huge) * 1e270, 0.1));
}

BOOST_AUTO_TEST_CASE(second_derivatives_of_functions_of_two)
{
    const auto length = [](const variable& x, const variable& y) -> tensor { return hypot(x, y); };
    BOOST_TEST(same(hessian_at(length, 0.0, 0.0), reals{0.0, 0.0, 0.0, 0.0}));
    BOOST_TEST(close(hessian_at(length, 3.0, 4.0), reals{0.128, -0.096, -0.096, 0.072}));
    const auto angle = [](const variable& y, const variable& x) -> tensor { return atan2(y, x); };
    BOOST_TEST(same(hessian_at(angle, 0.0, 0.0), reals{0.0, 0.0, 0.0, 0.0}));
    BOOST_TEST(close(hessian_at(angle, 1.0, -2.0), reals{0.16, -0.12, -0.12, -0.16}));
    const auto product = [](const variable& x, const variable& y) -> tensor { return xlogy(x, y); };
    BOOST_TEST(same(hessian_at(product, 0.0, 2.0), reals{0.0, 0.5, 0.5, 0.0}));
    BOOST_TEST(same(hessian_at(product, 0.0, 0.0), reals{0.0, 0.0, 0.0, 0.0}));
    const auto shifted = [](const variable& x, const variable& y) -> tensor {
        return xlog1py(x, y);
    };
    BOOST_TEST(same(hessian_at(shifted, 0.0, 1.0), reals{0.0, 0.5, 0.5, 0.0}));
    BOOST_TEST(same(hessian_at(shifted, 0.0, -1.0), reals{0.0, 0.0, 0.0, 0.0}));
    const auto soft = [](const variable& x, const variable& y) -> tensor {
        return logaddexp(x, y);
    };
    BOOST_TEST(close(hessian_at(soft, 900.0, 900.0), reals{0.25, -0.25, -0.25, 0.25}));
    BOOST_TEST(same(hessian_at(soft, -infinity, -infinity), reals{0.0, 0.0, 0.0, 0.0}));
    const auto power = [](const variable& x, const variable& y) -> tensor { return pow(x, y); };
    const double l = std::log(2.0);
    BOOST_TEST(close(hessian_at(power, 2.0, 3.0), reals{12.0, 4 + 12 * l, 4 + 12 * l, 8 * l * l}));
    const auto rest = [](const variable& x, const variable& y) -> tensor { return fmod(x, y); };
    BOOST_TEST(same(hessian_at(rest, 7.5, 2.0), reals{0.0, 0.0, 0.0, 0.0}));
}

BOOST_AUTO_TEST_CASE(zero_cotangents_beside_infinite_partials)
{
    check_masked([](const variable& x) -> tensor { return rsqrt(x); }, 0.0, 4.0);
    check_masked([](const variable& x) -> tensor { return cbrt(x); }, 0.0, 8.0);
    check_masked([](const variable& x) -> tensor { return log2(x); }, 0.0, 8.0);
    check_masked([](const variable& x) -> tensor { return log10(x); }, 0.0, 8.0);
    check_masked([](const variable& x) -> tensor { return logit(x); }, 0.0, 0.25);
    check_masked([](const variable& x) -> tensor { return logit(x); }, 1.0, 0.25);
    check_masked([](const variable& x) -> tensor { return entr(x); }, 0.0, 0.25);
    check_masked([](const variable& x) -> tensor { return xlogy(x, x); }, 0.0, 0.25);
    check_masked([](const variable& x) -> tensor { return asin(x); }, 1.0, 0.25);
    check_masked([](const variable& x) -> tensor { return acos(x); }, -1.0, 0.25);
    check_masked([](const variable& x) -> tensor { return acosh(x); }, 1.0, 2.0);
    check_masked([](const variable& x) -> tensor { return atanh(x); }, 1.0, 0.5);
    check_masked([](const variable& x) -> tensor { return pow(x, 0.3); }, 0.0, 0.5);
    check_masked([](const variable& x) -> tensor { return pow(x, x); }, 0.0, 0.5);
    check_masked([](const variable& x) -> tensor { return atan2(x, x); }, 0.0, 0.5);
    check_masked([](const variable& x) -> tensor { return hypot(x, x); }, 0.0, 0.5);
    check_masked([](const variable& x) -> tensor { return fmod(1.0, x); }, 0.0, 0.3);
    check_masked([](const variable& x) -> tensor { return remainder(1.0, x); }, 0.0, 0.3);
}

BOOST_AUTO_TEST_SUITE_END()
