// SPDX-License-Identifier: BSD-3-Clause
// Derivatives of derivatives: any order, any mix of modes, through every structure op.
#include <support/expect.hpp>

#include <cmath>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;

namespace {

const reals points = {-1.5, -0.3, 0.2, 1.0, 2.5};

/// Rounding grows with the number of terms: order 4 of a product has dozens.
constexpr double high_order = 1e-11;

using derivative = bt::tensor<double> (*)(const bt::tensor<double>&, const bt::variable<double>&);

bt::tensor<double> backward(const bt::tensor<double>& y, const bt::variable<double>& x)
{
    return grad(sum(y), x, bt::zero_if_unconnected);
}
bt::tensor<double> onward(const bt::tensor<double>& y, const bt::variable<double>& x)
{
    return jvp(y, bt::tangent(x, 1.0), bt::zero_if_unconnected);
}

} // namespace

BOOST_AUTO_TEST_SUITE(ad_higher_order)

BOOST_AUTO_TEST_CASE(four_orders_in_every_mix_of_modes)
{
    const bt::variable<double> x(points);
    const derivative modes[] = {&backward, &onward};
    for (unsigned mix = 0; mix < 16; ++mix) {
        bt::tensor<double> y = sin(x);
        const bt::tensor<double> expected[] = {cos(x), -sin(x), -cos(x), sin(x)};
        for (unsigned order = 0; order < 4; ++order) {
            y = modes[(mix >> order) & 1u](y, x);
            BOOST_TEST(close(y, expected[order], high_order));
        }
    }
}

BOOST_AUTO_TEST_CASE(orders_of_other_functions)
{
    const bt::variable<double> x(reals{0.3, 0.5, 1.0, 2.5});
    bt::tensor<double> e = exp(x * 2.0), l = log(x), p = x * x * x * x, t = tanh(x), r = 1.0 / x;
    for (int order = 0; order < 4; ++order) {
        for (auto* y : {&e, &l, &p, &t, &r}) *y = (order % 2 == 0 ? backward : onward)(*y, x);
    }
    BOOST_TEST(close(e, 16.0 * exp(2.0 * x), high_order));
    BOOST_TEST(close(l, -6.0 / pow(x, 4), high_order));
    BOOST_TEST(close(p, reals{24.0, 24.0, 24.0, 24.0}, high_order));
    BOOST_TEST(close(r, 24.0 / pow(x, 5), high_order));
    // With t = tanh and s = 1 - t² (t' = s, s' = -2 t s):
    // t' = s, t'' = -2ts, t''' = 4t²s - 2s², t'''' = 16 t s² - 8 t³ s.
    const bt::tensor<double> th = tanh(x), s = 1.0 - th * th;
    BOOST_TEST(close(t, 16.0 * th * s * s - 8.0 * th * th * th * s, high_order));
    BOOST_TEST(close(backward(p, x), reals{0.0, 0.0, 0.0, 0.0}));
}

BOOST_AUTO_TEST_CASE(mixed_partials_commute)
{
    const bt::variable<double> x(0.7), y(-0.4);
    const bt::tensor<double> f = sin(x * y) * exp(x);
    const bt::tensor<double> xy = grad(grad(f, x), y), yx = grad(grad(f, y), x);
    BOOST_TEST(close(xy, yx));
    const double u = 0.7, v = -0.4;
    BOOST_TEST(close(xy, std::exp(u) * (std::cos(u * v) * (1 + u) - u * v * std::sin(u * v))));
    BOOST_TEST(close(grad(grad(xy, x), y), grad(grad(yx, y), x), high_order));
}

BOOST_AUTO_TEST_CASE(through_structure)
{
    const bt::variable<double> x(reals{{0.5, -1.0, 2.0}, {1.5, 0.25, -0.75}});
    const auto check = [&](const bt::tensor<double>& y, const bt::tensor<double>& second) {
        const bt::tensor<double> g = grad(sum(y * y * y), x); // 3 y² through the op
        BOOST_TEST(close(grad(sum(g), x), second));
        BOOST_TEST(close(jvp(g, bt::tangent(x, 1.0)), second));
    };
    const bt::tensor<double> six_x = 6.0 * x;
    check(transpose(x), six_x);
    check(reshape(x, {3, 2}), six_x);
    check(concatenate(1, x, x), 2.0 * six_x);
    check(stack(0, x, x, x), 3.0 * six_x);
    check(broadcast_to(x, {5, 2, 3}), 5.0 * six_x);
    check(view(x, xt::all(), xt::range(1, 2)), six_x * reals{0.0, 1.0, 0.0});
    check(sum(x, 0), broadcast_to(12.0 * sum(x, 0), {2, 3}));
    check(mean(x, 1), broadcast_to(mean(x, 1, bt::keepdims) * 2.0, {2, 3}));
    check(max(x, 1), six_x * reals{{0.0, 0.0, 1.0}, {1.0, 0.0, 0.0}});
}

BOOST_AUTO_TEST_CASE(through_products_and_reductions)
{
    const bt::variable<double> x(reals{{0.5, -1.0}, {1.5, 0.25}}), v(reals{0.3, -0.8});
    // Quadratic form: the Hessian is A + A^T.
    const bt::tensor<double> q = dot(v, matmul(x, v));
    const bt::tensor<double> hv = hvp(q, v, reals{1.0, 2.0});
    BOOST_TEST(close(hv, matmul(x + transpose(x), reals{1.0, 2.0})));
    BOOST_TEST(close(grad(sum(hv), x), reals{{2.0, 3.0}, {3.0, 4.0}})); // w 1^T + 1 w^T
    // logsumexp: diag(p) - p p^T.
    const bt::tensor<double> p = softmax(v);
    const bt::tensor<double> h = hvp(logsumexp(v), v, reals{1.0, 2.0});
    BOOST_TEST(close(h, p * reals{1.0, 2.0} - p * sum(p * reals{1.0, 2.0})));
    BOOST_TEST(close(grad(sum(p * p), v), 2.0 * p * (p - sum(p * p))));
}

BOOST_AUTO_TEST_CASE(a_gradient_used_like_any_tensor)
{
    // Minimise along the gradient: d/da f(x - a g(x)) at 0 is -|g|².
    const bt::variable<double> x(reals{1.0, -2.0}), a(0.0);
    const auto f = [](const auto& u) { return sum(u * u * u * u); };
    const bt::tensor<double> g = grad(f(x), x);
    const bt::tensor<double> stepped = f(x - a * g);
    BOOST_TEST(close(grad(stepped, a), -sum(g * g)));
    BOOST_TEST(
        bt::check_gradient([&](auto u) { return f(u - 0.1 * grad(f(u), u)); }, reals{0.3, -0.2})
            .ok);
    // With respect to an intermediate that the gradient was built from.
    const bt::tensor<double> h = x * 3.0, k = sum(h * h * h);
    BOOST_TEST(close(grad(sum(grad(k, h)), h), 6.0 * h));
    BOOST_TEST(close(grad(sum(grad(k, x)), x), 162.0 * x)); // k = 27 x³
}

BOOST_AUTO_TEST_SUITE_END()
