// SPDX-License-Identifier: BSD-3-Clause
// The shape of plans, as `explain()` tells it: which work is one instruction.
#include <support/expect.hpp>
#include <support/workloads.hpp>

#include <backtrail/graph/traversal.hpp>

#include <sstream>

namespace bt = backtrail;
using namespace backtrail::test;

namespace {

/// The text, or nothing where sweeps cannot explain themselves.
template <class Sweep>
std::string explanation(Sweep& s)
{
    if constexpr (requires { s.explain(); }) {
        s.run();
        return s.explain();
    } else {
        return {};
    }
}

/// Rows of the table that begin with `word`, perhaps after a number.
std::size_t rows(const std::string& table, const std::string& word)
{
    std::istringstream lines(table);
    std::size_t found = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream columns(line);
        std::string first, second;
        columns >> first >> second;
        found += first == word || second == word;
    }
    return found;
}

/// One pass makes the value and all gradients: nothing else is evaluated or copied.
void check_one_pass(const workload& w)
{
    bt::sweep s(w.loss, w.variables);
    const std::string table = explanation(s);
    if (table.empty()) return;
    BOOST_TEST(rows(table, "pass") == 1u, w.name << ":\n" << table);
    BOOST_TEST(rows(table, "evaluate") == 0u, w.name << ":\n" << table);
    BOOST_TEST(rows(table, "copy") == 0u, w.name << ":\n" << table);
}

} // namespace

BOOST_AUTO_TEST_SUITE(plan_shape)

BOOST_AUTO_TEST_CASE(a_fused_sum_and_its_gradients_are_one_pass)
{
    for (const std::size_t n : {1u, 1000u, 100000u}) check_one_pass(fused_sum(n));
}

BOOST_AUTO_TEST_CASE(a_chain_of_statements_and_its_gradients_are_one_pass)
{
    for (const std::size_t n : {1000u, 100000u}) check_one_pass(chain_of_statements(n));
}

/// What each row says besides tags: its number, what it is, and what it is made of.
std::vector<std::string> instructions(const std::string& table)
{
    std::istringstream lines(table);
    std::vector<std::string> result;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream columns(line);
        std::string first, second;
        columns >> first >> second;
        result.push_back(first + " " + second + " " + line.substr(line.rfind("  ") + 2));
    }
    return result;
}

/// Where a sweep can be told to keep no tags.
template <class Sweep>
bool keep_none(Sweep& s)
{
    if constexpr (requires { s.keep(); }) {
        s.keep();
        return true;
    } else {
        return false;
    }
}

BOOST_AUTO_TEST_CASE(a_thousand_tags_that_are_not_kept_change_nothing)
{
    for (const bool is_chain : {false, true}) {
        const workload plain = is_chain ? chain_of_statements(5000) : fused_sum(5000);
        const workload tagged = is_chain ? chain_of_statements(5000) : fused_sum(5000);
        const auto order = bt::topological_order(std::span(&tagged.loss, 1));
        for (std::size_t k = 0; k < 1000; ++k) {
            bt::tag("t" + std::to_string(k),
                    bt::tensor<double>(bt::detail::from_node, order[k % order.size()]));
        }
        bt::sweep a(plain.loss, plain.variables), b(tagged.loss, tagged.variables);
        if (!keep_none(b)) return;
        a.run();
        b.run();
        BOOST_TEST(a.peak_bytes() == b.peak_bytes(), plain.name);
        BOOST_TEST((instructions(explanation(a)) == instructions(explanation(b))), plain.name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
