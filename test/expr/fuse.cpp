// SPDX-License-Identifier: BSD-3-Clause
// `fuse` makes the node that operators make: the same values and derivatives, with every argument
// one slot; also with captured tensors and numbers, and for long expressions.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

const reals a_values = {{0.5, -1.0, 2.0}, {1.5, 0.25, -0.75}};
const reals b_values = {1.0, 2.0, -3.0};

constexpr auto formula = [](auto a, auto b) { return sin(a) * b + exp(-b * b) * a * a; };

} // namespace

BOOST_AUTO_TEST_SUITE(expr_fuse)

BOOST_AUTO_TEST_CASE(equals_operators_in_value_and_derivatives)
{
    const bt::variable<double> a(a_values), b(b_values);
    const bt::tensor<double> fused = fuse(formula, a, b), plain = formula(a, b);
    BOOST_TEST(close(fused, plain));
    auto [fa, fb] = grad(sum(fused), bt::wrt(a, b));
    auto [pa, pb] = grad(sum(plain), bt::wrt(a, b));
    BOOST_TEST(close(fa, pa));
    BOOST_TEST(close(fb, pb));
    const reals direction = {{1.0, 2.0, 3.0}, {-1.0, 0.5, 0.0}};
    BOOST_TEST(close(jvp(fused, bt::tangent(a, direction)), jvp(plain, bt::tangent(a, direction))));
    BOOST_TEST(close(hvp(sum(fused), a, direction), hvp(sum(plain), a, direction)));
    const auto report = bt::check_gradient([](auto x, auto y) { return sum(fuse(formula, x, y)); },
                                           a_values, b_values);
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(an_argument_used_often_has_one_adjoint)
{
    const bt::variable<double> x(reals{1.0, -2.0, 3.0});
    const bt::tensor<double> y = fuse([](auto a) { return a * a * a - a + a * 2.0; }, x);
    BOOST_TEST(same(y, reals{2.0, -10.0, 30.0}));
    BOOST_TEST(same(grad(sum(y), x), reals{4.0, 13.0, 28.0}));
    BOOST_TEST(same(hvp(sum(y), x, 1.0), reals{6.0, -12.0, 18.0}));
}

BOOST_AUTO_TEST_CASE(one_tensor_as_several_arguments)
{
    const bt::variable<double> x(reals{1.0, -2.0, 3.0});
    const bt::tensor<double> y = fuse([](auto a, auto b) { return a * b * b; }, x, x);
    BOOST_TEST(same(grad(sum(y), x), reals{3.0, 12.0, 27.0}));
}

BOOST_AUTO_TEST_CASE(captured_tensors_and_numbers)
{
    const bt::variable<double> x(reals{1.0, -2.0, 3.0}), w(reals{2.0, 3.0, 4.0});
    const double c = 0.5;
    const bt::tensor<double> y = fuse([&](auto a) { return a * w + c * a * a; }, x);
    BOOST_TEST(same(y, reals{2.5, -4.0, 16.5}));
    auto [dx, dw] = grad(sum(y), bt::wrt(x, w));
    BOOST_TEST(same(dx, reals{3.0, 1.0, 7.0}));
    BOOST_TEST(same(dw, reals{1.0, -2.0, 3.0}));
}

BOOST_AUTO_TEST_CASE(unused_arguments_and_other_orders)
{
    const bt::variable<double> x(reals{1.0, 2.0}), y(reals{3.0, 5.0});
    BOOST_TEST(same(fuse([](auto a, auto b) { return b - a; }, x, y), reals{2.0, 3.0}));
    const bt::tensor<double> second = fuse([](auto, auto b) { return b * b; }, x, y);
    BOOST_TEST(same(second, reals{9.0, 25.0}));
    BOOST_TEST(same(grad(sum(second), y), reals{6.0, 10.0}));
}

BOOST_AUTO_TEST_CASE(arguments_of_other_kinds)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    BOOST_TEST(
        same(fuse([](auto a, auto b) { return a * b; }, x, reals{10.0, 20.0}), reals{10.0, 40.0}));
    BOOST_TEST(same(fuse([](auto a, auto b) { return a * b; }, x * 2.0, x), reals{2.0, 8.0}));
    const bt::tensor<float> f =
        fuse([](auto a) { return a * a * 0.5; }, bt::constant(xt::xarray<float>{2.0f, 4.0f}));
    BOOST_TEST(same(f, reals{2.0, 8.0}));
    const bt::tensor<bool> mask = fuse([](auto a) { return a * a > 1.0; }, x);
    BOOST_TEST(same(mask, reals{0.0, 1.0}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)fuse([](auto a, auto b) { return a * b; }, x, reals{1.0, 2.0, 3.0}); },
        {"[mul]", "(2,)", "(3,)"}));
}

BOOST_AUTO_TEST_CASE(a_long_expression)
{
    const bt::variable<double> x(reals{0.5, -0.25, 1.0});
    // Horner's scheme of 1 + x + ... + x^15: thirty ops in one kernel.
    const auto horner = [](auto a) {
        const auto p3 = ((1.0 + a) * a + 1.0) * a + 1.0;
        const auto p7 = (((p3 * a + 1.0) * a + 1.0) * a + 1.0) * a + 1.0;
        const auto p11 = (((p7 * a + 1.0) * a + 1.0) * a + 1.0) * a + 1.0;
        return (((p11 * a + 1.0) * a + 1.0) * a + 1.0) * a + 1.0;
    };
    reals value = x.value(), slope = x.value();
    for (std::size_t i = 0; i < 3; ++i) {
        double p = 0.0, d = 0.0;
        for (int k = 15; k >= 0; --k) {
            d = d * x.value()(i) + p;
            p = p * x.value()(i) + 1.0;
        }
        value(i) = p;
        slope(i) = d;
    }
    const bt::tensor<double> fused = fuse(horner, x), plain = horner(x);
    BOOST_TEST(close(fused, value));
    BOOST_TEST(close(plain, value));
    BOOST_TEST(close(grad(sum(fused), x), slope));
    BOOST_TEST(close(grad(sum(plain), x), slope));
}

BOOST_AUTO_TEST_SUITE_END()
