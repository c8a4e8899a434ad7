// SPDX-License-Identifier: BSD-3-Clause
// Tags inside loops, by step: values and adjoints against the same steps written out, kept or not, under
// budgets, and without a change of any other bit.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

const reals start = {0.3, -0.2, 0.9, 1.4};

/// Steps in a loop, and the same written out.
struct chain {
    bt::variable<double> x{start}, p{reals{0.7}};
    bt::tensor<double> loss, expected;
    std::vector<bt::tensor<double>> u, flow;

    chain()
    {
        loss = sum(square(bt::loop(6, x, [&](auto t, auto v) {
            const bt::tensor<double> f = bt::tag("flow", sin(v) * p);
            return bt::tag("u", v + 0.1 * f + 0.01 * bt::cast<double>(t));
        })));
        bt::tensor<double> v = x;
        for (int t = 0; t < 6; ++t) {
            flow.emplace_back(sin(v) * p);
            v = u.emplace_back(v + 0.1 * flow.back() + 0.01 * double(t));
        }
        expected = sum(square(v));
    }
    [[nodiscard]] bt::sweep sweep() const { return reverse(loss, bt::wrt(x, p)); }
};

std::string at(const char* tag, std::size_t t) { return tag + ("[" + std::to_string(t) + "]"); }

template <class A>
reals slice_of(const A& stack, std::size_t i)
{
    return expect::read(xt::view(stack, i));
}

} // namespace

BOOST_AUTO_TEST_SUITE(steps)

BOOST_AUTO_TEST_CASE(values_and_adjoints_of_any_step)
{
    const chain c;
    bt::sweep late = c.sweep(), kept = c.sweep();
    late.run();
    kept.keep(bt::values("u[*]", "flow[*]"), bt::adjoints("u[*]", "flow[*]")).run();
    BOOST_TEST(same(kept.value(), late.value()));
    BOOST_TEST(same(kept.adjoint(c.x), late.adjoint(c.x)));
    BOOST_TEST(same(kept.adjoint(c.p), late.adjoint(c.p)));
    for (std::size_t t = 0; t < 6; ++t) {
        for (bt::sweep& s : {std::ref(late), std::ref(kept)}) {
            BOOST_TEST(close(s.value(at("u", t)), c.u[t]));
            BOOST_TEST(close(s.value(at("flow", t)), c.flow[t]));
            BOOST_TEST(close(s.adjoint(at("u", t)), grad(c.expected, c.u[t])));
            BOOST_TEST(close(s.adjoint(at("flow", t)), grad(c.expected, c.flow[t])));
        }
        BOOST_TEST(same(late.adjoint(at("u", t)), kept.adjoint(at("u", t))));
    }
}

BOOST_AUTO_TEST_CASE(ranges_and_every_nth)
{
    const chain c;
    bt::sweep s = c.sweep();
    s.keep(bt::values("u[*]") | bt::every(2), bt::adjoints("flow[1:5]"), bt::values("flow[5]"))
        .run();
    const auto u = s.value("u[0:6:2]"), flow = s.adjoint("flow[1:5]");
    BOOST_TEST(u.shape(0) == 3u);
    BOOST_TEST(flow.shape(0) == 4u);
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(close(slice_of(u, i), c.u[2 * i]));
    for (std::size_t i = 0; i < 4; ++i) {
        BOOST_TEST(close(slice_of(flow, i), grad(c.expected, c.flow[1 + i])));
    }
    BOOST_TEST(close(s.value("flow[5]"), c.flow[5]));
    BOOST_TEST(close(s.value("u[4]"), c.u[4])); // of what was kept
    BOOST_TEST(close(s.value("u[3]"), c.u[3])); // run again
    BOOST_TEST(s.value("u[*]").shape(0) == 6u); // run again
    BOOST_TEST(s.adjoint("flow[2:4]").shape(0) == 2u);
    BOOST_TEST((s.status("flow[2]") == bt::connection::ok));
    BOOST_TEST((s.status("flow[1:5:3]") == bt::connection::ok));
    BOOST_TEST((s.status("flow[5]") == bt::connection::not_kept));
    BOOST_TEST((s.status("flow[*]") == bt::connection::not_kept));
    BOOST_TEST((s.status("u[4]") == bt::connection::not_kept)); // its adjoint
    bt::variable<double> x = c.x;
    x = reals{0.1, 0.2, 0.3, 0.4};
    BOOST_TEST(close(s.value("u[2]"), slice_of(u, 1))); // still the last run's
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value("u[3]"); }, {"was not kept"}));
}

