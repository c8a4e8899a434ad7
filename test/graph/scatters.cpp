// SPDX-License-Identifier: BSD-3-Clause
// Writing where indices point: against loops, with repeated indices, whose order is part of the
// promise; and the derivatives, which go to what was taken.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

using index_array = xt::xarray<std::int64_t>;

reals waves(const std::vector<std::size_t>& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(1.3 * double(i) + phase);
    return a;
}

/// Indices of a given shape; xtensor's braces cannot write a column.
index_array index_table(const std::vector<std::size_t>& shape, const std::vector<double>& values)
{
    return xt::cast<std::int64_t>(table(shape, values));
}

/// Calls f(element of y, element of src) for each index, in row-major order.
template <class F>
reals scattered(const reals& x, std::size_t axis, const index_array& indices, const reals& src, F f)
{
    reals y = x;
    const auto n = static_cast<std::int64_t>(x.shape(axis));
    for (std::size_t i = 0; i < indices.size(); ++i) {
        auto from = xt::unravel_index(i, indices.shape());
        auto to = from;
        const std::int64_t j = indices.data()[i];
        to[axis] = static_cast<std::size_t>(j < 0 ? j + n : j);
        f(y.element(to.begin(), to.end()), src.element(from.begin(), from.end()));
    }
    return y;
}

const auto put = [](double& y, double s) { y = s; };
const auto add = [](double& y, double s) { y += s; };

} // namespace

BOOST_AUTO_TEST_SUITE(graph_scatters)

BOOST_AUTO_TEST_CASE(scatters_are_what_a_loop_writes)
{
    const reals x = waves({4, 3, 5}), src = waves({4, 6, 5}, 0.7);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        index_array i = index_array::from_shape({3, 2, 4});
        const auto n = static_cast<std::int64_t>(x.shape(axis));
        for (std::size_t k = 0; k < i.size(); ++k) {
            i.data()[k] = static_cast<std::int64_t>(k * 5 % 7) % (2 * n) - n; // many repeated
        }
        const auto along = static_cast<std::ptrdiff_t>(axis);
        const bt::tensor<double> t = transpose(bt::constant(reals(xt::transpose(x))));
        const bt::tensor<double> s = transpose(bt::constant(reals(xt::transpose(src))));
        BOOST_TEST(same(scatter(t, along, i, s), scattered(x, axis, i, src, put)));
        BOOST_TEST(same(scatter_add(t, along - 3, i, src), scattered(x, axis, i, src, add)));
        const reals twos = 2.0 * xt::ones<double>({3, 2, 4});
        BOOST_TEST(same(scatter(t, along, bt::constant(i), 2.0), scattered(x, axis, i, twos, put)));
        BOOST_TEST(
            same(scatter_add(t, along, i, bt::constant(2.0)), scattered(x, axis, i, twos, add)));
    }
}

BOOST_AUTO_TEST_CASE(the_last_of_repeated_indices_wins_and_gets_the_derivative)
{
    const bt::variable<double> x(reals{10.0, 20.0, 30.0}), s(reals{1.0, 2.0, 3.0, 4.0});
    const index_array i = {1, -1, 1, 2};
    const bt::tensor<double> y = scatter(x, 0, i, s);
    BOOST_TEST(same(y, reals{10.0, 3.0, 4.0}));
    auto [dx, ds] = vjp(y, reals{5.0, 6.0, 7.0}, bt::wrt(x, s));
    BOOST_TEST(same(dx, reals{5.0, 0.0, 0.0}));
    BOOST_TEST(same(ds, reals{0.0, 0.0, 6.0, 7.0}));
    BOOST_TEST(
        same(jvp(y, bt::tangent(s, reals{1.0, 10.0, 100.0, 1000.0})), reals{0.0, 100.0, 1000.0}));
    BOOST_TEST(same(jvp(y, bt::tangent(x, reals{1.0, 10.0, 100.0})), reals{1.0, 0.0, 0.0}));
    // Row-major order also where the last axis is not the one that moves.
    const bt::variable<double> z(waves({2, 2})), w(reals{{1.0, 2.0}, {3.0, 4.0}});
    const index_array up = {{0, 1}, {0, 1}};
    BOOST_TEST(same(view(scatter(z, 0, up, w), 0, 0), 3.0));
    BOOST_TEST(same(grad(sum(scatter(z, 0, up, w)), w), reals{{0.0, 0.0}, {1.0, 1.0}}));
}

