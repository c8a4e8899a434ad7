// SPDX-License-Identifier: BSD-3-Clause
// What a sweep is asked to keep: patterns, handles, duplicates and misspellings; and how an adjoint stands
// where there is none.
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

/// Two blocks under scopes, made by one function called twice.
struct encoder {
    bt::variable<double> x{reals{0.5, -1.0, 2.0}};
    bt::tensor<double> first = block("0", x), second = block("1", first);
    bt::tensor<double> loss = sum(bt::tag("out", second* first));

    static bt::tensor<double> block(const char* name, const bt::tensor<double>& x)
    {
        const bt::scope outer("enc"), inner(name);
        const bt::tensor<double> z = bt::tag("in", x * 0.5);
        return bt::tag("out", tanh(z));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(sweep_requests)

BOOST_AUTO_TEST_CASE(tags_under_scopes_in_a_function_called_twice)
{
    encoder e;
    bt::sweep s = reverse(e.loss, bt::wrt(e.x));
    s.run();
    BOOST_TEST((s.tags() ==
                std::vector<std::string>{"enc/0/in", "enc/0/out", "enc/1/in", "enc/1/out", "out"}));
    BOOST_TEST(same(s.value("enc/1/out"), e.second));
    BOOST_TEST(close(s.adjoint("enc/1/out"), e.first));
    BOOST_TEST(close(s.adjoint("enc/0/out"), grad(e.loss, e.first)));
}

BOOST_AUTO_TEST_CASE(what_is_kept_and_what_is_not)
{
    encoder e;
    bt::sweep s = reverse(e.loss, bt::wrt(e.x));
    s.keep(bt::values("enc/*"), bt::adjoints("enc/0/out", e.second)).run();
    BOOST_TEST((s.status("enc/0/out") == connection::ok));
    BOOST_TEST((s.status(e.second) == connection::ok));
    BOOST_TEST((s.status("out") == connection::not_kept));
    BOOST_TEST((s.status("enc/1/in") == connection::not_kept));
    const reals kept = read(s.value("enc/0/in"));
    e.x = 0.25; // what is kept stays, what is not cannot be computed any more
    BOOST_TEST(identical(read(s.value("enc/0/in")), kept));
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.adjoint("enc/1/in"); }, {"run again"}));
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value("out"); }, {"run again"}));
    s.run();
    BOOST_TEST(
        same(s.adjoint("enc/1/in"),
             grad(e.loss, bt::tensor<double>(bt::detail::from_node,
                                             e.second.get_node()->inputs()[0])))); // replayed
}

BOOST_AUTO_TEST_CASE(keep_with_nothing_keeps_none)
{
    encoder e;
    bt::sweep all = reverse(e.loss, bt::wrt(e.x)), none = reverse(e.loss, bt::wrt(e.x)).keep();
    all.run();
    none.run();
    BOOST_TEST((none.status("out") == connection::not_kept));
    BOOST_TEST((all.status("out") == connection::ok));
    BOOST_TEST(identical(read(none.adjoint(e.x)), read(all.adjoint(e.x))));
    BOOST_TEST(identical(read(none.adjoint("out")), read(all.adjoint("out"))));
}

BOOST_AUTO_TEST_CASE(what_is_not_kept_takes_no_memory)
{
    constexpr std::size_t n = 20000;
    const bt::variable<double> x(xt::ones<double>({n}));
    const bt::tensor<double> a = bt::tag("a", sin(x)), b = bt::tag("b", a * a);
    bt::sweep all = reverse(sum(b), bt::wrt(x)), none = reverse(sum(b), bt::wrt(x)).keep();
    BOOST_TEST(none.peak_bytes() + 3 * n * sizeof(double) < all.peak_bytes()); // both, and adjoints
}

BOOST_AUTO_TEST_CASE(patterns)
{
    encoder e;
    const auto keeps = [&](const char* pattern, const char* path) {
        bt::sweep s = reverse(e.loss, bt::wrt(e.x)).keep(bt::adjoints(pattern));
        return s.status(path) == connection::ok;
    };
    BOOST_TEST(keeps("*", "out"));
    BOOST_TEST(keeps("*", "enc/0/in"));
    BOOST_TEST(keeps("enc/?/in", "enc/1/in"));
    BOOST_TEST(!keeps("enc/?/in", "enc/1/out"));
    BOOST_TEST(keeps("*/out", "enc/1/out"));
    BOOST_TEST(!keeps("*/out", "out"));
    BOOST_TEST(keeps("e*c/*n", "enc/0/in"));
    BOOST_TEST(throws<bt::tag_error>([&] { (void)keeps("enc/0", "enc/0/in"); }));
}

