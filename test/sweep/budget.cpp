// SPDX-License-Identifier: BSD-3-Clause
// Memory budgets: the pool never gives a run more than the budget, results have the same bits at every
// budget, more memory never means more work, and the smallest budget is the smallest.
#include <support/expect.hpp>
#include <support/looped_models.hpp>

#include <backtrail/plan/schedule.hpp>

#include <random>

using namespace backtrail::test;
using namespace bt::literals;
using expect::throws;

BOOST_AUTO_TEST_SUITE(budgets)

BOOST_AUTO_TEST_CASE(the_peak_never_exceeds_a_random_budget)
{
    std::mt19937 random(20);
    for (const std::size_t threads : {1, 3}) {
        bt::set_num_threads(threads);
        for (const model& m : models()) {
            bt::sweep all = sweep_of(m);
            all.keep();
            const measured everything = run(all, m);
            const bt::memory_plan unlimited = all.plan();
            if (unlimited.loops.front().steps) {
                BOOST_TEST(everything.peak <= unlimited.peak_bytes);
                BOOST_TEST(everything.peak > unlimited.peak_bytes * 9 / 10, m.name);
            }
            const std::size_t least = unlimited.minimum_bytes;
            std::uniform_int_distribution<std::size_t> any(least,
                                                           everything.peak + everything.peak / 8);
            std::vector<std::size_t> budgets = {least, least + 1};
            for (int k = 0; k < 20; ++k) budgets.push_back(any(random));
            budgets.push_back(2 * everything.peak);
            std::sort(budgets.begin(), budgets.end());
            std::uint64_t recomputed = std::numeric_limits<std::uint64_t>::max();
            for (const std::size_t b : budgets) {
                bt::sweep s = sweep_of(m);
                s.keep().memory(bt::budget(b));
                const bt::memory_plan p = s.plan();
                const measured r = run(s, m);
                BOOST_TEST(p.minimum_bytes == least);
                BOOST_TEST(p.peak_bytes <= b, m.name << ": plans " << p.peak_bytes << " for " << b);
                BOOST_TEST(r.peak <= b, m.name << ": " << r.peak << " bytes for a budget of " << b
                                               << ", the plan says " << p.peak_bytes);
                BOOST_TEST(same_bits(r, everything), m.name << " at " << b << " bytes");
                BOOST_TEST(p.recomputed() <= recomputed, m.name << " at " << b << " bytes");
                recomputed = p.recomputed();
            }
            if (unlimited.loops.front().steps) BOOST_TEST(recomputed == 0u);
        }
    }
    bt::set_num_threads(0);
}

BOOST_AUTO_TEST_CASE(gradients_pass_a_taylor_test_at_points_other_than_the_first)
{
    const auto wave = [](const reals& like, double phase) {
        reals d = like;
        for (std::size_t i = 0; i < d.size(); ++i)
            d.data()[i] = std::cos(phase + 0.61 * static_cast<double>(i));
        return d;
    };
    for (const model& m : models()) {
        bt::sweep s = sweep_of(m);
        s.keep().memory(bt::budget(s.plan().minimum_bytes)).run();
        bt::variable<double> x = m.x[0], y = m.x[1];
        for (const double phase : {0.3, 1.7}) { // again, after the inputs have changed
            const reals x0 = expect::read(x) + 0.05 * wave(expect::read(x), phase),
                        y0 = expect::read(y) + 0.05 * wave(expect::read(y), phase + 1);
            const reals dx = wave(x0, phase + 2), dy = wave(y0, phase + 3);
            x = x0;
            y = y0;
            s.run();
            const double f = s.value()();
            const double slope = xt::sum(s.adjoint(x) * dx)() + xt::sum(s.adjoint(y) * dy)();
            const auto error = [&](double h) { // falls with h²
                x = reals(x0 + h * dx);
                y = reals(y0 + h * dy);
                s.run();
                return std::abs(s.value()() - f - h * slope);
            };
            const double ratio = error(1e-3) / error(1e-4);
            BOOST_TEST(ratio > 80, m.name << ": " << ratio);
            BOOST_TEST(ratio < 125, m.name << ": " << ratio);
        }
    }
}

BOOST_AUTO_TEST_CASE(one_byte_below_the_minimum_is_refused)
{
    for (const model& m : models()) {
        bt::sweep s = sweep_of(m);
        const std::size_t least = s.keep().plan().minimum_bytes;
        s.memory(bt::budget(least - 1));
        const std::string message = "a run needs at least " + std::to_string(least);
        BOOST_TEST(!s.plan().fits());
        BOOST_TEST(throws<bt::budget_error>([&] { s.run(); }, {message.c_str()}));
        BOOST_TEST(throws<bt::state_error>([&] { (void)s.value(); }, {"has not run"}));
        s.memory(bt::budget(least)).run();
        BOOST_TEST(s.plan().fits());
        BOOST_TEST(std::isfinite(s.value()()));
    }
}

