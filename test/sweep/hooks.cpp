// SPDX-License-Identifier: BSD-3-Clause
// Hooks: observers in order and exactly once, edits read on both sides, seeds, cuts, and what a hook that
// throws leaves behind.
#include <support/expect.hpp>

namespace bt = backtrail;
using bt::connection;
using expect::close;
using expect::identical;
using expect::read;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

using D = bt::tensor<double>;

struct chain {
    bt::variable<double> x{reals{0.5, -1.0, 2.0}}, w{reals{2.0, 3.0, -1.0}};
    D a = bt::tag("a", w* x), b = bt::tag("b", a* a), c = bt::tag("c", b + a);
    D loss = sum(c);
};

} // namespace

BOOST_AUTO_TEST_SUITE(sweep_hooks)

BOOST_AUTO_TEST_CASE(observers_in_order_and_once)
{
    chain m;
    std::string log;
    bt::tag("also_b", m.b); // one node, two names
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.keep().on_adjoint("*", [&](const std::string& path, const bt::array<double>& g) {
        log += "bar(" + path + ")" + std::to_string(g.size()) + " ";
    });
    s.on_value("*", [&](const std::string& path, const bt::array<double>&) { log += path + " "; });
    s.run();
    BOOST_TEST(log == "a also_b c bar(c)3 bar(also_b)3 bar(a)3 ");
    log.clear();
    s.run();
    BOOST_TEST(log == "a also_b c bar(c)3 bar(also_b)3 bar(a)3 ");
    (void)s.value(m.w); // replays are quiet
    (void)s.adjoint("a", bt::moments());
    BOOST_TEST(log == "a also_b c bar(c)3 bar(also_b)3 bar(a)3 ");
    BOOST_TEST(identical(read(s.adjoint(m.x)), read(grad(m.loss, m.x))));
}

BOOST_AUTO_TEST_CASE(observers_see_the_numbers)
{
    chain m;
    reals seen, seen_bar;
    std::size_t runs = 0;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.on_value(m.b, [&](const bt::array<double>& v) { seen = v; })
        .on_adjoint("b", [&](const bt::array<double>& v) { seen_bar = v; })
        .on_run([&](std::size_t run) { runs = run; });
    s.run();
    BOOST_TEST(same(seen, m.b));
    BOOST_TEST(same(seen_bar, reals{1.0, 1.0, 1.0}));
    m.x = 1.0;
    s.run();
    BOOST_TEST(same(seen, m.b));
    BOOST_TEST(runs == 2u);
    BOOST_TEST(throws<bt::dtype_error>([&] { s.on_value<float>("b", [](auto) {}); }, {"double"}));
    bt::sweep cut = reverse(sum(stop_gradient(m.b)) + sum(m.x), bt::wrt(m.x));
    cut.on_adjoint("b", [](const bt::array<double>&) {});
    BOOST_TEST(
        throws<bt::unconnected_error>([&] { cut.run(); }, {"[on_adjoint]", "stop_gradient"}));
}

BOOST_AUTO_TEST_CASE(a_hook_that_throws)
{
    chain m;
    bool is_bad = true;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.on_value("b", [&](const bt::array<double>&) {
        if (is_bad) throw std::runtime_error("enough");
    });
    const reals before = read(m.x.value());
    const auto version = m.x.version();
    BOOST_CHECK_THROW(s.run(), std::runtime_error);
    BOOST_TEST(identical(read(m.x.value()), before));
    BOOST_TEST(m.x.version() == version);
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value("a"); }, {"run()"}));
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value(m.w); }));
    is_bad = false;
    s.run();
    BOOST_TEST(same(s.value("a"), m.a));
    BOOST_TEST(same(s.adjoint(m.x), grad(m.loss, m.x)));
}

BOOST_AUTO_TEST_CASE(an_edit_of_a_value_read_on_both_sides)
{
    chain m;
    const auto half = [](const D& b) { return 0.5 * b; };
    bt::sweep s = reverse(m.loss, bt::wrt(m.x, m.w)).edit_value("b", half);
    s.run();
    BOOST_TEST(same(s.value("b", bt::before_edit), m.b));
    BOOST_TEST(close(s.value("b"), 0.5 * m.b));
    BOOST_TEST(close(s.value("c"), 0.5 * m.b + m.a));
    BOOST_TEST(close(s.value(), sum(0.5 * m.b + m.a)));
    BOOST_TEST(same(s.adjoint("b", bt::before_edit), reals{1.0, 1.0, 1.0})); // of what is used
    BOOST_TEST(same(s.adjoint("b"), reals{0.5, 0.5, 0.5}));                  // of what is made
    BOOST_TEST(close(s.adjoint("a"), m.a + 1.0));
    const D beside = m.c * 2.0; // built on the graph, read through the sweep: edited too
    BOOST_TEST(close(s.value(beside), m.b + 2.0 * m.a));
    BOOST_TEST(same(m.c, m.b + m.a)); // the graph itself is as it was
    BOOST_TEST(throws<bt::shape_error>(
        [&] {
            reverse(m.loss, bt::wrt(m.x)).edit_value("b", [](const D& b) { return sum(b); }).run();
        },
        {"[edit_value]", "(3,)", "()", "\"b\""}));
}

