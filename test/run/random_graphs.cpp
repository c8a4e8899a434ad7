// SPDX-License-Identifier: BSD-3-Clause
// The engine against the interpreter, on random graphs: the value and the adjoint of every node, bit for bit, and the
// same bits from every replay, for any set of kept tags and any number of threads.
//
// A failure names its seed. `BACKTRAIL_SEED=17 test_engine --run_test=random_graphs --log_level=message`
// repeats it and lists the graph; `BACKTRAIL_SEED=1000-1999` looks further than the suite has time for.
#include <support/expect.hpp>
#include <support/interpreter.hpp>
#include <support/kept_results.hpp>
#include <support/random_graph.hpp>

#include <backtrail/graph/storage.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/ops/entry.hpp>
#include <backtrail/run/threads.hpp>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <cstdlib>
#include <random>
#include <set>

namespace bt = backtrail;
using namespace backtrail::test;

namespace {

constexpr std::uint64_t seeds_tried = 300;

struct seed_range {
    std::uint64_t first = 0, count = seeds_tried;
    bool is_given = false;
};

seed_range seeds()
{
    const char* text = std::getenv("BACKTRAIL_SEED");
    if (text == nullptr) return {};
    char* end = nullptr;
    const std::uint64_t first = std::strtoull(text, &end, 10);
    const std::uint64_t last = *end == '-' ? std::strtoull(end + 1, nullptr, 10) : first;
    return {first, last - first + 1, true};
}

/// Runs the check on each seed that the step divides, or on the one given; what throws is told with its seed, too.
template <class F>
void for_seeds(std::uint64_t step, F check)
{
    const seed_range range = seeds();
    for (std::uint64_t seed = range.first; seed < range.first + range.count; ++seed) {
        if (range.count > 1 && seed % step != 0) continue;
        try {
            const random_graph g = make_random_graph(seed);
            if (range.is_given && range.count == 1) {
                BOOST_TEST_MESSAGE(list_nodes(bt::topological_order(std::span(&g.loss, 1))));
            }
            check(seed, g);
        } catch (const std::exception& e) {
            BOOST_ERROR("seed " << seed << ": " << e.what());
        }
    }
}

std::string of_seed(std::uint64_t seed, const char* what)
{
    return "seed " + std::to_string(seed) + ", " + what;
}

constexpr auto all = [](std::size_t) { return true; };

void check_all_nodes(const std::string& what, const bt::node_ptr& loss,
                     const std::vector<bt::node_ptr>& variables)
{
    const auto nodes = tag_nodes(loss, all);
    const auto bars = adjoint_nodes(loss, nodes);
    bt::sweep s(loss, variables);
    s.run();
    check_against_interpreter(what, s, nodes, bars);
}

/// The leaf's memory, for writing; counts as a new version.
template <class F>
void change(const bt::node_ptr& variable, F f)
{
    bt::visit(variable->type(), [&](auto t) {
        auto* x = static_cast<decltype(t)*>(bt::detail::writable_data(variable, true));
        for (std::size_t i = 0; i < bt::element_count(variable->shape()); ++i) x[i] = f(x[i]);
    });
    bt::detail::bump_version(variable);
}

} // namespace

BOOST_AUTO_TEST_SUITE(random_graphs)

/// What the claims below rest on: the graphs have everything in them, and mostly numbers.
BOOST_AUTO_TEST_CASE(the_graphs_are_varied_and_finite)
{
    std::set<std::string> ops;
    std::size_t nodes = 0, elements = 0, finite = 0, large = 0, empty = 0, in_float = 0;
    for_seeds(1, [&](std::uint64_t, const random_graph& g) {
        const auto gradients =
            bt::detail::pull_back(g.loss, bt::detail::unit_seed("test", g.loss), g.variables);
        std::vector<bt::node_ptr> roots = {g.loss};
        for (const auto& x_bar : gradients) {
            if (x_bar.get()) roots.push_back(x_bar.get());
        }
        interpret(roots, [&](const bt::node_ptr& n, const stored_value& value) {
            ops.emplace(n->op().name());
            ++nodes;
            const std::size_t count = bt::element_count(n->shape());
            large += count > 20000;
            empty += count == 0;
            in_float += n->type() == bt::dtype::float32;
            if (!bt::is_differentiable(n->type())) return;
            const bytes b = value.bytes();
            for (std::size_t i = 0; i < count; ++i)
                finite += std::isfinite(element(b, n->type(), i));
            elements += count;
        });
    });
    if (seeds().is_given) return;
    BOOST_TEST_MESSAGE(ops.size() << " ops, " << nodes << " nodes, " << large << " large, " << empty
                                  << " empty, " << in_float << " float, finite "
                                  << double(finite) / double(elements));
    std::string names;
    for (auto& n : ops) names += n + " ";
    BOOST_TEST_MESSAGE(names);
    for (std::size_t f = 0; f < bt::op_family_count; ++f) {
        for (const auto& op : bt::entries(static_cast<bt::op_family>(f))) {
            BOOST_TEST(ops.contains(std::string(op.name)), op.name << " occurs nowhere");
        }
    }
    BOOST_TEST(large > 100u);
    BOOST_TEST(empty > 100u);
    BOOST_TEST(in_float > nodes / 10);
    BOOST_TEST(double(finite) > 0.9 * double(elements));
}

BOOST_AUTO_TEST_CASE(values_and_adjoints_of_all_nodes)
{
    for_seeds(1, [](std::uint64_t seed, const random_graph& g) {
        check_all_nodes(of_seed(seed, "first order"), g.loss, g.variables);
    });
}