BOOST_AUTO_TEST_CASE(sums_run_in_row_major_order)
{
    const index_array i = {0, 0, 0};
    const bt::tensor<double> zero = bt::constant(reals{0.0});
    BOOST_TEST(same(scatter_add(zero, 0, i, reals{1e17, 1.0, -1e17}), reals{0.0}));
    BOOST_TEST(same(scatter_add(zero, 0, i, reals{1e17, -1e17, 1.0}), reals{1.0}));
    const bt::variable<double> x(reals{1.0, 2.0}), s(reals{3.0, 4.0, 5.0});
    auto [dx, ds] = vjp(scatter_add(x, 0, index_array{1, 0, 1}, s), reals{6.0, 7.0}, bt::wrt(x, s));
    BOOST_TEST(same(dx, reals{6.0, 7.0}));
    BOOST_TEST(same(ds, reals{7.0, 6.0, 7.0}));
}

BOOST_AUTO_TEST_CASE(index_add_adds_slices)
{
    const reals x = waves({3, 4}), src = waves({3, 5}, 0.5);
    const bt::variable<double> v(x), s(src);
    const index_array i = {3, 0, 3, -1, 1};
    reals expected = x;
    for (std::size_t k = 0; k < 5; ++k) {
        xt::view(expected, xt::all(), static_cast<std::size_t>((i(k) + 4) % 4)) +=
            xt::view(src, xt::all(), k);
    }
    BOOST_TEST(same(index_add(v, 1, i, s), expected));
    BOOST_TEST(same(index_add(v, -1, i, s), expected));
    BOOST_TEST(close(index_add(v, 0, index_array{1, 1}, 2.0),
                     index_add(v, 0, index_array{1}, 4.0 * xt::ones<double>({1, 4}))));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)index_add(v, 0, i, s); },
                                       {"[index_add]", "(3, 5)", "(3, 4)", "(5,)"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)index_add(v, 1, index_table({1, 2}, {0, 1}), 1.0); },
                                {"[index_add]", "(1, 2)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)index_add(v, 0, index_array{3}, 1.0).value(); },
                                       {"[index_add] index 3 ", "axis 0 with 3"}));
}

BOOST_AUTO_TEST_CASE(values_are_put_at_several_indices)
{
    const reals x = waves({3, 4, 2});
    const bt::variable<double> v(x);
    const index_array i = index_table({2, 1}, {0, 2}), j = {1, -1, 1};
    reals sum_of = x, put_in = x;
    const reals b = waves({3, 1});
    for (std::size_t r = 0; r < 2; ++r) {
        for (std::size_t c = 0; c < 3; ++c) {
            const std::size_t at[] = {static_cast<std::size_t>(i(r, 0)), c == 1 ? 3u : 1u};
            for (std::size_t k = 0; k < 2; ++k) {
                sum_of(at[0], at[1], k) += b(c, 0);
                put_in(at[0], at[1], k) = b(c, 0);
            }
        }
    }
    BOOST_TEST(same(index_put_add(v, i, j, bt::constant(b)), sum_of)); // broadcast to (2, 3, 2)
    BOOST_TEST(same(index_put(v, i, bt::constant(j), b), put_in));
    BOOST_TEST(same(take(index_put(v, i, 7.0), i), 7.0 * xt::ones<double>({2, 1, 4, 2})));
    reals one = x;
    one(1, 2, 1) = 9.0;
    BOOST_TEST(same(index_put(v, 1, 2, -1, 9.0), one));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)index_put(v, i, j, waves({4, 2})); },
                                       {"[index_put]", "(4, 2)", "(2, 3, 2)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)index_put_add(v, 0, 0, 0, 0, 1.0); },
                                       {"[index_put_add] 4", "(3, 4, 2)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)index_put(v, 0, -5, 1.0).value(); },
                                       {"[index_put] index -5 ", "axis 1 with 4"}));
}

