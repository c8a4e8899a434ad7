// SPDX-License-Identifier: BSD-3-Clause
// Forward mode: directional derivatives against analytic ones and against reverse mode, of every
// structure op, with tangents of any form.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

const reals x_values = {{0.5, -1.0, 2.0}, {1.5, 0.25, -0.75}};
const reals direction = {{1.0, 2.0, -1.0}, {0.5, -3.0, 0.25}};

/// <y_bar, J x_dot> = <J^T y_bar, x_dot> for a y that need not be smooth, nor a function one knows.
void check_modes_agree(const bt::tensor<double>& y, const bt::variable<double>& x,
                       double tolerance = expect::rounding)
{
    const bt::tensor<double> y_bar = cos(y * 3.0 + 1.0); // as good as any
    const bt::tensor<double> forward = sum(y_bar * jvp(y, bt::tangent(x, direction)));
    const bt::tensor<double> reverse = sum(vjp(y, y_bar, x) * direction);
    BOOST_TEST(close(forward, reverse, tolerance));
    BOOST_TEST(forward.value()() != 0.0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(ad_forward)

BOOST_AUTO_TEST_CASE(tangents_of_any_form)
{
    const bt::variable<double> x(reals{1.0, 2.0}), v(reals{3.0, 5.0});
    const bt::tensor<double> y = x * x * x;
    BOOST_TEST(close(jvp(y, bt::tangent(x, reals{3.0, 5.0})), reals{9.0, 60.0}));
    BOOST_TEST(close(jvp(y, bt::tangent(x, 1.0)), reals{3.0, 12.0}));
    BOOST_TEST(close(jvp(y, bt::tangent(x, v)), reals{9.0, 60.0}));
    BOOST_TEST(close(jvp(y, bt::tangent(x, v * 2.0)), reals{18.0, 120.0}));
    BOOST_TEST(close(grad(sum(jvp(y, bt::tangent(x, v))), v), reals{3.0, 12.0}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)jvp(y, bt::tangent(x, reals{1.0, 2.0, 3.0})); },
                                       {"(3,)", "(2,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)jvp(y, bt::tangent(x, bt::constant(1.0))); },
                                       {"[jvp]", "()", "(2,)"}));
    const bt::variable<float> single(xt::xarray<float>{1.0f, 2.0f}); // types never mix silently
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)jvp(y, bt::tangent(x, single)).value(); },
                                       {"float", "double"}));
}

BOOST_AUTO_TEST_CASE(several_inputs_add_up)
{
    const bt::variable<double> x(2.0), y(3.0);
    const bt::tensor<double> f = x * x * y;
    BOOST_TEST(close(jvp(f, bt::tangent(x, 1.0), bt::tangent(y, 10.0)), 12.0 + 40.0));
    BOOST_TEST(close(jvp(f, bt::tangent(x, 1.0), bt::tangent(x, 1.0)), 24.0));
    // A tangent for an intermediate is added to what reaches it.
    const bt::tensor<double> h = x * x, g = h * y;
    BOOST_TEST(close(jvp(g, bt::tangent(h, 1.0)), 3.0));
    BOOST_TEST(close(jvp(g, bt::tangent(x, 1.0), bt::tangent(h, 1.0)), 15.0));
}

BOOST_AUTO_TEST_CASE(both_modes_agree_on_elementwise_statements)
{
    const bt::variable<double> x(x_values);
    check_modes_agree(sin(x) * exp(x) - x / (2.0 + x * x), x);
    check_modes_agree(where(x > 0.0, sqrt(abs(x)), tanh(x)) + maximum(x, 0.3), x);
    check_modes_agree(pow(abs(x) + 0.5, x), x);
}

BOOST_AUTO_TEST_CASE(both_modes_agree_on_structure)
{
    const bt::variable<double> x(x_values);
    check_modes_agree(transpose(x), x);
    check_modes_agree(reshape(transpose(x), {6}), x);
    check_modes_agree(view(x, xt::all(), xt::range(2, xt::placeholders::_, -2)), x);
    check_modes_agree(broadcast_to(x, {4, 2, 3}), x);
    check_modes_agree(concatenate(0, x, x, view(x, xt::range(0, 1))), x);
    check_modes_agree(stack(2, x, square(x)), x);
    check_modes_agree(sum(x, 0), x);
    check_modes_agree(mean(x, 1, bt::keepdims), x);
    check_modes_agree(max(x, 1), x);
    check_modes_agree(logsumexp(x, 0), x);
    check_modes_agree(softmax(x), x);
    check_modes_agree(log_softmax(x, 0), x);
    check_modes_agree(matmul(x, transpose(x)), x);
    check_modes_agree(matmul(x, view(x, 1)), x);
    check_modes_agree(bt::cast<double>(bt::cast<float>(x)) * 2.0, x, expect::float_rounding);
}

BOOST_AUTO_TEST_CASE(hessian_vector_products)
{
    const bt::variable<double> x(reals{1.0, 2.0, 3.0});
    const bt::tensor<double> f = sum(x * x * x) + view(x, 0) * view(x, 2);
    const reals v = {1.0, -1.0, 2.0};
    const reals expected = {6.0 + 2.0, -12.0, 36.0 + 1.0};
    BOOST_TEST(close(hvp(f, x, v), expected));
    BOOST_TEST(close(grad(sum(grad(f, x) * v), x), expected));       // reverse over reverse
    BOOST_TEST(close(grad(jvp(f, bt::tangent(x, v)), x), expected)); // reverse over forward
    BOOST_TEST(same(hvp(sum(x), x, v), reals{0.0, 0.0, 0.0}));
}

/// What does not move keeps its value: partials beside the one that is asked for are finite.
BOOST_AUTO_TEST_CASE(tangents_beside_operands_that_do_not_move)
{
    const bt::variable<double> x(2.0), s(4.0), c(3.0), b(1.0);
    const bt::tensor<double> quotient = square(x / s) + b, logarithm = log(x) * c + b,
                             exponential = exp(x / s) + b;
    for (const auto& y : {quotient, logarithm, exponential}) {
        BOOST_TEST(expect::same(jvp(y, bt::tangent(b, 5.0)), 5.0));
    }
}

BOOST_AUTO_TEST_SUITE_END()
