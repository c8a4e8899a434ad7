// SPDX-License-Identifier: BSD-3-Clause
// Products, extrema, variances, norms and counts: values, conventions at zeros, ties and NaN, and
// derivatives of both orders at random shapes and strides.
#include <support/expect.hpp>
#include <support/random_view.hpp>

namespace bt = backtrail;
using bt::infinity;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

const reals rows = table({2, 3}, {3, -1, 2, 0.5, 4, -2});

/// f(x, axes) at twenty random shapes, over random axes.
template <class F>
void check_derivatives(F f)
{
    for (std::uint64_t k = 0; k < 20; ++k) {
        bt::test::random_views views(k, -2, 2);
        const bt::shape s = views.random_shape();
        const auto v = views.make(s);
        std::vector<std::ptrdiff_t> over;
        for (std::size_t i = 0; i < s.size(); ++i) {
            if (views.draw(2) == 0) over.push_back(static_cast<std::ptrdiff_t>(i));
        }
        const bt::tensor<double> x =
            0.5 + 0.02 * bt::constant(views.distinct_values(s)) + 0.0003 * v.view;
        const auto report = bt::check_gradient(f(x, over), bt::wrt(v.source));
        BOOST_TEST(report.ok, bt::to_string(s) << ": " << report.message);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_statistics)

BOOST_AUTO_TEST_CASE(values_in_every_form)
{
    const bt::tensor<double> x = bt::constant(rows);
    BOOST_TEST(same(prod(x), table({}, {24})));
    BOOST_TEST(same(prod(x, 0), reals{1.5, -4.0, -4.0}));
    BOOST_TEST(same(prod(x, {0, 1}, bt::keepdims), table({1, 1}, {24})));
    BOOST_TEST(same(min(x), table({}, {-2})));
    BOOST_TEST(same(amin(x, 1), reals{-1.0, -2.0}));
    BOOST_TEST(same(min(x, {0}, bt::keepdims), table({1, 3}, {0.5, -1, -2})));
    BOOST_TEST(same(amax(x, -1, xt::keep_dims), table({2, 1}, {3, 4})));
    BOOST_TEST(same(sum(x, bt::keepdims), table({1, 1}, {6.5})));
    BOOST_TEST(close(var(x), xt::variance(rows)()));
    BOOST_TEST(close(var(x, 1), xt::variance(rows, {1})));
    BOOST_TEST(close(bt::std(x, {0}), xt::stddev(rows, {0})));
    BOOST_TEST(close(var(x, 1, bt::ddof(1)), xt::variance(rows, {1}) * 1.5));
    BOOST_TEST((var(x, 1, bt::ddof(1), bt::keepdims).shape() == bt::shape{2, 1}));
    BOOST_TEST(same(count_nonzero(x > 0.0, 1), reals{2.0, 2.0}));
    BOOST_TEST(same(count_nonzero(x), table({}, {6})));
    BOOST_TEST(!all(x > 0.0).value()());
    BOOST_TEST(any(x > 3.5).value()());
    BOOST_TEST(all(bt::constant(xt::zeros<double>({0}))).value()());
    BOOST_TEST(same(argmin(x), table({}, {5})));
    BOOST_TEST(same(argmin(x, 1, bt::keepdims), table({2, 1}, {1, 2})));
    BOOST_TEST(same(argmax(x, 0), reals{0.0, 1.0, 0.0}));
}

BOOST_AUTO_TEST_CASE(norms_of_all_orders)
{
    const bt::tensor<double> x = bt::constant(rows);
    BOOST_TEST(close(norm(x), std::sqrt(34.25)));
    BOOST_TEST(close(norm(x, 1, 1), reals{6.0, 6.5}));
    BOOST_TEST(same(norm(x, infinity, 0), reals{3.0, 4.0, 2.0}));
    BOOST_TEST(same(norm(x, -infinity, {0, 1}), table({}, {0.5})));
    BOOST_TEST(same(norm(x, 0), table({}, {6})));
    BOOST_TEST(
        close(norm(x, 3, 1, bt::keepdims), table({2, 1}, {std::cbrt(36), std::cbrt(72.125)})));
    BOOST_TEST(close(norm(bt::constant(reals{3e200, 4e200})), 5e200));
    BOOST_TEST(close(norm(bt::constant(reals{3e-200, 4e-200})) * 1e200, 5.0));
    BOOST_TEST(same(norm(bt::constant(reals{infinity, 1.0})), table({}, {infinity})));
    BOOST_TEST(same(norm(bt::constant(xt::zeros<double>({0, 2})), 2, 0), reals{0.0, 0.0}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)norm(x, not_a_number); }, {"[norm]"}));
}