BOOST_AUTO_TEST_CASE(other_element_types)
{
    const index_array i = {1, 1};
    const bt::tensor<std::int64_t> n = bt::constant(index_array{5, 6});
    const std::int64_t big = (std::int64_t(1) << 60) + 1;
    BOOST_TEST(scatter_add(n, 0, i, index_array{big, 1}).value()(1) == big + 7);
    BOOST_TEST(same(scatter(n, 0, i, 9), reals{5.0, 9.0}));
    const bt::tensor<bool> mask = bt::constant(xt::xarray<bool>{true, true});
    BOOST_TEST(same(scatter(mask, 0, i, false), reals{1.0, 0.0}));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)scatter_add(mask, 0, i, true); },
                                       {"[scatter_add]", "cast"}));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)scatter(n, 0, i, waves({2})); },
                                       {"[scatter]", "double", "int64"}));
    const bt::variable<float> x(xt::xarray<float>{1.0f, 2.0f});
    BOOST_TEST(same(index_put_add(x, i, 0.5), reals{1.0, 3.0}));
}

BOOST_AUTO_TEST_CASE(errors_and_emptiness)
{
    const bt::variable<double> x(waves({3, 4}));
    const index_array i = index_table({1, 2}, {0, 1});
    BOOST_TEST(throws<bt::shape_error>([&] { (void)scatter(x, 0, i, waves({1, 1})); },
                                       {"[scatter]", "(1, 1)", "(1, 2)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)scatter_add(x, 0, i, waves({2})); },
                                       {"[scatter_add]", "(2,)"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)scatter(x, 0, index_array(xt::zeros<std::int64_t>({1, 5})), 0.0); },
        {"[scatter]", "(3, 4)", "(1, 5)"}));
    BOOST_TEST(
        throws<bt::index_error>([&] { (void)scatter(x, 1, index_table({1, 1}, {4}), 0.0).value(); },
                                {"[scatter] index 4 ", "axis 1 with 4"}));
    const index_array nowhere = index_array::from_shape({0, 4});
    const bt::variable<double> nothing(reals(reals::from_shape({0, 4})));
    BOOST_TEST(same(scatter(x, 0, nowhere, nothing), x));
    BOOST_TEST(same(scatter_add(x, 0, nowhere, nothing), x));
    BOOST_TEST((grad(sum(scatter(x, 0, nowhere, nothing)), nothing).value().size() == 0u));
    BOOST_TEST(
        same(grad(sum(scatter(x, 0, nowhere, nothing)), x), reals(xt::ones<double>({3, 4}))));
}

BOOST_AUTO_TEST_CASE(derivatives_to_second_order_in_both_modes)
{
    const index_array i = {{1, -1, 0}, {1, 0, 0}, {-2, 2, 0}}, vector = {2, 0, 2};
    const auto report = bt::check_gradient(
        [&](auto x, auto s) {
            const bt::tensor<double> t = transpose(x); // (3, 4)
            const bt::tensor<double> placed = tanh(scatter(t * t, 0, i, sin(s)));
            const bt::tensor<double> added = exp(0.3 * scatter_add(sin(t), 1, i, s * s));
            const bt::tensor<double> slices = square(index_add(t, 0, vector, exp(s)));
            const bt::tensor<double> several = sin(index_put_add(
                t * t, vector, index_array{1, 1, 1}, view(s, xt::range(0, 3), 1) * 2.0));
            const bt::tensor<double> put = sin(index_put(t * t, vector, view(s, 1) * view(s, 1)));
            return sum(placed) + sum(added) + sum(slices * slices) + sum(several) + sum(put);
        },
        waves({4, 3}), waves({3, 4}, 0.4));
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(the_same_tensor_as_array_and_values)
{
    const bt::variable<double> x(reals{1.0, 2.0, 3.0});
    const index_array i = {2, 0, 2};
    BOOST_TEST(same(scatter(x, 0, i, x), reals{2.0, 2.0, 3.0}));
    BOOST_TEST(same(vjp(scatter(x, 0, i, x), reals{1.0, 10.0, 100.0}, x), reals{0.0, 11.0, 100.0}));
    BOOST_TEST(same(scatter_add(x, 0, i, x), reals{3.0, 2.0, 7.0}));
    BOOST_TEST(
        same(vjp(scatter_add(x, 0, i, x), reals{1.0, 10.0, 100.0}, x), reals{101.0, 11.0, 200.0}));
}

BOOST_AUTO_TEST_SUITE_END()
