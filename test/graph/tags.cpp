// SPDX-License-Identifier: BSD-3-Clause
// Tags and scopes: which node gets which path, what names are refused, and that errors name the
// tags nearby.
#include <backtrail/graph/node.hpp>
#include <support/expect.hpp>

#include <thread>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

using names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(graph_tags)

BOOST_AUTO_TEST_CASE(a_tag_names_the_node_and_returns_its_tensor)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> y = bt::tag("double", x * 2.0);
    BOOST_TEST((y.get_node()->tags() == names{"double"}));
    BOOST_TEST(same(y, reals{2.0, 4.0}));
    const bt::tensor<double> again = bt::tag("twice", y); // the same node, not a copy
    BOOST_TEST((again.get_node() == y.get_node()));
    BOOST_TEST((y.get_node()->tags() == names{"double", "twice"}));
    bt::tag("double", y); // once is enough
    BOOST_TEST(y.get_node()->tags().size() == 2u);
    bt::variable<double> w = bt::tag("weights", x);
    BOOST_TEST((w.get_node() == x.get_node()));
    BOOST_TEST((x.get_node()->tags() == names{"weights"}));
}

BOOST_AUTO_TEST_CASE(scopes_prefix_and_nest)
{
    const bt::variable<double> x(1.0);
    BOOST_TEST(bt::current_scope().empty());
    {
        const bt::scope outer("net");
        const bt::tensor<double> a = bt::tag("a", x * 2.0);
        {
            const bt::scope inner("layer/3");
            BOOST_TEST(bt::current_scope() == "net/layer/3");
            BOOST_TEST((bt::tag("b", x * 3.0).get_node()->tags() == names{"net/layer/3/b"}));
        }
        BOOST_TEST(bt::current_scope() == "net");
        BOOST_TEST((a.get_node()->tags() == names{"net/a"}));
    }
    BOOST_TEST(bt::current_scope().empty());
    try {
        const bt::scope lost("lost");
        throw 1;
    } catch (int) {}
    BOOST_TEST(bt::current_scope().empty());
}

BOOST_AUTO_TEST_CASE(scopes_belong_to_a_thread)
{
    const bt::scope mine("mine");
    std::string other = "unset";
    std::thread([&] { other = bt::current_scope(); }).join();
    BOOST_TEST(other.empty());
}

BOOST_AUTO_TEST_CASE(names_that_patterns_will_need_are_refused)
{
    const bt::variable<double> x(1.0);
    for (const char* name : {"", "a*", "b?", "u[3]", "c|d"}) {
        BOOST_TEST(throws<bt::tag_error>([&] { (void)bt::tag(name, x * 2.0); }, {"[tag]", name}));
        BOOST_TEST(throws<bt::tag_error>([&] { const bt::scope s(name); }, {"[scope]"}));
    }
    BOOST_TEST(bt::current_scope().empty());
    BOOST_TEST(throws<bt::state_error>([] { bt::tag("empty", bt::tensor<double>{}); }));
}

BOOST_AUTO_TEST_CASE(errors_name_the_nearest_tags)
{
    const bt::variable<double> x(xt::ones<double>({4, 3})), w(xt::ones<double>({2}));
    bt::tag("x", x);
    const bt::tensor<double> far = bt::tag("far", exp(x)), near = bt::tag("near", far * 2.0);
    BOOST_TEST(throws<bt::shape_error>([&] { bt::tensor<double> y = sin(near) + w; },
                                       {"[add]", "(4, 3)", "(2,)", "built from \"near\""}));
    try {
        (void)reshape(near, {5});
    } catch (const bt::shape_error& e) {
        BOOST_TEST(std::string(e.what()).find("far") == std::string::npos);
    }
    const bt::tensor<double> other = bt::tag("other", w * 1.0);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)concatenate(0, near, other); },
                                       {"\"near\"", "\"other\""}));
    const bt::scope here("block");
    BOOST_TEST(throws<bt::shape_error>([&] { (void)grad(near, x); },
                                       {"[grad]", "vjp", "\"near\"", "in scope \"block\""}));
}

BOOST_AUTO_TEST_SUITE_END()
