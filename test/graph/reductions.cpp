// SPDX-License-Identifier: BSD-3-Clause
// Reductions: every form of axes and keepdims, layouts, empty arrays, ties, NaN and infinities, and
// the composites that are made of them.
#include <support/expect.hpp>

namespace bt = backtrail;
using bt::infinity;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

const reals cube = {{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, {{7.0, 8.0, 9.0}, {10.0, 11.0, 12.0}}};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_reductions)

BOOST_AUTO_TEST_CASE(axes_in_every_form)
{
    const bt::variable<double> x(cube);
    const reals over_1 = {{5.0, 7.0, 9.0}, {17.0, 19.0, 21.0}}, over_01 = {22.0, 26.0, 30.0};
    BOOST_TEST(same(sum(x), 78.0));
    BOOST_TEST(same(sum(x, 1), over_1));
    BOOST_TEST(same(sum(x, -2), over_1));
    BOOST_TEST(same(sum(x, std::size_t{1}), over_1));
    BOOST_TEST(same(sum(x, {1}), over_1));
    BOOST_TEST(same(sum(x, {0, 1}), over_01));
    BOOST_TEST(same(sum(x, {1, 0}), over_01));
    BOOST_TEST(same(sum(x, {-2, 0}), over_01));
    BOOST_TEST(same(sum(x, std::vector<int>{0, 1}), over_01));
    BOOST_TEST(same(sum(x, std::array<std::ptrdiff_t, 2>{0, 1}), over_01));
    BOOST_TEST(same(sum(x, {0, 1, 2}), 78.0));
    BOOST_TEST(same(sum(x, std::vector<int>{}), cube)); // over no axis
    BOOST_TEST(same(sum(x * 2.0, 2), reals{{12.0, 30.0}, {48.0, 66.0}}));
}

BOOST_AUTO_TEST_CASE(keepdims_in_every_form)
{
    const bt::variable<double> x(cube);
    const reals over_1 = {{{5.0, 7.0, 9.0}}, {{17.0, 19.0, 21.0}}},
                over_01 = {{{22.0, 26.0, 30.0}}};
    BOOST_TEST(same(sum(x, 1, bt::keepdims), over_1));
    BOOST_TEST(same(sum(x, 1, xt::keep_dims), over_1));
    BOOST_TEST(same(sum(x, {0, 1}, bt::keepdims), over_01));
    BOOST_TEST(same(sum(x, {0, 1}, xt::keep_dims), over_01));
    BOOST_TEST(same(sum(x, std::vector<int>{-2, 0}, bt::keepdims), over_01));
    BOOST_TEST((max(x, {0, 2}, bt::keepdims).shape() == bt::shape{1, 2, 1}));
    BOOST_TEST((mean(x, {0, 2}, bt::keepdims).shape() == bt::shape{1, 2, 1}));
    BOOST_TEST((logsumexp(x, {0, 2}, xt::keep_dims).shape() == bt::shape{1, 2, 1}));
}

BOOST_AUTO_TEST_CASE(wrong_axes)
{
    const bt::variable<double> x(cube);
    BOOST_TEST(throws<bt::index_error>([&] { (void)sum(x, 3); }, {"[sum]", "axis 3", "rank 3"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)mean(x, {0, -3}); }, {"[mean]", "twice"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)max(x, -4); }, {"[max]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)logsumexp(x, 5); }, {"[logsumexp]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)argmax(x, 3); }, {"[argmax]"}));
}

BOOST_AUTO_TEST_CASE(every_kind_over_every_layout)
{
    const bt::variable<double> x(cube);
    const bt::tensor<double> backwards = transpose(x, {2, 0, 1});
    BOOST_TEST(same(sum(backwards, 0), sum(x, 2)));
    BOOST_TEST(same(mean(backwards, {1, 2}), reals{5.5, 6.5, 7.5}));
    BOOST_TEST(same(max(backwards, 2), transpose(max(x, 1))));
    BOOST_TEST(same(argmax(backwards, 0), reals{{2.0, 2.0}, {2.0, 2.0}}));
    BOOST_TEST(close(logsumexp(backwards, {0, 2}), logsumexp(x, {1, 2})));
    const bt::tensor<double> reversed =
        view(x, 1, xt::all(), xt::range(2, xt::placeholders::_, -2));
    BOOST_TEST(same(sum(reversed), 9.0 + 7.0 + 12.0 + 10.0));
    BOOST_TEST(same(sum(broadcast_to(view(x, 0, 0), {4, 3}), 0), reals{4.0, 8.0, 12.0}));
    BOOST_TEST(same(sum(bt::constant(3.0)), 3.0));
    BOOST_TEST(same(max(bt::constant(3.0)), 3.0));
    BOOST_TEST(same(mean(bt::constant(table({1, 1}, {4.0})), 0), reals{4.0}));
}