BOOST_AUTO_TEST_CASE(edits_follow_each_other_along_the_graph)
{
    chain m;
    const auto plus_one = [](const D& v) { return v + 1.0; };
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.edit_value("a", plus_one).edit_value(m.c, plus_one).edit_value("a", plus_one);
    s.run();
    const D a = m.a + 2.0;
    BOOST_TEST(close(s.value("a"), a));
    BOOST_TEST(close(s.value("b"), a * a));
    BOOST_TEST(close(s.value("c", bt::before_edit), a * a + a));
    BOOST_TEST(close(s.value("c"), a * a + a + 1.0));
    BOOST_TEST(close(s.adjoint(m.x), m.w * (2.0 * a + 1.0)));
}

BOOST_AUTO_TEST_CASE(an_edit_of_an_adjoint_read_on_both_sides)
{
    chain m;
    bt::sweep plain = reverse(m.loss, bt::wrt(m.x));
    plain.run();
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.edit_adjoint("a", [](const D& g) { return clip(g, -1.0, 1.0); });
    s.run();
    BOOST_TEST(identical(read(s.adjoint("a", bt::before_edit)), read(plain.adjoint("a"))));
    const reals clipped = xt::clip(read(plain.adjoint("a")), -1.0, 1.0);
    BOOST_TEST(same(s.adjoint("a"), clipped));
    BOOST_TEST(close(s.adjoint(m.x), reals(clipped * read(m.w.value()))));
    BOOST_TEST(identical(read(s.adjoint("b")), read(plain.adjoint("b")))); // not behind the edit
    BOOST_TEST(identical(read(s.value("c")), read(plain.value("c"))));
    bt::sweep reversal = reverse(m.loss, bt::wrt(m.x)); // gradient reversal, for both uses at once
    reversal.edit_adjoint(m.a, [](const D& g) { return -1.0 * g; }).run();
    BOOST_TEST(close(reversal.adjoint(m.x), reals(-1.0 * read(plain.adjoint(m.x)))));
}

BOOST_AUTO_TEST_CASE(seeds_add_to_adjoints)
{
    chain m;
    bt::variable<double> extra(reals{1.0, 10.0, 100.0});
    bt::sweep s = reverse(m.loss, bt::wrt(m.x)).seed_adjoint("b", extra);
    s.run();
    BOOST_TEST(same(s.adjoint("b"), reals{2.0, 11.0, 101.0}));
    BOOST_TEST(close(s.adjoint("a"), 2.0 * m.a * (1.0 + extra) + 1.0));
    extra = 0.0; // a variable: replayed, not planned again
    s.run();
    BOOST_TEST(same(s.adjoint("b"), reals{1.0, 1.0, 1.0}));
    BOOST_TEST(throws<bt::shape_error>([&] { s.seed_adjoint("b", reals{1.0, 2.0}); },
                                       {"[seed_adjoint]", "(2,)", "(3,)"}));
    const D aside = bt::tag("aside", exp(m.a)); // the output does not depend on it, the seed does
    bt::sweep t = reverse(m.loss, bt::wrt(m.x)).seed_adjoint(aside, 1.0);
    t.run();
    BOOST_TEST(close(t.adjoint(m.x), m.w * (2.0 * m.a + 1.0 + exp(m.a))));
}

BOOST_AUTO_TEST_CASE(cuts_and_frozen_scopes)
{
    chain m;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x)).stop_gradient("b");
    s.run();
    BOOST_TEST((s.status("b") == connection::stopped));
    BOOST_TEST(
        throws<bt::unconnected_error>([&] { (void)s.adjoint("b"); }, {"stop_gradient(\"b\")"}));
    BOOST_TEST(same(s.adjoint("b", bt::before_edit), reals{1.0, 1.0, 1.0}));
    BOOST_TEST(same(s.adjoint("a"), reals{1.0, 1.0, 1.0}));
    BOOST_TEST(same(s.value("c"), m.c));

    const bt::variable<double> v(reals{1.0, 2.0}), u(reals{3.0, 4.0});
    D t;
    {
        const bt::scope teacher("teacher");
        bt::tag("v", v);
        t = bt::tag("out", v * v * u);
    }
    bt::sweep f = reverse(sum(t * u), bt::wrt(u, v)).freeze("teacher/*");
    f.run();
    BOOST_TEST(same(f.adjoint(u), t)); // only where it stands beside the teacher
    BOOST_TEST((f.status(v) == connection::stopped));
    BOOST_TEST(
        throws<bt::unconnected_error>([&] { (void)f.adjoint(v); }, {"freeze(\"teacher/*\")"}));
    BOOST_TEST(throws<bt::tag_error>([&] { f.freeze("student/*"); }, {"matches \"student/*\""}));
    bt::sweep forward = reverse(m.loss, bt::wrt(m.x)).tangent(m.x, 1.0).stop_gradient("b");
    forward.run();
    BOOST_TEST(close(forward.tangent("b"), 2.0 * m.a * m.w)); // its own; what reads it sees none
    BOOST_TEST(close(forward.tangent("c"), m.w));
}

BOOST_AUTO_TEST_SUITE_END()
