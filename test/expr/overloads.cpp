// SPDX-License-Identifier: BSD-3-Clause
// Overloads: mixing tensors with xtensor in either order and with numbers resolves to ours without
// ambiguity, also under `using namespace xt`, and leaves xtensor's own expressions alone.
#include <support/expect.hpp>

#include <xtensor/xmath.hpp>
#include <xtensor/xrandom.hpp>

namespace bt = backtrail;
using expect::close;
using expect::same;
using expect::table;
using expect::reals;

namespace {

const reals a_values = {{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}};
const reals b_values = {{0.5, -1.0, 2.0}, {3.0, 0.25, -2.0}};

template <class X>
constexpr bool is_ours = bt::is_expr<std::remove_cvref_t<X>>;

/// Generic over the array: finds the functions of xtensor for its arrays and ours for ours.
template <class A>
auto wave(const A& x)
{
    return exp(-0.5 * x * x) * sin(3.0 * x) + sqrt(abs(x)) / 2.0 - maximum(x, 1.0);
}

template <class A>
auto centred(const A& x)
{
    return x - mean(x);
}

} // namespace

BOOST_AUTO_TEST_SUITE(expr_overloads)

BOOST_AUTO_TEST_CASE(arithmetic_in_both_orders)
{
    const bt::variable<double> v(a_values);
    const bt::tensor<double> t = bt::constant(a_values);
    const auto check = [](const auto& ours) {
        static_assert(is_ours<decltype(ours * b_values)> && is_ours<decltype(b_values * ours)>);
        BOOST_TEST(same(ours + b_values, a_values + b_values));
        BOOST_TEST(same(b_values + ours, b_values + a_values));
        BOOST_TEST(same(ours - b_values, a_values - b_values));
        BOOST_TEST(same(b_values - ours, b_values - a_values));
        BOOST_TEST(same(ours * b_values, a_values * b_values));
        BOOST_TEST(same(b_values * ours, b_values * a_values));
        BOOST_TEST(same(ours / b_values, a_values / b_values));
        BOOST_TEST(same(b_values / ours, b_values / a_values));
        BOOST_TEST(close(pow(b_values * b_values, ours), xt::pow(b_values * b_values, a_values)));
    };
    check(v);
    check(t);
    check(t * 1.0);
}

BOOST_AUTO_TEST_CASE(every_value_category_of_operands)
{
    bt::variable<double> v(a_values);
    bt::tensor<double> t = bt::constant(a_values);
    reals mutable_array = b_values;
    BOOST_TEST(same(t * mutable_array, a_values * b_values));
    BOOST_TEST(same(mutable_array * t, a_values * b_values));
    BOOST_TEST(same(bt::tensor<double>(t) * reals(b_values), a_values * b_values));
    BOOST_TEST(same(reals(b_values) * bt::tensor<double>(t), a_values * b_values));
    BOOST_TEST(same(v * t, a_values * a_values));
    BOOST_TEST(same((v + t) * (t - v), 0.0 * a_values));
    const xt::xtensor<double, 2> fixed_rank = b_values;
    BOOST_TEST(same(t + fixed_rank, a_values + b_values));
    BOOST_TEST(same(fixed_rank + v, a_values + b_values));
}

BOOST_AUTO_TEST_CASE(lazy_xtensor_operands_become_constants)
{
    const bt::variable<double> v(a_values);
    BOOST_TEST(same(v * (b_values + 1.0), a_values * (b_values + 1.0)));
    BOOST_TEST(same((2.0 * b_values) / v, 2.0 * b_values / a_values));
    BOOST_TEST(same(v + xt::view(b_values, 1), a_values + xt::view(b_values, 1)));
    BOOST_TEST(same(xt::transpose(b_values) + bt::constant(1.0), xt::transpose(b_values) + 1.0));
    BOOST_TEST(same(v * xt::ones<double>({3}), a_values));
    BOOST_TEST(same(v - v.value(), 0.0 * a_values)); // our own adaptors are xtensor expressions
}

BOOST_AUTO_TEST_CASE(an_operand_is_copied_where_it_stands)
{
    reals data = b_values;
    const bt::variable<double> v(a_values);
    const bt::tensor<double> product = v * data;
    const auto sum_of = v + data;
    data.fill(0.0);
    BOOST_TEST(same(product, a_values * b_values));
    BOOST_TEST(same(sum_of, a_values + b_values));
}

BOOST_AUTO_TEST_CASE(numbers_of_any_kind)
{
    const bt::variable<double> v(a_values);
    BOOST_TEST(same(2 * v, 2.0 * a_values));
    BOOST_TEST(same(v - 1u, a_values - 1.0));
    BOOST_TEST(same(1.5f / v, 1.5 / a_values));
    BOOST_TEST(same(-v, -a_values));
    const bt::variable<float> f(xt::cast<float>(a_values));
    static_assert(std::is_same_v<decltype(0.5 * f)::value_type, float>);
    BOOST_TEST(same(0.5 * f, 0.5 * a_values)); // a number takes the type it meets
    BOOST_TEST(same(maximum(v, 3.0), xt::maximum(a_values, 3.0)));
    BOOST_TEST(same(maximum(3, v), xt::maximum(a_values, 3.0)));
    BOOST_TEST(close(pow(v, 2), a_values * a_values));
    BOOST_TEST(close(pow(2.0, v), xt::pow(2.0, a_values)));
    BOOST_TEST(same(where(v > 3.0, 1.0, v), xt::where(a_values > 3.0, 1.0, a_values)));
}

