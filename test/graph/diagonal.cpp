// SPDX-License-Identifier: BSD-3-Clause
// Sliding windows, diagonals and triangles, as views that overlap and as what sums over them.
#include <support/gathers.hpp>

#include <limits>

namespace bt = backtrail;
using expect::check_gathers;
using expect::close;
using expect::counting;
using expect::index_list;
using expect::none;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

constexpr std::ptrdiff_t far = std::numeric_limits<std::ptrdiff_t>::max();

} // namespace

BOOST_AUTO_TEST_SUITE(graph_diagonal)

BOOST_AUTO_TEST_CASE(sliding_windows)
{
    check_gathers([](auto x) { return unfold(x, 2, 2, 1); }, {2, 3, 4}, {2, 3, 3, 2},
                  [](const index_list& i) { return index_list{i[0], i[1], i[2] + i[3]}; });
    check_gathers([](auto x) { return unfold(x, 0, 3, 2); }, {8, 2}, {3, 2, 3},
                  [](const index_list& i) { return index_list{2 * i[0] + i[2], i[1]}; });
    check_gathers([](auto x) { return unfold(x, -2, 2, 3); }, {2, 7, 2}, {2, 2, 2, 2},
                  [](const index_list& i) { return index_list{i[0], 3 * i[1] + i[3], i[2]}; });
    check_gathers([](auto x) { return unfold(x, 0, 4, 1); }, {4}, {1, 4},
                  [](const index_list& i) { return index_list{i[1]}; });
    check_gathers([](auto x) { return unfold(x, 0, 0, 2); }, {3}, {2, 0},
                  [](const index_list& i) { return i; });
    check_gathers([](auto x) { return unfold(unfold(x, 0, 2, 1), 1, 3, 1); }, {4, 5}, {3, 3, 2, 3},
                  [](const index_list& i) { return index_list{i[0] + i[2], i[1] + i[3]}; });
    const bt::variable<double> x(counting({2, 3})), number(5.0);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)unfold(x, 1, 4, 1); },
                                       {"[unfold]", "4 elements", "axis 1", "(2, 3)"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)unfold(x, 1, 2, 0); }, {"[unfold]", "0 apart"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)unfold(x, 1, -1, 1); }, {"[unfold]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)unfold(x, 2, 1, 1); }, {"[unfold] axis 2"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)unfold(number, 0, 1, 1); }));
}

BOOST_AUTO_TEST_CASE(windows_in_products_and_sums)
{
    // A moving average, and a convolution as a product with the windows.
    const reals a = xt::sin(counting({40}));
    const bt::variable<double> x(a), w(reals{0.5, -1.0, 2.0});
    const bt::tensor<double> y = matmul(unfold(x, 0, 3, 1), w), m = sum(unfold(x, 0, 3, 1), 1);
    reals convolved = xt::zeros<double>({38}), moving = xt::zeros<double>({38});
    for (std::size_t i = 0; i < 38; ++i) {
        convolved(i) = 0.5 * a(i) - a(i + 1) + 2.0 * a(i + 2);
        moving(i) = a(i) + a(i + 1) + a(i + 2);
    }
    BOOST_TEST(close(y, convolved));
    BOOST_TEST(close(m, moving));
    const auto report =
        bt::check_gradient([](auto u, auto v) { return matmul(unfold(u * u, 0, 3, 2), v * v); }, a,
                           reals{0.5, 1.0, 2.0});
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(diagonals)
{
    check_gathers([](auto x) { return diagonal(x); }, {3, 4}, {3},
                  [](const index_list& i) { return index_list{i[0], i[0]}; });
    check_gathers([](auto x) { return diagonal(x, 2); }, {3, 4}, {2},
                  [](const index_list& i) { return index_list{i[0], i[0] + 2}; });
    check_gathers([](auto x) { return diagonal(x, -1); }, {4, 2}, {2},
                  [](const index_list& i) { return index_list{i[0] + 1, i[0]}; });
    check_gathers([](auto x) { return diagonal(x, 1, -1, 0); }, {3, 2, 4}, {2, 2},
                  [](const index_list& i) { return index_list{i[1] + 1, i[0], i[1]}; });
    check_gathers([](auto x) { return diagonal(x, 0, 1, 2); }, {2, 3, 2, 2}, {2, 2, 2},
                  [](const index_list& i) { return index_list{i[0], i[2], i[2], i[1]}; });
    for (const std::ptrdiff_t offset : {std::ptrdiff_t{4}, std::ptrdiff_t{-3}, far, -far - 1}) {
        check_gathers([=](auto x) { return diagonal(x, offset); }, {3, 4}, {0},
                      [](const index_list& i) { return i; });
    }
    const bt::variable<double> x(counting({2, 3})), v(counting({3}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)diagonal(v); }, {"[diagonal]", "(3,)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)diagonal(x, 0, 0, 2); }, {"[diagonal] axis 2"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)diagonal(x, 0, 1, -1); }, {"twice"}));
}

BOOST_AUTO_TEST_CASE(matrices_of_diagonals)
{
    check_gathers([](auto x) { return diag_embed(x); }, {2, 3}, {2, 3, 3},
                  [](const index_list& i) { return i[1] == i[2] ? index_list{i[0], i[1]} : none; });
    check_gathers(
        [](auto x) { return diag_embed(x, 1, 0, 2); }, {2, 3}, {4, 2, 4},
        [](const index_list& i) { return i[0] + 1 == i[2] ? index_list{i[1], i[0]} : none; });
    check_gathers(
        [](auto x) { return diag_embed(x, 1, 2, 0); }, {2, 3}, {4, 2, 4},
        [](const index_list& i) { return i[2] + 1 == i[0] ? index_list{i[1], i[2]} : none; });
    check_gathers([](auto x) { return diag(x, -2); }, {2}, {4, 4},
                  [](const index_list& i) { return i[0] == i[1] + 2 ? index_list{i[1]} : none; });
    check_gathers([](auto x) { return diag(x, 1); }, {3, 3}, {2},
                  [](const index_list& i) { return index_list{i[0], i[0] + 1}; });
    check_gathers([](auto x) { return diag(x, 2); }, {0}, {2, 2},
                  [](const index_list&) { return none; });
    const bt::variable<double> x(counting({2, 3})), number(5.0);
    BOOST_TEST(same(diag(bt::constant(xt::xarray<bool>{true, true})), reals{{1, 0}, {0, 1}}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)diag_embed(number); }, {"[diag_embed]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)diag_embed(x, 0, 0, 3); }, {"axis 3"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)diag_embed(x, 0, 0, -3); }, {"twice"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)diag(number); }, {"[diag]", "()"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)diag(expand_dims(x, 0)); }, {"(1, 2, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)diag_embed(x, far); }, {"too large"}));
}

