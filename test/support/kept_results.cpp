// SPDX-License-Identifier: BSD-3-Clause
// Reading and comparing: see kept_results.hpp.
#include "kept_results.hpp"

#include <backtrail/ad/transform.hpp>
#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/tag.hpp>
#include <backtrail/graph/traversal.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>

namespace backtrail::test {
namespace {

template <class A>
bytes bytes_of(const A& a)
{
    bytes result(a.size() * sizeof(typename A::value_type));
    if (!result.empty()) std::memcpy(result.data(), a.data(), result.size());
    return result;
}

bytes value_of(const sweep& s, dtype type, const std::string& tag)
{
    return visit(type, [&](auto t) { return bytes_of(s.value<decltype(t)>(tag)); });
}
bytes adjoint_of(const sweep& s, dtype type, const std::string& tag)
{
    return visit(type, [&](auto t) { return bytes_of(s.adjoint<decltype(t)>(tag)); });
}

/// The first element in which two arrays differ in their bits, unless both are NaN; the number of elements if there is
/// none.
std::size_t first_difference(const bytes& a, const bytes& b, dtype type)
{
    const std::size_t size = size_of(type), n = a.size() / size;
    if (a == b) return n;
    for (std::size_t i = 0; i < n; ++i) {
        if (std::memcmp(a.data() + i * size, b.data() + i * size, size) == 0) continue;
        if (!std::isnan(element(a, type, i)) || !std::isnan(element(b, type, i))) return i;
    }
    return n;
}

/// True if equal; says what differs if not.
bool agree(const std::string& what, const node& n, const bytes& got, const bytes& expected)
{
    BOOST_TEST(got.size() == expected.size(), what << ": another number of bytes");
    if (got.size() != expected.size()) return false;
    const std::size_t i = first_difference(got, expected, n.type());
    if (i == got.size() / size_of(n.type())) return true;
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "%.17g, not %.17g", element(got, n.type(), i),
                  element(expected, n.type(), i));
    BOOST_ERROR(what << ": " << n.op().name() << " " << to_string(n.shape()) << " of "
                     << name_of(n.type()) << ", element " << i << " is " << numbers);
    return false;
}

} // namespace

double element(const bytes& b, dtype type, std::size_t i)
{
    return visit(type, [&](auto t) {
        std::memcpy(&t, b.data() + i * sizeof t, sizeof t);
        return static_cast<double>(t);
    });
}

std::vector<tagged> tag_nodes(const node_ptr& root, const std::function<bool(std::size_t)>& wants)
{
    std::vector<tagged> result;
    const auto order = topological_order(std::span(&root, 1));
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i]->op().as_fused_pullback() != nullptr || !wants(i)) continue;
        result.push_back({order[i], "n" + std::to_string(i)});
        detail::add_tag(order[i], result.back().tag, {});
    }
    return result;
}

std::vector<node_ptr> adjoint_nodes(const node_ptr& loss, const std::vector<tagged>& nodes)
{
    std::vector<node_ptr> sources;
    for (const auto& t : nodes) sources.push_back(t.n);
    const auto bars = detail::pull_back(loss, detail::unit_seed("test", loss), sources);
    std::vector<node_ptr> result;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const node_ptr& x = nodes[i].n;
        const bool exists = is_differentiable(x->type()) &&
                            (!bars[i].is_zero() || detail::status(loss, x) == connection::ok);
        result.push_back(exists ? detail::as_node(bars[i], x->type(), x->shape()) : node_ptr());
    }
    return result;
}

kept_results read_all(const sweep& s, const std::vector<tagged>& nodes,
                      const std::vector<node_ptr>& bars)
{
    kept_results r;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& [n, tag] = nodes[i];
        r[tag] = {n, value_of(s, n->type(), tag)};
        if (bars[i]) r["~" + tag] = {n, adjoint_of(s, n->type(), tag)};
    }
    return r;
}

void check_same(const std::string& what, const kept_results& got, const kept_results& expected)
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

void check_against_interpreter(const std::string& what, const sweep& s,
                               const std::vector<tagged>& nodes, const std::vector<node_ptr>& bars)
{
    struct kept {
        std::string label;
        bytes data;
    };
    std::map<const node*, std::vector<kept>> engine;
    std::vector<node_ptr> roots;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& [n, tag] = nodes[i];
        engine[n.get()].push_back({"value of " + tag, value_of(s, n->type(), tag)});
        roots.push_back(n);
        if (!bars[i]) continue;
        engine[bars[i].get()].push_back({"adjoint of " + tag, adjoint_of(s, n->type(), tag)});
        roots.push_back(bars[i]);
    }
    bool ok = true;
    interpret(roots, [&](const node_ptr& n, const stored_value& value) {
        const auto found = engine.find(n.get());
        if (found == engine.end() || !ok) return;
        const bytes expected = value.bytes();
        for (const auto& k : found->second) {
            ok = ok && agree(what + ", " + k.label, *n, k.data, expected);
        }
    });
}

} // namespace backtrail::test
