// SPDX-License-Identifier: BSD-3-Clause
// What is drawn, printed and recorded of a graph and its runs.
#include <support/expect.hpp>

#include <nlohmann/json.hpp>
#include <sstream>

namespace bt = backtrail;
using expect::reals;
using expect::throws;

namespace {

using D = bt::tensor<double>;

struct model {
    bt::variable<double> x{reals{0.5, -1.0, 2.0}};
    D h, loss;
    model()
    {
        const bt::scope layer("layer");
        bt::tag("x", x);
        h = bt::tag("h", tanh(D(x * 2.0)));
        D stopped = bt::tag("stopped", exp(h));
        loss = sum(h * stop_gradient(stopped));
    }
};

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(inspect_inspect)

BOOST_AUTO_TEST_CASE(a_graph_is_drawn)
{
    const model m;
    std::ostringstream plain, whole, back;
    bt::inspect::dot(plain, m.loss);
    bt::inspect::dot(whole, m.loss, {.all_nodes = true});
    bt::inspect::dot(back, m.loss, {.derivatives = true});
    BOOST_TEST(contains(plain.str(), "digraph"));
    BOOST_TEST(contains(plain.str(), "subgraph \"cluster_layer\""));
    BOOST_TEST(contains(plain.str(), "h\\ntanh double(3,)"));
    BOOST_TEST(!contains(plain.str(), "mul"));
    BOOST_TEST(contains(whole.str(), "mul double(3,)"));
    BOOST_TEST(!contains(plain.str(), "dashed"));
    BOOST_TEST(contains(back.str(), "dashed"));
    const auto count = [](const std::string& text, const std::string& part) {
        std::size_t n = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
        return n;
    };
    BOOST_TEST(count(plain.str(), " -> ") == 4u);  // x h, h stopped, h loss, stopped loss
    BOOST_TEST(count(back.str(), "dashed") == 2u); // not through the stop
}

BOOST_AUTO_TEST_CASE(a_run_in_a_table)
{
    const model m;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    BOOST_TEST(throws<bt::state_error>([&] { (void)bt::inspect::table(s); }));
    s.run();
    const std::string text = bt::inspect::table(s);
    BOOST_TEST(contains(text, "layer/h"));
    BOOST_TEST(contains(text, "double (3,)"));
    BOOST_TEST(contains(text, "stopped"));
    s.keep().run();
    BOOST_TEST(contains(bt::inspect::table(s), "not kept"));
}

BOOST_AUTO_TEST_CASE(a_line_for_each_run)
{
    model m;
    std::ostringstream out;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x)).keep();
    bt::inspect::record(out, s, {.tags = "layer/*", .every = 2, .histogram_bins = 4});
    for (int k = 0; k < 4; ++k) {
        m.x = 0.25 * k;
        s.run();
    }
    m.x = std::numeric_limits<double>::quiet_NaN();
    s.run();
    s.run();
    std::istringstream lines(out.str());
    std::vector<nlohmann::json> runs;
    for (std::string line; std::getline(lines, line);) runs.push_back(nlohmann::json::parse(line));
    BOOST_TEST_REQUIRE(runs.size() == 3u);
    BOOST_TEST(runs[1]["run"] == 4);
    const auto& h = runs[1]["tags"]["layer/h"];
    BOOST_TEST(h["shape"] == nlohmann::json({3}));
    BOOST_TEST(h["value"]["count"] == 3);
    BOOST_TEST(h["value"]["mean"].get<double>() == std::tanh(1.5));
    BOOST_TEST(h["value"]["histogram"]["counts"] == nlohmann::json({3}));
    BOOST_TEST(h["adjoint"]["mean"].get<double>() == std::exp(std::tanh(1.5)));
    BOOST_TEST(runs[1]["tags"]["layer/stopped"]["adjoint"]["status"] == "stopped");
    BOOST_TEST(runs[2]["value"].is_null());
    BOOST_TEST(runs[2]["tags"]["layer/h"]["value"]["nonfinite"] == 3);
    BOOST_TEST(throws<bt::value_error>([&] { bt::inspect::record(out, s, {.every = 0}); }));
}

BOOST_AUTO_TEST_SUITE_END()
