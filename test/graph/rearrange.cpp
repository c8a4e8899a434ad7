// SPDX-License-Identifier: BSD-3-Clause
// Axes moved, arrays turned, rolled and repeated: where each element comes from, and the errors.
#include <support/gathers.hpp>

namespace bt = backtrail;
using expect::check_gathers;
using expect::counting;
using expect::index_list;
using expect::reals;
using expect::same;
using expect::throws;

BOOST_AUTO_TEST_SUITE(graph_rearrange)

BOOST_AUTO_TEST_CASE(axes_are_moved)
{
    check_gathers([](auto x) { return moveaxis(x, 0, -1); }, {2, 3, 4}, {3, 4, 2},
                  [](const index_list& i) { return index_list{i[2], i[0], i[1]}; });
    check_gathers([](auto x) { return moveaxis(x, {0, 1}, {-1, 0}); }, {2, 3, 4}, {3, 4, 2},
                  [](const index_list& i) { return index_list{i[2], i[0], i[1]}; });
    check_gathers([](auto x) { return moveaxis(x, std::vector<int>{3, 0}, std::array{0, 2}); },
                  {2, 3, 4, 5}, {5, 3, 2, 4},
                  [](const index_list& i) { return index_list{i[2], i[1], i[3], i[0]}; });
    check_gathers([](auto x) { return swapaxes(x, 0, -1); }, {2, 3, 4}, {4, 3, 2},
                  [](const index_list& i) { return index_list{i[2], i[1], i[0]}; });
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(same(swapaxes(x, 1, 1), x));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)moveaxis(x, {0, 1}, {0}); },
                                       {"[moveaxis]", "2 axes", "1 places"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)moveaxis(x, 2, 0); }, {"[moveaxis] axis 2"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)moveaxis(x, 0, -3); }, {"[moveaxis] axis -3"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)moveaxis(x, {0, 0}, {0, 1}); }, {"twice"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)moveaxis(x, {0, 1}, {1, -1}); }, {"twice"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)swapaxes(x, 0, 2); }, {"[swapaxes] axis 2"}));
}

BOOST_AUTO_TEST_CASE(axes_of_extent_one_come_and_go)
{
    check_gathers([](auto x) { return squeeze(x); }, {1, 3, 1, 2}, {3, 2},
                  [](const index_list& i) { return index_list{0, i[0], 0, i[1]}; });
    check_gathers([](auto x) { return squeeze(x, -2); }, {1, 3, 1, 2}, {1, 3, 2},
                  [](const index_list& i) { return index_list{0, i[1], 0, i[2]}; });
    check_gathers([](auto x) { return squeeze(x, {0, 2}); }, {1, 3, 1, 2}, {3, 2},
                  [](const index_list& i) { return index_list{0, i[0], 0, i[1]}; });
    check_gathers([](auto x) { return expand_dims(x, 1); }, {2, 3}, {2, 1, 3},
                  [](const index_list& i) { return index_list{i[0], i[2]}; });
    check_gathers([](auto x) { return expand_dims(x, {0, -1}); }, {2, 3}, {1, 2, 3, 1},
                  [](const index_list& i) { return index_list{i[1], i[2]}; });
    const bt::variable<double> x(counting({2, 1}));
    const bt::tensor<double> number = bt::constant(5.0);
    BOOST_TEST((expand_dims(number, {0, 1}).shape() == bt::shape{1, 1}));
    BOOST_TEST(same(squeeze(expand_dims(number, 0)), 5.0));
    BOOST_TEST(same(squeeze(number), 5.0));
    BOOST_TEST((squeeze(bt::constant(counting({0, 1})), 1).shape() == bt::shape{0}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)squeeze(x, 0); }, {"[squeeze] axis 0", "(2, 1)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)squeeze(x, 2); }, {"[squeeze] axis 2"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)squeeze(x, {1, -1}); }, {"twice"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)expand_dims(x, 3); }, {"[expand_dims] axis 3"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)expand_dims(x, {0, -4}); }, {"twice"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)expand_dims(x, std::vector<int>{0, 1, 2, 3, 4, 5, 6}); }, {"8 axes"}));
}

BOOST_AUTO_TEST_CASE(elements_in_reverse_order)
{
    check_gathers([](auto x) { return flip(x); }, {2, 3}, {2, 3},
                  [](const index_list& i) { return index_list{1 - i[0], 2 - i[1]}; });
    check_gathers([](auto x) { return flip(x, -1); }, {2, 3}, {2, 3},
                  [](const index_list& i) { return index_list{i[0], 2 - i[1]}; });
    check_gathers([](auto x) { return flip(x, {0, 2}); }, {2, 3, 4}, {2, 3, 4},
                  [](const index_list& i) { return index_list{1 - i[0], i[1], 3 - i[2]}; });
    check_gathers([](auto x) { return flip(x); }, {0, 3}, {0, 3},
                  [](const index_list& i) { return i; });
    BOOST_TEST(same(flip(bt::constant(5.0)), 5.0));
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)flip(x, 2); }, {"[flip] axis 2"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)flip(x, {0, -2}); }, {"twice"}));
}

