// SPDX-License-Identifier: BSD-3-Clause
// States that a step pads with zeros, which a loop carries with them: against the same steps written out.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;

namespace {

constexpr std::size_t rows = 24, columns = 21;

reals field(double phase)
{
    reals x = reals::from_shape({rows, columns});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = 0.5 + 0.4 * std::sin(phase + 0.9 * static_cast<double>(i));
    }
    return x;
}

bt::tensor<double> cut(const bt::tensor<double>& around, std::size_t i, std::size_t j)
{
    return view(around, xt::range(i, i + rows), xt::range(j, j + columns));
}

/// Reaction and diffusion, zero outside.
bt::tensor<double> step(const bt::tensor<double>& u, const bt::tensor<double>& p)
{
    const bt::tensor<double> around = pad(u, 1);
    const bt::tensor<double> neighbours =
        cut(around, 0, 1) + cut(around, 2, 1) + cut(around, 1, 0) + cut(around, 1, 2);
    return u + 0.1 * (p * (neighbours - 4.0 * u) + u - u * u * u);
}

/// One row more above, and two columns more to the right; the state is read in no other way.
bt::tensor<double> shift(const bt::tensor<double>& u, const bt::tensor<double>& p)
{
    const bt::tensor<double> around = pad(u, {{1, 0}, {0, 2}});
    return 0.6 * cut(around, 0, 2) + 0.3 * p * tanh(cut(around, 1, 1));
}

/// Two paddings of one state, which is then not carried with either.
bt::tensor<double> two_ways(const bt::tensor<double>& u, const bt::tensor<double>& p)
{
    return 0.5 * cut(bt::tensor<double>(pad(u, 1)), 2, 0) +
           p * sin(cut(bt::tensor<double>(pad(u, 2)), 1, 3));
}

using a_step = bt::tensor<double> (*)(const bt::tensor<double>&, const bt::tensor<double>&);

bt::tensor<double> looped(a_step f, std::ptrdiff_t n, const bt::tensor<double>& u0,
                          const bt::tensor<double>& p)
{
    return bt::loop(n, u0, [&](auto, bt::tensor<double> u) { return f(u, p); });
}

bt::tensor<double> unrolled(a_step f, std::ptrdiff_t n, bt::tensor<double> u,
                            const bt::tensor<double>& p)
{
    for (std::ptrdiff_t t = 0; t < n; ++t) u = f(u, p);
    return u;
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_loop_padded)

