// SPDX-License-Identifier: BSD-3-Clause
// Functions that change an array's form: values against xtensor's, derivatives by checking that
// what is read from a place is written back to it, and the errors.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

using xt::all;
using xt::newaxis;
using xt::range;
const auto to_end = xt::placeholders::_;

reals counting(const std::vector<std::size_t>& shape)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<double>(i) + 1.0;
    return a;
}

/// The adjoint identity of a linear function y of x: <y(1..n), y(x)> has the gradient that puts
/// each weight where its element came from. With y's elements numbered by x itself, that is x
/// times how often each was read.
void check_transpose(const bt::tensor<double>& y, const bt::variable<double>& x, const reals& reads)
{
    const bt::tensor<double> g = vjp(y, y.value(), x);
    BOOST_TEST(same(g, reals(x.value() * reads)));
    BOOST_TEST(same(jvp(y, bt::tangent(x, x.value())), y.value())); // linear: its own tangent
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_structure)

BOOST_AUTO_TEST_CASE(views_are_those_of_xtensor)
{
    const reals a = counting({4, 5, 3});
    const bt::variable<double> x(a);
    const auto check = [&](const auto... s) {
        const reals expected =
            xt::view(a, std::remove_const_t<decltype(s)>(s)...); // no const slices
        const bt::tensor<double> y = view(x, s...);
        BOOST_TEST(same(y, expected));
        reals reads = xt::zeros<double>({4, 5, 3});
        xt::view(reads, std::remove_const_t<decltype(s)>(s)...) = 1.0;
        check_transpose(y, x, reads);
    };
    check(2);
    check(all(), range(1, 4));
    check(range(0, 4, 2), 3, range(0, 2));
    check(range(3, to_end, -1), all(), range(2, to_end, -2));
    check(range(1, 1), all(), all());
    check(all(), newaxis(), 1, newaxis());
    check(1, 2, 0);
}

BOOST_AUTO_TEST_CASE(views_with_negative_indices_and_ellipsis)
{
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(same(view(x, -1), reals{4.0, 5.0, 6.0}));
    BOOST_TEST(same(view(x, all(), -3), reals{1.0, 4.0}));
    BOOST_TEST(same(view(x, xt::ellipsis(), 1), reals{2.0, 5.0}));
    BOOST_TEST(same(view(x, xt::ellipsis(), 0, 1), 2.0));
    BOOST_TEST(same(view(x, all(), range(-2, to_end)), reals{{2.0, 3.0}, {5.0, 6.0}}));
    BOOST_TEST(same(view(x), x));
    BOOST_TEST(same(view(view(x, 1), range(1, 3)), reals{5.0, 6.0})); // a view of a view
    const bt::tensor<double> corner = view(x, -1, -1);
    BOOST_TEST(same(grad(corner, x), reals{{0.0, 0.0, 0.0}, {0.0, 0.0, 1.0}}));
}

BOOST_AUTO_TEST_CASE(views_that_leave_the_array_throw)
{
    const bt::variable<double> x(counting({2, 3}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)view(x, 2); }, {"[view]", "index 2", "(2, 3)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)view(x, 0, -4); }, {"index -4", "axis 1"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)view(x, 0, 0, 0); }, {"3 slices", "(2, 3)"}));
}

BOOST_AUTO_TEST_CASE(transposes)
{
    const reals a = counting({2, 3, 4});
    const bt::variable<double> x(a);
    const reals ones = xt::ones<double>({2, 3, 4});
    BOOST_TEST(same(transpose(x), reals(xt::transpose(a))));
    BOOST_TEST(same(transpose(x, {1, 2, 0}), reals(xt::transpose(a, {1, 2, 0}))));
    BOOST_TEST(same(transpose(x, {-1, 0, 1}), reals(xt::transpose(a, {2, 0, 1}))));
    BOOST_TEST(same(transpose(x, std::vector<int>{0, 2, 1}), reals(xt::transpose(a, {0, 2, 1}))));
    BOOST_TEST(same(transpose(bt::constant(2.0)), 2.0));
    check_transpose(transpose(x, {2, 0, 1}), x, ones);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)transpose(x, {0, 1}); }, {"[transpose]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)transpose(x, {0, 1, 3}); }, {"[transpose]"}));
    BOOST_CHECK_THROW((void)transpose(x, {0, 1, 1}), bt::error);
}

BOOST_AUTO_TEST_CASE(reshapes)
{
    const reals a = counting({2, 3, 4});
    const bt::variable<double> x(a);
    const reals ones = xt::ones<double>({2, 3, 4});
    BOOST_TEST((reshape(x, {6, 4}).shape() == bt::shape{6, 4}));
    BOOST_TEST((reshape(x, {-1}).shape() == bt::shape{24}));
    BOOST_TEST((reshape(x, {4, -1, 2}).shape() == bt::shape{4, 3, 2}));
    BOOST_TEST((reshape(x, std::vector<std::size_t>{8, 3}).shape() == bt::shape{8, 3}));
    BOOST_TEST((reshape(x, x.shape()).shape() == x.shape()));
    BOOST_TEST(same(reshape(bt::constant(reals{5.0}), {}), 5.0));
    BOOST_TEST(same(reshape(bt::constant(5.0), {1, 1}), table({1, 1}, {5.0})));
    // Of what lies in another order: row-major order of what one sees, not of memory.
    const reals seen = xt::transpose(a);
    reals expected = seen;
    expected.reshape({12, 2});
    BOOST_TEST(same(reshape(transpose(x), {12, 2}), expected));
    check_transpose(reshape(transpose(x), {12, 2}), x, ones);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)reshape(x, {5, 5}); },
                                       {"[reshape]", "(2, 3, 4)", "(5, 5)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)reshape(x, {-1, -1}); }));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)reshape(x, {-1, 7}); }, {"[reshape]"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)reshape(x, {-2, 12}); }));
    const bt::tensor<double> nothing = bt::constant(reals(reals::from_shape({0, 3})));
    BOOST_TEST((reshape(nothing, {3, 0, 2}).value().dimension() == 3u));
    BOOST_CHECK_THROW((void)reshape(nothing, {0, -1}), bt::shape_error); // any extent would do
}

