// SPDX-License-Identifier: BSD-3-Clause
// Orders: sorted values and their places, the first few, the middle; stability, NaN, derivatives.
#include <support/expect.hpp>
#include <support/random_view.hpp>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

const reals rows = table({2, 5}, {3, 1, 2, 5, 4, -1, 7, 0, 2, -3});

template <class F>
void check_derivatives(F f)
{
    for (std::uint64_t k = 0; k < 20; ++k) {
        bt::test::random_views views(k, -2, 2);
        bt::shape s = views.random_shape();
        s.push_back(1 + views.draw(5));
        if (s.size() > 4) s.erase(0);
        const auto v = views.make(s);
        const auto axis = static_cast<std::ptrdiff_t>(views.draw(s.size()));
        const bt::tensor<double> x = bt::constant(views.distinct_values(s)) + 0.01 * sin(v.view);
        const auto report = bt::check_gradient(f(x, axis), bt::wrt(v.source));
        BOOST_TEST(report.ok, bt::to_string(s) << ": " << report.message);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_sorting)

BOOST_AUTO_TEST_CASE(sorted_along_any_axis)
{
    const bt::tensor<double> x = bt::constant(rows);
    BOOST_TEST(same(sort(x), table({2, 5}, {1, 2, 3, 4, 5, -3, -1, 0, 2, 7})));
    BOOST_TEST(same(argsort(x), table({2, 5}, {1, 2, 0, 4, 3, 4, 0, 2, 3, 1})));
    BOOST_TEST(same(sort(x, -1, true), table({2, 5}, {5, 4, 3, 2, 1, 7, 2, 0, -1, -3})));
    BOOST_TEST(same(sort(x, 0), table({2, 5}, {-1, 1, 0, 2, -3, 3, 7, 2, 5, 4})));
    const auto [values, indices] = sort_with_index(bt::transpose(x), 0);
    BOOST_TEST(same(values, xt::transpose(table({2, 5}, {1, 2, 3, 4, 5, -3, -1, 0, 2, 7}))));
    BOOST_TEST(same(indices, xt::transpose(table({2, 5}, {1, 2, 0, 4, 3, 4, 0, 2, 3, 1}))));
}

BOOST_AUTO_TEST_CASE(equal_elements_keep_their_order_and_nan_is_largest)
{
    const bt::tensor<double> x =
        bt::constant(reals{2.0, bt::not_a_number, 1.0, 2.0, bt::not_a_number, 1.0, -0.0, 0.0});
    BOOST_TEST(same(argsort(x), reals{6.0, 7.0, 2.0, 5.0, 0.0, 3.0, 1.0, 4.0}));
    BOOST_TEST(same(argsort(x, 0, true), reals{1.0, 4.0, 0.0, 3.0, 2.0, 5.0, 6.0, 7.0}));
    BOOST_TEST(
        same(sort(x), reals{0.0, 0.0, 1.0, 1.0, 2.0, 2.0, bt::not_a_number, bt::not_a_number}));
}

BOOST_AUTO_TEST_CASE(the_first_few)
{
    const bt::tensor<double> x = bt::constant(rows);
    const auto most = topk(x, 2);
    BOOST_TEST(same(most.values, table({2, 2}, {5, 4, 7, 2})));
    BOOST_TEST(same(most.indices, table({2, 2}, {3, 4, 1, 3})));
    BOOST_TEST(same(topk(x, 2, -1, false).values, table({2, 2}, {1, 2, -3, -1})));
    BOOST_TEST((topk(x, 0).values.shape() == bt::shape{2, 0}));
    BOOST_TEST(same(topk(bt::constant(reals{1.0, 3.0, 3.0, 3.0}), 2).indices, reals{1.0, 2.0}));
    BOOST_TEST(throws<bt::value_error>([&] { static_cast<void>(topk(x, 3, 0)); },
                                       {"[topk]", "3", "axis 0", "(2, 5)"}));
}

BOOST_AUTO_TEST_CASE(the_middle)
{
    const bt::tensor<double> x = bt::constant(rows);
    BOOST_TEST(same(median(x, 1), reals{3.0, 0.0}));
    BOOST_TEST(same(median_with_index(x, 1).indices, reals{0.0, 2.0}));
    BOOST_TEST(same(median(x, 0), reals{1.0, 4.0, 1.0, 3.5, 0.5}));
    BOOST_TEST(same(median_with_index(x, 0).values, reals{-1.0, 1.0, 0.0, 2.0, -3.0}));
    BOOST_TEST(same(median(x), table({}, {2})));
    const bt::variable<double> spoilt(reals{1.0, bt::not_a_number, 0.0, bt::not_a_number});
    BOOST_TEST(same(median(spoilt, 0), table({}, {bt::not_a_number})));
    BOOST_TEST(same(median_with_index(spoilt, 0).indices, table({}, {1})));
    BOOST_TEST(throws<bt::value_error>(
        [] { static_cast<void>(median(bt::constant(xt::zeros<double>({3, 0})), 1)); },
        {"[median]", "axis 1", "(3, 0)"}));
}

BOOST_AUTO_TEST_CASE(derivatives_go_to_the_elements_taken)
{
    check_derivatives([](auto x, auto axis) { return sort(x * x, axis); });
    check_derivatives([](auto x, auto axis) { return sort(x, axis, true); });
    check_derivatives([](auto x, auto axis) { return topk(exp(0.01 * x), 1, axis).values; });
    check_derivatives([](auto x, auto axis) { return median(x * x, axis); });
    const bt::variable<double> ties(reals{2.0, 1.0, 2.0, 1.0});
    BOOST_TEST(same(grad(sum(topk(ties, 1).values), ties), reals{1.0, 0.0, 0.0, 0.0}));
    const bt::tensor<double> y = sort(ties) * bt::constant(reals{1.0, 2.0, 3.0, 4.0});
    BOOST_TEST(same(grad(sum(y), ties), reals{3.0, 1.0, 4.0, 2.0}));
}

BOOST_AUTO_TEST_CASE(element_types_and_nothing)
{
    const bt::tensor<std::int64_t> n = bt::constant(xt::xarray<std::int64_t>{3, 1, 2});
    BOOST_TEST(same(sort(n), reals{1.0, 2.0, 3.0}));
    BOOST_TEST(same(median_with_index(n, 0).values, table({}, {2})));
    const bt::tensor<float> f = bt::constant(xt::xarray<float>{3, 1, 2});
    static_assert(std::is_same_v<decltype(sort(f)), bt::tensor<float>>);
    BOOST_TEST(same(topk(f, 2).values, reals{3.0, 2.0}));
    const bt::tensor<bool> mask = bt::constant(xt::xarray<bool>{true, false, true});
    BOOST_TEST(same(argsort(mask), reals{1.0, 0.0, 2.0}));
    const bt::tensor<double> none = bt::constant(xt::zeros<double>({0, 3}));
    BOOST_TEST((sort(none, 0).shape() == bt::shape{0, 3}));
    BOOST_TEST(sort(none, 1).value().size() == 0u);
    const bt::variable<double> number(1.0);
    BOOST_TEST(throws<bt::index_error>([&] { static_cast<void>(sort(number)); }, {"[sort]"}));
}

BOOST_AUTO_TEST_SUITE_END()