BOOST_AUTO_TEST_CASE(quarter_turns)
{
    check_gathers([](auto x) { return rot90(x); }, {2, 3}, {3, 2},
                  [](const index_list& i) { return index_list{i[1], 2 - i[0]}; });
    check_gathers([](auto x) { return rot90(x, 2); }, {2, 3}, {2, 3},
                  [](const index_list& i) { return index_list{1 - i[0], 2 - i[1]}; });
    for (const int k : {3, -1, 7}) {
        check_gathers([k](auto x) { return rot90(x, k); }, {2, 3}, {3, 2},
                      [](const index_list& i) { return index_list{1 - i[1], i[0]}; });
    }
    check_gathers([](auto x) { return rot90(x, 1, {2, 0}); }, {2, 3, 4}, {4, 3, 2},
                  [](const index_list& i) { return index_list{1 - i[2], i[1], i[0]}; });
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(same(rot90(x, -4), x));
    BOOST_TEST(throws<bt::index_error>([&] { (void)rot90(x, 1, {0, -2}); }, {"[rot90]", "twice"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)rot90(x, 0, {0, 2}); }, {"[rot90] axis 2"}));
}

BOOST_AUTO_TEST_CASE(rolled_arrays)
{
    const auto back = [](std::ptrdiff_t i, std::ptrdiff_t n) { return (i % n + n) % n; };
    for (const int shift : {0, 1, -1, 3, 11, -13}) {
        check_gathers(
            [=](auto x) { return roll(x, shift, 1); }, {2, 5, 3}, {2, 5, 3},
            [=](const index_list& i) { return index_list{i[0], back(i[1] - shift, 5), i[2]}; });
        check_gathers([=](auto x) { return roll(x, shift); }, {2, 3}, {2, 3},
                      [=](const index_list& i) {
                          const std::ptrdiff_t flat = back(3 * i[0] + i[1] - shift, 6);
                          return index_list{flat / 3, flat % 3};
                      });
    }
    check_gathers([](auto x) { return roll(x, {1, -2}, {0, 2}); }, {2, 3, 4}, {2, 3, 4},
                  [&](const index_list& i) {
                      return index_list{back(i[0] - 1, 2), i[1], back(i[2] + 2, 4)};
                  });
    check_gathers([](auto x) { return roll(x, 1, std::vector<int>{-1, 0, -1}); }, {2, 3}, {2, 3},
                  [&](const index_list& i) { // given twice: by two
                      return index_list{back(i[0] - 1, 2), back(i[1] - 2, 3)};
                  });
    check_gathers([](auto x) { return roll(x, {1, 2}, {0, 1}); }, {0, 3}, {0, 3},
                  [](const index_list& i) { return i; });
    BOOST_TEST(same(roll(bt::constant(5.0), 3), 5.0));
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)roll(x, 1, 2); }, {"[roll] axis 2"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)roll(x, {1, 2, 3}, {0, 1}); },
                                       {"[roll] 3 shifts", "2 axes", "(2, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)roll(x, std::vector<int>{1, 2}); },
                                       {"[roll] one shift"}));
}