BOOST_AUTO_TEST_CASE(gradients_go_back_to_what_was_reduced)
{
    const bt::variable<double> x(reals{{1.0, 5.0, 2.0}, {4.0, 3.0, 6.0}});
    const reals weights = {10.0, 20.0};
    BOOST_TEST(same(vjp(sum(x, 1), weights, x), reals{{10.0, 10.0, 10.0}, {20.0, 20.0, 20.0}}));
    BOOST_TEST(
        close(vjp(mean(x, 1), 3.0 * weights, x), reals{{10.0, 10.0, 10.0}, {20.0, 20.0, 20.0}}));
    BOOST_TEST(same(vjp(max(x, 1), weights, x), reals{{0.0, 10.0, 0.0}, {0.0, 0.0, 20.0}}));
    BOOST_TEST(same(vjp(max(x, 0, bt::keepdims), reals{{1.0, 2.0, 3.0}}, x),
                    reals{{0.0, 2.0, 0.0}, {1.0, 0.0, 3.0}}));
    BOOST_TEST(close(vjp(logsumexp(x, 1), weights, x),
                     softmax(x) * bt::constant(table({2, 1}, {10.0, 20.0}))));
    BOOST_TEST(same(grad(mean(x), x), reals((1.0 / 6.0) * xt::ones<double>({2, 3}))));
}

BOOST_AUTO_TEST_CASE(nothing_to_reduce)
{
    const bt::variable<double> x(reals(reals::from_shape({0, 3}))),
        y(reals(reals::from_shape({3, 0})));
    BOOST_TEST(same(sum(x), 0.0));
    BOOST_TEST(same(sum(y, 1), reals{0.0, 0.0, 0.0}));
    BOOST_TEST(same(mean(x), not_a_number));
    BOOST_TEST(same(mean(x, 0), reals({not_a_number, not_a_number, not_a_number})));
    BOOST_TEST(same(logsumexp(x), -infinity));
    BOOST_TEST(same(logsumexp(y, 1), reals({-infinity, -infinity, -infinity})));
    BOOST_TEST((sum(x, 1).value().size() == 0u)); // the empty axis stays
    BOOST_TEST((max(x, 1).value().size() == 0u));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)max(x); }, {"[max]", "no elements", "(0, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)max(y, 1); }, {"[max]"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)argmax(x); }, {"[argmax]"}));
    BOOST_TEST((grad(sum(x), x).value().shape() == x.value().shape()));
    BOOST_TEST((grad(mean(x), x).value().shape() == x.value().shape()));
    BOOST_TEST((grad(logsumexp(x), x).value().shape() == x.value().shape()));
}

BOOST_AUTO_TEST_CASE(the_largest_with_ties_and_nan)
{
    const bt::variable<double> x(
        reals{{1.0, 3.0, 3.0, 3.0}, {2.0, not_a_number, 5.0, not_a_number}});
    BOOST_TEST(same(max(x, 1), reals({3.0, not_a_number})));
    BOOST_TEST(same(argmax(x, 1), reals{1.0, 1.0}));
    const double third = 1.0 / 3.0;
    const reals share = {{0.0, third, third, third}, {0.0, 1.0, 0.0, 0.0}};
    BOOST_TEST(close(vjp(max(x, 1), reals{1.0, 1.0}, x), share));
    BOOST_TEST(
        close(jvp(max(x, 1), bt::tangent(x, reals{{9.0, 1.0, 2.0, 3.0}, {9.0, 7.0, 9.0, 9.0}})),
              reals{2.0, 7.0}));
    const bt::variable<double> low(reals{-infinity, -infinity});
    BOOST_TEST(same(max(low), -infinity));
    BOOST_TEST(same(grad(max(low), low), reals{0.5, 0.5}));
    BOOST_TEST(same(argmax(bt::constant(reals{{0.0, 7.0}, {7.0, 1.0}})), 1.0));
}

