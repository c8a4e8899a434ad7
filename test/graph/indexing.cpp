// SPDX-License-Identifier: BSD-3-Clause
// Reading where indices point: against loops over the same indices, at several ranks, strides and
// element types; their derivatives; and what is thrown when.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

using index_array = xt::xarray<std::int64_t>;
using index_tensor = bt::tensor<std::int64_t>;

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

/// Indices for an axis with n elements, some of them negative, some repeated.
index_array scattered(const std::vector<std::size_t>& shape, std::int64_t n)
{
    index_array a = index_array::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a.data()[i] = static_cast<std::int64_t>((i * i * 7 + 3 * i) % std::size_t(2 * n)) - n;
    }
    return a;
}

/// What gather means, element by element.
reals gathered(const reals& x, std::size_t axis, const index_array& indices)
{
    reals y = reals::from_shape(indices.shape());
    const auto n = static_cast<std::int64_t>(x.shape(axis));
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto at = xt::unravel_index(i, y.shape());
        const std::int64_t j = indices.data()[i];
        at[axis] = static_cast<std::size_t>(j < 0 ? j + n : j);
        y.data()[i] = x.element(at.begin(), at.end());
    }
    return y;
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_indexing)

BOOST_AUTO_TEST_CASE(gather_is_what_a_loop_reads)
{
    const reals x = waves({4, 3, 5});
    const bt::tensor<double> t = bt::constant(x);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto n = static_cast<std::int64_t>(x.shape(axis));
        for (std::size_t count : {1u, 3u, 7u}) {
            std::vector<std::size_t> shape = {2, 3, 4}; // smaller beside the axis
            shape[axis] = count;
            const index_array i = scattered(shape, n);
            const auto from_end = static_cast<std::ptrdiff_t>(axis) - 3;
            BOOST_TEST(same(gather(t, std::ptrdiff_t(axis), i), gathered(x, axis, i)));
            BOOST_TEST(same(gather(t, from_end, bt::constant(i)), gathered(x, axis, i)));
        }
    }
}

BOOST_AUTO_TEST_CASE(gather_reads_and_follows_any_strides)
{
    const reals x = waves({5, 4, 3});
    const reals seen = xt::transpose(x); // (3, 4, 5)
    const index_array i = scattered({5, 4, 2}, 3);
    const index_array turned = xt::transpose(i); // (2, 4, 5)
    const bt::tensor<double> t = transpose(bt::constant(x));
    const index_tensor view_of_indices = transpose(bt::constant(i));
    BOOST_TEST(same(gather(t, 0, view_of_indices), gathered(seen, 0, turned)));
    const reals reversed = xt::view(seen, xt::range(2, xt::placeholders::_, -1));
    const bt::tensor<double> r = view(t, xt::range(2, xt::placeholders::_, -1));
    BOOST_TEST(same(gather(r, 0, turned), gathered(reversed, 0, turned)));
    const bt::tensor<double> flat = broadcast_to(bt::constant(waves({1, 4, 5})), {3, 4, 5});
    BOOST_TEST(same(gather(flat, 1, scattered({3, 6, 5}, 4)),
                    gathered(flat.value(), 1, scattered({3, 6, 5}, 4))));
}

BOOST_AUTO_TEST_CASE(elements_and_indices_of_every_type)
{
    const xt::xarray<std::int32_t> i = {2, -1, 0};
    const index_array expected = {30, 30, 10};
    const auto check = [&](const auto& values) {
        const auto y = gather(bt::constant(values), 0, bt::constant(i));
        using T = typename std::remove_cvref_t<decltype(values)>::value_type;
        static_assert(std::is_same_v<decltype(y), const bt::tensor<T>>);
        BOOST_TEST(same(y, expected));
    };
    check(xt::xarray<double>{10, 20, 30});
    check(xt::xarray<float>{10, 20, 30});
    check(xt::xarray<std::int64_t>{10, 20, 30});
    check(xt::xarray<std::int32_t>{10, 20, 30});
    const bt::tensor<bool> mask = bt::constant(xt::xarray<bool>{true, false, false});
    BOOST_TEST(same(gather(mask, 0, i), reals{0.0, 0.0, 1.0}));
    const bt::variable<std::int64_t> v(index_array{1, 1});
    BOOST_TEST(same(index_select(bt::constant(reals{5.0, 6.0}), v + 0, 0), reals{6.0, 6.0}));
    // An int64 beyond 2^53 moves as it is.
    const std::int64_t big = (std::int64_t(1) << 60) + 1;
    BOOST_TEST(gather(bt::constant(index_array{0, big}), 0, i - 1).value()(0) == big);
}

