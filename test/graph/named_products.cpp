// SPDX-License-Identifier: BSD-3-Clause
// The products that have names, against plain loops or other products, with derivatives; and their
// errors.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

using list = std::vector<std::size_t>;

/// Small whole numbers, so that sums are exact in any order.
reals whole(const list& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a.data()[i] = std::round(4.0 * std::sin(1.7 * static_cast<double>(i) + phase));
    }
    return a;
}

/// kron by its definition: element i of the result is x[i / m] y[i % m] on every axis.
reals kronecker(const reals& x, const reals& y)
{
    const std::size_t rank = std::max(x.dimension(), y.dimension());
    const auto padded = [&](const reals& a) {
        list s(rank - a.dimension(), 1);
        s.insert(s.end(), a.shape().begin(), a.shape().end());
        return s;
    };
    const list a = padded(x), b = padded(y);
    list s(rank);
    for (std::size_t i = 0; i < rank; ++i) s[i] = a[i] * b[i];
    reals z = reals::from_shape(s);
    for (std::size_t flat = 0; flat < z.size(); ++flat) {
        std::size_t rest = flat, at_x = 0, at_y = 0, step_x = 1, step_y = 1;
        for (std::size_t i = rank; i-- > 0;) {
            const std::size_t here = rest % s[i];
            rest /= s[i];
            at_x += here / b[i] * step_x, step_x *= a[i];
            at_y += here % b[i] * step_y, step_y *= b[i];
        }
        z.data()[flat] = x.data()[at_x] * y.data()[at_y];
    }
    return z;
}

/// A product is linear in each operand: <x, x_bar> and <y, y_bar> are both its value along w, and
/// the tangent along its operands is twice its value.
template <class Product>
void check_bilinear(Product product, const reals& a, const reals& b, const reals& expected)
{
    const bt::variable<double> x(a), y(b);
    const bt::tensor<double> z = product(x, y);
    BOOST_TEST(same(z, expected));
    const reals w = whole(list(expected.shape().begin(), expected.shape().end()), 1.0);
    auto [x_bar, y_bar] = vjp(z, w, bt::wrt(x, y));
    BOOST_TEST(same(sum(x * x_bar), sum(z * w)));
    BOOST_TEST(same(sum(y * y_bar), sum(z * w)));
    BOOST_TEST(same(jvp(z, bt::tangent(x, a), bt::tangent(y, b)), reals(2.0 * expected)));
}

/// Derivatives of a product, with one operand used twice, to second order.
template <class F, class... X>
void check_orders(F f, const X&... x)
{
    const auto report = bt::check_gradient(f, x...);
    BOOST_TEST(report.ok, report.message);
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_named_products)

BOOST_AUTO_TEST_CASE(outer_of_any_ranks)
{
    const auto product = [](auto x, auto y) { return outer(x, y); };
    check_bilinear(product, whole({3}), whole({4}), reals(kronecker(whole({3, 1}), whole({4}))));
    check_bilinear(product, whole({2, 3}), whole({2}), kronecker(whole({6, 1}), whole({2})));
    check_bilinear(product, whole({}), whole({3}), kronecker(whole({1, 1}), whole({3})));
    check_bilinear(product, whole({0}), whole({3}), reals(reals::from_shape({0, 3})));
    const bt::variable<double> x(whole({3}));
    BOOST_TEST(
        same(grad(sum(outer(x, x)), x), reals(2.0 * xt::sum(whole({3})) * xt::ones<double>({3}))));
    const auto n = bt::constant(xt::xarray<std::int64_t>{2, 3});
    BOOST_TEST(same(outer(n, n), reals{{4.0, 6.0}, {6.0, 9.0}}));
    BOOST_TEST(same(outer(x, reals{1.0, 2.0}), outer(x, bt::constant(reals{1.0, 2.0}))));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)outer(x, n); }, {"[outer]", "int64", "cast"}));
}