/// Longer than tiles and of several chunks: of an operand that a pass makes, of one in memory, and of one that lies
/// otherwise, against plain loops of more digits.
BOOST_AUTO_TEST_CASE(products_and_logsumexp_of_any_length)
{
    for (const auto& [rows, columns] :
         {std::pair(3u, 1300u), {1300u, 3u}, {40000u, 5u}, {70u, 700u}}) {
        reals a = reals::from_shape({rows, columns});
        for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(0.7 * double(i));
        const bt::variable<double> x(a), turned(reals(xt::transpose(a)));
        for (const int over : {0, 1, 2}) { // both
            const auto reduced = [&](auto by_kind) {
                return [=](const bt::tensor<double>& t) {
                    return over == 2 ? by_kind(t) : by_kind(t, over);
                };
            };
            const auto lse =
                reduced([](const auto&... t) { return bt::tensor<double>(logsumexp(t...)); });
            const auto product =
                reduced([](const auto&... t) { return bt::tensor<double>(prod(t...)); });
            const std::size_t results = over == 1 ? rows : over == 0 ? columns : 1;
            std::vector<long double> sums(results, 0), products(results, 1);
            for (std::size_t i = 0; i < a.size(); ++i) {
                const std::size_t r = over == 1 ? i / columns : over == 0 ? i % columns : 0;
                sums[r] += std::exp(static_cast<long double>(a.data()[i] / 2));
                products[r] *= 1 + a.data()[i] / 1024;
            }
            reals logarithms = reals::from_shape({results}), factors = reals::from_shape({results});
            for (std::size_t r = 0; r < results; ++r) {
                logarithms(r) = static_cast<double>(std::log(sums[r]));
                factors(r) = static_cast<double>(products[r]);
            }
            const auto check = [&](const auto& f, const bt::tensor<double>& made,
                                   const bt::tensor<double>& other, const reals& right) {
                const reals result = expect::read(f(made));
                BOOST_TEST(close(reals(xt::flatten(result)), right), rows << " x " << columns);
                const bt::tensor<double> stored = bt::constant(expect::read(made));
                BOOST_TEST(expect::identical(result, expect::read(f(stored))));
                BOOST_TEST(close(f(other), result));
            };
            check(lse, x / 2.0, transpose(turned / 2.0), logarithms);
            check(product, 1.0 + x / 1024.0, transpose(1.0 + turned / 1024.0), factors);
        }
    }
}

BOOST_AUTO_TEST_CASE(logsumexp_of_columns_at_infinities)
{
    reals a = xt::zeros<double>({100, 5});
    xt::view(a, xt::all(), 0) = -infinity;
    a(40, 1) = infinity;
    a(70, 2) = not_a_number;
    xt::view(a, xt::range(0, 99), 3) = -infinity;
    a(20, 4) = -infinity;
    const reals expected = {-infinity, infinity, not_a_number, 0.0, std::log(99.0)};
    BOOST_TEST(close(logsumexp(bt::constant(a), 0), expected));
    BOOST_TEST(close(logsumexp(as_tensor(bt::variable<double>(a)) * 1.0, 0), expected));
}

BOOST_AUTO_TEST_CASE(logsumexp_at_infinities_and_far_out)
{
    const bt::variable<double> x(reals{{1000.0, 1000.0}, {-1000.0, -1001.0}, {-infinity, 0.5}});
    BOOST_TEST(close(logsumexp(x, 1),
                     reals{1000.0 + std::log(2.0), -1000.0 + std::log1p(std::exp(-1.0)), 0.5}));
    const double e = std::exp(-1.0);
    BOOST_TEST(close(vjp(logsumexp(x, 1), reals{1.0, 1.0, 1.0}, x),
                     reals{{0.5, 0.5}, {1.0 / (1.0 + e), e / (1.0 + e)}, {0.0, 1.0}}));
    const auto value = [](const reals& v) { return logsumexp(bt::constant(v)).value()(); };
    BOOST_TEST(value(reals{-infinity, -infinity}) == -infinity);
    BOOST_TEST(value(reals{infinity, 1.0, -infinity}) == infinity);
    BOOST_TEST(std::isnan(value(reals({not_a_number, infinity}))));
    const bt::variable<double> low(reals{-infinity, -infinity}),
        high(reals{1.0, infinity, infinity});
    BOOST_TEST(same(grad(logsumexp(low), low), reals{0.0, 0.0}));
    BOOST_TEST(same(grad(logsumexp(high), high), reals{0.0, 0.5, 0.5}));
}