BOOST_AUTO_TEST_CASE(comparisons_in_both_orders)
{
    const bt::variable<double> v(a_values);
    static_assert(std::is_same_v<decltype(v < b_values)::value_type, bool>);
    BOOST_TEST(same(v < b_values, xt::less(a_values, b_values)));
    BOOST_TEST(same(b_values < v, xt::less(b_values, a_values)));
    BOOST_TEST(same(v >= 4.0, xt::greater_equal(a_values, 4.0)));
    BOOST_TEST(same(4.0 <= v, xt::greater_equal(a_values, 4.0)));
    BOOST_TEST(same(v == a_values, xt::xarray<bool>({{true, true, true}, {true, true, true}})));
    BOOST_TEST(same(a_values != v, xt::xarray<bool>({{false, false, false}, {false, false, false}})));
    BOOST_TEST(same(where(a_values > 2.0, v, b_values), xt::where(a_values > 2.0, a_values, b_values)));
    BOOST_TEST(same(where(v > 2.0, a_values, b_values), xt::where(a_values > 2.0, a_values, b_values)));
}

BOOST_AUTO_TEST_CASE(functions_generic_over_the_array)
{
    const bt::variable<double> v(a_values);
    static_assert(is_ours<decltype(wave(v))> && !is_ours<decltype(wave(a_values))>);
    BOOST_TEST(close(wave(v), wave(a_values)));
    BOOST_TEST(close(wave(bt::tensor<double>(v + 1.0)), wave(reals(a_values + 1.0))));
    BOOST_TEST(close(centred(v), reals(centred(a_values))));
}

BOOST_AUTO_TEST_CASE(products_take_xtensor_on_either_side)
{
    const bt::variable<double> v(a_values);
    const reals column = table({3, 1}, {1.0, 2.0, 3.0}), row = {1.0, -1.0};
    BOOST_TEST(same(matmul(v, column), table({2, 1}, {14.0, 32.0})));
    BOOST_TEST(same(matmul(row, v), reals{-3.0, -3.0, -3.0}));
    BOOST_TEST(same(matmul(v, xt::transpose(v.value())), reals{{14.0, 32.0}, {32.0, 77.0}}));
    BOOST_TEST(same(dot(row, view(v, xt::all(), 0)), -3.0));
    BOOST_TEST(close(mean_squared_error(v, b_values), xt::mean(xt::square(a_values - b_values))()));
}

BOOST_AUTO_TEST_CASE(under_using_namespace_xt)
{
    using namespace xt;
    const bt::variable<double> v(a_values);
    const bt::tensor<double> t = bt::constant(a_values);
    BOOST_TEST(same(v * b_values + b_values * t, 2.0 * a_values * b_values));
    BOOST_TEST(close(exp(v), xt::exp(a_values)));
    BOOST_TEST(same(sum(v), 21.0));
    BOOST_TEST(same(sum(t, 0), reals{5.0, 7.0, 9.0}));
    BOOST_TEST(same(sum(t, {0, 1}), 21.0));
    BOOST_TEST(same(sum(t * 2.0, {1}), reals{12.0, 30.0}));
    BOOST_TEST(same(mean(t, 1, bt::keepdims), table({2, 1}, {2.0, 5.0})));
    BOOST_TEST(same(mean(v, 1, keep_dims), table({2, 1}, {2.0, 5.0})));
    BOOST_TEST(same(view(t, 1, range(0, 2)), reals{4.0, 5.0}));
    BOOST_TEST(same(view(v, all(), -1), reals{3.0, 6.0}));
    BOOST_TEST(same(transpose(t), xt::transpose(a_values)));
    BOOST_TEST(same(maximum(v, b_values), xt::maximum(a_values, b_values)));
    BOOST_TEST(same(where(v > 2.0, v, 0.0), xt::where(a_values > 2.0, a_values, 0.0)));
    BOOST_TEST(same(square(t), a_values * a_values));
    BOOST_TEST(same(abs(-t), a_values));
    BOOST_TEST(same(stack(0, v, t), xt::stack(xt::xtuple(a_values, a_values))));
    BOOST_TEST(same(broadcast_to(view(t, 0), {2, 3}), reals{{1.0, 2.0, 3.0}, {1.0, 2.0, 3.0}}));
    BOOST_TEST(same(argmax(t, 1), xarray<double>{2.0, 2.0}));
    BOOST_TEST(close(wave(t), wave(a_values)));
    bt::tensor<double> loss = sum(square(t - v));
    BOOST_TEST(same(grad(loss, v), 0.0 * a_values));
}

BOOST_AUTO_TEST_CASE(xtensor_is_left_alone)
{
    using namespace backtrail;
    const reals result = a_values * b_values + xt::exp(a_values);
    BOOST_TEST(close(result, constant(a_values) * b_values + exp(constant(a_values))));
    BOOST_TEST(xt::sum(a_values)() == 21.0);
    BOOST_TEST(same(xt::view(a_values, 0), reals{1.0, 2.0, 3.0}));
    static_assert(!is_ours<decltype(a_values < b_values)>);
    // The defect of xtensor 0.24 in C++20 that core/xtensor.hpp mends.
    BOOST_TEST(same(xt::eval(a_values + a_values), 2.0 * a_values));
    BOOST_TEST(same(reals(xt::sum(a_values, {0}, xt::evaluation_strategy::immediate)),
                     reals{5.0, 7.0, 9.0}));
}

BOOST_AUTO_TEST_SUITE_END()
