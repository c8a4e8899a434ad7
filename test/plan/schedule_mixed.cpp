// SPDX-License-Identifier: BSD-3-Clause
// Checkpoint schedules with room for records of steps too, and with states that are given.
#include <support/schedule_chain.hpp>

using namespace backtrail;
using namespace backtrail::test;

BOOST_AUTO_TEST_SUITE(plan_schedule_mixed)

BOOST_AUTO_TEST_CASE(mixed_costs_in_full_ranges)
{
    constexpr std::size_t steps = 300, slots = 20;
    std::vector p(slots + 1, std::vector<std::uint64_t>(steps + 1, 0));
    for (std::size_t s = 1; s <= slots; ++s) {
        for (std::size_t n = 1; n <= steps; ++n) {
            p[s][n] = n <= s + 1 ? n : n * (n + 1) / 2 - 1;
            if (n <= s + 1 || s == 1) continue;
            p[s][n] = 1 + p[s - 1][n - 1];
            for (std::size_t i = 2; i < n; ++i) {
                p[s][n] = std::min(p[s][n], i + p[s][i] + p[s - 1][n - i]);
            }
        }
    }
    const mixed_table table(steps, slots);
    for (std::size_t s = 1; s <= slots; ++s) {
        for (std::size_t n = 0; n <= steps; ++n) {
            BOOST_REQUIRE_EQUAL(table.evaluations(n, s), p[s][n]);
            if (n % 29 != 0 && n > 30) continue; // a schedule makes a table of its own
            chain x(n);
            mixed_schedule schedule(n, s);
            x.run(schedule);
            const tally result = x.result();
            BOOST_REQUIRE_EQUAL(result.evaluations, p[s][n]);
            BOOST_REQUIRE_LE(result.most_held, s);
        }
    }
    const auto p_of = [](std::size_t n, std::size_t s) {
        chain x(n);
        mixed_schedule schedule(n, s);
        x.run(schedule);
        return x.result().evaluations;
    };
    BOOST_TEST(p_of(10, 2) == 26);
    BOOST_TEST(p_of(10, 3) == 19);
    BOOST_TEST(p_of(10, 4) == 17);
    BOOST_TEST(p_of(50, 7) == 116);
    BOOST_TEST(p_of(100, 3) == 554);
    BOOST_TEST(p_of(100, 5) == 352);
    BOOST_TEST(p_of(100, 10) == 237);
    BOOST_TEST(p_of(1000, 5) == 6828);
    BOOST_TEST(p_of(1000, 10) == 3921);
    BOOST_TEST(p_of(1000, 20) == 2823);
    BOOST_TEST(p_of(1, 0) == 1);
}

BOOST_AUTO_TEST_CASE(given_states_take_no_slot)
{
    const auto check = [](std::size_t n, std::size_t c, const std::vector<std::size_t>& given) {
        chain x(n);
        x.given = given;
        restarting_schedule s(n, c, given);
        x.run(s);
        const tally result = x.result();
        BOOST_REQUIRE_EQUAL(result.advances, restarting_schedule::advances(n, c, given));
        BOOST_REQUIRE_LE(result.most_held, c);
        return result.advances;
    };
    for (std::size_t n = 1; n <= 60; ++n) {
        for (std::size_t c = 1; c <= 6; ++c) {
            BOOST_REQUIRE_EQUAL(check(n, c, {}), binomial_advances(n, c));
            for (const std::size_t every : {1, 2, 5, 10, 33}) {
                std::vector<std::size_t> given;
                for (std::size_t k = every; k < n; k += every) given.push_back(k);
                check(n, c, given);
            }
        }
    }
    // Each state is given: once to the end, and nothing again.
    std::vector<std::size_t> all(99);
    std::iota(all.begin(), all.end(), 1);
    BOOST_TEST(check(100, 1, all) == 99);
    BOOST_TEST(check(100, 1, {50}) == 50 + 2 * 50 * 49 / 2);
    BOOST_CHECK_THROW(restarting_schedule(10, 1, {0}), value_error);
    BOOST_CHECK_THROW(restarting_schedule(10, 1, {10}), value_error);
    BOOST_CHECK_THROW(restarting_schedule(10, 1, {5, 5}), value_error);
    BOOST_CHECK_THROW(restarting_schedule(10, 0, {5}), value_error);
}

BOOST_AUTO_TEST_CASE(mixed_costs_of_any_sizes)
{
    constexpr std::size_t steps = 40, room = 24;
    for (const mixed_sizes sizes : {mixed_sizes{1, 3}, {2, 3}, {3, 2}, {5, 1}, {4, 4}}) {
        const auto table = std::make_shared<const mixed_table>(steps, room, sizes);
        // The recursion as it stands, from the top.
        std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> known;
        const std::function<std::uint64_t(std::size_t, std::size_t)> p = [&](std::size_t n,
                                                                             std::size_t r) {
            if (n <= 1) return std::uint64_t{n};
            if (const auto found = known.find({n, r}); found != known.end()) return found->second;
            std::uint64_t least = mixed_table::impossible;
            const auto offer = [&](std::uint64_t first, std::uint64_t second, std::uint64_t own) {
                if (first == mixed_table::impossible || second == mixed_table::impossible) return;
                least = std::min(least, first + second + own);
            };
            if (r >= sizes.record) offer(p(n - 1, r - sizes.record), 0, 1);
            for (std::size_t i = 1; i < n && r >= sizes.state; ++i) {
                offer(p(i, r), p(n - i, r - sizes.state), i);
            }
            return known[{n, r}] = least;
        };
        for (std::size_t n = 1; n <= steps; ++n) {
            for (std::size_t r = 0; r <= room; ++r) {
                BOOST_REQUIRE_EQUAL(table->evaluations(n, r), p(n, r));
                if (p(n, r) == mixed_table::impossible) {
                    BOOST_CHECK_THROW(mixed_schedule(table, n, r), value_error);
                    continue;
                }
                chain x(n);
                x.size = [&](std::size_t) { return sizes.state; };
                x.record_size = sizes.record;
                mixed_schedule schedule(table, n, r);
                x.run(schedule);
                const tally result = x.result();
                BOOST_REQUIRE_EQUAL(result.evaluations, p(n, r));
                BOOST_REQUIRE_LE(result.most_held, r);
            }
        }
    }
    BOOST_CHECK_THROW(mixed_table(2, 2, {0, 1}), value_error);
}

BOOST_AUTO_TEST_CASE(fewer_cuts_cost_little_and_more_room_never_costs)
{
    constexpr std::size_t steps = 1500, room = 30;
    const mixed_table all(steps, room, {1, 2}), few(steps, room, {1, 2}, 64);
    for (std::size_t r = 1; r <= room; ++r) {
        for (std::size_t n = 1; n <= steps; ++n) {
            BOOST_REQUIRE_LE(all.evaluations(n, r), few.evaluations(n, r));
            BOOST_REQUIRE_LE(few.evaluations(n, r), few.evaluations(n, r - 1));
            if (r < 3) continue; // where each step is run hundreds of times
            BOOST_REQUIRE_LE(few.evaluations(n, r), all.evaluations(n, r) * 103 / 100);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
