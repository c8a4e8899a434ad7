// SPDX-License-Identifier: BSD-3-Clause
// What loops can be made of: several states, sequences, loops in loops, random numbers; what they cost; and
// what is refused.
#include <support/expect.hpp>

#include <backtrail/graph/traversal.hpp>
#include <backtrail/plan/schedule.hpp>

#include <thread>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

bt::tensor<double> number(double x) { return bt::constant(x); }

std::size_t nodes_of(const bt::node_ptr& y)
{
    return bt::topological_order(std::span(&y, 1)).size();
}

template <class A, class B>
bool same_bits(const A& a, const B& b)
{
    return a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), a.size() * sizeof(a.data()[0])) == 0;
}

/// Gradients of the sum of squares with respect to x have the same bits whatever is kept.
template <class... X>
void check_slots(const bt::tensor<double>& y, std::size_t most, const X&... x)
{
    const bt::tensor<double> loss = sum(square(y));
    bt::sweep s = reverse(loss, bt::wrt(x...));
    s.run();
    const auto kept_all = std::tuple(s.adjoint(x)...);
    for (std::size_t c = 1; c <= most; ++c) {
        bt::detail::set_loop_slots(loss.get_node(), c);
        s.run();
        std::apply([&](const auto&... a) { BOOST_TEST((same_bits(s.adjoint(x), a) && ...)); },
                   kept_all);
    }
    bt::detail::set_loop_slots(loss.get_node(), 0);
}

const reals four = {0.4, -0.3, 0.8, 1.2};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_loop_forms)

BOOST_AUTO_TEST_CASE(states_of_all_types_and_shapes)
{
    const bt::variable<double> a(expect::table({2, 2}, {0.1, 0.7, -0.4, 0.3}));
    const bt::variable<float> b(xt::xarray<float>{0.5F, 0.25F, -1.5F});
    const bt::variable<std::int64_t> c(xt::xarray<std::int64_t>{(std::int64_t{1} << 60) + 1});
    const bt::variable<bool> d(true);
    const auto [a5, b5, c5, d5, e5] = bt::loop(
        5, std::tuple(a, b, c, d, std::int32_t{-3}),
        [&](auto t, auto u, auto v, auto w, auto m, auto k) {
            return std::tuple(bt::tensor<double>(u + 0.1 * sin(sum(bt::cast<double>(v))) * u),
                              bt::tensor<float>(v * bt::cast<float>(mean(u))),
                              bt::tensor<std::int64_t>(w + t), bt::tensor<bool>(!m),
                              bt::tensor<std::int32_t>(k * 2));
        });
    bt::tensor<double> u = a;
    bt::tensor<float> v = b;
    for (int t = 0; t < 5; ++t) {
        const bt::tensor<double> next = u + 0.1 * sin(sum(bt::cast<double>(v))) * u;
        v = v * bt::cast<float>(mean(u));
        u = next;
    }
    BOOST_TEST(same(a5, u));
    BOOST_TEST(same(b5, v));
    BOOST_TEST(c5.value()(0) == (std::int64_t{1} << 60) + 11); // exact beyond 2^53
    BOOST_TEST(d5.value()() == false);
    BOOST_TEST(e5.value()() == -96);
    const bt::tensor<double> f = sum(a5) + bt::cast<double>(sum(b5 * b5)),
                             g = sum(u) + bt::cast<double>(sum(v * v));
    BOOST_TEST(close(grad(f, a), grad(g, a), expect::float_rounding));
    BOOST_TEST(close(grad(f, b), grad(g, b), expect::float_rounding));
    BOOST_TEST(
        close(jvp(f, bt::tangent(a, 1.0)), jvp(g, bt::tangent(a, 1.0)), expect::float_rounding));
}