BOOST_AUTO_TEST_CASE(softmax_and_its_logarithm)
{
    const bt::variable<double> x(reals{{0.0, -infinity, 0.0}, {1e3, 0.0, -1e3}});
    BOOST_TEST(close(softmax(x), reals{{0.5, 0.0, 0.5}, {1.0, 0.0, 0.0}}));
    BOOST_TEST(close(log_softmax(x),
                     reals{{-std::log(2.0), -infinity, -std::log(2.0)}, {0.0, -1e3, -2e3}}));
    BOOST_TEST(close(softmax(x, 0).value()(0, 0), 0.0));
    const reals g = grad(sum(view(softmax(x), xt::all(), 0)), x).value();
    BOOST_TEST(same(g, reals{{0.25, 0.0, -0.25}, {0.0, 0.0, 0.0}}));
    const bt::variable<double> lost(reals{-infinity, -infinity});
    BOOST_TEST(same(softmax(lost), reals({not_a_number, not_a_number})));
    BOOST_TEST(same(log_softmax(lost), reals({not_a_number, not_a_number})));
}

BOOST_AUTO_TEST_CASE(masks_and_integers)
{
    const bt::tensor<bool> mask = bt::constant(xt::xarray<bool>{{true, false}, {true, true}});
    static_assert(std::is_same_v<decltype(sum(mask))::value_type, std::int64_t>);
    BOOST_TEST(same(sum(mask), 3.0));
    BOOST_TEST(same(sum(mask, 0), reals{2.0, 1.0}));
    const bt::tensor<std::int64_t> n = bt::constant(xt::xarray<std::int64_t>{5, -3, 9});
    BOOST_TEST(same(sum(n), 11.0));
    BOOST_TEST(same(max(n), 9.0));
    BOOST_TEST(same(argmax(n), 2.0));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)mean(n); }, {"[mean]", "cast"}));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)logsumexp(n); }, {"[logsumexp]"}));
}

BOOST_AUTO_TEST_CASE(long_sums_lose_little)
{
    const std::size_t n = 1000003;
    const xt::xarray<float> tenth = 0.1f * xt::ones<float>({n});
    // Naive summation in float is off by 1 %; a tree stays within a few roundings.
    BOOST_TEST(close(sum(bt::constant(tenth)), static_cast<double>(n) * double(0.1f), 1e-6));
    BOOST_TEST(close(mean(bt::constant(tenth) * 1.0), double(0.1f), 1e-7));
    BOOST_TEST(close(sum(bt::constant(tenth), 0), static_cast<double>(n) * double(0.1f), 1e-6));
}

BOOST_AUTO_TEST_CASE(losses)
{
    const bt::variable<double> z(reals{{2.0, 1.0, 0.0}, {0.0, 0.0, 0.0}});
    const bt::tensor<std::int64_t> labels = bt::constant(xt::xarray<std::int64_t>{0, 2});
    const double first = std::log(1.0 + std::exp(-1.0) + std::exp(-2.0)), second = std::log(3.0);
    BOOST_TEST(close(cross_entropy(bt::tensor<double>(z), labels), (first + second) / 2.0));
    BOOST_TEST(
        close(cross_entropy(z, labels, {bt::reduction::none, 0.0, {}}), reals{first, second}));
    BOOST_TEST(close(cross_entropy(z, labels, {bt::reduction::mean, 0.0, 2}), first));
    const bt::tensor<double> one_hot = bt::constant(reals{{1.0, 0.0, 0.0}, {0.0, 0.0, 1.0}});
    BOOST_TEST(close(cross_entropy(z, one_hot), (first + second) / 2.0));
    BOOST_TEST(close(grad(cross_entropy(z, labels), z), (softmax(z) - one_hot) / 2.0));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)cross_entropy(z, view(labels, xt::range(0, 1))); },
                                {"[cross_entropy]", "(2, 3)", "(1,)"}));
    BOOST_TEST(close(mean_squared_error(z, 1.0), 5.0 / 6.0));
}

BOOST_AUTO_TEST_SUITE_END()