BOOST_AUTO_TEST_CASE(inner_sums_the_last_axes)
{
    const auto product = [](auto x, auto y) { return inner(x, y); };
    const auto expected = [](const reals& x, const reals& y) {
        return reals(matmul(bt::constant(x), transpose(bt::constant(y))).value());
    };
    const reals a = whole({2, 3}), b = whole({4, 3}, 0.5), v = whole({3}, 1.0);
    check_bilinear(product, a, b, expected(a, b));
    check_bilinear(product, v, v, reals(xt::sum(v * v)));
    check_bilinear(product, a, v, reals(xt::sum(a * v, {1})));
    check_bilinear(product, whole({}, 1.0), a, reals(whole({}, 1.0)() * a));
    BOOST_TEST((inner(bt::constant(whole({2, 3, 4})), bt::constant(whole({5, 4}))).shape() ==
                bt::shape{2, 3, 5}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)inner(bt::constant(a), bt::constant(whole({2}))); },
                                {"[inner]", "(2, 3)", "(2,)"}));
}

BOOST_AUTO_TEST_CASE(vecdot_along_an_axis)
{
    const reals a = whole({2, 3, 4}), b = whole({3, 4}, 0.5), c = whole({4}, 1.0);
    check_bilinear([](auto x, auto y) { return vecdot(x, y); }, a, b, reals(xt::sum(a * b, {2})));
    check_bilinear([](auto x, auto y) { return vecdot(x, y); }, a, c, reals(xt::sum(a * c, {2})));
    check_bilinear([](auto x, auto y) { return vecdot(x, y, 0); }, b, b,
                   reals(xt::sum(b * b, {0})));
    check_bilinear([](auto x, auto y) { return vecdot(x, y, -2); }, a, a,
                   reals(xt::sum(a * a, {1})));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)vecdot(bt::constant(a), bt::constant(whole({3}))); }, {"[vecdot]", "(3,)"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)vecdot(bt::constant(a), bt::constant(whole({5, 4}))); },
                                {"[vecdot]", "do not broadcast", "(5, 4)"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)vecdot(bt::constant(a), bt::constant(whole({}))); }, {"[vecdot]", "()"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)vecdot(bt::constant(c), bt::constant(c), 1); },
                                       {"[vecdot]"}));
}

BOOST_AUTO_TEST_CASE(kron_of_equal_and_unequal_ranks)
{
    const auto product = [](auto x, auto y) { return kron(x, y); };
    const std::pair<list, list> cases[] = {
        {{2, 3}, {3, 2}},
        {{3}, {4}},
        {{2, 3}, {4}},
        {{4}, {2, 3}},
        {{2, 3, 2}, {2, 2, 2}},
        {{}, {2, 3}},
        {{2, 3}, {}},
        {{}, {}},
        {{0, 3}, {2, 2}},
        {{1, 3}, {2, 1}},
        {{2, 3, 2}, {3}},
        {{2, 2, 2, 2}, {2, 3, 2, 2}},
        {{2, 1, 2, 2, 2}, {2, 2, 1, 2, 2}}, // fits into 8 axes because some have extent 1
        {{2, 2, 2, 2, 2}, {2, 2, 2, 2, 3}}, // does not
    };
    for (const auto& [s, t] : cases) {
        const reals a = whole(s), b = whole(t, 0.5);
        check_bilinear(product, a, b, kronecker(a, b));
    }
    const bt::tensor<double> turned = transpose(bt::constant(whole({3, 2})));
    BOOST_TEST(same(kron(turned, turned), kronecker(turned.value(), turned.value())));
    check_orders([](auto x) { return kron(x, sin(x)); }, whole({2, 2}) / 3.0);
    BOOST_TEST(throws<bt::dtype_error>(
        [&] { (void)kron(turned, bt::constant(xt::xarray<float>{1.0f})); }, {"[kron]", "float"}));
}

