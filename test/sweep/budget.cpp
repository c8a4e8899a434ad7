// SPDX-License-Identifier: BSD-3-Clause
// Memory budgets: the pool never gives a run more than the budget, results have the same bits at every
// budget, more memory never means more work, and the smallest budget is the smallest.
#include <support/expect.hpp>

#include <backtrail/plan/schedule.hpp>

#include <random>
#include <stop_token>

namespace bt = backtrail;
using namespace bt::literals;
using expect::reals;
using expect::throws;

namespace {

const reals start = {0.3, -0.2, 0.9, 1.4, -0.7};

/// A loss with everything that budgets must cope with.
struct model {
    std::string name;
    std::vector<bt::variable<double>> x;
    bt::tensor<double> loss;
};

bt::variable<double> field(std::size_t n, double phase)
{
    reals u = reals::from_shape({n});
    for (std::size_t i = 0; i < n; ++i)
        u.data()[i] = std::sin(phase + 0.37 * static_cast<double>(i));
    return bt::variable<double>(u);
}

template <class U, class P>
bt::tensor<double> step(const U& u, const P& p)
{
    return u + 0.05 * (p * sin(u) - 0.3 * u * u) + 0.01 * (roll(u, 1) - u);
}

model one_loop()
{
    const auto u0 = field(3000, 0.1), p = field(3000, 0.7);
    const bt::tensor<double> u =
        bt::loop(37, u0, [&](auto, auto v) { return bt::tag("u", step(v, p)); });
    return {"one loop", {u0, p}, mean(square(u))};
}

model loops_in_loops()
{
    const auto u0 = field(900, 0.2), p = field(900, 1.1);
    const bt::tensor<double> u = bt::loop(11, u0, [&](auto, auto v) {
        const bt::tensor<double> w = bt::loop(7, v, [&](auto, auto r) { return step(r, p); });
        return 0.5 * (v + w);
    });
    return {"loops in loops", {u0, p}, sum(square(u))};
}

model loops_and_straight_parts()
{
    const auto u0 = field(2000, 0.3), p = field(2000, 0.9);
    const bt::tensor<double> before = bt::tag("before", tanh(u0) * p);
    const bt::tensor<double> u = bt::loop(23, before, [&](auto, auto v) { return step(v, p); });
    const bt::tensor<double> between = bt::tag("between", exp(-u * u) + u);
    const auto [last, sums] =
        bt::loop(9, std::tuple(between, bt::constant(0.0)), [&](auto, auto v, auto total) {
            return std::tuple(bt::tensor<double>(step(v, u)),
                              bt::tensor<double>(total + mean(v * p)));
        });
    return {"loops between straight parts", {u0, p}, sum(square(last)) + 3.0 * sums};
}

model with_outputs_and_regions()
{
    const auto u0 = field(800, 0.4), p = field(800, 1.3);
    const bt::variable<double> xs(xt::ones<double>({std::size_t{17}, std::size_t{800}}) * 0.2);
    const auto [last, norms] = bt::loop_with(17, u0, xs, [&](auto, auto v, auto x) {
        const bt::tensor<double> next =
            bt::checkpoint([&](auto a, auto b) { return step(a + 0.1 * b, p); }, v, x);
        return std::pair(next, bt::tensor<double>(sum(next * x)));
    });
    return {"outputs and regions", {u0, p, xs}, sum(square(last)) + sum(norms)};
}

model of_unknown_length()
{
    const auto u0 = field(1200, 0.5), p = field(1200, 0.4);
    const auto [count, last] = bt::while_loop(
        [](auto k, auto) { return k < 29.0; }, std::tuple(bt::constant(0.0), u0),
        [&](auto, auto k, auto v) {
            return std::tuple(bt::tensor<double>(k + 1.0), bt::tensor<double>(step(v, p)));
        });
    return {"unknown length", {u0, p}, sum(square(last)) + 0.0 * count};
}

/// Steps of several statements, so that a record is more than a state.
model recurrent()
{
    const bt::variable<double> w(0.1 * xt::sin(xt::arange<double>(1600.0).reshape({40, 40})));
    const auto u0 = field(40, 0.6);
    const bt::tensor<double> u = bt::loop(19, u0, [&](auto t, auto v) {
        const bt::tensor<double> a = tanh(matmul(w, v)),
                                 b = exp(-square(a)) + 0.01 * bt::cast<double>(t);
        return bt::tag("u", matmul(transpose(w), b) + 0.5 * v);
    });
    return {"recurrent", {w, u0}, sum(square(u))};
}

std::vector<model> models()
{
    return {one_loop(),
            recurrent(),
            loops_in_loops(),
            loops_and_straight_parts(),
            with_outputs_and_regions(),
            of_unknown_length()};
}

bt::sweep sweep_of(const model& m) { return reverse(m.loss, bt::wrt(m.x[0], m.x[1])); }

struct measured {
    std::vector<bt::array<double>> adjoints;
    std::size_t peak = 0;
};

/// Two runs, and what the pool gave them.
measured run(bt::sweep& s, const model& m)
{
    bt::trim_memory();
    const std::size_t before = bt::memory_statistics().bytes_in_use;
    bt::reset_peak_memory();
    s.run();
    for (const auto& x : m.x) bt::detail::bump_version(x.get_node());
    s.run();
    measured r;
    r.peak = bt::memory_statistics().peak_bytes_in_use - before;
    r.adjoints = {s.adjoint(m.x[0]), s.adjoint(m.x[1])};
    return r;
}

bool same_bits(const measured& a, const measured& b)
{
    for (std::size_t i = 0; i < a.adjoints.size(); ++i) {
        const auto &x = a.adjoints[i], &y = b.adjoints[i];
        if (std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) != 0) return false;
    }
    return true;
}

} // namespace

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
    s.memory(bt::budget(without - 1));
    BOOST_TEST(s.plan().gives_up_tags);
    BOOST_TEST(s.plan().recomputed() > 0u);
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