BOOST_AUTO_TEST_CASE(broadcasts)
{
    const bt::variable<double> x(counting({3, 1}));
    const bt::tensor<double> y = broadcast_to(x, {2, 3, 4});
    BOOST_TEST(same(y, reals(xt::broadcast(x.value(), {2, 3, 4}))));
    check_transpose(y, x, 8.0 * xt::ones<double>({3, 1}));
    BOOST_TEST((broadcast_to(x, std::vector<int>{3, 5}).shape() == bt::shape{3, 5}));
    BOOST_TEST((broadcast_to(x, bt::shape{3, 0}).value().size() == 0u));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)broadcast_to(x, {2, 4}); },
                                       {"[broadcast_to]", "(3, 1)", "(2, 4)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)broadcast_to(x, {3}); }));
}

BOOST_AUTO_TEST_CASE(concatenations)
{
    const reals a = counting({2, 3}), b = counting({2, 1}), c = counting({1, 3});
    const bt::variable<double> x(a), y(b), z(c);
    BOOST_TEST(same(concatenate(1, x, y, x), reals(xt::concatenate(xt::xtuple(a, b, a), 1))));
    BOOST_TEST(same(concatenate(-2, z, x), reals(xt::concatenate(xt::xtuple(c, a), 0))));
    const std::vector<bt::tensor<double>> parts = {x, transpose(transpose(x)), z};
    BOOST_TEST(same(concatenate(parts), reals(xt::concatenate(xt::xtuple(a, a, c), 0))));
    BOOST_TEST(same(concatenate(0, x * 2.0), reals(2.0 * a)));
    auto [dx, dy] = vjp(concatenate(1, x, y, x), counting({2, 7}), bt::wrt(x, y));
    BOOST_TEST(same(dx, reals{{6.0, 8.0, 10.0}, {20.0, 22.0, 24.0}}));
    BOOST_TEST(same(dy, table({2, 1}, {4.0, 11.0})));
    check_transpose(concatenate(0, x, x, x), x, 3.0 * xt::ones<double>({2, 3}));
}

BOOST_AUTO_TEST_CASE(concatenation_errors_and_empty_parts)
{
    const bt::variable<double> x(counting({2, 3})), nothing(reals(reals::from_shape({0, 3})));
    BOOST_TEST(same(concatenate(0, nothing, x), x));
    BOOST_TEST((grad(sum(concatenate(0, nothing, x)), nothing).value().size() == 0u));
    const bt::variable<double> odd(counting({2, 2}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)concatenate(0, x, odd); },
                                       {"[concatenate]", "axis 0", "(2, 3)", "(2, 2)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)concatenate(2, x, x); }, {"axis 2"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)concatenate(std::vector<bt::tensor<double>>{}, 0); }, {"of nothing"}));
    const bt::variable<float> single(xt::xarray<float>{{1.0f, 2.0f, 3.0f}});
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)concatenate(0, x, single); }));
}

BOOST_AUTO_TEST_CASE(stacks)
{
    const reals a = counting({2, 3});
    const bt::variable<double> x(a), y(reals(10.0 * a));
    const bt::tensor<double> first = stack(0, x, y), last = stack(-1, x, y),
                             middle = stack(1, x, y);
    BOOST_TEST((first.shape() == bt::shape{2, 2, 3}));
    BOOST_TEST((last.shape() == bt::shape{2, 3, 2}));
    BOOST_TEST(same(view(first, 1), y));
    BOOST_TEST(same(view(last, all(), all(), 1), y));
    BOOST_TEST(same(view(middle, all(), 0), x));
    BOOST_TEST(same(stack(std::vector<bt::tensor<double>>{x, y}, 2), last));
    BOOST_TEST(same(stack(0, bt::constant(1.0), bt::constant(2.0)), reals{1.0, 2.0}));
    check_transpose(stack(1, x, x), x, 2.0 * xt::ones<double>({2, 3}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)stack(0, x, view(x, 0)); },
                                       {"[stack]", "(2, 3)", "(3,)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)stack(3, x, y); }, {"[stack]"}));
    const bt::variable<float> single(xt::xarray<float>(xt::ones<float>({2, 3})));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)stack(0, x, single); }, {"[stack]"}));
}

BOOST_AUTO_TEST_CASE(casts)
{
    const bt::variable<double> x(reals{-1.7, 0.0, 2.9});
    BOOST_TEST(same(bt::cast<std::int32_t>(x), reals{-1.0, 0.0, 2.0}));
    BOOST_TEST(same(bt::cast<bool>(x), reals{1.0, 0.0, 1.0}));
    BOOST_TEST(same(bt::cast<double>(x > 0.0), reals{0.0, 0.0, 1.0}));
    BOOST_TEST(same(bt::cast<float>(x), reals{-1.7f, 0.0f, 2.9f}));
    BOOST_TEST(same(bt::cast<double>(transpose(bt::cast<std::int64_t>(reshape(x, {1, 3})))),
                    table({3, 1}, {-1.0, 0.0, 2.0})));
    BOOST_TEST((bt::status(bt::cast<double>(bt::cast<std::int32_t>(x)), x) ==
                bt::connection::not_differentiable));
}

BOOST_AUTO_TEST_SUITE_END()
