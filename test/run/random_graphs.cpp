// SPDX-License-Identifier: BSD-3-Clause
// The engine against the interpreter, on random graphs: the value and the adjoint of every node, bit
// for bit where the engine may not round differently, and the same bits from every replay, for any
// set of kept tags and any number of threads.
//
// A failure names its seed. `BACKTRAIL_SEED=17 test_engine --run_test=random_graphs` repeats it and
// lists the graph; `BACKTRAIL_SEED=1000-1999` looks further than the suite has time for.
#include <support/expect.hpp>
#include <support/interpreter.hpp>
#include <support/random_graph.hpp>

#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/storage.hpp>
#include <backtrail/graph/traversal.hpp>
#if __has_include(<backtrail/run/threads.hpp>)
#include <backtrail/run/threads.hpp>
#endif

#include <cstdlib>
#include <map>
#include <random>
#include <set>

namespace bt = backtrail;
using namespace backtrail::test;

namespace {

constexpr std::uint64_t seeds_tried = 300;

/// Where a rewrite may round differently (a product into which a factor is folded): of the largest
/// element, a few hundred roundings of the element type.
double tolerance_of(bt::dtype type) { return type == bt::dtype::float64 ? 1e-13 : 5e-5; }

using bytes = std::vector<std::byte>;

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

/// Runs the check on each seed; what throws is told with its seed, too.
template <class F>
void for_seeds(std::uint64_t step, F check)
{
    const seed_range range = seeds();
    for (std::uint64_t seed = range.first; seed < range.first + range.count; ++seed) {
        if (!range.is_given && seed % step != 0) continue;
        const random_graph g = make_random_graph(seed);
        if (range.is_given && range.count == 1) {
            BOOST_TEST_MESSAGE(list_nodes(bt::topological_order(std::span(&g.loss, 1))));
        }
        try {
            check(seed, g);
        } catch (const std::exception& e) {
            BOOST_ERROR("seed " << seed << ": " << e.what());
        }
    }
}

// ---- reading ---------------------------------------------------------------------------------------

template <class A>
bytes bytes_of(const A& a)
{
    bytes result(a.size() * sizeof(typename A::value_type));
    if (!result.empty()) std::memcpy(result.data(), a.data(), result.size());
    return result;
}

bytes value_of(const bt::sweep& s, bt::dtype type, const std::string& tag)
{
    return bt::visit(type, [&](auto t) { return bytes_of(s.value<decltype(t)>(tag)); });
}
bytes adjoint_of(const bt::sweep& s, bt::dtype type, const std::string& tag)
{
    return bt::visit(type, [&](auto t) { return bytes_of(s.adjoint<decltype(t)>(tag)); });
}

double element(const bytes& b, bt::dtype type, std::size_t i)
{
    return bt::visit(type, [&](auto t) {
        std::memcpy(&t, b.data() + i * sizeof t, sizeof t);
        return static_cast<double>(t);
    });
}

/// The first element in which two arrays differ: in their bits, unless both are NaN, or by more than
/// `tolerance` of the largest element. The number of elements if there is none.
std::size_t first_difference(const bytes& a, const bytes& b, bt::dtype type, double tolerance)
{
    const std::size_t size = bt::size_of(type), n = a.size() / size;
    if (a == b) return n;
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = std::abs(element(b, type, i));
        if (std::isfinite(x)) largest = std::max(largest, x);
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (std::memcmp(a.data() + i * size, b.data() + i * size, size) == 0) continue;
        const double x = element(a, type, i), y = element(b, type, i);
        if (std::isnan(x) && std::isnan(y)) continue;
        if (tolerance > 0 && (x == y || std::abs(x - y) <= tolerance * largest)) continue;
        return i;
    }
    return n;
}

