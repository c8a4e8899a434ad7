// SPDX-License-Identifier: BSD-3-Clause
// Arrays padded, cut into parts, spread over grids, and with parts of them overwritten.
#include <support/gathers.hpp>

#include <limits>

namespace bt = backtrail;
using expect::check_gathers;
using expect::counting;
using expect::index_list;
using expect::none;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

using bt::pad_mode;
using xt::all;
using xt::range;
const auto to_end = xt::placeholders::_;

/// x[i] with i outside, walking back into the array at its ends as the mode says.
std::ptrdiff_t walk(std::ptrdiff_t i, std::ptrdiff_t n, pad_mode mode)
{
    if (mode == pad_mode::replicate) return i < 0 ? 0 : i < n ? i : n - 1;
    while (i < 0 || i >= n) {
        if (mode == pad_mode::circular) {
            i += i < 0 ? n : -n;
        } else if (n == 1) {
            return 0;
        } else {
            i = i < 0 ? -i : 2 * (n - 1) - i;
        }
    }
    return i;
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_parts)

BOOST_AUTO_TEST_CASE(padded_with_own_elements)
{
    for (const auto mode : {pad_mode::reflect, pad_mode::replicate, pad_mode::circular}) {
        check_gathers([=](auto x) { return pad(x, {{0, 0}, {2, 1}, {1, 3}}, mode); }, {2, 3, 4},
                      {2, 6, 8},
                      [=](const index_list& i) {
                          return index_list{i[0], walk(i[1] - 2, 3, mode), walk(i[2] - 1, 4, mode)};
                      });
        // Farther than the array is long, and an axis of one element.
        check_gathers([=](auto x) { return pad(x, {{7, 9}, {2, 1}}, mode); }, {3, 1}, {19, 4},
                      [=](const index_list& i) { return index_list{walk(i[0] - 7, 3, mode), 0}; });
    }
    const bt::tensor<double> x = bt::constant(counting({3}));
    BOOST_TEST(same(pad(x, 2, pad_mode::reflect), reals{3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0}));
    BOOST_TEST(same(pad(x, 2, pad_mode::replicate), reals{1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0}));
    BOOST_TEST(same(pad(x, 2, pad_mode::circular), reals{2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0}));
}

BOOST_AUTO_TEST_CASE(padded_with_a_value)
{
    check_gathers([](auto x) { return pad(x, {{0, 1}, {2, 0}}); }, {2, 3}, {3, 5},
                  [](const index_list& i) {
                      return i[0] < 2 && i[1] >= 2 ? index_list{i[0], i[1] - 2} : none;
                  });
    const bt::variable<double> x(counting({2, 2}));
    const bt::tensor<double> y = pad(x, {{1, 0}, {0, 2}}, pad_mode::constant, 7.5);
    BOOST_TEST(same(y, reals{{7.5, 7.5, 7.5, 7.5}, {1.0, 2.0, 7.5, 7.5}, {3.0, 4.0, 7.5, 7.5}}));
    BOOST_TEST(same(vjp(y, counting({3, 4}), x), reals{{5.0, 6.0}, {9.0, 10.0}}));
    BOOST_TEST(same(jvp(y, bt::tangent(x, counting({2, 2}))),
                    pad(x, {{1, 0}, {0, 2}}))); // the value has no tangent
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(same(pad(x, {{0, 0}, {0, 1}}, pad_mode::constant, nan),
                    reals{{1.0, 2.0, nan}, {3.0, 4.0, nan}}));
    const bt::tensor<double> nothing = bt::constant(counting({0, 2}));
    BOOST_TEST(same(pad(nothing, {{1, 0}, {0, 0}}, pad_mode::constant, 3.0), reals{{3.0, 3.0}}));
    BOOST_TEST(same(pad(bt::constant(5.0), 3), 5.0)); // no axes, no sides
    const auto numbers = bt::constant(xt::xarray<std::int64_t>{1, 2});
    BOOST_TEST(same(pad(numbers, 1, pad_mode::constant, -4), reals{-4.0, 1.0, 2.0, -4.0}));
    BOOST_TEST(same(pad(bt::constant(xt::xarray<bool>{false}), 1, pad_mode::constant, 1),
                    reals{1.0, 0.0, 1.0}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)pad(numbers, 1, pad_mode::constant, 0.5); },
                                       {"[pad] 0.5", "int64", "(2,)"}));
    BOOST_CHECK_THROW((void)pad(numbers, 1, pad_mode::constant, nan), bt::value_error);
}