BOOST_AUTO_TEST_CASE(take_along_axis_broadcasts_both)
{
    const reals x = waves({3, 1, 4});
    const bt::variable<double> v(x);
    const index_array i = scattered({1, 2, 6}, 4);
    const reals wide = xt::broadcast(x, {3, 2, 4});
    const index_array all = xt::broadcast(i, {3, 2, 6});
    BOOST_TEST(same(take_along_axis(v, i, 2), gathered(wide, 2, all)));
    BOOST_TEST(same(take_along_axis(v, i, -1), gathered(wide, 2, all)));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)take_along_axis(v, scattered({2, 6}, 4), 0); },
                                       {"[take_along_axis]", "(3, 1, 4)", "(2, 6)"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)take_along_axis(v, scattered({2, 2, 6}, 4), 2); },
                                {"[take_along_axis]", "(3, 1, 1)", "(2, 2, 1)"}));
}

BOOST_AUTO_TEST_CASE(index_select_replaces_the_axis_by_those_of_the_indices)
{
    const reals x = waves({4, 3, 2});
    const bt::tensor<double> t = bt::constant(x);
    const index_array i = {2, 0, -1, 2};
    BOOST_TEST(same(index_select(t, i, 0), reals(xt::view(x, xt::keep(2, 0, 3, 2)))));
    BOOST_TEST(same(index_select(t, index_array{1, 1}, -2),
                    reals(xt::view(x, xt::all(), xt::keep(1, 1)))));
    BOOST_TEST(same(index_select(t, -1, 1), reals(xt::view(x, xt::all(), 2))));
    const index_array square = {{0, 1, 1}, {1, 0, 0}};
    const bt::tensor<double> y = index_select(t, square, 2);
    BOOST_TEST((y.shape() == bt::shape{4, 3, 2, 3}));
    BOOST_TEST(same(view(y, 1, 2), reals{{x(1, 2, 0), x(1, 2, 1), x(1, 2, 1)},
                                         {x(1, 2, 1), x(1, 2, 0), x(1, 2, 0)}}));
    const reals turned = xt::transpose(x);
    BOOST_TEST(same(index_select(transpose(t), i, 2),
                    reals(xt::view(turned, xt::all(), xt::all(), xt::keep(2, 0, 3, 2)))));
}

BOOST_AUTO_TEST_CASE(take_broadcasts_indices_over_the_leading_axes)
{
    const reals x = waves({4, 5, 2});
    const bt::variable<double> v(x);
    const index_array i = {{0, 1}, {3, -1}}, j = {2, -5};
    const bt::tensor<double> y = take(v, i, bt::constant(j));
    BOOST_TEST((y.shape() == bt::shape{2, 2, 2}));
    for (std::size_t a = 0; a < 2; ++a) {
        for (std::size_t b = 0; b < 2; ++b) {
            const auto row = static_cast<std::size_t>((i(a, b) + 4) % 4);
            BOOST_TEST(same(view(y, int(a), int(b)),
                            reals(xt::view(x, row, static_cast<std::size_t>((j(b) + 5) % 5)))));
        }
    }
    BOOST_TEST(same(take(v, i), index_select(v, i, 0)));
    BOOST_TEST(same(take(v, 3, index_array{1, 2}, -1), reals{x(3, 1, 1), x(3, 2, 1)}));
    BOOST_TEST(same(take(v, 3, 1, 0), x(3, 1, 0)));
    const bt::tensor<double> turned = take(transpose(v), index_array{1, 0}, index_array{4, 0});
    BOOST_TEST(same(turned, reals{{x(0, 4, 1), x(1, 4, 1), x(2, 4, 1), x(3, 4, 1)},
                                  {x(0, 0, 0), x(1, 0, 0), x(2, 0, 0), x(3, 0, 0)}}));
    // More indices than a tile holds.
    const index_array many = scattered({1500}, 4);
    const reals long_way = gathered(reals(xt::view(x, xt::all(), 3, 1)), 0, many);
    BOOST_TEST(same(take(v, many, 3, 1), long_way));
}