BOOST_AUTO_TEST_CASE(keeping_steps_changes_no_bit_at_any_budget)
{
    const chain c;
    bt::sweep plain = c.sweep();
    plain.run();
    bt::sweep all = c.sweep();
    all.keep(bt::values("u[*]"), bt::adjoints("u[*]")).run();
    const std::size_t least = all.plan().minimum_bytes;
    for (const std::size_t more : {0, 64, 128, 400, 100000}) {
        bt::sweep s = c.sweep();
        s.keep(bt::values("u[*]"), bt::adjoints("u[*]")).memory(bt::budget(least + more)).run();
        BOOST_TEST(s.plan().peak_bytes <= least + more);
        BOOST_TEST(same(s.adjoint(c.x), plain.adjoint(c.x)));
        BOOST_TEST(same(s.adjoint(c.p), plain.adjoint(c.p)));
        BOOST_TEST(same(s.value("u[*]"), all.value("u[*]")));
        BOOST_TEST(same(s.adjoint("u[*]"), all.adjoint("u[*]")));
        BOOST_TEST(same(s.value("flow[3]"), plain.value("flow[3]"))); // run again, under the budget
    }
}

BOOST_AUTO_TEST_CASE(reducers_run_in_the_loop)
{
    const chain c;
    bt::sweep s = c.sweep();
    s.keep(bt::values("u[*]") | bt::moments(), bt::adjoints("u[*]") | bt::moments()).run();
    for (std::size_t t = 0; t < 6; ++t) {
        const reals u = expect::read(c.u[t]),
                    bar = expect::read(bt::tensor<double>(grad(c.expected, c.u[t])));
        BOOST_TEST(s.value(at("u", t), bt::moments()).l2 == std::sqrt(xt::sum(u * u)()),
                   boost::test_tools::tolerance(1e-13));
        BOOST_TEST(s.adjoint(at("u", t), bt::moments()).max == xt::amax(bar)(),
                   boost::test_tools::tolerance(1e-13));
    }
    BOOST_TEST(
        throws<bt::value_error>([&] { (void)s.value("u[0:2]", bt::moments()); }, {"step by step"}));
}

BOOST_AUTO_TEST_CASE(loops_in_loops)
{
    const bt::variable<double> x(start),
        xs(expect::table({3, 4}, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2}));
    const auto [last, all] = bt::loop_with(3, x, xs, [&](auto, auto u, auto in) {
        const bt::scope outer("outer");
        const bt::tensor<double> v =
            bt::loop(4, u, [&](auto, auto w) { return bt::tag("w", w + 0.1 * in * cos(w)); });
        return std::pair(bt::tag("v", v), bt::tensor<double>(v * v));
    });
    const bt::tensor<double> loss = sum(all) + sum(last);
    bt::tensor<double> u = x, total = bt::constant(0.0);
    std::vector<bt::tensor<double>> w;
    for (int i = 0; i < 3; ++i) {
        const bt::tensor<double> in = view(xs, i);
        for (int j = 0; j < 4; ++j) w.push_back(u = u + 0.1 * in * cos(u));
        total = total + sum(u * u);
    }
    const bt::tensor<double> expected = total + sum(u);
    bt::sweep late = reverse(loss, bt::wrt(x, xs)), kept = reverse(loss, bt::wrt(x, xs));
    late.run();
    kept.keep(bt::values("outer[*]/w[*]", "outer[1]/v"), bt::adjoints("outer[*]/w[1:4:2]")).run();
    BOOST_TEST(same(kept.adjoint(xs), late.adjoint(xs)));
    BOOST_TEST(kept.value("outer[*]/w[*]").shape(1) == 4u);
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
            const std::string name =
                "outer[" + std::to_string(i) + "]/w[" + std::to_string(j) + "]";
            BOOST_TEST(close(kept.value(name), w[4 * i + j]));
            BOOST_TEST(close(late.value(name), w[4 * i + j]));
            BOOST_TEST(close(kept.adjoint(name), grad(expected, w[4 * i + j])));
        }
    }
    BOOST_TEST(close(kept.value("outer[1]/v"), w[7]));
}