BOOST_AUTO_TEST_CASE(states_that_change_places_or_stay)
{
    const bt::variable<double> a(1.5), b(-2.0), c(7.0);
    for (const int n : {1, 2, 3}) {
        const auto [x, y, z] = bt::loop(n, std::tuple(a, b, c), [](auto, auto u, auto v, auto w) {
            return std::tuple(v, u, w);
        });
        BOOST_TEST(same(x, n % 2 == 0 ? 1.5 : -2.0));
        BOOST_TEST(same(y, n % 2 == 0 ? -2.0 : 1.5));
        BOOST_TEST(same(z, 7.0));
        const bt::tensor<double> f = 3.0 * x + 5.0 * y + 7.0 * z;
        BOOST_TEST(same(grad(f, a), n % 2 == 0 ? 3.0 : 5.0));
        BOOST_TEST(same(grad(f, c), 7.0));
    }
}

BOOST_AUTO_TEST_CASE(two_time_levels)
{
    const auto leapfrog = [](auto u0, auto u1, auto speed) {
        const auto [last, present] =
            bt::loop(9, std::tuple(u0, u1), [&](auto, auto before, auto now) {
                const bt::tensor<double> bend = roll(now, 1) + roll(now, -1) - 2.0 * now;
                return std::tuple(now, bt::tensor<double>(2.0 * now - before + speed * bend));
            });
        return bt::tensor<double>(present * last);
    };
    const auto report = bt::check_gradient(leapfrog, four, reals{0.5, -0.2, 0.7, 1.1}, 0.3);
    BOOST_TEST(report.ok, report.message);
    const bt::variable<double> u0(four), u1(four), speed(0.3);
    check_slots(leapfrog(u0, u1, speed), 9, u0, u1, speed);
}

BOOST_AUTO_TEST_CASE(sequences_in_and_out)
{
    const auto filter = [](auto s0, auto xs, auto gain) {
        return bt::loop_with(3, s0, xs, [&](auto t, auto s, auto x) {
            const bt::tensor<double> next = s * gain + sin(x) * (1.0 + bt::cast<double>(t));
            return std::pair(next, bt::tensor<double>(next * next + s));
        });
    };
    const reals xs = expect::table({3, 2}, {0.1, 0.5, -0.3, 0.8, 1.2, -0.6}), s0 = {0.2, -0.4};
    const auto [last, outputs] = filter(bt::tensor<double>(bt::constant(s0)),
                                        bt::tensor<double>(bt::constant(xs)), number(0.9));
    reals s = s0, expected = xs;
    for (std::size_t t = 0; t < 3; ++t) {
        for (std::size_t i = 0; i < 2; ++i) {
            const double next = s(i) * 0.9 + std::sin(xs(t, i)) * (1.0 + double(t));
            expected(t, i) = next * next + s(i);
            s(i) = next;
        }
    }
    BOOST_TEST(close(last, s));
    BOOST_TEST(close(outputs, expected));
    const auto report = bt::check_gradient(
        [&](auto a, auto b, auto c) {
            const auto [end, all] = filter(a, b, c);
            return bt::tensor<double>(all * 0.7 + end);
        },
        s0, xs, 0.9);
    BOOST_TEST(report.ok, report.message);
    const bt::variable<double> a(s0), b(xs), c(0.9);
    check_slots(filter(a, b, c).second, 3, a, b, c);

    // Several of each, and an output without derivative.
    const bt::variable<std::int64_t> k(xt::xarray<std::int64_t>{2, 0, 1});
    const auto [sums, found] = bt::loop_with(
        3, std::tuple(number(0), number(1)), std::tuple(b, k),
        [](auto, auto p, auto q, auto x, auto i) {
            return std::pair(std::tuple(bt::tensor<double>(p + sum(x)), bt::tensor<double>(q * p)),
                             std::tuple(i, bt::tensor<double>(q + p)));
        });
    BOOST_TEST(same(std::get<0>(found), xt::xarray<std::int64_t>{2, 0, 1}));
    BOOST_TEST(same(std::get<1>(found), reals{1, 0.6, 1.1}));
    BOOST_TEST(same(std::get<1>(sums), 0.0));
    BOOST_TEST(same(grad(sum(std::get<1>(found)), b), expect::table({3, 2}, {2, 2, 1, 1, 0, 0})));
}