BOOST_AUTO_TEST_CASE(cross_of_vectors_along_any_axis)
{
    const reals a = {{1.0, 2.0, 3.0}, {0.0, -1.0, 4.0}}, b = {{-2.0, 0.0, 5.0}, {3.0, 3.0, 1.0}};
    const reals c = {{10.0, -11.0, 4.0}, {-13.0, 12.0, 3.0}};
    const auto last = [](auto x, auto y) { return cross(x, y); };
    const auto first = [](auto x, auto y) { return cross(x, y, 0); };
    check_bilinear(last, a, b, c);
    check_bilinear(first, reals(xt::transpose(a)), reals(xt::transpose(b)),
                   reals(xt::transpose(c)));
    const reals one = xt::view(a, 0), expected = {{0.0, 0.0, 0.0}, {11.0, -4.0, -1.0}};
    check_bilinear(last, one, a, expected);
    check_bilinear(first, one, reals(xt::transpose(a)), reals(xt::transpose(expected)));
    const bt::tensor<double> column = reshape(bt::constant(a), {2, 1, 3}),
                             row = reshape(bt::constant(b), {1, 2, 3});
    BOOST_TEST((cross(column, row).shape() == bt::shape{2, 2, 3}));
    BOOST_TEST(same(view(cross(column, row), 1, 1), reals(xt::view(c, 1))));
    BOOST_TEST(same(cross(bt::constant(a), a), xt::zeros<double>({2, 3})));
    BOOST_TEST(
        (cross(bt::constant(whole({0, 3})), bt::constant(whole({3}))).shape() == bt::shape{0, 3}));
    const auto n = bt::constant(xt::xarray<std::int64_t>{1, 0, 0}),
               m = bt::constant(xt::xarray<std::int64_t>{0, 1, 0});
    BOOST_TEST(same(cross(n, m), reals{0.0, 0.0, 1.0}));
    check_orders([](auto x, auto y) { return cross(x, cross(y, exp(x))); }, reals(a / 4.0), one);
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)cross(bt::constant(whole({2, 4})), bt::constant(whole({4}))); },
        {"[cross]", "3", "(2, 4)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)cross(bt::constant(a), b, 0); }, {"[cross]"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)cross(bt::constant(whole({4, 3})), bt::constant(a)); },
                                {"[cross]", "do not broadcast", "(4, 3) and (2, 3)"}));
}

BOOST_AUTO_TEST_CASE(tensordot_over_pairs_of_axes)
{
    const reals a = whole({3, 4, 5}), b = whole({4, 3, 2}, 0.5), c = whole({4, 5, 2}, 1.0);
    const bt::tensor<double> x = bt::constant(a), y = bt::constant(b), z = bt::constant(c);
    const bt::tensor<double> over_two = einsum("ijk,jil->kl", x, y);
    check_bilinear([](auto u, auto v) { return tensordot(u, v, {1, 0}, {0, 1}); }, a, b,
                   over_two.value());
    BOOST_TEST(same(tensordot(x, y, {-2, 0}, {0, -2}), over_two));
    BOOST_TEST(same(tensordot(x, y, list{0, 1}, std::array<int, 2>{1, 0}), over_two));
    BOOST_TEST(same(tensordot(x, z), einsum("ijk,jkl->il", x, z)));
    BOOST_TEST(same(tensordot(x, z, 2), tensordot(x, z)));
    check_bilinear([](auto u, auto v) { return tensordot(u, v, 0); }, whole({2, 3}), whole({2}),
                   reals(einsum("ij,k->ijk", whole({2, 3}), bt::constant(whole({2}))).value()));
    BOOST_TEST(same(tensordot(x, x, {0, 1, 2}, {0, 1, 2}), sum(x * x)));
}

