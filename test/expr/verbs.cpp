// SPDX-License-Identifier: BSD-3-Clause
// Verbs of the arithmetic, comparison and activation families: integers, masks, parameters of either
// kind, xtensor operands, and what they throw.
#include <support/expect.hpp>

#include <xtensor/xmath.hpp>

namespace bt = backtrail;
using bt::infinity;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

const reals a_values = {{1.0, -2.0, 3.0}, {-4.0, 5.0, -6.0}};
const reals b_values = {{0.5, -2.0, 0.0}, {3.0, 0.25, -7.0}};
using integers = xt::xarray<std::int64_t>;

template <class X>
constexpr bool is_mask = std::is_same_v<typename X::value_type, bool>;

} // namespace

BOOST_AUTO_TEST_SUITE(expr_verbs)

BOOST_AUTO_TEST_CASE(arithmetic_on_integers_stays_integer)
{
    const auto n = bt::constant(integers{-3, 0, 4}), m = bt::constant(integers{2, -2, 4});
    BOOST_TEST(same(cube(n), reals{-27, 0, 64}));
    BOOST_TEST(same(squared_difference(n, m), reals{25, 4, 0}));
    BOOST_TEST(same(fma(n, m, 1), reals{-5, 1, 17}));
    BOOST_TEST(same(addcmul(n, m, m, 2), reals{5, 8, 36}));
    BOOST_TEST(same(+n, n));
    BOOST_TEST(same(relu6(bt::constant(integers{-3, 5, 9})), reals{0, 5, 6}));
    BOOST_TEST(same(hard_tanh(n, -2, 3), reals{-2, 0, 3}));
    BOOST_TEST(same(clip(n, std::nullopt, 1), reals{-3, 0, 1}));
    BOOST_TEST(same(clip(n, -1, m), reals{-1, -2, 4}));
    BOOST_TEST(same(fmax(n, m), reals{2, 0, 4}));
    BOOST_TEST(same(fmin(n, 1), reals{-3, 0, 1}));
    static_assert(std::is_same_v<decltype(cube(n))::value_type, std::int64_t>);
}

BOOST_AUTO_TEST_CASE(sums_and_products_of_three)
{
    const bt::variable<double> x(a_values), y(b_values), w(reals{0.0, 1.0, 0.25});
    BOOST_TEST(same(fma(x, y, 1.0), a_values * b_values + 1.0));
    BOOST_TEST(close(addcmul(x, y, w, 0.7), a_values + 0.7 * b_values * reals{0.0, 1.0, 0.25}));
    BOOST_TEST(close(addcdiv(x, y, 4.0), a_values + b_values / 4.0));
    BOOST_TEST(same(lerp(x, y, w), (reals{{1.0, -2.0, 2.25}, {-4.0, 0.25, -6.25}})));
    // One rounding: the product of 1 + 2^-30 with itself is 1 + 2^-29 + 2^-60.
    const bt::variable<double> near_one(reals{1.0 + 0x1p-30, 1.0, 0.0});
    BOOST_TEST(
        same(fma(near_one, near_one, -1.0 - 0x1p-29), reals{0x1p-60, -0x1p-29, -1.0 - 0x1p-29}));
    const bt::tensor<double> z = addcmul(x, y, w, 2.0) * fma(x, y, w) + lerp(x, y, w);
    BOOST_TEST(bt::check_gradient(z, bt::wrt(x, y, w)).ok);
}