BOOST_AUTO_TEST_CASE(loops_inside_loops)
{
    const auto nested = [](auto u0, auto p) {
        return bt::loop(3, u0, [&](auto t, auto u) {
            const bt::tensor<double> forcing =
                sin(u) * p; // of the outer step, used in each inner one
            return bt::loop(4, u, [&](auto i, auto v) {
                return v + 0.1 * forcing * v + 0.01 * bt::cast<double>(t * 10 + i);
            });
        });
    };
    const auto written_out = [](bt::tensor<double> u, auto p) {
        for (int t = 0; t < 3; ++t) {
            const bt::tensor<double> forcing = sin(u) * p;
            for (int i = 0; i < 4; ++i) u = u + 0.1 * forcing * u + 0.01 * double(t * 10 + i);
        }
        return u;
    };
    const bt::variable<double> u(four), p(reals{0.5, 1.5, -0.5, 0.9});
    BOOST_TEST(close(nested(u, p), written_out(u, p)));
    const bt::tensor<double> f = sum(square(nested(u, p))), g = sum(square(written_out(u, p)));
    BOOST_TEST(close(grad(f, p), grad(g, p)));
    BOOST_TEST(close(grad(f, u), grad(g, u)));
    const auto report = bt::check_gradient(nested, four, reals{0.5, 1.5, -0.5, 0.9});
    BOOST_TEST(report.ok, report.message);
    check_slots(nested(u, p), 4, u, p);
}

BOOST_AUTO_TEST_CASE(a_loop_that_never_runs)
{
    const bt::variable<double> u(four), p(2.0);
    const bt::tensor<double> y = bt::loop(0, u, [&](auto, auto v) { return v * p; });
    BOOST_TEST(same(y, four));
    BOOST_TEST(same(grad(sum(3.0 * y), u), reals{3, 3, 3, 3}));
    BOOST_TEST((bt::status(y, p) == bt::connection::not_differentiable ||
                bt::status(y, p) == bt::connection::disconnected));
    BOOST_TEST(same(grad(sum(y), p, bt::zero_if_unconnected), 0.0));
    const auto [s, out] =
        bt::loop_with(0, u, bt::constant(xt::zeros<double>({0, 4})), [](auto, auto v, auto x) {
            return std::pair(bt::tensor<double>(v + x), bt::tensor<double>(v * x));
        });
    BOOST_TEST(same(s, four));
    BOOST_TEST((out.shape() == bt::shape{0, 4}));
}

BOOST_AUTO_TEST_CASE(a_million_steps_are_no_more_graph_than_one)
{
    const bt::variable<double> u(0.3), p(1.0);
    const auto run = [&](std::ptrdiff_t n) {
        return bt::loop(n, u, [&](auto, auto v) { return v + 1e-6 * (p - v); });
    };
    const bt::tensor<double> one = run(1), million = run(1000000);
    BOOST_TEST(nodes_of(one.get_node()) == nodes_of(million.get_node()));
    const bt::tensor<double> g1 = grad(one, p), gm = grad(million, p);
    BOOST_TEST(nodes_of(g1.get_node()) == nodes_of(gm.get_node()));
    constexpr double many_roundings = 1e-10; // of a million steps
    BOOST_TEST(close(million, 1 - 0.7 * std::exp(1e6 * std::log1p(-1e-6)), many_roundings));
    bt::detail::set_loop_slots(million.get_node(), 100);
    BOOST_TEST(close(gm, 1 - std::exp(1e6 * std::log1p(-1e-6)), many_roundings));
    BOOST_TEST(bt::detail::count_loop_steps(million.get_node()).advances ==
               bt::binomial_advances(1000000, 100));
}