BOOST_AUTO_TEST_CASE(traces)
{
    const bt::variable<double> x(counting({3, 3})), boxes(counting({2, 3, 2}));
    BOOST_TEST(same(trace(x), 15.0));
    BOOST_TEST(same(trace(x, 1), 8.0));
    BOOST_TEST(same(trace(x, -5), 0.0));
    BOOST_TEST(same(grad(trace(x, -1), x), reals{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}));
    BOOST_TEST(same(trace(boxes, 0, 1, 2), reals{5.0, 17.0}));
    BOOST_TEST(same(trace(boxes, 1, 0, -1), reals{2.0, 4.0, 6.0}));
    BOOST_TEST(same(trace(x > 4.0), 2.0));
    BOOST_TEST(same(trace(bt::constant(counting({0, 2}))), 0.0));
    const auto report = bt::check_gradient([](auto m) { return trace(m * m * m, 1, 2, 0); },
                                           reals(xt::sin(counting({3, 2, 4}))));
    BOOST_TEST(report.ok, report.message);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)trace(sum(x, 0)); }, {"[trace]", "(3,)"}));
}

BOOST_AUTO_TEST_CASE(triangles)
{
    for (const std::ptrdiff_t k :
         {std::ptrdiff_t{0}, std::ptrdiff_t{1}, std::ptrdiff_t{-1}, std::ptrdiff_t{-2},
          std::ptrdiff_t{3}, std::ptrdiff_t{-9}, far, -far - 1}) {
        const auto is_below = [=](const index_list& i) { return i[2] - i[1] <= k; };
        const auto is_above = [=](const index_list& i) { return i[2] - i[1] >= k; };
        check_gathers([=](auto x) { return tril(x, k); }, {2, 3, 4}, {2, 3, 4},
                      [=](const index_list& i) { return is_below(i) ? i : none; });
        check_gathers([=](auto x) { return triu(x, k); }, {2, 4, 3}, {2, 4, 3},
                      [=](const index_list& i) { return is_above(i) ? i : none; });
    }
    check_gathers([](auto x) { return tril(x); }, {2, 0}, {2, 0},
                  [](const index_list& i) { return i; });
    check_gathers([](auto x) { return triu(x); }, {0, 3, 3}, {0, 3, 3},
                  [](const index_list& i) { return i; });
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    const bt::variable<double> x(reals{{1.0, nan}, {nan, 4.0}});
    BOOST_TEST(same(tril(x), reals{{1.0, 0.0}, {nan, 4.0}}));
    BOOST_TEST(
        same(vjp(triu(x, 1), reals{{nan, 2.0}, {nan, nan}}, x), reals{{0.0, 2.0}, {0.0, 0.0}}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)tril(sum(x, 0)); }, {"[tril]", "(2,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)triu(sum(x)); }, {"[triu]", "()"}));
}

BOOST_AUTO_TEST_SUITE_END()