BOOST_AUTO_TEST_CASE(what_a_number_can_be_asked)
{
    const reals odd = {0.0, -0.0, 5e-324, -1e308, infinity, -infinity, not_a_number};
    const bt::variable<double> v(odd);
    const bt::variable<float> f(xt::xarray<float>(xt::cast<float>(reals{1.0, infinity, -0.0})));
    static_assert(is_mask<decltype(isfinite(v))> && is_mask<decltype(isnan(f))>);
    BOOST_TEST(same(isfinite(v), reals{1, 1, 1, 1, 0, 0, 0}));
    BOOST_TEST(same(isnan(v), reals{0, 0, 0, 0, 0, 0, 1}));
    BOOST_TEST(same(isinf(v), reals{0, 0, 0, 0, 1, 1, 0}));
    BOOST_TEST(same(isposinf(v), reals{0, 0, 0, 0, 1, 0, 0}));
    BOOST_TEST(same(isneginf(v), reals{0, 0, 0, 0, 0, 1, 0}));
    BOOST_TEST(same(signbit(view(v, xt::range(0, 6))), reals{0, 1, 0, 1, 0, 1}));
    BOOST_TEST(same(isinf(f), reals{0, 1, 0}));
    BOOST_TEST(same(signbit(f), reals{0, 0, 1}));
    const auto n = bt::constant(integers{-3, 0, 4});
    BOOST_TEST(same(isfinite(n), reals{1, 1, 1}));
    BOOST_TEST(same(isinf(n), reals{0, 0, 0}));
    BOOST_TEST(same(signbit(n), reals{1, 0, 0}));
}

BOOST_AUTO_TEST_CASE(comparisons_and_logic_by_name)
{
    const bt::variable<double> v(a_values), u(b_values);
    BOOST_TEST(same(less(v, u), v < u));
    BOOST_TEST(same(less_equal(v, b_values), v <= u));
    BOOST_TEST(same(greater(a_values, u), v > u));
    BOOST_TEST(same(greater_equal(v, 3.0), v >= 3.0));
    BOOST_TEST(same(equal(v, u), v == u));
    BOOST_TEST(same(not_equal(v, -2), v != -2.0));
    const bt::tensor<bool> p = v > 0.0, q = u > 0.0;
    BOOST_TEST(same(logical_and(p, q), p && q));
    BOOST_TEST(same(logical_or(p, u > 0.0), p || q));
    BOOST_TEST(same(logical_xor(p, q), p != q));
    BOOST_TEST(same(logical_not(p), !p));
    // Numbers are true where they are not 0; a NaN is not 0.
    const bt::variable<double> n(reals{0.0, -0.0, 2.0, not_a_number});
    BOOST_TEST(same(logical_not(n), reals{1, 1, 0, 0}));
    BOOST_TEST(same(logical_and(n, reals{1.0, 1.0, 1.0, 1.0}), reals{0, 0, 1, 1}));
    BOOST_TEST(same(logical_xor(n, n), reals{0, 0, 0, 0}));
    BOOST_TEST(same(logical_or(n, n == 0.0), reals{1, 1, 1, 1}));
    static_assert(is_mask<decltype(logical_or(n, n))>);
}

BOOST_AUTO_TEST_CASE(parameters_are_numbers_or_tensors)
{
    const bt::variable<double> x(a_values), s(reals{0.1, 0.2, 0.3});
    BOOST_TEST(same(leaky_relu(x, 0.1), leaky_relu(x, bt::constant(0.1))));
    BOOST_TEST(close(leaky_relu(x, s), (reals{{1.0, -0.4, 3.0}, {-0.4, 5.0, -1.8}})));
    BOOST_TEST(same(leaky_relu(x), leaky_relu(x, 0.01)));
    BOOST_TEST(same(hard_shrink(x, reals{2.0, 2.0, 2.0}), hard_shrink(x, 2)));
    BOOST_TEST(bt::check_gradient(bt::tensor<double>(leaky_relu(x, s) + elu(x, s) * celu(x, s) +
                                                     soft_shrink(x, s) + softplus(x, s, 5.0)),
                                  bt::wrt(x, s))
                   .ok);
    const bt::variable<float> f(xt::xarray<float>(xt::cast<float>(a_values)));
    const bt::tensor<float> y = leaky_relu(f, 0.25) + hard_tanh(f) * elu(f) + hard_sigmoid(f) +
                                soft_shrink(f) + softplus(f, 2) + selu(f);
    const auto second = hvp(sum(y * y), f, 1.0); // literals keep to float in derivatives, too
    static_assert(std::is_same_v<decltype(second)::value_type, float>);
    BOOST_TEST(second.value().size() == 6u);
}

