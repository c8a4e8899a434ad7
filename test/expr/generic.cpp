// SPDX-License-Identifier: BSD-3-Clause
// Code that is generic over the array, or written under `using namespace xt`: our functions are
// found for our arrays and xtensor's for its own, which stay as they are.
#include <support/expect.hpp>

#include <xtensor/xmath.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;

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

BOOST_AUTO_TEST_SUITE(expr_generic)

BOOST_AUTO_TEST_CASE(functions_generic_over_the_array)
{
    const bt::variable<double> v(a_values);
    static_assert(is_ours<decltype(wave(v))> && !is_ours<decltype(wave(a_values))>);
    BOOST_TEST(close(wave(v), wave(a_values)));
    BOOST_TEST(close(wave(bt::tensor<double>(v + 1.0)), wave(reals(a_values + 1.0))));
    BOOST_TEST(close(centred(v), reals(centred(a_values))));
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
