// SPDX-License-Identifier: BSD-3-Clause
// Tags inside loops, by step: values and adjoints against the same steps written out.
#include <support/expect.hpp>

#include <backtrail/run/loop_step.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

const reals start = {0.3, -0.2, 0.9, 1.4};

bt::tensor<double> value_of(const bt::detail::opened_step& s)
{
    return {bt::detail::from_node, s.tagged};
}

bt::tensor<double> adjoint_of(const bt::detail::opened_step& s)
{
    return grad(bt::tensor<double>(bt::detail::from_node, s.output), value_of(s));
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_loop_step)

BOOST_AUTO_TEST_CASE(tags_by_step)
{
    const bt::variable<double> x(start), p(0.7);
    const auto body = [&](auto t, auto u) {
        const bt::tensor<double> flow = bt::tag("flow", sin(u) * p);
        return bt::tag("u", u + 0.1 * flow + 0.01 * bt::cast<double>(t));
    };
    const bt::tensor<double> loss = sum(square(bt::loop(6, x, body)));
    bt::tensor<double> u = x;
    std::vector<bt::tensor<double>> us, flows;
    for (int t = 0; t < 6; ++t) {
        flows.emplace_back(sin(u) * p);
        u = us.emplace_back(u + 0.1 * flows.back() + 0.01 * double(t));
    }
    const bt::tensor<double> expected = sum(square(u));
    for (std::size_t t = 0; t < 6; ++t) {
        const auto at = "[" + std::to_string(t) + "]";
        const auto opened = bt::detail::open_step(loss.get_node(), "u" + at);
        BOOST_TEST(close(value_of(opened), us[t]));
        BOOST_TEST(close(adjoint_of(opened), grad(expected, us[t])));
        const auto flow = bt::detail::open_step(loss.get_node(), "flow" + at);
        BOOST_TEST(close(value_of(flow), flows[t]));
        BOOST_TEST(close(adjoint_of(flow), grad(expected, flows[t])));
    }
    BOOST_TEST(
        (bt::detail::tags_in_loops(loss.get_node()) == std::vector<std::string>{"flow[]", "u[]"}));
    const auto open = [&](const char* path) {
        return [&, path] { (void)bt::detail::open_step(loss.get_node(), path); };
    };
    BOOST_TEST(throws<bt::index_error>(open("u[6]"), {"no step 6", "6 steps"}));
    BOOST_TEST(throws<bt::tag_error>(open("v[1]"), {"\"v[1]\"", "flow[], u[]"}));
    BOOST_TEST(throws<bt::tag_error>(open("u[1][2]"), {"\"u[1][2]\""}));
    BOOST_TEST(throws<bt::tag_error>(open("u[x]"), {"number of the step"}));
}

BOOST_AUTO_TEST_CASE(tags_by_step_in_nested_loops_and_in_sequences)
{
    const bt::variable<double> x(start),
        xs(expect::table({3, 4}, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2}));
    const auto [last, all] = bt::loop_with(3, x, xs, [&](auto, auto u, auto in) {
        const bt::scope outer("outer");
        const bt::tensor<double> v =
            bt::loop(4, u, [&](auto, auto w) { return bt::tag("w", w + 0.1 * in * cos(w)); });
        return std::pair(v,
                         std::tuple(bt::tensor<double>(v * v),
                                    bt::tensor<std::int64_t>(bt::cast<std::int64_t>(100.0 * v))));
    });
    const bt::tensor<double> loss = sum(std::get<0>(all)) + sum(last);
    bt::tensor<double> u = x, total = bt::constant(0.0), marked;
    for (int i = 0; i < 3; ++i) {
        const bt::tensor<double> in = view(xs, i);
        for (int j = 0; j < 4; ++j) {
            u = u + 0.1 * in * cos(u);
            if (i == 1 && j == 2) marked = u;
        }
        total = total + sum(u * u);
    }
    const bt::tensor<double> expected = total + sum(u);
    const auto opened = bt::detail::open_step(loss.get_node(), "outer[1]/w[2]");
    BOOST_TEST(close(value_of(opened), marked));
    BOOST_TEST(close(adjoint_of(opened), grad(expected, marked)));
    BOOST_TEST(close(bt::tensor<double>(bt::detail::from_node, opened.output), loss));
    // Integers come through in one piece.
    const auto whole = std::get<1>(all);
    const auto again = bt::detail::open_step(whole.get_node(), "outer[1]/w[2]");
    BOOST_TEST(same(bt::tensor<std::int64_t>(bt::detail::from_node, again.output), whole));
}

BOOST_AUTO_TEST_CASE(tags_by_step_where_the_length_is_not_known)
{
    const bt::variable<double> x(0.3);
    const bt::tensor<double> y =
        bt::while_loop([](auto u) { return u < 2; }, x,
                       [](auto, auto u) { return bt::tag("u", u + 0.2 * u * u + 0.05); });
    std::vector<bt::tensor<double>> us;
    for (bt::tensor<double> u = x; u.value()() < 2;) u = us.emplace_back(u + 0.2 * u * u + 0.05);
    for (std::size_t t = 0; t < us.size(); ++t) {
        const auto opened = bt::detail::open_step(y.get_node(), "u[" + std::to_string(t) + "]");
        BOOST_TEST(close(value_of(opened), us[t]));
        BOOST_TEST(close(adjoint_of(opened), grad(us.back(), us[t])));
    }
    BOOST_TEST(throws<bt::index_error>(
        [&] { (void)bt::detail::open_step(y.get_node(), "u[" + std::to_string(us.size()) + "]"); },
        {"no step"}));
}

BOOST_AUTO_TEST_SUITE_END()
