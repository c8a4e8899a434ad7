// SPDX-License-Identifier: BSD-3-Clause
// Checkpoint schedules: the exact costs of the literature over full ranges.
#include <support/schedule_chain.hpp>

using namespace backtrail;
using namespace backtrail::test;

namespace {

tally run_binomial(std::size_t n, std::size_t c, bool counts = true)
{
    chain x(n, counts);
    binomial_schedule s(n, c);
    x.run(s);
    return x.result();
}

/// min over i of [i + t(i, c) + t(n-i, c-1)], t(1, c) = 0, t(n, 1) = n(n-1)/2.
std::vector<std::vector<std::uint64_t>> binomial_by_recurrence(std::size_t n, std::size_t c)
{
    std::vector t(c + 1, std::vector<std::uint64_t>(n + 1, 0));
    for (std::size_t s = 1; s <= c; ++s) {
        for (std::size_t k = 2; k <= n; ++k) {
            t[s][k] = k * (k - 1) / 2;
            for (std::size_t i = 1; i < k && s > 1; ++i) {
                t[s][k] = std::min(t[s][k], i + t[s][i] + t[s - 1][k - i]);
            }
        }
    }
    return t;
}

std::uint64_t choose(std::uint64_t n, std::uint64_t k)
{
    std::uint64_t result = 1;
    for (std::uint64_t i = 1; i <= k; ++i) result = result * (n - k + i) / i;
    return result;
}

struct row {
    std::size_t n, c;
    std::uint64_t t;
};

} // namespace

BOOST_AUTO_TEST_SUITE(plan_schedule)

BOOST_AUTO_TEST_CASE(binomial_costs_in_full_ranges)
{
    constexpr std::size_t steps = 300, slots = 20;
    const auto t = binomial_by_recurrence(steps, slots);
    for (std::size_t c = 1; c <= slots; ++c) {
        for (std::size_t n = 0; n <= steps; ++n) {
            const tally result = run_binomial(n, c);
            BOOST_REQUIRE_EQUAL(binomial_advances(n, c), t[c][n]);
            BOOST_REQUIRE_EQUAL(result.advances, t[c][n]);
            BOOST_REQUIRE_LE(result.most_held, c);
            if (n == 0) continue;
            // C(c+k-1, k) steps are advanced k times for k < r, all others r times.
            const std::uint64_t r = result.times.rbegin()->first;
            std::size_t others = n;
            for (std::uint64_t k = 0; k < r; ++k) {
                BOOST_REQUIRE_EQUAL(result.times.at(k), choose(c + k - 1, k));
                others -= result.times.at(k);
            }
            BOOST_REQUIRE_EQUAL(result.times.at(r), others);
        }
    }
}

BOOST_AUTO_TEST_CASE(binomial_costs_of_long_chains)
{
    for (const auto& [n, c, t] : std::initializer_list<row>{{10, 2, 20},
                                                            {10, 3, 15},
                                                            {50, 7, 105},
                                                            {56, 5, 140},
                                                            {57, 5, 144},
                                                            {100, 5, 316},
                                                            {100, 10, 222},
                                                            {225, 15, 522},
                                                            {1000, 5, 6284},
                                                            {1000, 10, 3636},
                                                            {1001, 10, 3640},
                                                            {1002, 10, 3645},
                                                            {10000, 20, 37976},
                                                            {1000000, 100, 3817896}}) {
        const tally result = run_binomial(n, c, n <= 10000);
        BOOST_TEST(result.advances == t);
        BOOST_TEST(result.evaluations == n + t);
        BOOST_TEST(binomial_advances(n, c) == t);
        BOOST_TEST(result.most_held <= c);
    }
    using histogram = std::map<std::uint64_t, std::size_t>;
    BOOST_TEST((run_binomial(10, 3).times == histogram{{0, 1}, {1, 3}, {2, 6}}));
    BOOST_TEST((run_binomial(50, 7).times == histogram{{0, 1}, {1, 7}, {2, 28}, {3, 14}}));
    BOOST_TEST(
        (run_binomial(100, 5).times == histogram{{0, 1}, {1, 5}, {2, 15}, {3, 35}, {4, 44}}));
    BOOST_TEST(
        (run_binomial(1000, 10).times == histogram{{0, 1}, {1, 10}, {2, 55}, {3, 220}, {4, 714}}));
}

BOOST_AUTO_TEST_CASE(counts_beyond_32_bits)
{
    constexpr std::size_t n = std::size_t{1} << 40;
    BOOST_TEST(binomial_advances(std::size_t{1} << 32, 1) ==
               (std::uint64_t{1} << 31) * ((std::uint64_t{1} << 32) - 1));
    BOOST_TEST(binomial_advances(n, n) == n - 1);
    // Two slots: r(r+1)/2 < n <= (r+1)(r+2)/2 gives r = 2^20 for n = (r+1)(r+2)/2.
    constexpr std::uint64_t r = std::uint64_t{1} << 20;
    constexpr std::uint64_t m = (r + 1) * (r + 2) / 2;
    BOOST_TEST(binomial_advances(m, 2) == r * m - (r + 2) * (r + 1) * r / 6);
    // The first actions of a chain that nobody could run to its end.
    binomial_schedule s(n, 60);
    chain x(n, false);
    for (int k = 0; k < 1000; ++k) x.apply(*s.next());
}