BOOST_AUTO_TEST_CASE(weights_for_each_channel)
{
    const bt::variable<double> x(a_values), w(reals{0.5, 0.25, 0.125});
    BOOST_TEST(same(prelu(x, w), (reals{{1.0, -0.5, 3.0}, {-2.0, 5.0, -0.75}})));
    BOOST_TEST(same(prelu(x, reals{0.5}), leaky_relu(x, 0.5)));
    BOOST_TEST(same(prelu(x, bt::constant(0.5)), leaky_relu(x, 0.5)));
    BOOST_TEST(same(prelu(view(x, 0), reals{0.5}), reals{1.0, -1.0, 3.0}));
    const bt::variable<double> image(
        xt::reshape_view(xt::arange<double>(-12.0, 12.0), {2, 3, 2, 2}));
    BOOST_TEST(same(prelu(image, w), leaky_relu(image, table({3, 1, 1}, {0.5, 0.25, 0.125}))));
    BOOST_TEST(same(grad(sum(bt::tensor<double>(prelu(x, w))), w), reals{-4.0, -2.0, -6.0}));
    BOOST_TEST(bt::check_gradient(prelu(image + 0.5, w), bt::wrt(image, w)).ok);
    bt::tag("slopes", w);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)prelu(transpose(x), w); },
                                       {"[prelu]", "(3, 2) x (3,)", "slopes"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)prelu(view(x, 0), w); }, {"[prelu]"}));
}

BOOST_AUTO_TEST_CASE(impossible_parameters_throw)
{
    const bt::variable<double> x(a_values);
    BOOST_TEST(throws<bt::value_error>([&] { (void)celu(x, 0); }, {"[celu]", "alpha"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)soft_shrink(x, -1.0); }, {"[soft_shrink]"}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)hard_tanh(x, 2, 1); }, {"[hard_tanh]"}));
    const bt::variable<double> four(reals{1.0, 2.0, 3.0, 4.0});
    BOOST_TEST(throws<bt::shape_error>([&] { bt::tensor<double> y = lerp(x, x, four); },
                                       {"[lerp]", "(2, 3)", "(4,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { bt::tensor<double> y = fmax(x, four); }, {"[fmax]"}));
    BOOST_TEST(throws<bt::shape_error>([&] { bt::tensor<double> y = clip(x, four, 9); },
                                       {"[clip_low]", "(2, 3)", "(4,)"}));
}

BOOST_AUTO_TEST_CASE(beside_xtensor)
{
    using namespace xt;
    const bt::variable<double> v(a_values);
    BOOST_TEST(same(clip(v, -1.0, 2.0), xt::clip(a_values, -1.0, 2.0)));
    BOOST_TEST(same(fma(v, b_values, v), a_values * b_values + a_values));
    BOOST_TEST(same(fmax(v, b_values), xt::fmax(a_values, b_values)));
    BOOST_TEST(same(fmin(b_values, v), xt::fmin(a_values, b_values)));
    BOOST_TEST(same(cube(v), xt::cube(a_values)));
    BOOST_TEST(same(isfinite(v), xt::isfinite(a_values)));
    BOOST_TEST(same(isnan(v), xt::isnan(a_values)));
    BOOST_TEST(same(equal(v, b_values), xt::equal(a_values, b_values)));
    BOOST_TEST(same(not_equal(b_values, v), xt::not_equal(a_values, b_values)));
    BOOST_TEST(same(less(v, b_values), xt::less(a_values, b_values)));
}

BOOST_AUTO_TEST_SUITE_END()