BOOST_AUTO_TEST_CASE(paddings_that_do_not_fit_throw)
{
    const bt::variable<double> x(counting({2, 3})), nothing(counting({2, 0}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)pad(x, {{1, 1}}); }, {"[pad] 1 pairs", "(2, 3)"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)pad(x, {{1, 1}, {0, -1}}); },
                                       {"[pad] by 0 and -1", "(2, 3)"}));
    BOOST_CHECK_THROW((void)pad(x, -1, pad_mode::circular), bt::value_error);
    for (const auto mode : {pad_mode::reflect, pad_mode::replicate, pad_mode::circular}) {
        BOOST_TEST(throws<bt::shape_error>([&] { (void)pad(nothing, 1, mode); },
                                           {"[pad] axis 1", "empty"}));
        BOOST_TEST((pad(nothing, {{1, 1}, {0, 0}}, mode).value().size() == 0u));
    }
}

BOOST_AUTO_TEST_CASE(splits)
{
    for (const std::size_t k : {0, 1, 2}) {
        const std::ptrdiff_t first[] = {0, 1, 1};
        const std::size_t size[] = {1, 0, 3};
        check_gathers([=](auto x) { return split(x, {1, 0, 3}, -1)[k]; }, {2, 4}, {2, size[k]},
                      [=](const index_list& i) { return index_list{i[0], i[1] + first[k]}; });
        check_gathers([=](auto x) { return split(x, 3)[k]; }, {6, 2}, {2, 2},
                      [=](const index_list& i) {
                          return index_list{i[0] + 2 * static_cast<std::ptrdiff_t>(k), i[1]};
                      });
    }
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(split(x, std::vector<int>{2}, 0).size() == 1u);
    BOOST_TEST(same(concatenate(split(x, 3, 1), 1), x));
    BOOST_TEST(split(bt::constant(counting({0})), 4).size() == 4u);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)split(x, 2, 1); },
                                       {"[split] into 2 equal parts", "axis 1", "(2, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)split(x, {1, 1}, 1); },
                                       {"[split] parts of 2 elements", "(2, 3)"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)split(x, 0); }, {"[split] into 0 parts"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)split(x, {4, -1}, 1); }, {"[split] -1"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)split(x, 1, 2); }, {"[split] axis 2"}));
}

BOOST_AUTO_TEST_CASE(grids)
{
    // Beside vectors of 2 and of 4 elements, as the second of three.
    const auto grid = [](auto x, bt::indexing how) {
        using T = typename decltype(x)::value_type;
        return meshgrid(how, bt::constant(xt::xarray<T>({1, 2})), x,
                        bt::constant(xt::xarray<T>({1, 2, 3, 4})))[1];
    };
    check_gathers([&](auto x) { return grid(x, bt::indexing::ij); }, {3}, {2, 3, 4},
                  [](const index_list& i) { return index_list{i[1]}; });
    check_gathers([&](auto x) { return grid(x, bt::indexing::xy); }, {3}, {3, 2, 4},
                  [](const index_list& i) { return index_list{i[0]}; });
    const bt::variable<double> x(counting({2})), y(counting({3}));
    const auto ij = meshgrid(x, y), xy = meshgrid(bt::indexing::xy, x, y);
    BOOST_TEST(same(ij[0], reals{{1.0, 1.0, 1.0}, {2.0, 2.0, 2.0}}));
    BOOST_TEST(same(ij[1], reals{{1.0, 2.0, 3.0}, {1.0, 2.0, 3.0}}));
    BOOST_TEST(same(xy[0], transpose(ij[0])));
    BOOST_TEST(same(xy[1], transpose(ij[1])));
    const std::vector<bt::tensor<double>> list = {x, bt::constant(5.0)};
    BOOST_TEST(same(meshgrid(list)[1], table({2, 1}, {5.0, 5.0})));
    BOOST_TEST(same(meshgrid(list, bt::indexing::xy)[0], reals{{1.0, 2.0}}));
    BOOST_TEST(same(meshgrid(bt::indexing::xy, x)[0], x));
    BOOST_TEST(meshgrid(std::vector<bt::tensor<double>>{}).empty());
    BOOST_TEST(throws<bt::shape_error>([&] { (void)meshgrid(x, expand_dims(y, 0)); },
                                       {"[meshgrid]", "(1, 3)"}));
}

