// SPDX-License-Identifier: BSD-3-Clause
// Products: every case of NumPy's matmul against a plain loop, on every layout BLAS is or is not
// able to read, with derivatives; and the errors with both shapes and the tags nearby.
#include <support/expect.hpp>

#include <cmath>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

using xt::all;
using xt::range;
using list = std::vector<std::size_t>;
const auto to_end = xt::placeholders::_;

/// Small whole numbers, so that sums are exact in any order.
reals whole(const list& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a.data()[i] = std::round(4.0 * std::sin(1.7 * static_cast<double>(i) + phase));
    }
    return a;
}

/// matmul of operands of rank 2 or more, by its definition.
reals product(const reals& a, const reals& b)
{
    bt::shape batch_a(std::vector<std::size_t>(a.shape().begin(), a.shape().end() - 2));
    bt::shape batch_b(std::vector<std::size_t>(b.shape().begin(), b.shape().end() - 2));
    const bt::shape batch = broadcast("matmul", batch_a, batch_b);
    const std::size_t m = a.shape(a.dimension() - 2), k = a.shape(a.dimension() - 1);
    const std::size_t n = b.shape(b.dimension() - 1), batches = element_count(batch);
    list extents(batch.begin(), batch.end());
    extents.insert(extents.end(), {m, n});
    const auto index = [&](const bt::shape& own, std::size_t flat) {
        std::size_t at = 0, step = 1;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const std::size_t axis = batch.size() - 1 - i, here = flat % batch[axis];
            flat /= batch[axis];
            if (i < own.size()) {
                const std::size_t extent = own[own.size() - 1 - i];
                if (extent != 1) at += here * step;
                step *= extent;
            }
        }
        return at;
    };
    reals c = xt::zeros<double>(extents);
    for (std::size_t q = 0; q < batches; ++q) {
        const double* pa = a.data() + index(batch_a, q) * m * k;
        const double* pb = b.data() + index(batch_b, q) * k * n;
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                double sum = 0.0;
                for (std::size_t l = 0; l < k; ++l) sum += pa[i * k + l] * pb[l * n + j];
                c.data()[(q * m + i) * n + j] = sum;
            }
        }
    }
    return c;
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_products)

BOOST_AUTO_TEST_CASE(matrices_and_batches)
{
    struct pair {
        list a, b;
    };
    const pair cases[] = {
        {{2, 3}, {3, 4}},       {{1, 3}, {3, 1}},          {{1, 1}, {1, 1}},
        {{5, 1}, {1, 4}},       {{1, 5}, {5, 3}},          {{4, 5}, {5, 1}},
        {{6, 2, 3}, {3, 4}},    {{2, 3}, {6, 3, 4}},       {{6, 2, 3}, {6, 3, 4}},
        {{6, 2, 3}, {1, 3, 4}}, {{2, 1, 2, 3}, {5, 3, 4}}, {{3, 1, 2, 2}, {1, 4, 2, 2}},
        {{0, 3}, {3, 4}},       {{2, 3}, {3, 0}},          {{2, 0}, {0, 4}},
        {{0, 2, 3}, {3, 4}},    {{3, 2, 0}, {3, 0, 4}},    {{0, 2, 3}, {1, 3, 4}}};
    for (const auto& [sa, sb] : cases) {
        const reals a = whole(sa), b = whole(sb, 0.5), expected = product(a, b);
        const bt::variable<double> x(a), y(b);
        const bt::tensor<double> z = matmul(x, y);
        BOOST_TEST(same(z, expected));
        // <w, x y> is linear in each: <x, x_bar> and <y, y_bar> are both its value.
        const reals w = whole(list(expected.shape().begin(), expected.shape().end()), 1.0);
        auto [x_bar, y_bar] = vjp(z, w, bt::wrt(x, y));
        BOOST_TEST((x_bar.shape() == x.shape()));
        BOOST_TEST((y_bar.shape() == y.shape()));
        BOOST_TEST(same(sum(x * x_bar), sum(z * w)));
        BOOST_TEST(same(sum(y * y_bar), sum(z * w)));
        BOOST_TEST(same(jvp(z, bt::tangent(x, a), bt::tangent(y, b)), reals(2.0 * expected)));
    }
}

BOOST_AUTO_TEST_CASE(vectors)
{
    const reals a = whole({3, 4}), u = whole({3}, 0.5), v = whole({4}, 1.0);
    const bt::variable<double> x(a), row(u), column(v);
    const reals ua = product(reals(xt::view(u, xt::newaxis())), a);
    const reals av = product(a, reals(xt::view(v, all(), xt::newaxis())));
    BOOST_TEST(same(matmul(row, x), reals(xt::view(ua, 0))));
    BOOST_TEST(same(matmul(x, column), reals(xt::view(av, all(), 0))));
    BOOST_TEST(same(matmul(row, row), xt::sum(u * u)()));
    BOOST_TEST((matmul(row, row).rank() == 0u));
    BOOST_TEST(same(dot(row, row), matmul(row, row)));
    BOOST_TEST(same(grad(dot(row, row), row), reals(2.0 * u)));
    auto [d_row, d_x] = grad(sum(matmul(row, x)), bt::wrt(row, x));
    BOOST_TEST(same(d_row, reals(xt::sum(a, {1}))));
    BOOST_TEST(same(d_x, reals(xt::broadcast(xt::view(u, all(), xt::newaxis()), {3, 4}))));
    const bt::variable<double> batch(whole({2, 3, 4}));
    BOOST_TEST((matmul(batch, column).shape() == bt::shape{2, 3}));
    BOOST_TEST((matmul(row, batch).shape() == bt::shape{2, 4}));
    BOOST_TEST(same(matmul(row, batch), sum(batch * reshape(row, {3, 1}), 1)));
    const bt::variable<double> nothing(reals(reals::from_shape({0})));
    BOOST_TEST(same(dot(nothing, nothing), 0.0));
}