BOOST_AUTO_TEST_CASE(loops_of_unknown_length)
{
    const bt::variable<double> x(0.3);
    const bt::tensor<double> y =
        bt::while_loop([](auto u) { return u < 2; }, x,
                       [](auto, auto u) { return bt::tag("u", u + 0.2 * u * u + 0.05); });
    std::vector<bt::tensor<double>> us;
    for (bt::tensor<double> u = x; u.value()() < 2;) u = us.emplace_back(u + 0.2 * u * u + 0.05);
    bt::sweep s = reverse(y, bt::wrt(x)), kept = reverse(y, bt::wrt(x));
    s.run();
    kept.keep(bt::values("u[0:1000]"), bt::adjoints("u[0:1000]")).run();
    BOOST_TEST(kept.value("u[0:1000]").shape(0) == us.size());
    for (std::size_t t = 0; t < us.size(); ++t) {
        BOOST_TEST(close(s.value(at("u", t)), us[t]));
        BOOST_TEST(close(s.adjoint(at("u", t)), grad(us.back(), us[t])));
        BOOST_TEST(close(kept.value(at("u", t)), us[t]));
        BOOST_TEST(close(kept.adjoint(at("u", t)), grad(us.back(), us[t])));
    }
    for (bt::sweep& one : {std::ref(s), std::ref(kept)}) {
        BOOST_TEST(throws<bt::index_error>([&] { (void)one.value(at("u", us.size())); },
                                           {"no step", "the loop has"}));
    }
    BOOST_TEST(throws<bt::value_error>([&] { s.keep(bt::values("u[*]")); }, {"u[0:100]"}));
    BOOST_CHECK_NO_THROW(kept.trap_nonfinite().run()); // steps that did not come are no trouble
    BOOST_TEST(kept.value("u[0:1000]").shape(0) == us.size());
}

BOOST_AUTO_TEST_CASE(a_parameter_after_the_loop_is_enough)
{
    // Nothing before the loop wants an adjoint.
    const bt::variable<double> w(2.0);
    const bt::tensor<double> u =
        bt::loop(3, bt::constant(start), [](auto, auto v) { return bt::tag("u", 0.5 * v * v); });
    bt::sweep s = reverse(sum(w * u), bt::wrt(w));
    s.keep(bt::adjoints("u[*]")).run();
    BOOST_TEST(close(s.adjoint("u[2]"), reals{2, 2, 2, 2}));
    const reals u1 = s.value("u[1]");
    BOOST_TEST(close(s.adjoint("u[1]"), reals(2.0 * u1)));
}

BOOST_AUTO_TEST_CASE(observers_see_each_step_once_at_any_budget)
{
    const bt::variable<double> x(start), p(reals{0.7});
    const bt::tensor<double> last = bt::loop(7, x, [&](auto, auto v) {
        const bt::scope outer("outer");
        return bt::tag("v", 1.0 * bt::loop(3, v, [&](auto, auto w) {
                                return bt::tag("w", w + 0.1 * sin(w) * p);
                            }));
    });
    const bt::tensor<double> loss = sum(square(last));
    bt::sweep plain = reverse(loss, bt::wrt(x, p));
    plain.keep(bt::values("outer[*]/w[*]"), bt::adjoints("outer[*]/v")).run();
    for (const std::size_t more : {0, 300, 100000}) {
        std::vector<std::string> paths, bars;
        bt::sweep s = reverse(loss, bt::wrt(x, p));
        s.keep();
        s.on_value("outer[1:7:2]/w[0:3]", [&](const std::string& path, const bt::array<double>& w) {
            paths.push_back(path);
            BOOST_TEST(w.size() == 4u);
            if (path == "outer/w[5][2]") {
                BOOST_TEST(same(w, plain.value("outer[5]/w[2]")));
            }
        });
        s.on_adjoint("outer[*]/v", [&](const std::string& path, const bt::array<double>& bar) {
            bars.push_back(path);
            if (path == "outer/v[3]") BOOST_TEST(same(bar, plain.adjoint("outer[3]/v")));
        });
        const std::size_t b = s.plan().minimum_bytes + more;
        s.memory(bt::budget(b)).run();
        BOOST_TEST(paths.size() == 9u);
        BOOST_TEST(paths.front() == "outer/w[1][0]");
        BOOST_TEST(paths.back() == "outer/w[5][2]");
        BOOST_TEST(bars.size() == 7u);
        BOOST_TEST(bars.front() == "outer/v[6]");
        BOOST_TEST(same(s.adjoint(p), plain.adjoint(p)));
        BOOST_TEST(s.plan().peak_bytes <= b);
    }
}