BOOST_AUTO_TEST_CASE(embedding_and_one_hot)
{
    const reals rows = waves({5, 3});
    const bt::variable<double> w(rows);
    const index_array i = {{4, 0}, {4, -2}};
    const bt::tensor<double> y = embedding(i, w);
    BOOST_TEST(same(y, index_select(w, i, 0)));
    BOOST_TEST(same(grad(sum(embedding(bt::constant(i), w)), w),
                    table({5, 3}, {1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2})));
    const bt::tensor<double> h = bt::one_hot(index_array{2, -3}, 3);
    BOOST_TEST(same(h, reals{{0.0, 0.0, 1.0}, {1.0, 0.0, 0.0}}));
    const auto counts = bt::one_hot<std::int32_t>(bt::constant(index_table({2, 1}, {1, 0})), 2);
    static_assert(std::is_same_v<decltype(counts), const bt::tensor<std::int32_t>>);
    BOOST_TEST(same(counts, table({2, 1, 2}, {0, 1, 1, 0})));
    BOOST_TEST(same(bt::one_hot<bool>(1, 2), reals{0.0, 1.0}));
    BOOST_TEST((bt::one_hot(index_array(index_array::from_shape({0})), 4).value().size() == 0u));
    BOOST_TEST(throws<bt::value_error>([&] { (void)bt::one_hot(i, -1); }, {"[one_hot]", "-1"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)bt::one_hot(i, 4).value(); },
                                       {"[one_hot]", "index 4", "with 4 elements"}));
}

BOOST_AUTO_TEST_CASE(an_index_out_of_range_throws_when_evaluated_and_loses_nothing)
{
    const bt::variable<double> x(waves({3, 4}));
    bt::variable<std::int64_t> i(index_array{0, 3});
    const bt::tensor<double> rows = index_select(x, i, 0), columns = index_select(x, i, 1);
    const bt::tensor<double> slope = grad(sum(rows * rows), x);
    BOOST_TEST(throws<bt::index_error>([&] { (void)rows.value(); },
                                       {"[index_select] index 3 ", "axis 0 with 3 elements"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)slope.value(); }, {"[index_select] index 3 "}));
    BOOST_TEST(same(columns, index_select(x, index_array{0, 3}, 1)));
    i = index_array{-3, -1};
    BOOST_TEST(same(rows, index_select(x, index_array{0, 2}, 0)));
    i = index_array{-4, 0};
    BOOST_TEST(throws<bt::index_error>([&] { (void)rows.value(); }, {"index -4 "}));
    i = index_array{2, 2};
    BOOST_TEST(same(rows, index_select(x, index_array{2, 2}, 0)));
    const auto fails = [&](const auto& t, const char* name) {
        return throws<bt::index_error>([&] { (void)t.value(); },
                                       {name, "is out of range for axis"});
    };
    BOOST_TEST(fails(gather(x, 1, index_table({1, 1}, {4})), "[gather] index 4 "));
    BOOST_TEST(
        fails(take_along_axis(x, index_table({1, 1}, {-5}), 1), "[take_along_axis] index -5 "));
    BOOST_TEST(fails(take(x, 0, 4), "[take] index 4 "));
    BOOST_TEST(fails(take(x, 3, 0), "[take] index 3 "));
    BOOST_TEST(fails(embedding(7, x), "[embedding] index 7 "));
    BOOST_TEST(throws<bt::index_error>([&] { (void)take(x, 0, 4).value(); }, {"axis 1 with 4"}));
}