BOOST_AUTO_TEST_CASE(every_layout_of_the_operands)
{
    const bt::variable<double> x(whole({6, 6})), y(whole({6, 6}, 0.7)), v(whole({6}, 0.3));
    const auto layouts_of = [](const bt::variable<double>& m) {
        return std::vector<bt::tensor<double>>{
            m,
            transpose(m),
            view(m, all(), range(1, 4)) * 1.0, // dense, for comparison
            view(m, all(), range(1, 4)),
            transpose(view(m, range(1, 4), all())),
            view(m, all(), range(0, 6, 2)),
            view(m, range(5, to_end, -1), range(2, to_end, -1)),
            transpose(view(m, range(0, 6, 2), range(5, to_end, -1))),
            broadcast_to(view(m, all(), range(0, 1)), {6, 3}),
            broadcast_to(view(m, 0), {3, 6})};
    };
    for (const auto& a : layouts_of(x)) {
        for (const auto& b : layouts_of(y)) {
            const bt::tensor<double> left = a.shape()[1] == b.shape()[0] ? a : transpose(a);
            if (left.shape()[1] != b.shape()[0]) continue;
            BOOST_TEST(same(matmul(left, b), product(left.value(), b.value())));
        }
        const bt::tensor<double> w =
            view(v, range(static_cast<long>(a.shape()[1]) - 1, to_end, -1));
        BOOST_TEST(same(matmul(a, w), sum(a * w, 1)));
        BOOST_TEST(same(matmul(w, transpose(a)), sum(a * w, 1)));
    }
}

/// Products are cut into columns, into rows, or into both, on every layout; whole numbers show what is missing or read
/// twice.
BOOST_AUTO_TEST_CASE(in_pieces)
{
    struct extents {
        std::size_t m, k, n;
    };
    for (const auto& [m, k, n] :
         {extents{17, 500, 601}, {601, 500, 17}, {601, 17, 500}, {530, 500, 517}, {8000, 20, 50}}) {
        const bt::variable<double> x(whole({m, k})), y(whole({k, n}, 0.5)), u(whole({m})),
            v(whole({n}, 0.3));
        const bt::variable<double> x_turned(xt::xarray<double>(xt::transpose(x.value())));
        const bt::variable<double> y_turned(xt::xarray<double>(xt::transpose(y.value())));
        for (const auto& a : {bt::tensor<double>(x), transpose(x_turned)}) {
            for (const auto& b : {bt::tensor<double>(y), transpose(y_turned)}) {
                const reals z = matmul(a, b).value();
                const bt::tensor<double> c = bt::constant(z);
                BOOST_TEST(same(matmul(c, v), matmul(a, matmul(b, v))),
                           m << " x " << k << " x " << n);
                BOOST_TEST(same(matmul(u, c), matmul(matmul(u, a), b)),
                           m << " x " << k << " x " << n);
                bt::set_num_threads(3);
                BOOST_TEST(same(matmul(a, b), z));
                bt::set_num_threads(0);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(in_float)
{
    const xt::xarray<float> a = xt::cast<float>(whole({2, 3, 5})),
                            b = xt::cast<float>(whole({5, 4}));
    const bt::variable<float> x(a), y(b);
    const bt::tensor<float> z = matmul(x, y);
    BOOST_TEST(same(z, product(reals(a), reals(b))));
    BOOST_TEST(same(matmul(view(x, 0), view(y, all(), 1)),
                    reals(xt::view(product(reals(a), reals(b)), 0, all(), 1))));
    BOOST_TEST(same(sum(grad(sum(z), x) * x), sum(z)));
}

BOOST_AUTO_TEST_CASE(second_derivatives)
{
    const auto report = bt::check_gradient(
        [](auto a, auto b) { return sum(square(matmul(a, matmul(b, transpose(a))))); },
        whole({2, 3}), whole({3, 3}, 0.5));
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(errors_say_what_and_where)
{
    const bt::variable<double> x(whole({64, 10})), w(whole({12, 1})), point(1.0);
    const bt::tensor<double> h = bt::tag("h1", tanh(x));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)matmul(h * 2.0, w); },
        {"[matmul] inner extents must agree", "(64, 10)", "(12, 1)", "built from \"h1\""}));
    const bt::scope layer("layer/3");
    BOOST_TEST(throws<bt::shape_error>([&] { (void)matmul(w, w); }, {"in scope \"layer/3\""}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)matmul(x, point); }, {"[matmul]", "()"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)matmul(bt::constant(whole({2, 3, 4})), bt::constant(whole({3, 4, 5}))); },
        {"batch extents", "(2, 3, 4)", "(3, 4, 5)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)dot(x, x); }, {"[dot]", "(64, 10)"}));
    const bt::variable<float> f(xt::cast<float>(whole({10, 2})));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)matmul(x, f); }, {"[matmul]", "float"}));
    const auto n = bt::constant(xt::xarray<std::int64_t>{1, 2});
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)matmul(n, n); }, {"[matmul]"}));
}

BOOST_AUTO_TEST_SUITE_END()