BOOST_AUTO_TEST_CASE(values_and_derivatives_as_unrolled)
{
    const bt::variable<double> u0(field(0.1)), p(field(0.7));
    const bt::tensor<double> v = bt::constant(field(1.9));
    for (const a_step f : {step, shift, two_ways}) {
        for (const std::ptrdiff_t n : {0, 1, 2, 7}) {
            const auto a = looped(f, n, u0, p), b = unrolled(f, n, u0, p);
            BOOST_TEST(same(a, b));
            const bt::tensor<double> la = sum(a * a), lb = sum(b * b);
            BOOST_TEST(close(grad(la, u0), grad(lb, u0)));
            BOOST_TEST(close(jvp(a, bt::tangent(u0, v)), jvp(b, bt::tangent(u0, v))));
            if (n == 0) continue;
            BOOST_TEST(close(grad(la, p), grad(lb, p)));
            BOOST_TEST(close(hvp(la, u0, v), hvp(lb, u0, v)));
            const bt::tensor<double> ga = sum(bt::tensor<double>(grad(la, u0)) * v),
                                     gb = sum(bt::tensor<double>(grad(lb, u0)) * v);
            BOOST_TEST(close(grad(ga, p), grad(gb, p)));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_same_bits_at_any_budget)
{
    const bt::variable<double> u0(field(0.3)), p(field(1.1));
    for (const a_step f : {step, shift, two_ways}) {
        const bt::tensor<double> loss = sum(square(looped(f, 12, u0, p)));
        bt::sweep all = reverse(loss, bt::wrt(u0, p));
        all.keep().run();
        const bt::memory_plan plan = all.plan();
        for (const std::size_t k : {0, 1, 2, 5, 9}) {
            bt::sweep s = reverse(loss, bt::wrt(u0, p));
            s.keep().memory(bt::budget(plan.minimum_bytes + k * plan.loops.front().bytes)).run();
            BOOST_TEST(same(s.adjoint(u0), all.adjoint(u0)));
            BOOST_TEST(same(s.adjoint(p), all.adjoint(p)));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_state_itself_is_what_is_carried_with_zeros)
{
    const bt::variable<double> u0(field(0.3)), p(field(1.1));
    const auto bytes_of_state = [&](const bt::tensor<double>& y) {
        bt::sweep s = reverse(bt::tensor<double>(sum(square(y))), bt::wrt(u0, p));
        s.keep().memory(bt::budget(s.plan().minimum_bytes)); // so that states are kept, not records
        return s.plan().loops.front().bytes;
    };
    const auto around = bt::buffer::capacity_for((rows + 2) * (columns + 2) * sizeof(double));
    const auto plain = bt::buffer::capacity_for(rows * columns * sizeof(double));
    BOOST_TEST_REQUIRE(around != plain);
    const a_step product = [](const bt::tensor<double>& u, const bt::tensor<double>& p) {
        return bt::tensor<double>(u * p + u);
    };
    BOOST_TEST(bytes_of_state(looped(product, 4, u0, p)) == plain);
    BOOST_TEST(bytes_of_state(looped(step, 4, u0, p)) == around);
}

BOOST_AUTO_TEST_CASE(tags_in_the_step_are_those_of_the_step)
{
    const bt::variable<double> u0(field(0.2)), p(field(0.4));
    const bt::tensor<double> last = bt::loop(5, u0, [&](auto, bt::tensor<double> u) {
        const bt::tensor<double> before = bt::tag("before", u);
        return bt::tag("after", step(before, p));
    });
    bt::sweep s = reverse(bt::tensor<double>(sum(square(last))), bt::wrt(u0, p));
    s.keep(bt::values("after[*]"), bt::adjoints("after[2]")).run();
    bt::tensor<double> u = u0;
    std::vector<bt::tensor<double>> states = {u};
    for (int t = 0; t < 5; ++t) states.push_back(u = step(u, p));
    const bt::tensor<double> loss = sum(square(u));
    BOOST_TEST(close(s.value("after[2]"), states[3]));
    BOOST_TEST(close(s.value("before[3]"), states[3]));
    BOOST_TEST(close(s.adjoint("after[2]"), grad(loss, states[3])));
    BOOST_TEST(close(s.adjoint("before[1]"), grad(loss, states[1])));
    BOOST_TEST(close(s.adjoint(p), grad(loss, p)));
}

BOOST_AUTO_TEST_CASE(a_tag_that_is_not_kept_changes_nothing)
{
    const bt::variable<double> u0(field(0.2)), p(field(0.4));
    for (const a_step f : {step, shift}) {
        const auto last = [&](bool is_tagged) {
            return bt::tensor<double>(bt::loop(6, u0, [&](auto, bt::tensor<double> u) {
                const bt::tensor<double> before = is_tagged ? bt::tag("before", u) : u;
                return is_tagged ? bt::tag("after", f(before, p) + 0.1 * before)
                                 : bt::tensor<double>(f(before, p) + 0.1 * before);
            }));
        };
        const auto sweep_of = [&](bool is_tagged) {
            bt::sweep s = reverse(bt::tensor<double>(sum(square(last(is_tagged)))), bt::wrt(u0, p));
            s.keep().run();
            return s;
        };
        bt::sweep plain = sweep_of(false), tagged = sweep_of(true);
        BOOST_TEST(same(plain.adjoint(u0), tagged.adjoint(u0)));
        BOOST_TEST(same(plain.adjoint(p), tagged.adjoint(p)));
        BOOST_TEST(plain.peak_bytes() == tagged.peak_bytes());
        BOOST_TEST(plain.plan().peak_bytes == tagged.plan().peak_bytes);
        tagged.keep(bt::values("before[2]"), bt::adjoints("before[*]")).run();
        BOOST_TEST(same(plain.adjoint(u0), tagged.adjoint(u0)));
        BOOST_TEST(same(tagged.adjoint("before[0]"), tagged.adjoint(u0)));
    }
}

BOOST_AUTO_TEST_CASE(states_that_change_places_and_types)
{
    const bt::variable<double> u0(field(0.2)), w0(field(0.9)), p(field(0.4));
    const auto [a, b] = bt::loop(5, std::tuple(bt::tensor<double>(u0), bt::tensor<double>(w0)),
                                 [&](auto, bt::tensor<double> u, bt::tensor<double> w) {
                                     return std::tuple(bt::tensor<double>(w), step(u, p));
                                 });
    bt::tensor<double> u = u0, w = w0;
    for (int t = 0; t < 5; ++t) {
        const bt::tensor<double> next = step(u, p);
        u = w;
        w = next;
    }
    const bt::tensor<double> looped_loss = sum(square(a)) + sum(b), loss = sum(square(u)) + sum(w);
    BOOST_TEST(same(a, u));
    BOOST_TEST(same(b, w));
    for (const auto& x : {u0, w0, p}) BOOST_TEST(close(grad(looped_loss, x), grad(loss, x)));

    const xt::xarray<std::int64_t> counts = xt::arange<std::int64_t>(40).reshape({8, 5});
    const bt::tensor<std::int64_t> c0 = bt::constant(counts);
    const auto neighbours = [](const bt::tensor<std::int64_t>& c) {
        const bt::tensor<std::int64_t> around = pad(c, {{0, 1}, {0, 0}});
        return bt::tensor<std::int64_t>(c + view(around, xt::range(1, 9)));
    };
    const bt::tensor<std::int64_t> c =
        bt::loop(4, c0, [&](auto, bt::tensor<std::int64_t> s) { return neighbours(s); });
    bt::tensor<std::int64_t> d = c0;
    for (int t = 0; t < 4; ++t) d = neighbours(d);
    BOOST_TEST(same(c, d));
}

BOOST_AUTO_TEST_CASE(loops_in_loops)
{
    const bt::variable<double> u0(field(0.2)), p(field(0.4));
    const bt::tensor<double> last = bt::loop(3, u0, [&](auto, bt::tensor<double> u) {
        return bt::tensor<double>(0.5 * u + looped(step, 4, step(u, p), p));
    });
    bt::tensor<double> u = u0;
    for (int t = 0; t < 3; ++t) u = 0.5 * u + unrolled(step, 4, step(u, p), p);
    BOOST_TEST(same(last, u));
    for (const auto& x : {u0, p}) {
        BOOST_TEST(close(grad(sum(square(last)), x), grad(sum(square(u)), x)));
    }
}

BOOST_AUTO_TEST_CASE(several_states_sequences_and_outputs)
{
    const bt::variable<double> u0(field(0.2)), w0(field(0.9)), p(field(0.4));
    const bt::variable<double> xs(0.1 * xt::ones<double>({std::size_t{4}, rows, columns}));
    const auto one = [&](const bt::tensor<double>& u, const bt::tensor<double>& w,
                         const bt::tensor<double>& x) {
        return std::pair(step(u, p) + 0.1 * w + x, bt::tensor<double>(0.9 * w - 0.2 * u * x));
    };
    const auto [states, outputs] =
        bt::loop_with(4, std::tuple(bt::tensor<double>(u0), bt::tensor<double>(w0)), xs,
                      [&](auto, bt::tensor<double> u, bt::tensor<double> w, bt::tensor<double> x) {
                          const auto [next, other] = one(u, w, x);
                          return std::pair(std::tuple(bt::tensor<double>(next), other),
                                           bt::tensor<double>(sum(u * other)));
                      });
    bt::tensor<double> u = u0, w = w0, total = bt::constant(0.0);
    for (std::size_t t = 0; t < 4; ++t) {
        const auto [next, other] = one(u, w, bt::tensor<double>(view(xs, t)));
        total = total + sum(u * other);
        u = next;
        w = other;
    }
    const bt::tensor<double> a = sum(square(std::get<0>(states))) + sum(std::get<1>(states)) +
                                 sum(outputs),
                             b = sum(square(u)) + sum(w) + total;
    BOOST_TEST(close(a, b));
    for (const auto& x : {u0, w0, p, xs}) BOOST_TEST(close(grad(a, x), grad(b, x)));
}

BOOST_AUTO_TEST_SUITE_END()
