// SPDX-License-Identifier: BSD-3-Clause
// Expressions as values: nothing dangles, whatever is returned, stored or copied; operands of every
// shape and layout; the same tensor in several slots; element types and masks.
#include <support/expect.hpp>

#include <optional>

namespace bt = backtrail;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

/// Everything it is made of is gone when it returns.
auto from_locals()
{
    const bt::tensor<double> x = bt::constant(reals{1.0, 2.0});
    const reals y = {10.0, 20.0};
    const double c = 0.5;
    const auto inner = x * y;
    return inner + c * x;
}

/// The values 0, 1, 2, ...
reals counting(const std::vector<std::size_t>& shape)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<double>(i);
    return a;
}

} // namespace

BOOST_AUTO_TEST_SUITE(expr_expressions)

BOOST_AUTO_TEST_CASE(an_expression_outlives_what_it_was_made_of)
{
    const auto e = from_locals();
    BOOST_TEST(same(e, reals{10.5, 41.0}));
    BOOST_TEST((e.shape() == bt::shape{2}));
    BOOST_TEST(e.size() == 2u);

    auto copy = e;
    std::optional<decltype(from_locals())> stored;
    stored = std::move(copy);
    BOOST_TEST(same(*stored, reals{10.5, 41.0}));

    bt::tensor<double> t = *stored;
    stored.reset();
    BOOST_TEST(same(t, reals{10.5, 41.0}));
    const auto value = t.value();
    t = bt::constant(reals{0.0}); // the node dies; what was read stays
    BOOST_TEST(same(value, reals{10.5, 41.0}));
}

BOOST_AUTO_TEST_CASE(a_variable_may_die_before_its_graph)
{
    bt::tensor<double> t;
    std::optional<bt::variable<double>> v(reals{2.0});
    t = square(*v);
    const bt::tensor<double> g = grad(sum(t), *v);
    v.reset();
    BOOST_TEST(same(t, reals{4.0}));
    BOOST_TEST(same(g, reals{4.0}));
}

BOOST_AUTO_TEST_CASE(a_tensor_without_a_node_says_so)
{
    const bt::tensor<double> empty;
    BOOST_TEST(!empty);
    BOOST_TEST(throws<bt::state_error>([&] { (void)empty.value(); }, {"before it was given"}));
    BOOST_TEST(throws<bt::state_error>([&] { (void)empty.shape(); }));
    BOOST_TEST(throws<bt::state_error>([&] { (void)(empty + 1.0); }));
    BOOST_TEST(throws<bt::state_error>([&] { (void)sum(empty); }));
}

BOOST_AUTO_TEST_CASE(scalars_and_empty_and_single_elements)
{
    const bt::variable<double> point(3.0);
    BOOST_TEST(point.rank() == 0u);
    BOOST_TEST(same(point * point, 9.0));
    BOOST_TEST(same(grad(point * point, point), 6.0));

    const bt::variable<double> nothing(reals(reals::from_shape({2, 0})));
    const bt::tensor<double> still = nothing * 2.0 + point;
    BOOST_TEST((still.shape() == bt::shape{2, 0}));
    BOOST_TEST(still.value().size() == 0u);
    auto [d_nothing, d_point] = grad(sum(still), bt::wrt(nothing, point));
    BOOST_TEST((d_nothing.value().shape(1) == 0u));
    BOOST_TEST(same(d_point, 0.0)); // a sum over nothing

    const bt::variable<double> one(reals{5.0});
    BOOST_TEST(same(one - point, reals{2.0}));
    BOOST_TEST(same(grad(sum(one * point), point), 5.0));
}