BOOST_AUTO_TEST_CASE(updated_views)
{
    const reals a = counting({4, 3}), b = 100.0 * counting({2, 3});
    const bt::variable<double> x(a), v(b);
    reals written = a, added = a;
    xt::view(written, range(1, 3)) = b;
    xt::view(added, range(1, 3)) += b;
    const bt::tensor<double> w = with_view(x, range(1, 3), v), s = add_to_view(x, range(1, 3), v);
    BOOST_TEST(same(w, written));
    BOOST_TEST(same(s, added));
    BOOST_TEST(same(x, a)); // itself unchanged
    reals kept = a;
    xt::view(kept, range(1, 3)) = 0.0;
    const reals inside = xt::view(a, range(1, 3));
    const auto [xw, vw] = vjp(w, a, bt::wrt(x, v));
    BOOST_TEST(same(xw, kept));
    BOOST_TEST(same(vw, inside));
    const auto [xs, vs] = vjp(s, a, bt::wrt(x, v));
    BOOST_TEST(same(xs, a));
    BOOST_TEST(same(vs, inside));
    BOOST_TEST(same(jvp(w, bt::tangent(x, a), bt::tangent(v, b)), written));
    BOOST_TEST(same(jvp(w, bt::tangent(x, a)), kept)); // with one tangent alone
    BOOST_TEST(same(jvp(s, bt::tangent(x, a)), a));
    BOOST_TEST(same(jvp(s, bt::tangent(v, b)), reals(added - a)));
}

BOOST_AUTO_TEST_CASE(updates_take_what_views_take)
{
    const reals a = counting({3, 4, 2});
    const bt::variable<double> x(a);
    const auto check = [&](const auto& v, const auto... s) {
        reals expected = a, sum = a;
        xt::view(expected, std::remove_const_t<decltype(s)>(s)...) = v;
        xt::view(sum, std::remove_const_t<decltype(s)>(s)...) += v;
        BOOST_TEST(same(with_view(x, s..., v), expected));
        BOOST_TEST(same(with_view(transpose(transpose(x)), std::tuple(s...), v), expected));
        BOOST_TEST(same(add_to_view(x, s..., v), sum));
    };
    check(7.0, 1);
    check(7.0, all(), range(3, to_end, -2), 0);
    check(reals{50.0, 60.0}, range(0, 3, 2), range(1, 4)); // broadcasts
    check(counting({1, 4, 2}), 2, xt::newaxis());
    check(7.0, range(1, 1));
    BOOST_TEST(same(with_view(x, 8.0), reals(8.0 * xt::ones<double>({3, 4, 2}))));
    reals corner = a;
    corner(2, 3, 1) = 9.0;
    BOOST_TEST(same(with_view(x, xt::ellipsis(), -1, 9.0),
                    with_view(x, all(), all(), 1, bt::constant(9.0))));
    BOOST_TEST(same(with_view(x, -1, -1, -1, 9.0), corner));
    // x again as the value, in another order.
    const bt::variable<double> m(counting({2, 2}));
    BOOST_TEST(same(add_to_view(m, transpose(m)), reals{{2.0, 5.0}, {5.0, 8.0}}));
    BOOST_TEST(same(with_view(bt::constant(xt::xarray<std::int64_t>{1, 2, 3}), 1, 7),
                    reals{1.0, 7.0, 3.0}));
    BOOST_TEST(same(with_view(m > 2.0, 0, true), reals{{1.0, 1.0}, {1.0, 1.0}}));
}

BOOST_AUTO_TEST_CASE(updates_to_second_order)
{
    const auto report = bt::check_gradient(
        [](auto x, auto v) {
            const bt::tensor<double> y = with_view(x * x, range(0, 3, 2), 1, v * v);
            return add_to_view(y, all(), range(1, 3),
                               bt::tensor<double>(square(view(y, all(), range(0, 2)))));
        },
        reals(xt::sin(counting({3, 4}))), reals(xt::cos(counting({2}))));
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(updates_that_do_not_fit_throw)
{
    const bt::variable<double> x(counting({4, 3}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)with_view(x, range(1, 3), reals{1.0, 2.0}); },
                                       {"[with_view] (2,)", "(2, 3)", "(4, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)add_to_view(x, 1, counting({1, 3})); },
                                       {"[add_to_view] (1, 3)", "(3,)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)with_view(x, 4, 1.0); }, {"index 4"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)with_view(x, 0, 0, 0, 1.0); },
                                       {"[with_view] 3 slices", "(4, 3)"}));
}

BOOST_AUTO_TEST_SUITE_END()
