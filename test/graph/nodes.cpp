// SPDX-License-Identifier: BSD-3-Clause
// Nodes: chains and diamonds of any depth live and die in linear time and constant stack;
// variables, their versions, and the values that users hold while they change.
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/plan/plan.hpp>
#include <support/expect.hpp>

#include <pthread.h>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Instrumented frames are several times larger, and a million instrumented nodes take minutes.
constexpr std::size_t stack_bytes = 2048 * 1024;
constexpr int chain_length = 100'000;
#else
constexpr std::size_t stack_bytes = 256 * 1024;
constexpr int chain_length = 1'000'000;
#endif

/// Runs f on a thread with a small stack: recursion over the chain would overflow it.
void with_small_stack(void (*f)())
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    BOOST_TEST_REQUIRE(pthread_attr_setstacksize(&attributes, stack_bytes) == 0);
    pthread_t thread;
    const auto run = [](void* g) -> void* {
        (*reinterpret_cast<void (**)()>(g))();
        return nullptr;
    };
    BOOST_TEST_REQUIRE(pthread_create(&thread, &attributes, run, &f) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

std::size_t nodes_below(const bt::node_ptr& n)
{
    return bt::topological_order(std::span(&n, 1)).size();
}

std::size_t steps_for(const bt::node_ptr& n)
{
    return bt::make_plan(std::span(&n, 1)).steps.size();
}

struct outcome {
    double value = 0, adjoint = 0, tangent = 0;
} seen;

void long_chain()
{
    const bt::variable<double> x(1.0);
    bt::tensor<double> y = x;
    for (int i = 0; i < chain_length; ++i) y = y + x;
    bt::sweep s = reverse(y, bt::wrt(x));
    s.run();
    seen.value = s.value()();
    seen.adjoint = s.adjoint(x)();
    seen.tangent = jvp(y, bt::tangent(x, 2.0)).value()();
} // y, s and all nodes die here

} // namespace

BOOST_AUTO_TEST_SUITE(graph_nodes)

BOOST_AUTO_TEST_CASE(a_chain_of_a_million_nodes_on_a_small_stack)
{
    seen = {};
    with_small_stack(&long_chain);
    BOOST_TEST(seen.value == chain_length + 1.0);
    BOOST_TEST(seen.adjoint == chain_length + 1.0);
    BOOST_TEST(seen.tangent == 2.0 * (chain_length + 1.0));
}

BOOST_AUTO_TEST_CASE(a_diamond_costs_what_its_nodes_cost)
{
    // Each level uses the one before twice: 2^64 paths, 64 nodes.
    const auto diamond = [](bt::tensor<double> y, int levels) {
        for (int i = 0; i < levels; ++i) y = y * 0.5 + y * 0.5;
        return y;
    };
    const bt::variable<double> x(3.0);
    const bt::tensor<double> y = diamond(x, 64), half = diamond(x, 32);
    BOOST_TEST(nodes_below(y.get_node()) == 65u);
    BOOST_TEST(same(y, 3.0));
    const bt::tensor<double> g = grad(y, x), g_half = grad(half, x);
    BOOST_TEST(same(g, 1.0));
    const std::size_t steps = steps_for(g.get_node()), steps_half = steps_for(g_half.get_node());
    BOOST_TEST(steps <= 2 * steps_half + 4);
    BOOST_TEST(steps <= 64u * 4u);
    const bt::tensor<double> t = jvp(y, bt::tangent(x, 1.0));
    BOOST_TEST(same(t, 1.0));
    BOOST_TEST(steps_for(t.get_node()) <= 64u * 4u);
    // And once more: grad of grad, taken apart into single ops.
    const bt::tensor<double> gg = grad(g * g * x, x), gg_half = grad(g_half * g_half * x, x);
    BOOST_TEST(same(gg, 1.0));
    BOOST_TEST(steps_for(gg.get_node()) <= 2 * steps_for(gg_half.get_node()) + 16);
}