BOOST_AUTO_TEST_CASE(a_pattern_that_matches_nothing_lists_near_names)
{
    encoder e;
    const auto ask = [&](const char* pattern) {
        return [&e, pattern] { (void)reverse(e.loss, bt::wrt(e.x)).keep(bt::values(pattern)); };
    };
    BOOST_TEST(throws<bt::tag_error>(ask("enc/0/on"), {"no tag \"enc/0/on\"", "\"enc/0/in\""}));
    BOOST_TEST(throws<bt::tag_error>(ask("dec/*"), {"matches \"dec/*\"", "near it"}));
    bt::sweep bare = reverse(sum(e.x * 2.0), bt::wrt(e.x));
    BOOST_TEST(throws<bt::tag_error>([&] { bare.keep(bt::values("h")); }, {"no tagged tensor"}));
}

BOOST_AUTO_TEST_CASE(a_path_of_two_nodes_names_both_places)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const auto first_line = __LINE__ + 1;
    const bt::tensor<double> a = bt::tag("h", x * 2.0);
    const bt::tensor<double> b = bt::tag("h", sum(a));
    bt::sweep s = reverse(b * b, bt::wrt(x));
    const std::string first = "requests.cpp:" + std::to_string(first_line),
                      second = "requests.cpp:" + std::to_string(first_line + 1);
    for (const char* pattern : {"h", "*"}) {
        BOOST_TEST(throws<bt::tag_error>([&] { s.keep(bt::values(pattern)); },
                                         {"2 nodes", first.c_str(), second.c_str()}));
    }
    s.keep(bt::values(a)).run(); // by handle it is clear
    BOOST_TEST(same(s.value(a), reals{2.0, 4.0}));
}

BOOST_AUTO_TEST_CASE(what_is_asked_after_a_run_is_planned_anew)
{
    encoder e;
    bt::sweep s = reverse(e.loss, bt::wrt(e.x)).keep();
    s.run();
    s.keep(bt::values("out"));
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value("out"); }, {"run()"}));
    s.run();
    BOOST_TEST(same(s.value("out"), e.second * e.first));
}

BOOST_AUTO_TEST_CASE(a_variable_updated_in_a_chain_and_tagged_at_each_version)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    bt::tensor<double> u = x;
    for (int k = 0; k < 3; ++k) {
        const bt::scope step("step/" + std::to_string(k));
        u = u * u;
        bt::tag("u", u); // the handle that comes back is dropped
    }
    bt::sweep s = reverse(sum(u), bt::wrt(x));
    s.run();
    BOOST_TEST(same(s.value("step/0/u"), reals{1.0, 4.0}));
    BOOST_TEST(same(s.value("step/2/u"), reals{1.0, 256.0}));
    BOOST_TEST(same(s.adjoint("step/2/u"), reals{1.0, 1.0}));
    BOOST_TEST(same(s.adjoint("step/1/u"), reals{2.0, 32.0}));
    BOOST_TEST(same(s.adjoint("step/0/u"), reals{4.0, 256.0}));
}

