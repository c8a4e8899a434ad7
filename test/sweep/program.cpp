// SPDX-License-Identifier: BSD-3-Clause
// Programs: the caller's memory is read and written as it is, to the last element and no further; what does not
// fit is refused before anything is written.
#include <support/expect.hpp>

#include <numeric>
#include <span>
#include <vector>

namespace bt = backtrail;
using expect::throws;

namespace {

/// loss = sum(tanh(x) w) with n elements; its gradient in w is tanh(x).
struct model {
    explicit model(std::size_t n) : x(xt::zeros<double>({n})), w(xt::zeros<double>({n})) {}
    bt::variable<double> x, w;
    bt::tensor<double> loss = sum(tanh(x) * w);
    bt::tensor<double> slope = grad(loss, w);
};

std::vector<double> waves(std::size_t n)
{
    std::vector<double> a(n);
    for (std::size_t i = 0; i < n; ++i) a[i] = std::sin(static_cast<double>(i) + 0.5);
    return a;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sweep_program)

/// Lengths beside those of vectors, tiles and chunks; guards behind each array show what is written too far.
BOOST_AUTO_TEST_CASE(computes_on_memory_of_any_length)
{
    constexpr double guard = -77.0;
    for (const std::size_t n : {0u, 1u, 3u, 8u, 511u, 513u, 1030u, 40001u}) {
        model m(n);
        bt::program p({m.x, m.w}, {m.loss, m.slope, tanh(m.x) + m.w});
        const std::vector<double> x = waves(n), w(n, 2.0);
        std::vector<double> slope(n + 4, guard), values(n + 4, guard);
        double loss[2] = {guard, guard};
        p(x, w, &loss[0], std::span(slope).first(n), std::span(values).first(n));
        double expected = 0, worst = 0;
        for (std::size_t i = 0; i < n; ++i) {
            expected += 2.0 * std::tanh(x[i]);
            worst = std::max(worst, std::abs(slope[i] - std::tanh(x[i])));
            worst = std::max(worst, std::abs(values[i] - std::tanh(x[i]) - 2.0));
        }
        BOOST_TEST(worst <= 1e-15, n << " elements");
        BOOST_TEST(std::abs(loss[0] - expected) <= 1e-12 * static_cast<double>(n + 1));
        BOOST_TEST(loss[1] == guard);
        for (std::size_t i = n; i < n + 4; ++i) {
            BOOST_TEST((slope[i] == guard && values[i] == guard), n << " elements");
        }
    }
}

BOOST_AUTO_TEST_CASE(takes_containers_spans_arrays_and_pointers)
{
    model m(4);
    bt::program p({m.x, m.w}, {m.loss, m.slope});
    xt::xarray<double> x = {0.1, 0.2, 0.3, 0.4};
    const xt::xtensor<double, 1> w = {1.0, 2.0, 3.0, 4.0};
    xt::xtensor<double, 1> slope = xt::zeros<double>({4});
    double loss = 0;
    p(x, w, &loss, slope);
    const double first = loss;
    BOOST_TEST(std::abs(slope(1) - std::tanh(0.2)) <= 1e-16);
    std::array<double, 4> again{};
    p(std::span<const double>(x.data(), 4), w.data(), &loss, again);
    BOOST_TEST(loss == first);
    BOOST_TEST(again[1] == slope(1));
}

/// What is no input is read from the graph, as it is at the time.
BOOST_AUTO_TEST_CASE(other_variables_stay_the_graphs_own)
{
    model m(3);
    m.w = xt::xarray<double>{1.0, 1.0, 1.0};
    bt::program p({m.x}, {m.loss});
    const double x[] = {0.5, 0.5, 0.5};
    double before = 0, after = 0;
    p(x, &before);
    m.w *= 2.0;
    p(x, &after);
    BOOST_TEST(after == 2.0 * before);
    BOOST_TEST(m.x.value()(0) == 0.0); // inputs are lent, not assigned
}

BOOST_AUTO_TEST_CASE(matrices_and_inputs_that_nobody_reads)
{
    const bt::variable<double> a(xt::zeros<double>({3, 2})), b(xt::zeros<double>({2, 5})),
        unread(xt::zeros<double>({7}));
    bt::program p({a, unread, b}, {matmul(a, b), transpose(a)});
    const std::vector<double> x = {1, 2, 3, 4, 5, 6}, y = waves(10), z(7);
    std::vector<double> product(15), turned(6);
    p(x, z, y, product, turned);
    BOOST_TEST(std::abs(product[7] - (3 * y[2] + 4 * y[7])) <= 1e-15);
    BOOST_TEST((turned == std::vector<double>{1, 3, 5, 2, 4, 6}));
}

/// Rows that lie in a larger array are read there, the last ones of memory that ends with them, too.
BOOST_AUTO_TEST_CASE(views_of_memory_that_ends_with_them)
{
    constexpr std::size_t rows = 89, width = 211;
    const bt::variable<double> a(xt::zeros<double>({rows, width}));
    const std::vector<double> x = waves(rows * width);
    for (const std::size_t n : {128u, 131u, 200u}) { // elements of a row
        const std::size_t right = width - n;
        const bt::tensor<double> low = view(a, xt::range(1, rows), xt::range(right, width)),
                                 high = view(a, xt::range(0, rows - 1), xt::range(0, n)),
                                 turned = flip(low, 0);
        bt::program p({a}, {low * high, turned + high});
        std::vector<double> product((rows - 1) * n), total((rows - 1) * n);
        p(x, product, total);
        bool is_right = true;
        for (std::size_t i = 0; i + 1 < rows; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                const double above = x[i * width + j];
                is_right &= product[i * n + j] == x[(i + 1) * width + right + j] * above &&
                            total[i * n + j] == x[(rows - 1 - i) * width + right + j] + above;
            }
        }
        BOOST_TEST(is_right, "rows of " << n);
    }
    const bt::variable<double> wide(xt::zeros<double>({3, 131})), row(xt::zeros<double>({131}));
    bt::program each({wide, row}, {wide * row}); // the same row again and again
    const std::vector<double> y = waves(131), z(3 * 131, 2.0);
    std::vector<double> products(3 * 131);
    each(z, y, products);
    BOOST_TEST(products.back() == 2.0 * y.back());