BOOST_AUTO_TEST_CASE(derivatives_at_random_shapes)
{
    check_derivatives([](auto x, auto over) { return prod(x, over); });
    check_derivatives([](auto x, auto over) { return min(x * x, over); });
    check_derivatives([](auto x, auto over) { return amax(sin(x), over); });
    check_derivatives([](auto x, auto over) { return sum(x * x, over); });
    check_derivatives([](auto x, auto over) { return mean(exp(x), over); });
    check_derivatives([](auto x, auto over) { return logsumexp(x, over); });
    check_derivatives([](auto x, auto over) { return var(x * x, over); });
    check_derivatives([](auto x, auto over) { return norm(x, 2, over); });
    check_derivatives([](auto x, auto over) { return norm(x, 1, over); });
    check_derivatives([](auto x, auto over) { return norm(x, 2.5, over); });
    check_derivatives([](auto x, auto over) { return norm(x, -1, over); });
    check_derivatives([](auto x, auto over) { return norm(x, infinity, over); });
    const bt::variable<double> x(rows);
    BOOST_TEST(check_gradient(bt::std(x, 1), bt::wrt(x)).ok);
    BOOST_TEST(check_gradient(max_with_index(x * x * x, 1).values, bt::wrt(x)).ok);
    BOOST_TEST(check_gradient(min_with_index(x * x * x, 0).values, bt::wrt(x)).ok);
}

BOOST_AUTO_TEST_CASE(products_are_exact_at_zeros)
{
    const bt::variable<double> x(table({3, 3}, {2, 3, 4, 2, 0, 4, 0, 3, 0}));
    BOOST_TEST(same(grad(sum(prod(x, 1)), x), table({3, 3}, {12, 8, 6, 0, 8, 0, 0, 0, 0})));
    BOOST_TEST(check_gradient(prod(x, 1), bt::wrt(x)).ok);
    const bt::tensor<double> second = grad(sum(grad(sum(prod(x, 1)), x)), x);
    BOOST_TEST(same(second, table({3, 3}, {7, 6, 5, 4, 6, 2, 3, 0, 3})));
}

BOOST_AUTO_TEST_CASE(conventions)
{
    const auto gradient = [](auto f, const reals& at) {
        const bt::variable<double> x(at);
        const reals reverse = grad(sum(f(x)), x).value();
        const reals ones = xt::ones_like(at), total = xt::sum(reverse);
        BOOST_TEST(close(sum(jvp(f(x), bt::tangent(x, ones))), total));
        return reverse;
    };
    using expect::compare;
    const auto equals = [](const reals& a, const reals& b) { return compare(a, b, 1e-15); };
    BOOST_TEST(equals(gradient([](auto x) { return amin(x); }, {2.0, 1.0, 1.0}), {0.0, 0.5, 0.5}));
    BOOST_TEST(equals(gradient([](auto x) { return min_with_index(x, 0).values; }, {2.0, 1.0, 1.0}),
                      {0.0, 1.0, 0.0}));
    BOOST_TEST(equals(gradient([](auto x) { return amin(x); }, {1.0, not_a_number, not_a_number}),
                      {0.0, 1.0, 0.0}));
    BOOST_TEST(equals(gradient([](auto x) { return norm(x); }, {0.0, 0.0}), {0.0, 0.0}));
    BOOST_TEST(equals(gradient([](auto x) { return norm(x, 3); }, {0.0, 0.0}), {0.0, 0.0}));
    BOOST_TEST(equals(gradient([](auto x) { return norm(x, infinity); }, {-2.0, 2.0, 1.0}),
                      {-0.5, 0.5, 0.0}));
    BOOST_TEST(
        equals(gradient([](auto x) { return bt::std(x); }, {3.0, 3.0, 3.0}), {0.0, 0.0, 0.0}));
    const bt::variable<double> one(reals{2.5});
    BOOST_TEST(same(var(one, bt::ddof(1)), table({}, {not_a_number})));
    BOOST_TEST(same(grad(var(one, bt::ddof(1)), one), reals{not_a_number}));
    BOOST_TEST(same(grad(bt::std(one, bt::ddof(1)), one), reals{not_a_number}));
}

BOOST_AUTO_TEST_CASE(nothing_to_reduce)
{
    const bt::variable<double> none(xt::zeros<double>({0, 3}));
    BOOST_TEST(same(prod(none), table({}, {1})));
    BOOST_TEST(same(prod(none, 0), reals{1.0, 1.0, 1.0}));
    BOOST_TEST(grad(prod(none), none).value().size() == 0u);
    BOOST_TEST(same(var(none, 0), reals{not_a_number, not_a_number, not_a_number}));
    BOOST_TEST((min(none, 1).shape() == bt::shape{0}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)min(none); }, {"[min]", "(0, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)argmin(none, 0); }, {"[argmin]"}));
}

BOOST_AUTO_TEST_CASE(element_types)
{
    const bt::tensor<std::int64_t> n = bt::constant(xt::xarray<std::int64_t>{3, 1, 2});
    BOOST_TEST(same(prod(n), table({}, {6})));
    BOOST_TEST(same(min(n), table({}, {1})));
    const auto [value, index] = min_with_index(n, 0);
    BOOST_TEST(same(value, table({}, {1})));
    BOOST_TEST(same(index, table({}, {1})));
    const bt::tensor<float> f = bt::constant(xt::xarray<float>{3, 4});
    static_assert(std::is_same_v<decltype(norm(f)), bt::tensor<float>>);
    BOOST_TEST(same(norm(f), table({}, {5})));
}

BOOST_AUTO_TEST_SUITE_END()