BOOST_AUTO_TEST_CASE(observers_of_loops_of_unknown_length_and_what_they_throw)
{
    const bt::variable<double> x(0.3);
    const bt::tensor<double> y =
        bt::while_loop([](auto u) { return u < 2; }, x,
                       [](auto, auto u) { return bt::tag("u", u + 0.2 * u * u + 0.05); });
    bt::sweep s = reverse(y, bt::wrt(x));
    std::size_t values = 0, adjoints = 0;
    bool throws_now = false;
    s.on_value("u[*]", [&](const bt::array<double>&) {
        if (throws_now && values == 3) throw std::runtime_error("enough");
        ++values;
    });
    s.on_adjoint("u[*]", [&](const bt::array<double>&) { ++adjoints; });
    s.run();
    BOOST_TEST(values > 4u);
    BOOST_TEST(values == adjoints);
    BOOST_TEST(s.value("u[3]").size() == 1u); // observed, not kept: computed again
    BOOST_TEST(s.value("u[3]")() > s.value("u[2]")());
    const double value = s.value()(), bar = s.adjoint(x)();
    throws_now = true;
    values = 0;
    BOOST_CHECK_THROW(s.run(), std::runtime_error);
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value(); }, {"failed"}));
    throws_now = false;
    s.run();
    BOOST_TEST(s.value()() == value);
    BOOST_TEST(s.adjoint(x)() == bar);
}

BOOST_AUTO_TEST_CASE(the_loop_itself_can_be_asked_for_beside_its_steps)
{
    const bt::variable<double> x(start);
    // A single state of one axis: the tensor is the node of the loop.
    const bt::tensor<double> u = bt::tag(
        "last", bt::loop(4, x, [](auto, auto v) { return bt::tag("u", v + 0.1 * sin(v)); }));
    const bt::tensor<double> y = sum(u * u);
    bt::sweep plain = reverse(y, bt::wrt(x, u)), s = reverse(y, bt::wrt(x, u));
    plain.run();
    int seen = 0;
    s.keep(bt::values("u[*]"), bt::adjoints("u[*]"), bt::adjoints("last"));
    s.on_adjoint(u, [&](const bt::array<double>&) { ++seen; }).run();
    BOOST_TEST(same(s.adjoint(u), plain.adjoint(u)));
    BOOST_TEST(same(s.adjoint("last"), plain.adjoint(u)));
    BOOST_TEST(same(s.adjoint(x), plain.adjoint(x)));
    BOOST_TEST(seen == 1);
    bt::sweep edited = reverse(y, bt::wrt(x)), both = reverse(y, bt::wrt(x));
    edited.edit_value(u, [](auto v) { return 2.0 * v; }).run();
    both.edit_value(u, [](auto v) { return 2.0 * v; }).keep(bt::values("u[*]")).run();
    BOOST_TEST(same(both.adjoint(x), edited.adjoint(x)));
    BOOST_TEST(close(both.value("u[3]"), u));
    BOOST_TEST(close(edited.adjoint("u[3]"), reals(8.0 * expect::read(u))));
}

