// SPDX-License-Identifier: BSD-3-Clause
// A run as a time line: what chrome://tracing and Perfetto are given.
#include <support/expect.hpp>

#include <nlohmann/json.hpp>
#include <sstream>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::throws;
using nlohmann::json;

namespace {

json traced(bt::sweep& s)
{
    std::ostringstream out;
    bt::inspect::trace(out, s);
    return json::parse(out.str());
}

std::size_t lines(const std::string& text)
{
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

BOOST_AUTO_TEST_SUITE(inspect_trace)

BOOST_AUTO_TEST_CASE(an_event_for_each_step)
{
    const bt::variable<double> x(reals{0.5, -1.0, 2.0});
    const bt::tensor<double> h = bt::tag("a \"layer\"\\h", tanh(x));
    bt::sweep s = reverse(sum(cumsum(h) * x), bt::wrt(x));
    const json events = traced(s);
    BOOST_TEST_REQUIRE(events.is_array());
    BOOST_TEST(events.size() == lines(s.explain()) - 1); // but for the heading
    double end = 0;
    bool has_tag = false;
    for (const json& e : events) {
        BOOST_TEST(e["ph"] == "X");
        BOOST_TEST(!e["name"].get<std::string>().empty());
        BOOST_TEST(s.explain().find(e["name"].get<std::string>()) != std::string::npos);
        BOOST_TEST(e["ts"].get<double>() >= end); // in the order of execution, one after the other
        BOOST_TEST(e["dur"].get<double>() >= 0);
        end = e["ts"].get<double>() + e["dur"].get<double>() * (1 - 1e-9);
        const json& args = e["args"];
        has_tag |= args["tags"] == json({"a \"layer\"\\h"});
        BOOST_TEST(args["shape"].is_array());
        BOOST_TEST(args["bytes"].get<double>() > 0);
    }
    BOOST_TEST(has_tag);
    BOOST_TEST(same(s.value("a \"layer\"\\h"), h)); // it was a run
}

BOOST_AUTO_TEST_CASE(what_depends_on_no_variable_is_in_the_first_run_only)
{
    bt::variable<double> x(reals{0.5, -1.0, 2.0});
    const bt::tensor<double> fixed = cumsum(bt::constant(reals{1.0, 2.0, 3.0}));
    bt::sweep s = reverse(sum(fixed * x), bt::wrt(x));
    const json first = traced(s);
    x = 2.0;
    BOOST_TEST(first.size() > traced(s).size());
    BOOST_TEST(s.value()() == 20.0);
}

BOOST_AUTO_TEST_CASE(a_run_that_throws_is_not_written)
{
    bt::variable<double> x(reals{-1.0});
    bt::sweep s = reverse(sum(log(x)), bt::wrt(x)).trap_nonfinite();
    std::ostringstream out;
    BOOST_TEST(throws<bt::nonfinite_error>([&] { bt::inspect::trace(out, s); }));
    BOOST_TEST(out.str().empty());
    x = 1.0;
    BOOST_TEST(!traced(s).empty());
}

BOOST_AUTO_TEST_SUITE_END()