/// True if equal; says what differs if not.
bool agree(const std::string& what, const bt::node& n, const bytes& got, const bytes& expected,
           double tolerance = 0)
{
    BOOST_TEST(got.size() == expected.size(), what << ": another number of bytes");
    if (got.size() != expected.size()) return false;
    const std::size_t i = first_difference(got, expected, n.type(), tolerance);
    if (i == got.size() / bt::size_of(n.type())) return true;
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "%.17g, not %.17g", element(got, n.type(), i),
                  element(expected, n.type(), i));
    BOOST_ERROR(what << ": " << n.op().name() << " " << bt::to_string(n.shape()) << " of "
                     << bt::name_of(n.type()) << ", element " << i << " is " << numbers
                     << (tolerance > 0 ? " within tolerance" : ""));
    return false;
}

// ---- tags ------------------------------------------------------------------------------------------

struct tagged {
    bt::node_ptr n;
    std::string tag;
};

/// The nodes of a graph that have a value, tagged `n<place>` where `wants(place)`.
template <class F>
std::vector<tagged> tag_nodes(const bt::node_ptr& loss, F wants)
{
    std::vector<tagged> result;
    const auto order = bt::topological_order(std::span(&loss, 1));
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i]->op().as_fused_pullback() != nullptr || !wants(i)) continue;
        result.push_back({order[i], "n" + std::to_string(i)});
        bt::detail::add_tag(order[i], result.back().tag, {});
    }
    return result;
}

/// The adjoints of nodes as nodes; empty where there is none.
std::vector<bt::node_ptr> adjoint_nodes(const bt::node_ptr& loss, const std::vector<tagged>& nodes)
{
    std::vector<bt::node_ptr> sources;
    for (const auto& t : nodes) sources.push_back(t.n);
    const auto bars = bt::detail::pull_back(loss, bt::detail::unit_seed("test", loss), sources);
    std::vector<bt::node_ptr> result;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const bt::node_ptr& x = nodes[i].n;
        const bool exists =
            bt::is_differentiable(x->type()) &&
            (!bars[i].is_zero() || bt::detail::status(loss, x) == bt::connection::ok);
        result.push_back(exists ? bt::detail::as_node(bars[i], x->type(), x->shape())
                                : bt::node_ptr());
    }
    return result;
}

/// Everything that a sweep keeps, by tag; `~n3` is the adjoint of n3.
using results = std::map<std::string, std::pair<bt::node_ptr, bytes>>;

results read_all(const bt::sweep& s, const std::vector<tagged>& nodes,
                 const std::vector<bt::node_ptr>& bars)
{
    results r;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& [n, tag] = nodes[i];
        r[tag] = {n, value_of(s, n->type(), tag)};
        if (bars[i]) r["~" + tag] = {n, adjoint_of(s, n->type(), tag)};
    }
    return r;
}

/// What both hold is the same, bit for bit.
void check_same(const std::string& what, const results& got, const results& expected)
{
    for (const auto& [tag, one] : got) {
        const auto found = expected.find(tag);
        if (found == expected.end()) {
            BOOST_ERROR(what << ", " << tag << ": kept once and not again");
            return;
        }
        if (!agree(what + ", " + tag, *one.first, one.second, found->second.second)) return;
    }
}

// ---- values and adjoints of all nodes ----------------------------------------------------------------

