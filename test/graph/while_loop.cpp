// SPDX-License-Identifier: BSD-3-Clause
// Loops of unknown length, and how many steps loops run for a value and its gradient together.
#include <support/expect.hpp>

#include <backtrail/plan/schedule.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

/// Heun steps of x' = p x (1 - x/4) until x exceeds a limit.
bt::tensor<double> grow(bt::tensor<double> x0, bt::tensor<double> p, double limit)
{
    const auto rate = [&](const bt::tensor<double>& x) {
        return bt::tensor<double>(p * x * (1.0 - 0.25 * x));
    };
    return bt::while_loop([&](auto x) { return sum(x) < limit; }, x0,
                          [&](auto, auto x) {
                              const auto k1 = rate(x), k2 = rate(x + 0.1 * k1);
                              return x + 0.05 * (k1 + k2);
                          });
}

/// The same, a given number of times.
bt::tensor<double> grow_for(bt::tensor<double> x0, bt::tensor<double> p, std::ptrdiff_t n)
{
    const auto rate = [&](const bt::tensor<double>& x) {
        return bt::tensor<double>(p * x * (1.0 - 0.25 * x));
    };
    return bt::loop(n, x0, [&](auto, auto x) {
        const auto k1 = rate(x), k2 = rate(x + 0.1 * k1);
        return x + 0.05 * (k1 + k2);
    });
}

std::ptrdiff_t steps_of(const bt::tensor<double>& x0, const bt::tensor<double>& p, double limit)
{
    std::ptrdiff_t n = 0;
    while (expect::read(sum(grow_for(x0, p, n)))() < limit) ++n;
    return n;
}

const reals start = {0.2, 0.3}, rates = {1.0, 1.4};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_while_loop)

BOOST_AUTO_TEST_CASE(values_and_derivatives_are_those_of_the_steps_run)
{
    const bt::variable<double> x0(start), p(rates);
    for (const double limit : {0.1, 0.55, 3.0}) { // none, one or two, many
        const std::ptrdiff_t n = steps_of(x0, p, limit);
        const auto y = grow(x0, p, limit), z = grow_for(x0, p, n);
        BOOST_TEST(same(y, z));
        const bt::tensor<double> f = sum(square(y)), g = sum(square(z));
        BOOST_TEST(same(grad(f, x0), grad(g, x0)));
        BOOST_TEST(same(grad(f, p), grad(g, p, bt::zero_if_unconnected)));
        const bt::tensor<double> v = bt::constant(reals{0.7, -0.4});
        BOOST_TEST(same(jvp(f, bt::tangent(x0, v), bt::tangent(p, v)),
                        jvp(g, bt::tangent(x0, v), bt::tangent(p, v))));
        if (n == 0) continue;
        const bt::tensor<double> fp = grad(f, p), gp = grad(g, p);
        BOOST_TEST(close(jvp(fp, bt::tangent(x0, v)), jvp(gp, bt::tangent(x0, v))));
        BOOST_TEST(close(grad(sum(fp * v), x0), grad(sum(gp * v), x0)));
        BOOST_TEST(close(grad(sum(jvp(f, bt::tangent(x0, v))), p),
                         grad(sum(jvp(g, bt::tangent(x0, v))), p)));
    }
}

BOOST_AUTO_TEST_CASE(several_states_and_the_step)
{
    // Newton's method for a square root, counting.
    const bt::variable<double> a(2.0);
    const auto [x, n] = bt::while_loop([&](auto v, auto) { return abs(v * v - a) > 1e-14; },
                                       std::tuple(bt::tensor<double>(1.0 * a), std::int64_t{0}),
                                       [&](auto t, auto v, auto) {
                                           return std::tuple(bt::tensor<double>(0.5 * (v + a / v)),
                                                             bt::tensor<std::int64_t>(t + 1));
                                       });
    BOOST_TEST(close(x, std::sqrt(2.0)));
    BOOST_TEST(n.value()() == 5);
    BOOST_TEST(close(grad(x, a), 0.5 / std::sqrt(2.0)));
    bt::variable<double> b = a;
    b = 1e6; // another length, the same plan
    BOOST_TEST(close(x, 1000.0));
    BOOST_TEST(n.value()() > 10);
    BOOST_TEST(close(grad(x, a), 0.0005));
}