BOOST_AUTO_TEST_CASE(repeated_elements)
{
    check_gathers([](auto x) { return repeat(x, 2, 1); }, {2, 3, 2}, {2, 6, 2},
                  [](const index_list& i) { return index_list{i[0], i[1] / 2, i[2]}; });
    check_gathers([](auto x) { return repeat_interleave(x, 3); }, {2, 3}, {18},
                  [](const index_list& i) { return index_list{i[0] / 9, i[0] / 3 % 3}; });
    const index_list from = {0, 0, 2, 3, 3, 3};
    check_gathers([](auto x) { return repeat(x, {2, 0, 1, 3}, -2); }, {2, 4, 3}, {2, 6, 3},
                  [&](const index_list& i) {
                      return index_list{i[0], from[static_cast<std::size_t>(i[1])], i[2]};
                  });
    check_gathers([](auto x) { return repeat_interleave(x, {2, 0, 1, 3}); }, {2, 2}, {6},
                  [&](const index_list& i) {
                      const std::ptrdiff_t flat = from[static_cast<std::size_t>(i[0])];
                      return index_list{flat / 2, flat % 2};
                  });
    check_gathers([](auto x) { return repeat(x, 0, 0); }, {2, 3}, {0, 3},
                  [](const index_list& i) { return i; });
    check_gathers([](auto x) { return repeat(x, 2, 0); }, {2, 1, 1, 1, 1, 1, 1, 2},
                  {4, 1, 1, 1, 1, 1, 1, 2}, [](index_list i) { // as many axes as there are
                      i[0] /= 2;
                      return i;
                  });
    BOOST_TEST(same(repeat(bt::constant(5.0), 3), reals{5.0, 5.0, 5.0}));
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)repeat(x, -1, 0); }, {"[repeat] -1", "(2, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)repeat(x, {1, 2}, 1); },
                                       {"[repeat] 2 counts", "axis 1", "(2, 3)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)repeat(x, 2, 2); }, {"[repeat] axis 2"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)repeat(bt::constant(5.0), 2, 0); }));
}

BOOST_AUTO_TEST_CASE(tiles)
{
    check_gathers([](auto x) { return tile(x, {2, 1, 3}); }, {2, 3, 4}, {4, 3, 12},
                  [](const index_list& i) { return index_list{i[0] % 2, i[1], i[2] % 4}; });
    check_gathers([](auto x) { return tile(x, 2); }, {2, 3}, {2, 6},
                  [](const index_list& i) { return index_list{i[0], i[1] % 3}; });
    check_gathers([](auto x) { return tile(x, {2, 1, 2}); }, {3}, {2, 1, 6},
                  [](const index_list& i) { return index_list{i[2] % 3}; });
    check_gathers(
        [](auto x) { return tile(x, {2, 2, 2, 1, 1, 1, 1, 2}); }, {1, 2, 1, 1, 1, 1, 1, 2},
        {2, 4, 2, 1, 1, 1, 1, 4},
        [](const index_list& i) { return index_list{0, i[1] % 2, 0, 0, 0, 0, 0, i[7] % 2}; });
    check_gathers([](auto x) { return tile(x, {0, 2}); }, {2, 3}, {0, 6},
                  [](const index_list& i) { return i; });
    BOOST_TEST(same(tile(bt::constant(5.0), {1, 2}), reals{{5.0, 5.0}}));
    BOOST_TEST(same(tile(bt::constant(5.0), std::vector<int>{}), 5.0));
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)tile(x, {1, -2}); }, {"[tile] -2", "(2, 3)"}));
}

BOOST_AUTO_TEST_CASE(under_using_namespace_xt)
{
    using namespace xt;
    const bt::variable<double> x(counting({2, 3})), v(counting({2}));
    BOOST_TEST((expand_dims(x, 0).shape() == bt::shape{1, 2, 3}));
    BOOST_TEST((squeeze(expand_dims(x, 1)).shape() == x.shape()));
    BOOST_TEST((squeeze(expand_dims(x, {0, 1}), {0, 1}).shape() == x.shape()));
    BOOST_TEST(same(flip(flip(x, 0), 1), flip(x)));
    BOOST_TEST(same(rot90(rot90(x)), rot90(x, 2)));
    BOOST_TEST(same(roll(roll(x, 1, 0), 1), roll(roll(x, {1}, {0}), 1)));
    BOOST_TEST(same(repeat(x, 2, 0), repeat(x, {2, 2}, 0)));
    BOOST_TEST(same(tile(x, 2), tile(x, {1, 2})));
    BOOST_TEST(same(pad(x, 1), pad(x, {{1, 1}, {1, 1}})));
    BOOST_TEST(same(split(x, 2)[1], split(x, {1, 1}, 0)[1]));
    BOOST_TEST(same(diag(diag(v)), v));
    BOOST_TEST(same(diag(v, 1), triu(diag(v, 1), 1)));
    BOOST_TEST(same(diagonal(tril(x, 1) + triu(x, 2), 1, 0, 1), diagonal(x, 1)));
    BOOST_TEST((meshgrid(v, x.shape()[0] == 2 ? v : v)[0].shape() == bt::shape{2, 2}));
}

BOOST_AUTO_TEST_SUITE_END()
