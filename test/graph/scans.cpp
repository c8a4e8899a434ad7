// SPDX-License-Identifier: BSD-3-Clause
// Scans: values along every axis and in every layout, derivatives of all orders, zeros, NaN, infinities.
#include <support/expect.hpp>
#include <support/random_view.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

/// f of each line of a (2, 3, 4) array along an axis, by a plain loop.
template <class F>
reals along(const reals& x, std::size_t axis, F f)
{
    reals y = x;
    for (std::size_t i = 0; i < x.shape(axis == 0 ? 1 : 0); ++i) {
        for (std::size_t j = 0; j < x.shape(axis == 2 ? 1 : 2); ++j) {
            std::vector<double> line;
            const auto at = [&](reals& a, std::size_t k) -> double& {
                return axis == 0 ? a(k, i, j) : axis == 1 ? a(i, k, j) : a(i, j, k);
            };
            reals copy = x;
            for (std::size_t k = 0; k < x.shape(axis); ++k) line.push_back(at(copy, k));
            const std::vector<double> result = f(line);
            for (std::size_t k = 0; k < line.size(); ++k) at(y, k) = result[k];
        }
    }
    return y;
}

template <class Step>
auto running(Step step)
{
    return [step](std::vector<double> line) {
        for (std::size_t k = 1; k < line.size(); ++k) line[k] = step(line[k - 1], line[k]);
        return line;
    };
}

/// Derivatives in both modes and of second order at random shapes and strides.
template <class F>
void check_derivatives(F f)
{
    for (std::uint64_t k = 0; k < 20; ++k) {
        bt::test::random_views views(k, -2, 2);
        bt::shape s = views.random_shape();
        if (s.empty()) s.push_back(3);
        const auto v = views.make(s);
        const auto axis = static_cast<std::ptrdiff_t>(views.draw(s.size()));
        const bt::tensor<double> x =
            0.02 * bt::constant(views.distinct_values(s)) + 0.0003 * v.view;
        const auto report = bt::check_gradient(f(x, axis), bt::wrt(v.source));
        BOOST_TEST(report.ok, bt::to_string(s) << ": " << report.message);
    }
}

const reals numbers =
    table({2, 3, 4}, {0.3,  -1.2, 2.1, 0.4,  1.7, -0.6, 0.9,  -2.2, 1.1,  0.2, -0.8, 1.5,
                      -0.1, 0.7,  1.9, -1.4, 0.6, 2.3,  -0.5, 1.3,  -1.8, 0.5, 1.6,  -0.9});

} // namespace

BOOST_AUTO_TEST_SUITE(graph_scans)

BOOST_AUTO_TEST_CASE(values_along_every_axis)
{
    const bt::tensor<double> x = bt::constant(numbers);
    const auto log_sum = [](double a, double b) { return std::log(std::exp(a) + std::exp(b)); };
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto at = static_cast<std::ptrdiff_t>(axis) - 3;
        BOOST_TEST(close(cumsum(x, at), along(numbers, axis, running(std::plus<>()))));
        BOOST_TEST(close(cumprod(x, at), along(numbers, axis, running(std::multiplies<>()))));
        BOOST_TEST(close(logcumsumexp(x, at), along(numbers, axis, running(log_sum))));
        const auto larger = [](double a, double b) { return std::max(a, b); };
        const auto smaller = [](double a, double b) { return std::min(a, b); };
        BOOST_TEST(same(cummax(x, at).values, along(numbers, axis, running(larger))));
        BOOST_TEST(same(cummin(x, at).values, along(numbers, axis, running(smaller))));
    }
    BOOST_TEST(same(cumsum(bt::transpose(x), 0),
                    xt::transpose(along(numbers, 2, running(std::plus<>())))));
    BOOST_TEST((cumsum(x).shape() == bt::shape{24}));
    BOOST_TEST(close(bt::view(cumsum(x), -1), sum(x)));
    BOOST_TEST(close(bt::view(cumprod(x), -1), xt::prod(numbers)()));
}

BOOST_AUTO_TEST_CASE(differences)
{
    const bt::tensor<double> x = bt::constant(numbers);
    BOOST_TEST(close(diff(x), xt::diff(numbers)));
    BOOST_TEST(close(diff(x, 2, 1), xt::diff(numbers, 2, 1)));
    BOOST_TEST(same(diff(x, 0), numbers));
    BOOST_TEST((diff(x, 9, 0).shape() == bt::shape{0, 3, 4}));
    const bt::tensor<std::int64_t> n = bt::constant(xt::xarray<std::int64_t>{1, 4, 9});
    BOOST_TEST(same(diff(n), reals{3.0, 5.0}));
}