BOOST_AUTO_TEST_CASE(broadcasting_of_every_kind)
{
    const std::vector<std::vector<std::size_t>> shapes = {
        {}, {1}, {4}, {3, 1}, {1, 4}, {3, 4}, {2, 1, 4}, {2, 3, 1}, {2, 3, 4}};
    for (const auto& s : shapes) {
        for (const auto& r : shapes) {
            const reals a = counting(s), b = counting(r);
            const bt::variable<double> x(a), y(b);
            const bt::tensor<double> z = x * y;
            const reals expected = a * b;
            BOOST_TEST(same(z, expected));
            // d sum(x y) / dx is y summed over what x was repeated for.
            auto [dx, dy] = grad(sum(z), bt::wrt(x, y));
            const double repeats = static_cast<double>(z.size()) / static_cast<double>(x.size());
            BOOST_TEST((dx.shape() == x.shape()));
            BOOST_TEST((dy.shape() == y.shape()));
            if (r.empty()) BOOST_TEST(same(dx, reals(0.0 * a + repeats * b())));
            BOOST_TEST(close(sum(x * dx), sum(z)));
            BOOST_TEST(close(sum(y * dy), sum(z)));
        }
    }
}

BOOST_AUTO_TEST_CASE(strided_operands_read_and_written)
{
    const reals a = counting({4, 6});
    const bt::variable<double> x(a);
    const auto check = [&](const bt::tensor<double>& v, const reals& expected,
                           const reals& weights) {
        const bt::tensor<double> y = v * v + 1.0;
        BOOST_TEST(same(y, reals(expected * expected + 1.0)));
        // The derivative scatters 2 v back to where it was read.
        BOOST_TEST(same(grad(sum(y), x), reals(2.0 * a * weights)));
    };
    const reals ones = xt::ones<double>({4, 6}), none = xt::zeros<double>({4, 6});
    check(transpose(x), xt::transpose(a), ones);
    check(view(x, xt::all(), xt::range(5, xt::placeholders::_, -1)),
          xt::view(a, xt::all(), xt::range(5, xt::placeholders::_, -1)), ones);
    reals weights = none;
    xt::view(weights, xt::range(0, 4, 2), xt::range(1, 6, 2)) = 1.0;
    check(view(x, xt::range(0, 4, 2), xt::range(1, 6, 2)),
          xt::view(a, xt::range(0, 4, 2), xt::range(1, 6, 2)), weights);
    check(transpose(view(x, xt::range(0, 4, 2), xt::range(1, 6, 2))),
          xt::transpose(xt::view(a, xt::range(0, 4, 2), xt::range(1, 6, 2))), weights);
    check(broadcast_to(reshape(x, {4, 1, 6}), {4, 2, 6}),
          xt::broadcast(reals(xt::view(a, xt::all(), xt::newaxis(), xt::all())), {4, 2, 6}),
          2.0 * ones);
}

BOOST_AUTO_TEST_CASE(one_tensor_in_several_slots)
{
    const bt::variable<double> x(reals{1.0, -2.0, 3.0});
    BOOST_TEST(same(x * x + x, reals{2.0, 2.0, 12.0}));
    BOOST_TEST(same(grad(sum(x * x + x), x), reals{3.0, -3.0, 7.0}));
    BOOST_TEST(same(grad(sum(x - x), x), reals{0.0, 0.0, 0.0}));
    BOOST_TEST(same(jvp(x * x + x, bt::tangent(x, reals{1.0, 1.0, 0.0})), reals{3.0, -3.0, 0.0}));
    // Whole and reversed: overlapping views of one array.
    const bt::tensor<double> mirrored = view(x, xt::range(2, xt::placeholders::_, -1));
    BOOST_TEST(same(x * mirrored + x, reals{4.0, 2.0, 6.0}));
    BOOST_TEST(same(grad(sum(x * mirrored + x), x), reals{7.0, -3.0, 3.0}));
}