BOOST_AUTO_TEST_CASE(each_status_with_its_reason)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> c = bt::tag("constant", bt::constant(reals{3.0, 4.0}));
    const bt::tensor<double> dead = bt::tag("dead", exp(x));
    const bt::tensor<double> stopped = bt::tag("stopped", x * 2.0);
    const bt::tensor<bool> mask = bt::tag("mask", x > 1.5);
    const bt::tensor<std::int64_t> count = bt::tag("count", bt::cast<std::int64_t>(x));
    const bt::tensor<double> h = bt::tag("h", x * c + stop_gradient(stopped));
    bt::sweep s = reverse(sum(where(mask, h, 0.0) * bt::cast<double>(count)), bt::wrt(x));
    s.keep(bt::values("*"), bt::adjoints("*", dead)).run();

    BOOST_TEST((s.status("constant") == connection::ok)); // a node like any other
    BOOST_TEST(same(s.adjoint("constant"), reals{0.0, 4.0}));
    BOOST_TEST((s.status("h") == connection::ok));
    BOOST_TEST(s.status("h").reason.empty());
    const auto refuses = [&](auto&& tag, connection kind, const char* reason) {
        BOOST_TEST((s.status(tag) == kind));
        BOOST_TEST(s.status(tag).reason.find(reason) != std::string::npos);
        BOOST_TEST(throws<bt::unconnected_error>([&] { (void)s.adjoint(tag); }, {reason}));
    };
    refuses("stopped", connection::stopped, "stop_gradient");
    refuses("mask", connection::not_differentiable, "mask");
    refuses("count", connection::not_differentiable, "integer");
    refuses("dead", connection::disconnected, "does not depend"); // found, since it was asked for
    refuses(dead, connection::disconnected, "does not depend");
    BOOST_TEST(same(s.value("dead"), exp(x)));
    BOOST_TEST(same(s.value<bool>("mask"), reals{0.0, 1.0}));
    BOOST_TEST(same(s.value<std::int64_t>("count"), reals{1.0, 2.0}));

    for (int again = 0; again < 2; ++again) { // zeros on asking, and only then
        BOOST_TEST(same(s.adjoint("stopped", bt::zero_if_unconnected), reals{0.0, 0.0}));
        BOOST_TEST(same(s.adjoint(dead, bt::zero_if_unconnected), reals{0.0, 0.0}));
        BOOST_TEST(same(s.adjoint<bool>("mask", bt::zero_if_unconnected), reals{0.0, 0.0}));
        BOOST_TEST(throws<bt::unconnected_error>([&] { (void)s.adjoint("stopped"); }));
    }
}

BOOST_AUTO_TEST_CASE(a_dead_tag_is_not_among_those_of_the_output)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> dead = bt::tag("dead", exp(x)), h = bt::tag("h", x * x);
    bt::sweep s = reverse(sum(h), bt::wrt(x));
    s.run();
    BOOST_TEST(throws<bt::tag_error>([&] { (void)s.value("dead"); }, {"no tag \"dead\"", "\"h\""}));
    BOOST_TEST(same(s.value(dead), exp(x)));
    BOOST_TEST((s.status(dead) == connection::disconnected));
}

BOOST_AUTO_TEST_CASE(the_order_of_reading_does_not_matter)
{
    encoder e;
    bt::sweep s = reverse(e.loss, bt::wrt(e.x)).keep(bt::values("out"), bt::adjoints("enc/0/in"));
    s.run();
    const auto tags = s.tags();
    std::vector<reals> forth, back;
    for (auto t = tags.begin(); t != tags.end(); ++t) {
        forth.push_back(read(s.value(*t)));
        forth.push_back(read(s.adjoint(*t)));
    }
    bt::sweep other = reverse(e.loss, bt::wrt(e.x)).keep();
    other.run();
    for (auto t = tags.rbegin(); t != tags.rend(); ++t) {
        back.push_back(read(other.adjoint(*t)));
        back.push_back(read(other.value(*t)));
    }
    for (std::size_t i = 0; i < forth.size(); ++i) {
        BOOST_TEST(identical(forth[i], back[back.size() - 1 - i]));
    }
}

BOOST_AUTO_TEST_CASE(tangents_are_kept_and_read)
{
    encoder e;
    const reals direction = {1.0, 0.0, -2.0};
    bt::sweep s = reverse(e.loss, bt::wrt(e.x));
    s.run();
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.tangent("out"); }, {"tangent(x, x_dot)"}));
    s.tangent(e.x, direction).keep(bt::tangents("*")).run();
    BOOST_TEST(close(s.tangent("enc/1/out"), jvp(e.second, bt::tangent(e.x, direction))));
    BOOST_TEST(close(s.tangent(e.loss), jvp(e.loss, bt::tangent(e.x, direction))));
    BOOST_TEST(same(s.tangent(e.x), direction));
    bt::sweep inner = reverse(e.loss, bt::wrt(e.x)).tangent("enc/0/out", 1.0);
    inner.run();
    BOOST_TEST(close(inner.tangent("enc/1/out"),
                     jvp(e.second, bt::tangent(e.first, xt::ones<double>({3})))));
    BOOST_TEST(throws<bt::unconnected_error>([&] { (void)inner.tangent("enc/0/in"); },
                                             {"does not depend"}));
    BOOST_TEST(same(inner.tangent("enc/0/in", bt::zero_if_unconnected), reals{0.0, 0.0, 0.0}));
}

BOOST_AUTO_TEST_SUITE_END()
