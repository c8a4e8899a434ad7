// SPDX-License-Identifier: BSD-3-Clause
// Masks that choose elements: of any rank up to the array's, constant or computed, and changing after
// the node was built; and masks that fill.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

using mask_array = xt::xarray<bool>;

const reals x_values = {{1.0, -2.0, 3.0}, {-4.0, 5.0, -6.0}};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_mask_indexing)

BOOST_AUTO_TEST_CASE(masks_choose_elements_and_slices)
{
    const bt::variable<double> x(x_values);
    BOOST_TEST(same(compress(x, x > 0.0), reals{1.0, 3.0, 5.0}));
    BOOST_TEST(same(compress(x, mask_array(x_values < 0.0)), reals{-2.0, -4.0, -6.0}));
    BOOST_TEST(same(compress(x, x_values < 0.0), reals{-2.0, -4.0, -6.0})); // lazy, xtensor's
    BOOST_TEST(same(compress(x, mask_array{false, true}), reals{{-4.0, 5.0, -6.0}}));
    BOOST_TEST(same(compress(transpose(x), mask_array{true, false, true}),
                    reals{{1.0, -4.0}, {3.0, -6.0}}));
    const bt::tensor<bool> turned = transpose(bt::constant(mask_array(x_values > 2.0)));
    BOOST_TEST(same(compress(transpose(x), turned), reals{5.0, 3.0}));
    BOOST_TEST((compress(x, x > 9.0).shape() == bt::shape{0}));
    BOOST_TEST((compress(x, mask_array{false, false}).value().dimension() == 2u));
    mask_array yes = mask_array::from_shape({});
    yes() = true;
    BOOST_TEST((compress(x, yes).shape() == bt::shape{1, 2, 3}));
    BOOST_TEST(same(compress(bt::constant(xt::xarray<std::int64_t>{7, 8}), mask_array{false, true}),
                    reals{8.0}));
    BOOST_TEST((compress(bt::constant(reals(reals::from_shape({0, 2}))),
                         mask_array(mask_array::from_shape({0})))
                    .shape() == bt::shape{0, 2}));
}

BOOST_AUTO_TEST_CASE(masks_of_other_shapes_throw)
{
    const bt::variable<double> x(x_values);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)compress(x, mask_array{true, true, true}); },
                                       {"[compress]", "(2, 3)", "(3,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)compress(view(x, 0), x > 0.0); },
                                       {"[compress]", "(3,)", "(2, 3)"}));
}

BOOST_AUTO_TEST_CASE(masks_along_an_axis)
{
    const bt::variable<double> x(x_values);
    BOOST_TEST(
        same(compress(x, mask_array{true, false, true}, 1), reals{{1.0, 3.0}, {-4.0, -6.0}}));
    BOOST_TEST(same(compress(x, mask_array{true, false, true}, -1),
                    compress(x, bt::constant(mask_array{true, false, true}), 1)));
    BOOST_TEST((compress(x, mask_array{false, false}, 0).shape() == bt::shape{0, 3}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)compress(x, mask_array{true, true}, 1); },
                                       {"[compress]", "axis 1", "(2, 3)", "mask (2,)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)compress(x, mask_array{true, true}, 2); },
                                       {"[compress]", "axis 2"}));
    BOOST_TEST(throws<bt::dtype_error>(
        [&] { (void)bt::detail::compress("compress", x.get_node(), x.get_node()); },
        {"[compress]", "double"}));
}

BOOST_AUTO_TEST_CASE(a_mask_may_change_but_not_its_count)
{
    bt::variable<double> x(x_values);
    const bt::tensor<double> positive = compress(x, x > 0.0);
    const bt::tensor<double> slope = grad(sum(square(positive)), x);
    BOOST_TEST(same(slope, reals{{2.0, 0.0, 6.0}, {0.0, 10.0, 0.0}}));
    x = -x;
    BOOST_TEST(same(positive, reals{2.0, 4.0, 6.0}));
    BOOST_TEST(same(slope, reals{{0.0, 4.0, 0.0}, {8.0, 0.0, 12.0}}));
    x = x_values + 2.5;
    BOOST_TEST(
        throws<bt::state_error>([&] { (void)positive.value(); }, {"[compress] 4 ", "3 were"}));
    BOOST_TEST(throws<bt::state_error>([&] { (void)slope.value(); }));
    x = x_values;
    BOOST_TEST(same(positive, reals{1.0, 3.0, 5.0}));
}

BOOST_AUTO_TEST_CASE(compress_derivatives_to_second_order)
{
    const mask_array part = {{true, false, true, false}, {false, true, true, true}};
    const reals a = {{0.1, -0.4, 0.7, 0.2}, {-0.9, 0.3, 0.8, -0.5}};
    const auto report = bt::check_gradient(
        [&](auto x) {
            const bt::tensor<double> rows =
                compress(transpose(x), mask_array{true, true, false, true});
            return sum(tanh(compress(x * x, part))) + sum(exp(rows) * rows);
        },
        a);
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(masked_fill_replaces_and_stops)
{
    const bt::variable<double> x(x_values), c(7.0);
    BOOST_TEST(same(masked_fill(x, x < 0.0, 0.5), reals{{1.0, 0.5, 3.0}, {0.5, 5.0, 0.5}}));
    BOOST_TEST(same(masked_fill(x, mask_array{true, false, false}, -1),
                    reals{{-1.0, -2.0, 3.0}, {-1.0, 5.0, -6.0}}));
    const bt::tensor<double> y = masked_fill(x, mask_array(x_values < 0.0), c);
    auto [dx, dc] = vjp(y, reals{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, bt::wrt(x, c));
    BOOST_TEST(same(dx, reals{{1.0, 0.0, 3.0}, {0.0, 5.0, 0.0}}));
    BOOST_TEST(same(dc, 12.0));
    // What is filled over does not speak: sqrt of a negative number behind the mask.
    const bt::tensor<double> roots = masked_fill(sqrt(x), x < 0.0, 0.0);
    BOOST_TEST(close(grad(sum(roots * roots), x), reals{{1.0, 0.0, 1.0}, {0.0, 1.0, 0.0}}));
    const bt::tensor<std::int64_t> n = bt::constant(xt::xarray<std::int64_t>{5, 6});
    BOOST_TEST(same(masked_fill(n, mask_array{true, false}, 9), reals{9.0, 6.0}));
    const auto report = bt::check_gradient(
        [](auto t, auto v) {
            return sin(masked_fill(t * t, mask_array{true, false, true}, v * v));
        },
        reals{{0.3, 0.4, 0.5}, {0.6, 0.7, 0.8}}, reals(0.9));
    BOOST_TEST(report.ok, report.message);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)masked_fill(view(x, 0), x < 0.0, 1.0); },
                                       {"[masked_fill]", "(3,)", "mask (2, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)masked_fill(x, x < 0.0, reals{1.0, 2.0, 3.0}); },
                                       {"[masked_fill]", "value (3,)"}));
    const bt::tensor<float> single = bt::constant(1.0f);
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)masked_fill(x, x < 0.0, single); },
                                       {"[masked_fill]", "float"}));
}

BOOST_AUTO_TEST_SUITE_END()