BOOST_AUTO_TEST_CASE(element_types)
{
    const bt::tensor<float> f = bt::constant(xt::xarray<float>{1, 2, 3});
    static_assert(std::is_same_v<decltype(cumsum(f, 0)), bt::tensor<float>>);
    BOOST_TEST(same(cumprod(f, 0), reals{1.0, 2.0, 6.0}));
    const bt::tensor<std::int32_t> n = bt::constant(xt::xarray<std::int32_t>{3, 1, 2});
    BOOST_TEST(same(cumsum(n, 0), reals{3.0, 4.0, 6.0}));
    BOOST_TEST(same(cummin(n, 0).values, reals{3.0, 1.0, 1.0}));
    BOOST_TEST(same(cummin(n, 0).indices, reals{0.0, 1.0, 1.0}));
    const bt::tensor<bool> mask = bt::constant(xt::xarray<bool>{true, false, true});
    static_assert(std::is_same_v<decltype(cumsum(mask, 0)), bt::tensor<std::int64_t>>);
    BOOST_TEST(same(cumsum(mask, 0), reals{1.0, 1.0, 2.0}));
}

BOOST_AUTO_TEST_CASE(derivatives_of_all_scans)
{
    check_derivatives([](auto x, auto axis) { return cumsum(x, axis); });
    check_derivatives([](auto x, auto axis) { return cumprod(x, axis); });
    check_derivatives([](auto x, auto axis) { return logcumsumexp(x, axis); });
    check_derivatives([](auto x, auto axis) { return cummax(x * x * x, axis).values; });
    check_derivatives([](auto x, auto axis) { return cummin(sin(x), axis).values; });
    check_derivatives([](auto x, auto axis) { return diff(x * x, 1, axis); });
}

BOOST_AUTO_TEST_CASE(products_are_exact_at_zeros)
{
    const bt::variable<double> x(reals{1.5, -2.0, 0.0, 3.0, 0.0});
    const bt::tensor<double> y = cumprod(x, 0);
    const bt::tensor<double> g = vjp(y, bt::constant(reals{1.0, 1.0, 1.0, 1.0, 1.0}), x);
    // d/dx1 of x1 + x1 x2 + ..., and so on
    BOOST_TEST(close(g, reals{1 - 2.0, 1.5, 1.5 * -2.0 * (1 + 3.0), 0.0, 0.0}));
    BOOST_TEST(check_gradient(y, bt::wrt(x)).ok);
}

BOOST_AUTO_TEST_CASE(logarithms_of_sums_far_out)
{
    constexpr double inf = std::numeric_limits<double>::infinity();
    const bt::variable<double> x(reals{-1000.0, 1000.0, 1000.0, -inf});
    const bt::tensor<double> y = logcumsumexp(x, 0);
    BOOST_TEST(close(y, reals{-1000.0, 1000.0, 1000 + std::log(2.0), 1000 + std::log(2.0)}));
    BOOST_TEST(close(grad(sum(y), x), reals{1.0, 2.0, 1.0, 0.0}));
    const bt::variable<double> none(reals{-inf, -inf, 0.5});
    const bt::tensor<double> z = logcumsumexp(none, 0);
    BOOST_TEST(same(z, reals{-inf, -inf, 0.5}));
    BOOST_TEST(same(grad(sum(z), none), reals{0.0, 0.0, 1.0}));
    BOOST_TEST(same(jvp(z, bt::tangent(none, reals{1.0, 1.0, 1.0})), reals{0.0, 0.0, 1.0}));
}

BOOST_AUTO_TEST_CASE(ties_and_nan_in_extrema)
{
    const bt::variable<double> x(reals{1.0, 3.0, 3.0, bt::not_a_number, 5.0});
    const auto [values, indices] = cummax(x, 0);
    BOOST_TEST(same(values, reals{1.0, 3.0, 3.0, bt::not_a_number, bt::not_a_number}));
    BOOST_TEST(same(indices, reals{0.0, 1.0, 1.0, 3.0, 3.0}));
    BOOST_TEST(same(grad(sum(values), x), reals{1.0, 2.0, 0.0, 2.0, 0.0}));
}

BOOST_AUTO_TEST_CASE(nothing_and_one)
{
    const bt::variable<double> none(xt::zeros<double>({0, 3})), one(reals{2.5});
    for (std::ptrdiff_t axis : {0, 1}) {
        BOOST_TEST((cumsum(none, axis).shape() == bt::shape{0, 3}));
        BOOST_TEST(grad(sum(cumprod(none, axis)), none).value().size() == 0u);
        BOOST_TEST(logcumsumexp(none, axis).value().size() == 0u);
        BOOST_TEST(cummax(none, axis).values.value().size() == 0u);
    }
    BOOST_TEST(same(cumprod(one, 0), reals{2.5}));
    BOOST_TEST(same(grad(sum(cumprod(one, 0)), one), reals{1.0}));
}

BOOST_AUTO_TEST_CASE(wrong_axes)
{
    const bt::tensor<double> x = bt::constant(numbers);
    BOOST_TEST(
        throws<bt::index_error>([&] { static_cast<void>(cumsum(x, 3)); }, {"[cumsum]", "3"}));
    BOOST_TEST(throws<bt::index_error>([&] { static_cast<void>(diff(x, 1, -4)); }, {"[diff]"}));
}

BOOST_AUTO_TEST_SUITE_END()