BOOST_AUTO_TEST_CASE(steps_run_are_those_of_the_schedule)
{
    const bt::variable<double> u(four);
    for (std::size_t n = 1; n <= 60; n += n < 12 ? 1 : 8) {
        const bt::tensor<double> y = bt::loop(static_cast<std::ptrdiff_t>(n), u,
                                              [](auto, auto v) { return v + 0.01 * v * v; });
        const bt::tensor<double> g = grad(sum(y), u);
        bt::sweep s = reverse(sum(y), bt::wrt(u));
        for (std::size_t c = 1; c <= 20; ++c) {
            bt::detail::set_loop_slots(y.get_node(), c);
            const auto before = bt::detail::count_loop_steps(y.get_node());
            s.run();
            const auto after = bt::detail::count_loop_steps(y.get_node());
            BOOST_REQUIRE_EQUAL(after.advances - before.advances, bt::binomial_advances(n, c));
            BOOST_REQUIRE_EQUAL(after.reversals - before.reversals, n);
        }
    }
}

BOOST_AUTO_TEST_CASE(random_numbers_belong_to_their_step)
{
    const bt::variable<double> u(xt::zeros<double>({64}));
    const auto [last, draws] =
        bt::loop_with(6, u, bt::constant(xt::zeros<double>({6})), [](auto, auto v, auto) {
            const bt::tensor<double> noise = bt::random::normal({64}, {3, 1});
            return std::pair(bt::tensor<double>(v + noise), noise);
        });
    const reals all = draws.value();
    BOOST_TEST(same(draws, all));
    for (std::size_t i = 0; i < 6; ++i) {
        for (std::size_t j = 0; j < i; ++j) BOOST_TEST(all(i, 0) != all(j, 0));
    }
    // Loops in loops: each pair of steps has its own numbers.
    const auto inner_sums =
        bt::loop_with(3, number(0), bt::constant(xt::zeros<double>({3})), [](auto, auto v, auto) {
            const auto sums = bt::loop_with(
                3, number(0), bt::constant(xt::zeros<double>({3})),
                [](auto, auto w, auto) { return std::pair(w, bt::random::uniform({}, 5)); });
            return std::pair(v, sums.second);
        });
    const reals table = inner_sums.second.value();
    for (std::size_t i = 0; i < 9; ++i) {
        for (std::size_t j = 0; j < i; ++j) BOOST_TEST(table.data()[i] != table.data()[j]);
    }
    // Recomputation repeats the mask.
    const bt::variable<double> x(xt::linspace<double>(0.5, 1.5, 64)), w(0.9);
    check_slots(bt::loop(11, x,
                         [&](auto, auto v) {
                             return bt::tensor<double>(bt::random::dropout(v * w, 0.3, {1, 2}) +
                                                       0.1 * mean(v));
                         }),
                11, x, w);
}

BOOST_AUTO_TEST_CASE(an_error_in_a_step_leaves_everything_usable)
{
    const bt::variable<double> x(four);
    bt::variable<std::int64_t> offset(std::int64_t{0});
    const std::size_t before = bt::memory_statistics().bytes_in_use;
    {
        const bt::tensor<double> y = bt::loop(4, x, [&](auto t, auto v) {
            const bt::tensor<std::int64_t> at = broadcast_to(t + offset, {1});
            return v * take(v, at);
        });
        const bt::tensor<double> g = grad(sum(y), x);
        const reals right = g.value();
        bt::detail::set_loop_slots(y.get_node(), 2);
        for (const std::int64_t wrong : {1, 2, 4}) { // fails at the last step, before, at the first
            offset = wrong;
            BOOST_TEST(throws<bt::index_error>([&] { (void)g.value(); }));
            offset = std::int64_t{0};
            BOOST_TEST(same(g, right));
        }
    }
    BOOST_TEST(bt::memory_statistics().bytes_in_use == before);
}

