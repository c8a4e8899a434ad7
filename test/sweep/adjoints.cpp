// SPDX-License-Identifier: BSD-3-Clause
// What the adjoint of a tag means: the total over all uses, each sweep's own, of the forward node also
// where the graph has been differentiated; the part of one use; adjoints that losses are built on.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::identical;
using expect::read;
using expect::reals;
using expect::same;
using expect::throws;

BOOST_AUTO_TEST_SUITE(sweep_adjoints)

BOOST_AUTO_TEST_CASE(a_tag_used_inside_and_outside_of_a_function)
{
    // Where a tag is a copy of the node, one of the two uses is lost, and often both.
    const bt::variable<double> x(1.3);
    const bt::tensor<double> y = bt::tag("y", x * x);
    const bt::tensor<double> z = sin(y) * y;
    bt::sweep s = reverse(z, bt::wrt(x));
    s.run();
    const double v = 1.3 * 1.3;
    BOOST_TEST(close(s.adjoint("y"), std::cos(v) * v + std::sin(v)));
    BOOST_TEST(close(s.adjoint(x), 2 * 1.3 * (std::cos(v) * v + std::sin(v))));
}

BOOST_AUTO_TEST_CASE(a_handle_that_was_dropped)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> y = x * x;
    bt::tag("y", y);
    bt::sweep s = reverse(sum(exp(y)), bt::wrt(x));
    s.run();
    BOOST_TEST(close(s.adjoint("y"), exp(y)));
}

BOOST_AUTO_TEST_CASE(the_parts_of_all_uses_add_up)
{
    const bt::variable<double> x(reals{{0.5, -1.0}, {2.0, 0.25}}),
        w(reals{{1.0, 2.0}, {3.0, -1.0}});
    const bt::tensor<double> h = bt::tag("h", tanh(x));
    const bt::tensor<double> a = bt::tag("a", h * h * 3.0);
    const bt::tensor<double> b = bt::tag("b", matmul(h, w));
    const bt::tensor<double> c = bt::tag("c", sum(h, 0));
    const bt::tensor<double> loss = sum(a * b) + sum(exp(c));
    bt::sweep s = reverse(loss, bt::wrt(x));
    s.run();
    const reals of_a = read(s.adjoint_of_use("h", "a")), of_b = read(s.adjoint_of_use(h, b)),
                of_c = read(s.adjoint_of_use("h", c));
    BOOST_TEST(close(of_a, 6.0 * h * b));
    BOOST_TEST(close(of_b, matmul(a, transpose(w))));
    BOOST_TEST(close(of_c, exp(c) + 0.0 * h));
    BOOST_TEST(close(s.adjoint("h"), reals(of_a + of_b + of_c)));
    BOOST_TEST(throws<bt::value_error>([&] { (void)s.adjoint_of_use("h", loss); },
                                       {"[adjoint_of_use]", "in one statement"}));
    BOOST_TEST(throws<bt::unconnected_error>(
        [&] { (void)s.adjoint_of_use(bt::tensor<double>(exp(x)), b); }, {"does not depend"}));
}

BOOST_AUTO_TEST_CASE(a_use_through_a_broadcast)
{
    const bt::variable<double> x(reals{{1.0, 2.0}, {3.0, 4.0}}), b(reals{0.5, -0.5});
    const bt::tensor<double> bias = bt::tag("bias", b * 2.0);
    const bt::tensor<double> z = bt::tag("z", x * bias), u = bt::tag("u", x + bias);
    bt::sweep s = reverse(sum(z) + sum(square(u)), bt::wrt(b));
    s.run();
    BOOST_TEST(close(s.adjoint_of_use("bias", "z"), reals{4.0, 6.0}));
    BOOST_TEST(close(s.adjoint_of_use("bias", "u"), sum(2.0 * u, 0)));
    BOOST_TEST(close(s.adjoint("bias"), reals{4.0, 6.0} + read(sum(2.0 * u, 0))));
}

BOOST_AUTO_TEST_CASE(two_sweeps_over_one_graph_keep_apart)
{
    bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> h = bt::tag("h", x * x);
    bt::sweep first = reverse(sum(h), bt::wrt(x)), second = reverse(sum(h * h), bt::wrt(x));
    first.run();
    second.run();
    BOOST_TEST(same(first.adjoint("h"), reals{1.0, 1.0}));
    BOOST_TEST(same(second.adjoint("h"), reals{2.0, 8.0}));
    x = 3.0;
    second.run();
    BOOST_TEST(same(first.adjoint("h"), reals{1.0, 1.0}));
    BOOST_TEST(same(first.value("h"), reals{1.0, 4.0}));
    BOOST_TEST(same(second.adjoint("h"), reals{18.0, 18.0}));
}

BOOST_AUTO_TEST_CASE(a_tag_in_a_graph_differentiated_twice_is_the_forward_node)
{
    const bt::variable<double> x(reals{0.3, -0.7});
    const bt::tensor<double> h = bt::tag("h", sin(x) * x);
    const bt::tensor<double> g = grad(sum(exp(h)), x);
    const bt::tensor<double> f = sum(grad(sum(g * g), x));
    bt::sweep s = reverse(f, bt::wrt(x));
    s.run();
    BOOST_TEST((s.tags() == std::vector<std::string>{"h"}));
    BOOST_TEST(same(s.value("h"), h));
    BOOST_TEST(identical(read(s.adjoint("h")), read(grad(f, h))));
}

BOOST_AUTO_TEST_CASE(a_loss_contains_an_adjoint)
{
    // f = sum(h^3): its adjoint at h is 3 h^2. A penalty on it, p = sum(9 h^4), with h = x^2.
    const bt::variable<double> x(reals{1.0, -2.0});
    const bt::tensor<double> h = bt::tag("h", x * x);
    const bt::tensor<double> f = sum(h * h * h);
    const bt::tensor<double> h_bar = adjoint_of("h", f);
    BOOST_TEST(close(h_bar, 3.0 * h * h));
    const bt::tensor<double> penalised = f + sum(square(h_bar));
    bt::sweep s = reverse(penalised, bt::wrt(x));
    s.run();
    const reals v = {1.0, -2.0};
    BOOST_TEST(close(s.adjoint("h"), reals(3.0 * xt::pow(v, 4) + 36.0 * xt::pow(v, 6))));
    BOOST_TEST(close(s.adjoint(x), reals(2.0 * v * (3.0 * xt::pow(v, 4) + 36.0 * xt::pow(v, 6)))));
    BOOST_TEST(throws<bt::tag_error>([&] { (void)adjoint_of("hh", f); }, {"near it: \"h\""}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)adjoint_of("h", h); }, {"[adjoint_of]"}));
    BOOST_TEST(throws<bt::unconnected_error>(
        [&] { (void)adjoint_of("h", sum(stop_gradient(h))).value(); }, {"stop_gradient"}));
}

BOOST_AUTO_TEST_SUITE_END()
