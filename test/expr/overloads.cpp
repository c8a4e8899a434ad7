// SPDX-License-Identifier: BSD-3-Clause
// Overloads: mixing tensors with xtensor in either order and with numbers resolves to ours, without
// ambiguity.
#include <support/expect.hpp>

#include <xtensor/xmath.hpp>

namespace bt = backtrail;
using expect::close;
using expect::each;
using expect::reals;
using expect::same;
using expect::table;

namespace {

const reals a_values = {{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}};
const reals b_values = {{0.5, -1.0, 2.0}, {3.0, 0.25, -2.0}};

const reals total = {{1.5, 1.0, 5.0}, {7.0, 5.25, 4.0}};
const reals difference = {{0.5, 3.0, 1.0}, {1.0, 4.75, 8.0}};
const reals product = {{0.5, -2.0, 6.0}, {12.0, 1.25, -12.0}};
const reals quotient = each([](double x, double y) { return x / y; }, a_values, b_values);
const reals zero = {{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}};
/// 1 where the mask of a comparison should be true.
const reals below_b = {{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}},
            from_4 = {{0.0, 0.0, 0.0}, {1.0, 1.0, 1.0}};
const reals chosen = {{0.5, -1.0, 3.0}, {4.0, 5.0, 6.0}}; // a where above 2, else b

template <class X>
constexpr bool is_ours = bt::is_expr<std::remove_cvref_t<X>>;

} // namespace

BOOST_AUTO_TEST_SUITE(expr_overloads)

BOOST_AUTO_TEST_CASE(arithmetic_in_both_orders)
{
    const bt::variable<double> v(a_values);
    const bt::tensor<double> t = bt::constant(a_values);
    const auto check = [](const auto& ours) {
        static_assert(is_ours<decltype(ours * b_values)> && is_ours<decltype(b_values * ours)>);
        BOOST_TEST(same(ours + b_values, total));
        BOOST_TEST(same(b_values + ours, total));
        BOOST_TEST(same(ours - b_values, difference));
        BOOST_TEST(same(b_values - ours, each([](double x) { return -x; }, difference)));
        BOOST_TEST(same(ours * b_values, product));
        BOOST_TEST(same(b_values * ours, product));
        BOOST_TEST(same(ours / b_values, quotient));
        BOOST_TEST(same(b_values / ours,
                        each([](double x, double y) { return y / x; }, a_values, b_values)));
    };
    check(v);
    check(t);
    check(view(t, xt::all()));
}

BOOST_AUTO_TEST_CASE(every_value_category_of_operands)
{
    bt::variable<double> v(a_values);
    bt::tensor<double> t = bt::constant(a_values);
    reals mutable_array = b_values;
    BOOST_TEST(same(t * mutable_array, product));
    BOOST_TEST(same(mutable_array * t, product));
    BOOST_TEST(same(bt::tensor<double>(t) * reals(b_values), product));
    BOOST_TEST(same(reals(b_values) * bt::tensor<double>(t), product));
    BOOST_TEST(same(v * t, square(v)));
    BOOST_TEST(same((v + t) * (t - v), zero));
    const xt::xtensor<double, 2> fixed_rank = b_values;
    BOOST_TEST(same(t + fixed_rank, total));
    BOOST_TEST(same(fixed_rank + v, total));
}

BOOST_AUTO_TEST_CASE(lazy_xtensor_operands_become_constants)
{
    const bt::variable<double> v(a_values);
    BOOST_TEST(same(v * (b_values + 1.0), v * b_values + v));
    BOOST_TEST(same((2.0 * b_values) / v, 2.0 * (b_values / v)));
    BOOST_TEST(same(v + xt::view(b_values, 1), reals{{4.0, 2.25, 1.0}, {7.0, 5.25, 4.0}}));
    BOOST_TEST(
        same(xt::transpose(b_values) + bt::constant(1.0), transpose(bt::constant(b_values)) + 1.0));
    BOOST_TEST(same(v * xt::ones<double>({3}), a_values));
    BOOST_TEST(same(v - v.value(), zero)); // our own adaptors are xtensor expressions
}

BOOST_AUTO_TEST_CASE(an_operand_is_copied_where_it_stands)
{
    reals data = b_values;
    const bt::variable<double> v(a_values);
    const bt::tensor<double> product = v * data;
    const auto sum_of = v + data;
    data.fill(0.0);
    BOOST_TEST(same(product, product));
    BOOST_TEST(same(sum_of, total));
}

BOOST_AUTO_TEST_CASE(numbers_of_any_kind)
{
    const bt::variable<double> v(a_values);
    BOOST_TEST(same(2 * v, v + v));
    BOOST_TEST(same(v - 1u, reals{{0.0, 1.0, 2.0}, {3.0, 4.0, 5.0}}));
    BOOST_TEST(same(1.5f / v, each([](double x) { return 1.5 / x; }, a_values)));
    BOOST_TEST(same(-v, each([](double x) { return -x; }, a_values)));
    const bt::variable<float> f(xt::cast<float>(a_values));
    static_assert(std::is_same_v<decltype(0.5 * f)::value_type, float>);
    BOOST_TEST(same(0.5 * f, each([](double x) { return 0.5 * x; },
                                  a_values))); // a number takes the type it meets
    BOOST_TEST(same(maximum(v, 3.0), (reals{{3.0, 3.0, 3.0}, {4.0, 5.0, 6.0}})));
    BOOST_TEST(same(maximum(3, v), (reals{{3.0, 3.0, 3.0}, {4.0, 5.0, 6.0}})));
    BOOST_TEST(close(pow(v, 2), square(v)));
    BOOST_TEST(close(pow(2.0, v), reals{{2.0, 4.0, 8.0}, {16.0, 32.0, 64.0}}));
    BOOST_TEST(same(where(v > 3.0, 1.0, v), (reals{{1.0, 2.0, 3.0}, {1.0, 1.0, 1.0}})));
}

BOOST_AUTO_TEST_CASE(comparisons_in_both_orders)
{
    const bt::variable<double> v(a_values);
    static_assert(std::is_same_v<decltype(v < b_values)::value_type, bool>);
    BOOST_TEST(same(v < b_values, below_b));
    BOOST_TEST(same(b_values < v, table({2, 3}, {1.0, 1.0, 1.0, 1.0, 1.0, 1.0})));
    BOOST_TEST(same(v >= 4.0, from_4));
    BOOST_TEST(same(4.0 <= v, from_4));
    BOOST_TEST(same(v == a_values, table({2, 3}, {1.0, 1.0, 1.0, 1.0, 1.0, 1.0})));
    BOOST_TEST(same(a_values != v, zero));
    BOOST_TEST(same(where(a_values > 2.0, v, b_values), chosen));
    BOOST_TEST(same(where(v > 2.0, a_values, b_values), chosen));
}

BOOST_AUTO_TEST_CASE(products_take_xtensor_on_either_side)
{
    const bt::variable<double> v(a_values);
    const reals column = table({3, 1}, {1.0, 2.0, 3.0}), row = {1.0, -1.0};
    BOOST_TEST(same(matmul(v, column), table({2, 1}, {14.0, 32.0})));
    BOOST_TEST(same(matmul(row, v), reals{-3.0, -3.0, -3.0}));
    BOOST_TEST(same(matmul(v, xt::transpose(v.value())), reals{{14.0, 32.0}, {32.0, 77.0}}));
    BOOST_TEST(same(dot(row, view(v, xt::all(), 0)), -3.0));
    BOOST_TEST(close(mean_squared_error(v, b_values), 97.8125 / 6.0));
}

BOOST_AUTO_TEST_SUITE_END()