BOOST_AUTO_TEST_CASE(tensordot_says_what_does_not_fit)
{
    const bt::tensor<double> x = bt::constant(whole({3, 4, 5})), y = bt::constant(whole({4, 3, 2}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)tensordot(x, y); },
                                       {"[tensordot]", "axis 1", "(3, 4, 5) and (4, 3, 2)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)tensordot(x, y, {0, 1}, {0}); },
                                       {"[tensordot] 2 axes against 1"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)tensordot(x, y, 4); }, {"[tensordot] 4 axes"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)tensordot(x, y, {3}, {0}); }, {"[tensordot]"}));
    BOOST_TEST(
        throws<bt::index_error>([&] { (void)tensordot(x, x, {0, 0}, {0, 0}); }, {"[tensordot]"}));
    const bt::tensor<double> wide = bt::constant(whole({1, 1, 1, 1, 1}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)tensordot(wide, wide, 0); },
                                       {"[tensordot]", "more than 8 axes"}));
}

BOOST_AUTO_TEST_CASE(linear_with_and_without_bias)
{
    const reals a = whole({5, 3}), b = whole({4, 3}, 0.5), c = whole({4}, 1.0);
    const bt::variable<double> x(a), w(b), bias(c);
    const reals product = matmul(x, transpose(w)).value();
    check_bilinear([](auto u, auto v) { return linear(u, v); }, a, b, product);
    BOOST_TEST(same(linear(x, w, bias), reals(product + c)));
    BOOST_TEST(same(grad(sum(linear(x, w, bias)), bias), reals(5.0 * xt::ones<double>({4}))));
    BOOST_TEST(same(linear(view(x, 1), w, c), reals(xt::view(product, 1) + c)));
    BOOST_TEST((linear(bt::constant(whole({2, 5, 3})), w).shape() == bt::shape{2, 5, 4}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)linear(w, x, bias); },
                                       {"[linear] the bias", "(4,)", "(5,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)linear(x, transpose(w)); },
                                       {"[linear]", "(5, 3) and (3, 4)"}));
    check_orders([](auto u, auto v, auto t) { return square(linear(u, v, t)); }, a, b, c);
}

BOOST_AUTO_TEST_CASE(products_added_to_something)
{
    const reals a = whole({3, 5}), b = whole({5, 4}, 0.5), c = whole({4}, 1.0);
    const bt::variable<double> x(a), y(b), z(c);
    const reals product = matmul(x, y).value();
    BOOST_TEST(same(addmm(z, x, y), reals(c + product)));
    BOOST_TEST(same(addmm(z, x, y, {.beta = 0.5, .alpha = 2.0}), reals(0.5 * c + 2.0 * product)));
    BOOST_TEST(
        same(grad(sum(addmm(z, x, y, {.beta = 0.5})), z), reals(1.5 * xt::ones<double>({4}))));
    // Of something that does not count not even NaN does.
    const bt::variable<double> lost(reals{bt::not_a_number, bt::infinity, 0.0, 1.0});
    const bt::tensor<double> without = addmm(lost, x, y, {.beta = 0, .alpha = 2});
    BOOST_TEST(same(without, reals(2.0 * product)));
    BOOST_TEST(same(grad(sum(without), lost), xt::zeros<double>({4})));
    const reals d = whole({2, 3, 5}), e = whole({2, 5, 4}, 0.5), f = whole({2, 3, 4}, 1.0);
    BOOST_TEST(
        same(baddbmm(bt::constant(f), d, e, {.beta = 2}), 2.0 * f + matmul(bt::constant(d), e)));
    check_orders([](auto u, auto v, auto t) { return square(baddbmm(u, v, t, {.alpha = 0.3})); },
                 whole({3, 1}), d, e);
    const bt::variable<float> g(xt::cast<float>(a));
    BOOST_TEST(same(addmm(bt::constant(xt::xarray<float>{1.0f}), g, transpose(g), {.beta = 2}),
                    2.0 + matmul(x, transpose(x))));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)addmm(z, y, x); }, {"[addmm] inner", "(5, 4)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)addmm(x, x, y); }, {"[addmm]", "broadcast"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)baddbmm(z, x, y); }, {"[baddbmm]", "3 axes"}));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)addmm(z, x, g); }, {"[addmm]", "float"}));
}

BOOST_AUTO_TEST_SUITE_END()