BOOST_AUTO_TEST_CASE(steps_run_again_are_the_fewest)
{
    const model m = one_loop();
    bt::sweep s = sweep_of(m);
    s.keep();
    const std::size_t state = s.plan().loops.front().bytes;
    const std::size_t least = s.plan().minimum_bytes;
    for (const std::size_t c : {1, 2, 3, 5, 8, 13, 21, 36, 37}) {
        s.memory(bt::budget(least + (c - 1) * state));
        const bt::memory_plan p = s.plan();
        BOOST_TEST(p.loops.front().kept == c);
        BOOST_TEST(p.recomputed("u") == bt::binomial_advances(38, c) - 37);
        const auto before = bt::detail::count_loop_steps(m.loss.get_node());
        s.run();
        const auto after = bt::detail::count_loop_steps(m.loss.get_node());
        BOOST_TEST(after.advances - before.advances == bt::binomial_advances(38, c));
        BOOST_TEST(after.reversals - before.reversals == 37u);
    }
    BOOST_TEST(throws<bt::tag_error>([&] { (void)s.plan().recomputed("v"); }, {"\"v\""}));
    BOOST_TEST(s.plan().explain().find("loop of u: 37 steps, 37 states kept") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_kept_step_is_a_free_restart_point)
{
    const model m = one_loop();
    bt::sweep plain = sweep_of(m);
    plain.keep();
    const measured everything = run(plain, m);
    const auto advances_of = [&](bt::sweep& s) {
        const auto before = bt::detail::count_loop_steps(m.loss.get_node());
        const measured r = run(s, m);
        const auto after = bt::detail::count_loop_steps(m.loss.get_node());
        BOOST_TEST(same_bits(r, everything));
        BOOST_TEST(r.peak <= s.plan().peak_bytes);
        return (after.advances - before.advances) / 2; // two runs
    };
    // States 1, 11, 21 and 31 of 37 are the results of steps 0, 10, 20 and 30.
    const std::vector<std::size_t> given = {1, 11, 21, 31};
    bt::sweep s = sweep_of(m);
    s.keep(bt::values("u[*]") | bt::every(10));
    const std::size_t least = s.plan().minimum_bytes, state = s.plan().loops.front().bytes;
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (const std::size_t c : {1, 2, 3, 4, 10, 36}) {
        s.memory(bt::budget(least + (c - 1) * state));
        const std::uint64_t expected =
            std::min(bt::binomial_advances(38, c), bt::restarting_schedule::advances(38, c, given));
        BOOST_TEST(s.plan().recomputed("u") == expected - 37);
        BOOST_TEST(advances_of(s) == expected);
        BOOST_TEST(expected <= last);
        last = expected;
    }
    s.memory(bt::budget(least));
    BOOST_TEST(s.plan().recomputed("u") == 31 + 21 + 3 * 45 - 37u);

    // Two keeps of one tag; states that are not what was made the first time would be found.
    bt::sweep two = sweep_of(m);
    two.keep(bt::values("u[0]"), bt::values("u[20]")).verify();
    two.memory(bt::budget(two.plan().minimum_bytes));
    const std::vector<std::size_t> both = {1, 21};
    BOOST_TEST(advances_of(two) == bt::restarting_schedule::advances(38, 1, both));

    // What is kept of a step is not its state.
    bt::sweep reduced = sweep_of(m);
    reduced.keep(bt::values("u[*]") | bt::moments());
    reduced.memory(bt::budget(reduced.plan().minimum_bytes));
    BOOST_TEST(reduced.plan().recomputed("u") == bt::binomial_advances(38, 1) - 37);
}

BOOST_AUTO_TEST_CASE(tags_are_given_up_before_anything_is_computed_again)
{
    const model m = loops_and_straight_parts();
    bt::sweep all = sweep_of(m);
    all.run();
    const std::size_t with_tags = all.peak_bytes();
    bt::sweep none = sweep_of(m);
    none.keep();
    const std::size_t without = none.peak_bytes();
    BOOST_TEST(without < with_tags);

    bt::sweep s = sweep_of(m);
    s.memory(bt::budget(with_tags));
    BOOST_TEST(!s.plan().gives_up_tags);
    s.memory(bt::budget(with_tags - 1)).run();
    BOOST_TEST(s.plan().gives_up_tags);
    BOOST_TEST(s.plan().recomputed() == 0u);
    BOOST_TEST((s.status("between") == bt::connection::not_kept));
    BOOST_TEST(expect::same(s.adjoint("between"), all.adjoint("between")));
    BOOST_TEST(expect::same(s.value("before"), all.value("before")));
    s.memory(bt::budget((without + none.plan().minimum_bytes) / 2));
    BOOST_TEST(s.plan().gives_up_tags);
    BOOST_TEST(s.plan().recomputed() > 0u);
}

BOOST_AUTO_TEST_CASE(the_least_is_the_least_with_tags_by_default_too)
{
    const model m = loops_and_straight_parts();
    bt::sweep s = sweep_of(m);
    const std::size_t least = s.plan().minimum_bytes;
    BOOST_CHECK_NO_THROW(s.memory(bt::budget(least)).run());
    s.memory(bt::budget(least - 1));
    BOOST_CHECK_THROW(s.run(), bt::budget_error);
}

BOOST_AUTO_TEST_CASE(more_threads_keep_to_the_budget)
{
    const model m = recurrent();
    bt::set_num_threads(1);
    bt::sweep s = sweep_of(m);
    s.keep();
    const std::size_t b = s.plan().peak_bytes;
    s.memory(bt::budget(b)).run();
    for (const std::size_t threads : {8, 1}) {
        bt::set_num_threads(threads);
        const std::size_t held = s.plan().peak_bytes; // what was held is given up
        BOOST_TEST(held <= b);
        BOOST_TEST(run(s, m).peak <= b);
    }
    bt::set_num_threads(0);
}

BOOST_AUTO_TEST_CASE(sweeps_of_one_graph_have_budgets_of_their_own)
{
    const model m = one_loop();
    bt::sweep small = sweep_of(m), large = sweep_of(m);
    small.memory(bt::budget(small.plan().minimum_bytes)).run();
    large.run();
    BOOST_TEST(small.plan().recomputed() > 0u);
    BOOST_TEST(large.plan().recomputed() == 0u);
    BOOST_TEST(expect::same(small.adjoint(m.x[1]), large.adjoint(m.x[1])));
}

BOOST_AUTO_TEST_CASE(records_leave_nothing_to_run_again)
{
    const model m = recurrent();
    bt::sweep s = sweep_of(m);
    const bt::memory_plan all = s.keep().plan();
    BOOST_TEST(all.loops.front().is_recorded);
    BOOST_TEST(all.loops.front().kept == 19u);
    // tanh and exp of 40 numbers, and the state
    BOOST_TEST(all.loops.front().bytes >= 3 * 40 * sizeof(double));
    s.memory(bt::budget(all.peak_bytes - 1));
    BOOST_TEST(!s.plan().loops.front().is_recorded);
}

BOOST_AUTO_TEST_CASE(between_states_and_records_there_are_mixtures)
{
    const model m = recurrent();
    bt::sweep all = sweep_of(m);
    const bt::memory_plan most = all.keep().plan();
    const measured everything = run(all, m);
    std::size_t mixtures = 0;
    for (std::size_t b = most.minimum_bytes; b < most.peak_bytes; b += 128) {
        bt::sweep s = sweep_of(m);
        s.keep().memory(bt::budget(b));
        const bt::memory_plan p = s.plan();
        if (p.loops.front().mixed_bytes == 0) continue;
        ++mixtures;
        BOOST_TEST(!p.loops.front().is_recorded);
        BOOST_TEST(p.explain().find("states and records kept in") != std::string::npos);
        s.verify();
        std::uint64_t steps = 0, total = 0;
        s.on_progress([&](const bt::progress& now) {
            steps = now.steps;
            total = now.total.value_or(0);
        });
        const measured r = run(s, m);
        BOOST_TEST(r.peak <= b, r.peak << " bytes for a budget of " << b);
        BOOST_TEST(same_bits(r, everything));
        BOOST_TEST(steps == total);
    }
    BOOST_TEST(mixtures > 3u);
}

BOOST_AUTO_TEST_CASE(without_loops_there_is_one_plan)
{
    const auto x = field(5000, 0.1);
    const bt::tensor<double> y = bt::tag("y", exp(sin(x)));
    bt::sweep s = reverse(sum(y * y), bt::wrt(x));
    const bt::memory_plan p = s.keep().plan();
    BOOST_TEST(p.peak_bytes == p.minimum_bytes);
    BOOST_TEST(p.loops.empty());
    BOOST_TEST(!p.budget.has_value());
    s.memory(bt::budget(p.minimum_bytes - 1));
    BOOST_TEST(throws<bt::budget_error>([&] { s.run(); }, {"cannot be met"}));
    BOOST_CHECK_NO_THROW(s.memory(bt::budget(1_GiB)).run());
}

BOOST_AUTO_TEST_SUITE_END()