BOOST_AUTO_TEST_CASE(online_costs)
{
    const auto run = [](std::size_t n, std::size_t c) {
        chain x(n);
        online_schedule s(c);
        for (std::size_t reached = 0; reached < n;) {
            const auto action = s.next();
            x.apply(*action);
            if (action->what == schedule_action::kind::advance) reached = action->to;
        }
        s.finish();
        x.run(s);
        return x.result();
    };
    for (std::size_t c = 1; c <= 20; ++c) { // no worse than known lengths
        const std::size_t limit = (c + 1) * (c + 2) / 2 - 1;
        for (std::size_t n = 0; n <= limit; ++n) {
            const tally result = run(n, c);
            BOOST_REQUIRE_EQUAL(result.advances, binomial_advances(n + 1, c));
            BOOST_REQUIRE_LE(result.most_held, c);
        }
    }
    constexpr double allowed = 1.30; // the bound asked for; 1.11 is the worst met
    for (const std::size_t c : {1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40}) {
        for (std::size_t n = 1; n <= 5000; n += n < 300 ? 1 : 487) {
            const tally result = run(n, c);
            BOOST_REQUIRE_LE(static_cast<double>(result.evaluations),
                             allowed * static_cast<double>(binomial_advances(n + 1, c) + n));
            BOOST_REQUIRE_LE(result.most_held, c);
        }
    }
}

BOOST_AUTO_TEST_CASE(two_level_costs)
{
    struct price_row {
        std::size_t n, c;
        std::uint64_t cost[4];
    };
    constexpr std::uint64_t prices[] = {1, 2, 5, 10};
    for (const price_row& r :
         {price_row{100, 3, {218, 263, 325, 385}}, price_row{100, 5, {207, 233, 280, 300}},
          price_row{250, 5, {532, 608, 752, 844}}}) {
        for (std::size_t k = 0; k < 4; ++k) {
            const disk_costs costs = {prices[k], prices[k]};
            chain x(r.n);
            two_level_schedule s(r.n, r.c, costs);
            x.run(s);
            const tally result = x.result();
            BOOST_TEST(result.advances + prices[k] * (result.writes + result.reads) == r.cost[k]);
            BOOST_TEST(two_level_table(r.n, r.c, costs).cost(r.n) == r.cost[k]);
            BOOST_TEST(result.most_held <= r.c);
        }
    }
    for (std::size_t n = 0; n <= 300; n += 1) { // preconditions, and unequal prices
        const disk_costs costs = {3, 1};
        chain x(n);
        two_level_schedule s(n, 2, costs);
        x.run(s);
        const tally result = x.result();
        BOOST_REQUIRE_EQUAL(result.advances + 3 * result.writes + result.reads,
                            two_level_table(n, 2, costs).cost(n));
        BOOST_REQUIRE_LE(result.most_held, 2);
    }
}

BOOST_AUTO_TEST_CASE(costs_in_bytes)
{
    const auto run = [](std::vector<std::uint64_t> f, std::vector<std::size_t> m,
                        std::size_t budget, std::size_t resolution = 256) {
        chain x(f.size());
        x.size = [&](std::size_t k) { return m[k]; };
        x.price = [&](std::size_t k) { return f[k]; };
        byte_schedule s(f, m, budget, resolution);
        x.run(s);
        const tally result = x.result();
        BOOST_TEST(result.advances == s.cost());
        BOOST_TEST(result.most_held <= budget);
        return result.advances;
    };
    BOOST_TEST(run({1, 2, 3, 4, 5, 6, 7, 8}, std::vector<std::size_t>(8, 1), 3) == 39);
    BOOST_TEST(run({3, 1, 4, 1, 5, 9, 2, 6}, {2, 7, 1, 8, 2, 8, 1, 8}, 6) == 37);
    BOOST_TEST(run({5, 1, 1, 1, 1, 1, 1, 5}, {4, 1, 4, 1, 4, 1, 4, 1}, 6) == 16);
    for (const std::size_t c : {1, 2, 3, 7}) { // equal sizes: the binomial optimum
        const std::vector<std::uint64_t> f(40, 1);
        BOOST_TEST(run(f, std::vector<std::size_t>(40, 1024), c * 1024 + 1023) ==
                   binomial_advances(40, c));
    }
    // In coarser units the budget still holds, and what it buys is not more.
    const std::vector<std::size_t> odd = {1009, 401, 733, 97, 911, 353, 607, 499, 211, 877};
    const std::vector<std::uint64_t> f = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
    std::uint64_t last = ~std::uint64_t{0};
    for (std::size_t budget = 1009; budget < 5600; budget += 300) {
        const std::uint64_t exact = run(f, odd, budget, 10000);
        BOOST_TEST(exact <= run(f, odd, budget, 8));
        BOOST_TEST(exact <= last);
        last = exact;
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_scheduled)
{
    BOOST_CHECK_THROW(binomial_schedule(3, 0), value_error);
    BOOST_CHECK_THROW(online_schedule(0), value_error);
    BOOST_CHECK_THROW(mixed_schedule(2, 0), value_error);
    BOOST_CHECK_THROW(two_level_schedule(3, 0, {}), value_error);
    const std::uint64_t f[] = {1, 1};
    const std::size_t m[] = {8, 8};
    BOOST_CHECK_THROW(byte_schedule(f, m, 7), value_error);
    BOOST_CHECK_THROW(byte_schedule(f, std::span(m).first(1), 8), value_error);
}

BOOST_AUTO_TEST_SUITE_END()