BOOST_AUTO_TEST_CASE(variables_are_assigned_from_anything)
{
    bt::variable<double> w(reals{{1.0, 2.0}, {3.0, 4.0}});
    w = reals{{5.0, 6.0}, {7.0, 8.0}};
    BOOST_TEST(same(w, reals{{5.0, 6.0}, {7.0, 8.0}}));
    w = 2.0;
    BOOST_TEST(same(w, reals{{2.0, 2.0}, {2.0, 2.0}}));
    w = reals{1.0, 10.0}; // broadcasts
    BOOST_TEST(same(w, reals{{1.0, 10.0}, {1.0, 10.0}}));
    w += 1.0;
    w -= reals{{1.0, 1.0}, {0.0, 0.0}};
    w *= reals{1.0, 0.5};
    w /= 2;
    BOOST_TEST(same(w, reals{{0.5, 2.5}, {1.0, 2.75}}));
    w = xt::ones<int>({2, 2});
    BOOST_TEST(same(w, reals{{1.0, 1.0}, {1.0, 1.0}}));
    w = w * 3.0 + 1.0; // a lazy expression, evaluated first
    BOOST_TEST(same(w, reals{{4.0, 4.0}, {4.0, 4.0}}));
    w -= w;
    BOOST_TEST(same(w, reals{{0.0, 0.0}, {0.0, 0.0}}));
    bt::variable<double> point(reals(reals::from_shape({2, 0})));
    point = 1.0;
    BOOST_TEST(point.value().size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_right_side_may_read_the_variable)
{
    bt::variable<double> w(reals{{1.0, 2.0}, {3.0, 4.0}});
    w = w.value() * 2.0;
    BOOST_TEST(same(w, reals{{2.0, 4.0}, {6.0, 8.0}}));
    w = xt::transpose(w.value());
    BOOST_TEST(same(w, reals{{2.0, 6.0}, {4.0, 8.0}}));
    w += xt::transpose(w.value());
    BOOST_TEST(same(w, reals{{4.0, 10.0}, {10.0, 16.0}}));
    const auto held = w.value();
    w = xt::view(held, xt::all(), xt::range(1, xt::placeholders::_, -1));
    BOOST_TEST(same(w, reals{{10.0, 4.0}, {16.0, 10.0}}));
    w = transpose(w);
    BOOST_TEST(same(w, reals{{10.0, 16.0}, {4.0, 10.0}}));
}

BOOST_AUTO_TEST_CASE(versions_count_changes)
{
    bt::variable<double> w(reals{1.0, 2.0});
    const auto first = w.version();
    (void)w.value();
    (void)(w * 2.0).value();
    BOOST_TEST(w.version() == first);
    auto last = first;
    const auto grew = [&] { return std::exchange(last, w.version()) < w.version(); };
    w = 1.0;
    BOOST_TEST(grew());
    w += 1.0;
    BOOST_TEST(grew());
    w = w.value();
    BOOST_TEST(grew());
    const bt::tensor<double> y = w * 10.0;
    BOOST_TEST(same(y, reals{20.0, 20.0}));
    w *= 2.0;
    BOOST_TEST(grew());
    BOOST_TEST(same(y, reals{40.0, 40.0}));
}

BOOST_AUTO_TEST_CASE(values_held_are_not_overwritten)
{
    bt::variable<double> w(reals{1.0, 2.0});
    const auto first = w.value();
    const bt::tensor<double> y = w + 1.0;
    const auto early = y.value();
    w = 7.0;
    const auto second = w.value();
    w += 1.0;
    BOOST_TEST(same(first, reals{1.0, 2.0}));
    BOOST_TEST(same(second, reals{7.0, 7.0}));
    BOOST_TEST(same(early, reals{2.0, 3.0}));
    BOOST_TEST(same(y, reals{9.0, 9.0}));
    BOOST_TEST(same(early, reals{2.0, 3.0}));
}

BOOST_AUTO_TEST_CASE(copies_of_a_variable_name_one_leaf)
{
    bt::variable<double> w(reals{1.0, 2.0}), other(reals{5.0});
    bt::variable<double> alias = w;
    alias = 3.0;
    BOOST_TEST(same(w, reals{3.0, 3.0}));
    alias = other; // assignment writes the value, and the two stay apart
    BOOST_TEST(same(w, reals{5.0, 5.0}));
    alias = 4.0;
    BOOST_TEST(same(w, reals{4.0, 4.0}));
    BOOST_TEST(same(other, reals{5.0}));
}

BOOST_AUTO_TEST_CASE(a_value_that_does_not_fit_changes_nothing)
{
    bt::variable<double> w(reals{1.0, 2.0});
    const auto version = w.version();
    BOOST_TEST(throws<bt::shape_error>([&] { w = reals{1.0, 2.0, 3.0}; }, {"(3,)", "(2,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { w += reals{{1.0, 2.0}, {3.0, 4.0}}; }, {"(2, 2)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { w = bt::constant(reals{1.0, 2.0, 3.0}) * 2.0; }));
    BOOST_TEST(w.version() == version);
    BOOST_TEST(same(w, reals{1.0, 2.0}));
}

BOOST_AUTO_TEST_SUITE_END()