/// Which nodes of a graph a rewrite may round differently.
class rounding {
public:
    /// Products, and what multiplies one by a number or looks at it: factors move across.
    [[nodiscard]] bool is_near_product(const bt::node& n)
    {
        bool near = n.op().name() == "matmul";
        if (n.op().is_view() || is_scaling(n)) {
            for (const auto& x : n.inputs()) near |= near_.contains(x.get());
        }
        if (near) near_[&n] = true;
        return near;
    }
    /// To be asked of each node once, inputs first.
    [[nodiscard]] bool is_exact(const bt::node& n)
    {
        bool exact = !is_near_product(n);
        for (const auto& x : n.inputs()) exact &= !inexact_.contains(x.get());
        if (!exact) inexact_[&n] = true;
        return exact;
    }
    /// The engine's own value stands in for the interpreter's from now on.
    void corrected(const bt::node& n) { inexact_.erase(&n); }

private:
    static bool is_scaling(const bt::node& n)
    {
        const bt::fused* f = n.op().as_fused();
        if (f == nullptr) return false;
        std::size_t ops = 0;
        bool scales = false;
        for (const bt::instruction& line : f->table().program) {
            if (line.what != bt::instruction::kind::op) continue;
            scales = line.index == bt::op_index<bt::ops::Mul>::value ||
                     line.index == bt::op_index<bt::ops::Div>::value ||
                     line.index == bt::op_index<bt::ops::Neg>::value;
            ++ops;
        }
        return ops == 1 && scales;
    }

    std::map<const bt::node*, bool> near_, inexact_;
};

/// Compares with the interpreter. Where rounding may differ, later nodes go on from the engine's value,
/// so that a difference of rounding is never amplified.
void check_against_interpreter(const std::string& what, const bt::sweep& s,
                               const std::vector<tagged>& nodes,
                               const std::vector<bt::node_ptr>& bars)
{
    struct kept {
        std::string label;
        bytes data;
    };
    std::map<const bt::node*, std::vector<kept>> engine;
    std::vector<bt::node_ptr> roots;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& [n, tag] = nodes[i];
        engine[n.get()].push_back({"value of " + tag, value_of(s, n->type(), tag)});
        roots.push_back(n);
        if (!bars[i]) continue;
        engine[bars[i].get()].push_back({"adjoint of " + tag, adjoint_of(s, n->type(), tag)});
        roots.push_back(bars[i]);
    }
    rounding rewrites;
    bool ok = true;
    interpret(roots, [&](const bt::node_ptr& n, stored_value& value) {
        const bool is_exact = rewrites.is_exact(*n);
        const auto found = engine.find(n.get());
        if (found == engine.end() || !ok) return;
        const bytes expected = value.bytes();
        for (const auto& k : found->second) {
            ok = ok && agree(what + ", " + k.label, *n, k.data, expected,
                             is_exact ? 0 : tolerance_of(n->type()));
        }
        if (is_exact) return;
        value.replace(found->second.front().data);
        rewrites.corrected(*n);
    });
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
    BOOST_TEST(ops.size() > 100u);
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
        const results expected = read_all(s, nodes, adjoint_nodes(g.loss, nodes));
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
        const results late = read_all(s, nodes, bars);
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
        const results expected = read_all(s.run(), nodes, bars);
        check_same(of_seed(seed, "replay"), read_all(s.run(), nodes, bars), expected);
        std::vector<bytes> before;
        for (const auto& x : g.variables) {
            const std::size_t size = bt::element_count(x->shape()) * bt::size_of(x->type());
            const auto* data = x->op().as_leaf()->data().data();
            before.emplace_back(data, data + size);
            change(x, [](auto e) { return e / 2 + 1; });
        }
        const results changed = read_all(s.run(), nodes, bars);
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

#if __has_include(<backtrail/run/threads.hpp>)
BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits)
{
    const std::size_t before = bt::num_threads();
    for_seeds(1, [](std::uint64_t seed, const random_graph& g) {
        const auto nodes = tag_nodes(g.loss, [&](std::size_t i) { return (i + seed) % 3 == 0; });
        const auto bars = adjoint_nodes(g.loss, nodes);
        results expected;
        for (const std::size_t threads : {1, 2, 3, 8}) {
            bt::set_num_threads(threads);
            bt::sweep s(g.loss, g.variables);
            const results got = read_all(s.run(), nodes, bars);
            if (threads == 1) expected = got;
            check_same(of_seed(seed, "threads"), got, expected);
        }
    });
    bt::set_num_threads(before);
}
#endif

BOOST_AUTO_TEST_SUITE_END()