BOOST_AUTO_TEST_CASE(the_same_bits_with_any_number_of_slots)
{
    const bt::variable<double> x0(start), p(rates);
    const bt::tensor<double> loss = sum(square(grow(x0, p, 5.0)));
    bt::sweep s = reverse(loss, bt::wrt(x0, p));
    s.run();
    const auto x_bar = s.adjoint(x0), p_bar = s.adjoint(p);
    const auto n = static_cast<std::size_t>(steps_of(x0, p, 5.0));
    BOOST_TEST(n > 20);
    for (std::size_t c = 1; c <= n + 1; ++c) {
        bt::detail::set_loop_slots(loss.get_node(), c);
        const auto before = bt::detail::count_loop_steps(loss.get_node());
        s.run();
        const auto after = bt::detail::count_loop_steps(loss.get_node());
        BOOST_TEST(std::memcmp(s.adjoint(x0).data(), x_bar.data(), 16) == 0);
        BOOST_TEST(std::memcmp(s.adjoint(p).data(), p_bar.data(), 16) == 0);
        BOOST_TEST(after.reversals - before.reversals == n);
        if (n + 1 <= (c + 1) * (c + 2) / 2) {
            BOOST_TEST(after.advances - before.advances == bt::binomial_advances(n + 1, c));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_value_and_its_gradient_run_the_steps_of_the_schedule)
{
    const bt::variable<double> u(start);
    for (std::size_t n = 0; n <= 60; n += n < 12 ? 1 : 8) {
        const bt::tensor<double> y = bt::loop(static_cast<std::ptrdiff_t>(n), u,
                                              [](auto, auto v) { return v + 0.01 * v * v; });
        const bt::tensor<double> linear = sum(y), bent = sum(y * y), g = grad(bent, u);
        bt::sweep s = reverse(linear, bt::wrt(u)), t = reverse(bent, bt::wrt(u));
        const auto steps_of = [&](auto run) {
            const auto before = bt::detail::count_loop_steps(y.get_node());
            run();
            const auto after = bt::detail::count_loop_steps(y.get_node());
            BOOST_REQUIRE_EQUAL(after.reversals - before.reversals, n);
            return after.advances - before.advances;
        };
        for (std::size_t c = 1; c <= 20; ++c) {
            bt::detail::set_loop_slots(y.get_node(), c);
            // What comes after the loop is one step more.
            BOOST_REQUIRE_EQUAL(steps_of([&] { s.run(); }), bt::binomial_advances(n + 1, c));
            BOOST_REQUIRE_EQUAL(steps_of([&] { t.run(); }), bt::binomial_advances(n + 1, c));
            BOOST_TEST(same(t.adjoint(u), g));
        }
        // A gradient whose cotangent is known beforehand does not need the last step.
        const bt::tensor<double> alone = grad(linear, u);
        BOOST_REQUIRE_EQUAL(steps_of([&] { (void)alone.value(); }), bt::binomial_advances(n, 20));
    }
}

BOOST_AUTO_TEST_CASE(inside_and_around_other_loops)
{
    const auto f = [](auto x0, auto p) {
        return bt::loop(2, x0, [&](auto t, auto x) {
            return 0.3 * grow(x, p + 0.1 * bt::cast<double>(t), 2.0);
        });
    };
    const bt::variable<double> x0(start), p(rates);
    const auto y = f(x0, p);
    const bt::tensor<double> loss = sum(square(y));
    bt::sweep s = reverse(loss, bt::wrt(x0, p));
    s.run();
    const auto x_bar = s.adjoint(x0);
    bt::detail::set_loop_slots(loss.get_node(), 2);
    s.run();
    BOOST_TEST(std::memcmp(s.adjoint(x0).data(), x_bar.data(), 16) == 0);
    const auto report = bt::check_gradient(y, bt::wrt(x0, p));
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(what_is_refused)
{
    const bt::variable<double> u(start);
    BOOST_TEST(throws<bt::shape_error>(
        [&] {
            (void)bt::while_loop([](auto v) { return v < 1; }, u, [](auto, auto v) { return v; });
        },
        {"[while_loop]", "one truth value", "(2,)"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] {
            (void)bt::while_loop([](auto v) { return sum(v) < 1; }, u,
                                 [](auto, auto v) { return sum(v); });
        },
        {"[while_loop]", "state 0"}));
}

BOOST_AUTO_TEST_SUITE_END()