BOOST_AUTO_TEST_CASE(masks_choose)
{
    const bt::variable<double> x(reals{-1.0, 0.0, 2.0, not_a_number});
    const bt::tensor<bool> positive = x > 0.0, at_most_one = x <= 1.0;
    BOOST_TEST(same(positive, reals{0.0, 0.0, 1.0, 0.0}));
    BOOST_TEST(same(where(positive, x, -x), reals{1.0, 0.0, 2.0, not_a_number}));
    BOOST_TEST(same(positive == at_most_one, reals{0.0, 0.0, 0.0, 1.0}));
    BOOST_TEST(same(x != x, reals{0.0, 0.0, 0.0, 1.0}));
    BOOST_TEST(same(sum(at_most_one), 2.0));
    const bt::tensor<double> clean = where(x == x, x, 7.0);
    BOOST_TEST(same(clean, reals{-1.0, 0.0, 2.0, 7.0}));
    BOOST_TEST(same(grad(sum(clean), x), reals{1.0, 1.0, 1.0, 0.0}));
    const bt::tensor<bool> given = bt::constant(xt::xarray<bool>{true, false, true, false});
    BOOST_TEST(same(where(given, 1.0, x), reals{1.0, 0.0, 1.0, not_a_number}));
    BOOST_TEST(same(where(given, positive, at_most_one), reals{0.0, 1.0, 1.0, 0.0}));
}

BOOST_AUTO_TEST_CASE(integers_compute_as_integers)
{
    const bt::variable<std::int64_t> n(xt::xarray<std::int64_t>{7, -7, std::int64_t{1} << 60});
    const bt::tensor<std::int64_t> next = n + 1, product = n * 2 - n;
    BOOST_TEST(next.value()(2) == (std::int64_t{1} << 60) + 1);
    BOOST_TEST(product.value()(2) == std::int64_t{1} << 60);
    BOOST_TEST(same(maximum(n, 0), reals{7.0, 0.0, 0x1p60}));
    const bt::variable<std::int32_t> k(xt::xarray<std::int32_t>{1, 2, 3});
    static_assert(std::is_same_v<decltype(k * k)::value_type, std::int32_t>);
    BOOST_TEST(same(where(k > 1, k * k, -k), reals{-1.0, 4.0, 9.0}));
    BOOST_TEST(same(sum(k), 6.0));
    BOOST_TEST(same(bt::cast<double>(k) / 2.0, reals{0.5, 1.0, 1.5}));
}

BOOST_AUTO_TEST_CASE(floats_stay_floats)
{
    const bt::variable<float> x(xt::xarray<float>{0.1f, 0.2f, 0.3f});
    const bt::tensor<float> y = x * x + 0.1;
    static_assert(std::is_same_v<decltype(y.value())::value_type, float>);
    BOOST_TEST(y.value()(0) == 0.1f * 0.1f + 0.1f);
    BOOST_TEST(grad(sum(y), x).value()(2) == 0.3f + 0.3f);
    const bt::tensor<double> wide = bt::cast<double>(x);
    BOOST_TEST(wide.value()(0) == double(0.1f));
    BOOST_TEST(same(grad(sum(wide * 3.0), x), reals{3.0, 3.0, 3.0}));
}

BOOST_AUTO_TEST_CASE(sizes_around_the_vectors_and_the_tiles)
{
    for (const std::size_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 17, 511, 512, 513, 1023, 1025, 3000}) {
        const reals a = counting({n});
        const bt::variable<double> x(a);
        const bt::tensor<double> y = x * 2.0 + 1.0;
        BOOST_TEST(same(y, reals(a * 2.0 + 1.0)));
        BOOST_TEST(same(grad(sum(y * x), x), reals(4.0 * a + 1.0)));
    }
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_broadcast_throw_where_they_are_written)
{
    const bt::variable<double> x(counting({2, 3})), y(counting({2}));
    BOOST_TEST(throws<bt::shape_error>([&] { bt::tensor<double> z = x + y; },
                                       {"[add]", "(2, 3)", "(2,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { bt::tensor<double> z = exp(x) * 2.0 - y / 3.0; },
                                       {"[sub]", "(2, 3)", "(2,)"}));
}

BOOST_AUTO_TEST_SUITE_END()