BOOST_AUTO_TEST_CASE(values_and_adjoints_of_the_nodes_of_gradients)
{
    for_seeds(5, [](std::uint64_t seed, const random_graph& g) {
        bt::symbol loss = weighted_sum(seed, g.variables[0]);
        const auto gradients =
            bt::detail::pull_back(g.loss, bt::detail::unit_seed("test", g.loss), g.variables);
        for (const auto& x_bar : gradients) {
            if (x_bar.get()) loss = loss + bt::symbol(weighted_sum(seed, x_bar.get()));
        }
        check_all_nodes(of_seed(seed, "second order"), loss.get(), g.variables);
    });
}

BOOST_AUTO_TEST_CASE(values_and_adjoints_of_the_nodes_of_tangents)
{
    for_seeds(5, [](std::uint64_t seed, const random_graph& g) {
        std::vector<bt::node_ptr> directions;
        for (const auto& x : g.variables) {
            directions.push_back(random_constant(seed, x->type(), x->shape()));
        }
        const bt::symbol tangent = bt::detail::push_forward(g.loss, g.variables, directions);
        const bt::symbol loss = tangent.get() ? bt::symbol(g.loss) + tangent : bt::symbol(g.loss);
        check_all_nodes(of_seed(seed, "tangents"), loss.get(), g.variables);
    });
}

BOOST_AUTO_TEST_CASE(any_set_of_tags_gives_the_same_bits)
{
    for_seeds(1, [](std::uint64_t seed, const random_graph& g) {
        const auto nodes = tag_nodes(g.loss, all);
        bt::sweep s(g.loss, g.variables);
        s.run();
        const kept_results expected = read_all(s, nodes, adjoint_nodes(g.loss, nodes));
        std::mt19937_64 random(seed);
        for (const std::size_t share : {1000, 16, 3}) {
            const random_graph again = make_random_graph(seed); // without tags
            const auto order = bt::topological_order(std::span(&again.loss, 1));
            const auto some = tag_nodes(again.loss, [&](std::size_t i) {
                return order[i] == again.loss || order[i]->op().as_leaf() != nullptr ||
                       random() % share == 0;
            });
            bt::sweep t(again.loss, again.variables);
            t.run();
            check_same(of_seed(seed, "some tags"),
                       read_all(t, some, adjoint_nodes(again.loss, some)), expected);
        }
    });
}

BOOST_AUTO_TEST_CASE(what_was_not_kept_is_computed_again_to_the_same_bits)
{
    for_seeds(8, [](std::uint64_t seed, const random_graph& g) {
        bt::sweep s(g.loss, g.variables);
        s.run();
        // Tags given after the run keep nothing: each is read late, through a plan of its own.
        const auto nodes = tag_nodes(g.loss, all);
        const auto bars = adjoint_nodes(g.loss, nodes);
        const kept_results late = read_all(s, nodes, bars);
        bt::sweep t(g.loss, g.variables);
        t.run();
        check_same(of_seed(seed, "read late"), late, read_all(t, nodes, bars));
    });
}

BOOST_AUTO_TEST_CASE(replays_give_the_same_bits)
{
    for_seeds(1, [](std::uint64_t seed, const random_graph& g) {
        const auto nodes = tag_nodes(g.loss, [&](std::size_t i) { return (i + seed) % 4 == 0; });
        const auto bars = adjoint_nodes(g.loss, nodes);
        // Only the first is asked for, but all of them change.
        bt::sweep s(g.loss, {g.variables[0]});
        const kept_results expected = read_all(s.run(), nodes, bars);
        check_same(of_seed(seed, "replay"), read_all(s.run(), nodes, bars), expected);
        std::vector<bytes> before;
        for (const auto& x : g.variables) {
            const std::size_t size = bt::element_count(x->shape()) * bt::size_of(x->type());
            const auto* data = x->op().as_leaf()->data().data();
            before.emplace_back(data, data + size);
            change(x, [](auto e) { return e / 2 + 1; });
        }
        const kept_results changed = read_all(s.run(), nodes, bars);
        bt::sweep fresh(g.loss, {g.variables[0]});
        check_same(of_seed(seed, "changed"), changed, read_all(fresh.run(), nodes, bars));
        for (std::size_t k = 0; k < before.size(); ++k) {
            const std::byte* from = before[k].data();
            change(g.variables[k], [&](auto e) {
                std::memcpy(&e, from, sizeof e);
                from += sizeof e;
                return e;
            });
        }
        check_same(of_seed(seed, "changed and changed back"), read_all(s.run(), nodes, bars),
                   expected);
    });
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits)
{
    const std::size_t before = bt::num_threads();
    // As many threads as are asked for, on machines with fewer processors, too.
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, 8);
    tbb::task_arena arena(8);
    for_seeds(1, [&](std::uint64_t seed, const random_graph& g) {
        const auto nodes = tag_nodes(g.loss, [&](std::size_t i) { return (i + seed) % 3 == 0; });
        const auto bars = adjoint_nodes(g.loss, nodes);
        kept_results expected;
        for (const std::size_t threads : {1, 2, 3, 8}) {
            bt::set_num_threads(threads);
            bt::sweep s(g.loss, g.variables);
            arena.execute([&] { s.run(); });
            const kept_results got = read_all(s, nodes, bars);
            if (threads == 1) expected = got;
            check_same(of_seed(seed, "threads"), got, expected);
        }
    });
    bt::set_num_threads(before);
}

BOOST_AUTO_TEST_SUITE_END()