BOOST_AUTO_TEST_CASE(an_error_while_the_body_is_recorded)
{
    struct stop {};
    BOOST_CHECK_THROW(
        (void)bt::loop(3, number(1), [](auto, auto u) -> decltype(u) { throw stop(); }), stop);
    const reals drawn = bt::random::uniform({4}, 9).value(); // belongs to no step
    const bt::detail::random_stream s = bt::detail::random_stream::from_seed(9, 0);
    double expected[4];
    bt::detail::fill_uniform(expected, 0, 4, s, bt::detail::unit_interval::with_zero);
    BOOST_TEST(std::equal(drawn.begin(), drawn.end(), expected));
}

BOOST_AUTO_TEST_CASE(what_is_refused)
{
    const bt::variable<double> u(four);
    BOOST_TEST(throws<bt::value_error>(
        [&] { (void)bt::loop(-1, u, [](auto, auto v) { return v; }); }, {"[loop]", "-1 times"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)bt::loop(3, u, [](auto, auto v) { return sum(v); }); },
                                {"[loop]", "keeps its shape", "state 0", "(4,)", "()"}));
    const auto body = [](auto, auto v, auto x) { return std::pair(v, x); };
    BOOST_TEST(throws<bt::shape_error>([&] { (void)bt::loop_with(3, u, u, body); },
                                       {"[loop_with]", "3 steps", "(4,) has 4"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)bt::loop_with(3, u, number(1), body); },
                                       {"[loop_with]", "no slices"}));
    BOOST_TEST(throws<bt::state_error>(
        [&] {
            (void)bt::loop(3, u, [](auto, auto v) {
                (void)v.value();
                return v;
            });
        },
        {"[loop]", "no value of its own"}));
}

BOOST_AUTO_TEST_CASE(what_does_not_reach_the_end_is_not_connected)
{
    const bt::variable<double> u(four), p(2.0), q(3.0);
    const bt::tensor<double> y = bt::loop(3, u, [&](auto, auto v) {
        return 0.0 * v + p + bt::cast<double>(q > v); // q counts by comparison only
    });
    BOOST_TEST((bt::status(y, p) == bt::connection::ok));
    BOOST_TEST((bt::status(y, q) == bt::connection::not_differentiable));
    const auto [a, b] = bt::loop(2, std::tuple(u, p), [](auto, auto v, auto w) {
        return std::tuple(bt::tensor<double>(broadcast_to(w, {4})), w);
    });
    BOOST_TEST((bt::status(a, u) == bt::connection::not_differentiable)); // overwritten
    BOOST_TEST(same(grad(sum(a), p), 4.0));
    // The first state moves to the second place, then out.
    const auto shifted = [&](int n) {
        return std::get<1>(bt::loop(n, std::tuple(p, q), [](auto, auto v, auto) {
            return std::tuple(bt::tensor<double>(bt::constant(1.0)), v);
        }));
    };
    const bt::tensor<double> once = shifted(1), twice = shifted(2);
    BOOST_TEST(same(grad(once, p), 1.0));
    BOOST_TEST((bt::status(twice, p) == bt::connection::not_differentiable));
}

BOOST_AUTO_TEST_CASE(several_threads_run_one_loop)
{
    const bt::variable<double> u(xt::linspace<double>(0, 1, 500)), p(0.5);
    const bt::tensor<double> y =
        bt::loop(200, u, [&](auto, auto v) { return v + 0.01 * sin(v) * p; });
    const bt::tensor<double> loss = sum(square(y));
    bt::sweep alone = reverse(loss, bt::wrt(u, p));
    alone.run();
    const auto expected = alone.adjoint(u);
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int k = 0; k < 3; ++k) {
        threads.emplace_back([&] {
            bt::sweep s = reverse(loss, bt::wrt(u, p));
            for (int i = 0; i < 5; ++i) right += same_bits(s.run().adjoint(u), expected) ? 1 : 0;
        });
    }
    for (auto& t : threads) t.join();
    BOOST_TEST(right == 15);
}

BOOST_AUTO_TEST_SUITE_END()