    const bt::variable<double> b(xt::zeros<double>({x.size()}));
    bt::program p({b}, {view(b, xt::range(5, x.size())) - view(b, xt::range(0, x.size() - 5))});
    std::vector<double> differences(x.size() - 5);
    p(x, differences);
    for (std::size_t i = 0; i < differences.size(); i += 97) {
        BOOST_TEST(differences[i] == x[i + 5] - x[i]);
    }
    BOOST_TEST(differences.back() == x.back() - x[x.size() - 6]);
}

/// A view of a container begins where it begins, and ends there, as input and as output.
BOOST_AUTO_TEST_CASE(views_of_containers_are_where_they_begin)
{
    const bt::variable<double> x(xt::zeros<double>({4}));
    bt::program p({x}, {2.0 * x});
    const xt::xarray<double> in = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
    xt::xarray<double> out = xt::zeros<double>({3, 4});
    p(xt::row(in, 1), xt::view(out, 2, xt::all()));
    BOOST_TEST(expect::same(out, expect::reals{{0, 0, 0, 0}, {0, 0, 0, 0}, {10, 12, 14, 16}}));
    p(xt::strided_view(in, {2}), xt::row(out, 0));
    p(xt::row(out, 0), xt::row(out, 1)); // beside one another
    BOOST_TEST(
        expect::same(out, expect::reals{{18, 20, 22, 24}, {36, 40, 44, 48}, {10, 12, 14, 16}}));
    BOOST_TEST(throws<bt::value_error>([&] { p(xt::row(out, 0), xt::row(out, 0)); },
                                       {"[program] output 0", "another argument"}));
    BOOST_TEST(
        throws<bt::value_error>([&] { p(xt::col(in, 0), xt::row(out, 0)); }, {"contiguous"}));
}

BOOST_AUTO_TEST_CASE(says_that_it_has_been_moved_from)
{
    model m(4);
    bt::program p({m.x, m.w}, {m.loss});
    const bt::program moved = std::move(p);
    BOOST_TEST(!moved.explain().empty());
    std::vector<double> x(4), w(4);
    double loss = 0;
    const auto is_told = [](auto&& f) { return throws<bt::state_error>(f, {"moved"}); };
    BOOST_TEST(is_told([&] { p(x, w, &loss); }));
    BOOST_TEST(is_told([&] { (void)p.explain(); }));
    BOOST_TEST(is_told([&] { (void)p.peak_bytes(); }));
}

BOOST_AUTO_TEST_CASE(refuses_what_does_not_fit)
{
    model m(4);
    bt::program p({m.x, m.w}, {m.loss, m.slope});
    std::vector<double> x(4), w(4), slope(4), longer(5);
    std::vector<float> narrow(4);
    double loss = -1;
    using bt::value_error, bt::shape_error, bt::dtype_error;
    BOOST_TEST(throws<value_error>([&] { p(x, w, &loss); }, {"[program]", "2 outputs", "3"}));
    BOOST_TEST(throws<shape_error>([&] { p(x, longer, &loss, slope); }, {"input 1", "5 elements"}));
    BOOST_TEST(throws<shape_error>(
        [&] { p(xt::xarray<double>(xt::zeros<double>({2, 2})), w, &loss, slope); },
        {"input 0", "(2, 2)", "build a program"}));
    BOOST_TEST(throws<dtype_error>([&] { p(narrow, w, &loss, slope); }, {"input 0", "float"}));
    BOOST_TEST(throws<value_error>([&] { p(x, w, &loss, w); }, {"output 1", "another argument"}));
    const std::vector<double> constant(4);
    BOOST_TEST(throws<value_error>([&] { p(x, w, &loss, constant); }, {"output 1", "constant"}));
    BOOST_TEST(throws<value_error>([&] { p(x, w, static_cast<double*>(nullptr), slope); }));
    xt::xarray<double, xt::layout_type::column_major> turned = xt::zeros<double>({2, 3});
    const bt::variable<double> matrix(xt::zeros<double>({2, 3}));
    bt::program q({matrix}, {sum(matrix)});
    BOOST_TEST(throws<value_error>([&] { q(turned, &loss); }, {"row-major"}));
    BOOST_TEST(loss == -1.0);
    const bt::tensor<double> h = tanh(m.x);
    BOOST_TEST(throws<value_error>([&] { bt::program({h}, {m.loss}); }, {"variable"}));
    BOOST_TEST(throws<value_error>([&] { bt::program({m.x, m.x}, {m.loss}); }, {"twice"}));
}

BOOST_AUTO_TEST_SUITE_END()