BOOST_AUTO_TEST_CASE(a_run_can_be_stopped_at_any_step_and_the_next_one_is_right)
{
    for (const model& m : models()) {
        for (const bool is_tight : {false, true}) {
            bt::sweep s = sweep_of(m);
            s.keep();
            if (is_tight) s.memory(bt::budget(s.plan().minimum_bytes));
            const measured whole = run(s, m);
            std::uint64_t steps = 0;
            s.on_progress([&](const bt::progress& p) { steps = p.steps; });
            s.run();
            const std::size_t in_use = bt::memory_statistics().bytes_in_use;
            const std::uint64_t all = steps;
            for (std::uint64_t last = 1; last <= all; last += 1 + all / 7) {
                std::stop_source stop;
                s.on_progress([&](const bt::progress& p) {
                    if (p.steps == last) stop.request_stop();
                });
                BOOST_TEST(throws<bt::cancelled_error>([&] { s.run(stop.get_token()); },
                                                       {"asked to stop"}));
                s.on_progress([&](const bt::progress& p) {
                    if (p.steps == last) throw std::runtime_error("enough");
                });
                BOOST_CHECK_THROW(s.run(), std::runtime_error);
                BOOST_TEST(throws<bt::state_error>([&] { (void)s.value(); }, {"failed"}));
                s.on_progress({});
                BOOST_TEST(same_bits(run(s, m), whole), m.name << ", stopped at " << last);
            }
            BOOST_TEST(bt::memory_statistics().bytes_in_use <= in_use, m.name);
        }
    }
}

/// Adds a number that grows with each evaluation.
class drifting final : public bt::operation {
public:
    explicit drifting(int* evaluations) : evaluations_(evaluations) {}
    [[nodiscard]] std::string_view name() const override { return "drifting"; }
    void evaluate(std::span<const bt::array_view> x, const bt::array_view& y,
                  std::byte*) const override
    {
        const double drift = ++*evaluations_ > drifts_after ? 1e-12 : 0;
        for (std::size_t i = 0; i < y.shape.size(); ++i) {
            y.as<double>()[i] = x[0].as<double>()[i] + drift;
        }
    }
    void pullback(const bt::node_ptr&, const bt::symbol& y_bar, std::span<const char>,
                  std::span<bt::symbol> x_bar) const override
    {
        x_bar[0] = y_bar;
    }
    static constexpr int drifts_after = 12;

private:
    int* evaluations_;
};

BOOST_AUTO_TEST_CASE(what_is_computed_again_is_verified)
{
    for (const model& m : models()) {
        bt::sweep s = sweep_of(m);
        s.keep();
        s.memory(bt::budget(s.plan().minimum_bytes)).verify();
        BOOST_CHECK_NO_THROW(s.run());
    }
    int evaluations = 0;
    const auto u0 = field(5, 0.1);
    const bt::tensor<double> u = bt::loop(10, u0, [&](auto, auto v) {
        const bt::tensor<double> w = sin(v);
        const auto op = bt::make_operation<drifting>(&evaluations);
        const bt::node_ptr x = w.get_node();
        return bt::tag(
            "u", bt::tensor<double>(bt::detail::from_node,
                                    bt::make_node(op, x->type(), x->shape(), std::span(&x, 1))));
    });
    bt::sweep s = reverse(sum(square(u)), bt::wrt(u0));
    s.keep().memory(bt::budget(s.plan().minimum_bytes));
    BOOST_CHECK_NO_THROW(s.run());
    evaluations = 0;
    s.verify();
    BOOST_TEST(throws<bt::recomputation_error>([&] { s.run(); }, {"step 2 of a loop", "\"u\""}));
    evaluations = -1000;
    BOOST_CHECK_NO_THROW(s.run());
}

BOOST_AUTO_TEST_CASE(progress_ends_where_the_plan_says)
{
    for (const model& m : models()) {
        bt::sweep s = sweep_of(m);
        s.keep();
        const std::size_t least = s.plan().minimum_bytes, most = s.plan().peak_bytes;
        for (const std::size_t b : {least, least + (most - least) / 3, most}) {
            s.memory(bt::budget(b));
            bt::progress last;
            s.on_progress([&](const bt::progress& p) { last = p; });
            s.run();
            if (last.total) BOOST_TEST(*last.total == last.steps, m.name << " at " << b);
            BOOST_TEST(last.bytes > 0u);
        }
    }
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