BOOST_AUTO_TEST_CASE(reads_without_an_end_go_to_the_end)
{
    const chain c;
    bt::sweep s = c.sweep();
    s.keep(bt::values("u[*]") | bt::every(4)).run();
    BOOST_TEST(s.value("u[*]").shape(0) == 6u);
    BOOST_TEST(s.value("u[4:]").shape(0) == 2u);
    BOOST_TEST(s.value("u[0::4]").shape(0) == 2u);
    const bt::tensor<double> y =
        bt::while_loop([](auto u) { return u < 2; }, bt::variable<double>(0.3),
                       [](auto, auto u) { return bt::tag("u", u + 0.2 * u * u + 0.05); });
    bt::sweep open = reverse(y, bt::wrt(c.x));
    open.keep(bt::values("u[50:100]"), bt::values("u[0:3]")).run();
    BOOST_TEST(open.value("u[2]").size() == 1u);
    BOOST_TEST(throws<bt::index_error>([&] { (void)open.value("u[60]"); }, {"no step 60"}));
}

BOOST_AUTO_TEST_CASE(only_the_run_itself_shows_steps)
{
    const bt::variable<double> x(start);
    const bt::tensor<double> u =
        bt::loop(5, x, [](auto, auto v) { return bt::tag("u", v + 0.1 * sin(v)); });
    const bt::tensor<double> after = bt::tag("after", exp(u));
    int seen = 0;
    bt::sweep s = reverse(sum(after), bt::wrt(x));
    s.keep().on_value("u[*]", [&](const bt::array<double>&) { ++seen; }).run();
    BOOST_TEST(seen == 5);
    (void)s.value("after");
    (void)s.adjoint(u);
    (void)s.adjoint_of_use(u, after);
    BOOST_TEST(seen == 5);
    bt::sweep constant =
        reverse(sum(x * bt::loop(5, bt::constant(start),
                                 [](auto, auto v) { return bt::tag("u", v + 0.1 * sin(v)); })),
                bt::wrt(x));
    constant.on_value("u[*]", [&](const bt::array<double>&) { ++seen; }).run().run();
    BOOST_TEST(seen == 15);
    // The tangents of the inner loop are made by a loop that repeats it.
    const bt::tensor<double> nested = bt::loop(2, x, [](auto, auto v) {
        return bt::loop(3, v, [](auto, auto w) { return bt::tag("w", w + 0.1 * sin(w)); });
    });
    bt::sweep tangents = reverse(sum(nested), bt::wrt(x));
    seen = 0;
    tangents.tangent(x, start).on_value("w[*][*]", [&](const bt::array<double>&) { ++seen; }).run();
    BOOST_TEST(seen == 6);
}

BOOST_AUTO_TEST_CASE(what_is_refused)
{
    const chain c;
    bt::sweep s = c.sweep();
    const auto keep = [&](const char* path) { return [&, path] { s.keep(bt::values(path)); }; };
    BOOST_TEST(throws<bt::index_error>(keep("u[6]"), {"no step 6", "6 steps"}));
    BOOST_TEST(throws<bt::index_error>(keep("u[2:9]"), {"no step 8", "6 steps"}));
    BOOST_TEST(throws<bt::tag_error>(keep("v[1]"), {"\"v[1]\"", "u[]"}));
    BOOST_TEST(throws<bt::tag_error>(keep("u[1][2]"), {"\"u[1][2]\""}));
    BOOST_TEST(throws<bt::tag_error>(keep("u[x]"), {"names no steps"}));
    BOOST_TEST(throws<bt::tag_error>(keep("u[]"), {"names no steps"}));
    BOOST_TEST(throws<bt::tag_error>(keep("u[1"), {"names no steps"}));
    BOOST_TEST(throws<bt::tag_error>(keep("u[0:4:0]"), {"names no steps"}));
    BOOST_TEST(throws<bt::value_error>([] { (void)bt::every(0); }, {"0th"}));
    BOOST_TEST(throws<bt::tag_error>([&] { s.edit_adjoint("u[1]", [](auto g) { return g; }); },
                                     {"is in a loop"}));
}

BOOST_AUTO_TEST_SUITE_END()