BOOST_AUTO_TEST_CASE(shapes_and_types_that_do_not_fit_throw_when_built)
{
    const bt::variable<double> x(waves({3, 4}));
    bt::tag("table", x);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)gather(x, 0, index_array{0, 1}); },
                                       {"[gather]", "(3, 4)", "(2,)", "\"table\""}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)gather(x, 0, scattered({2, 5}, 3)); },
                                       {"[gather]", "(3, 4)", "(2, 5)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)gather(x, 2, scattered({2, 4}, 3)); },
                                       {"[gather]", "axis 2"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)index_select(x, 0, -3); }, {"[index_select]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)index_select(bt::constant(1.0), 0, 0); }));
    BOOST_TEST(throws<bt::index_error>([&] { (void)take(x, 0, 0, 0); }, {"[take] 3", "(3, 4)"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)take(x, index_array{0, 1}, index_array{0, 1, 2}); },
                                {"[take]", "(2,)", "(3,)"}));
    BOOST_TEST(throws<bt::dtype_error>(
        [&] { (void)bt::detail::gather("gather", x.get_node(), 0, x.get_node()); },
        {"[gather]", "double"}));
}

BOOST_AUTO_TEST_CASE(of_nothing)
{
    const bt::variable<double> x(waves({3, 4})), none(reals(reals::from_shape({0, 4})));
    const index_array nowhere = index_array::from_shape({0});
    const bt::tensor<double> y = index_select(x, nowhere, 1);
    BOOST_TEST((y.shape() == bt::shape{3, 0}));
    BOOST_TEST(same(grad(sum(y), x), reals(xt::zeros<double>({3, 4}))));
    BOOST_TEST((index_select(none, index_array{1, 2}, 1).value().shape(0) == 0u));
    BOOST_TEST((grad(sum(index_select(none, nowhere, 0)), none).value().size() == 0u));
    BOOST_TEST(throws<bt::index_error>([&] { (void)index_select(none, 0, 0).value(); },
                                       {"index 0 ", "axis 0 with 0 elements"}));
    BOOST_TEST((take(x, nowhere, 2).value().size() == 0u));
}

BOOST_AUTO_TEST_CASE(derivatives_to_second_order_in_both_modes)
{
    const index_array i = scattered({2, 7, 3}, 4), vector = {3, 0, 3, -1}, pair = {1, -1, 1, 0};
    const auto report = bt::check_gradient(
        [&](auto x) {
            const bt::tensor<double> t = transpose(x, {1, 2, 0}); // (3, 4, 5)
            return sum(tanh(gather(t * t, 1, i))) + sum(exp(index_select(sin(t), vector, 1))) +
                   sum(square(take(t, pair, vector))) + sum(sin(embedding(pair, t))) +
                   sum(take_along_axis(exp(t), scattered({1, 1, 6}, 5), 2) * 0.5);
        },
        waves({5, 3, 4}));
    BOOST_TEST(report.ok, report.message);
    const auto single =
        bt::check_gradient([&](auto x) { return sin(index_select(x * x, vector, 0)); },
                           xt::xarray<float>(xt::cast<float>(waves({4, 2}))));
    BOOST_TEST(single.ok, single.message);
}

BOOST_AUTO_TEST_CASE(indices_have_no_derivative)
{
    const bt::variable<double> x(waves({3}));
    const index_tensor i = bt::cast<std::int64_t>(x * 2.0);
    BOOST_TEST((bt::status(index_select(bt::constant(waves({9})), i, 0), x) ==
                bt::connection::not_differentiable));
    BOOST_TEST((bt::status(index_select(x, i, 0), x) == bt::connection::ok));
}

BOOST_AUTO_TEST_SUITE_END()
