// SPDX-License-Identifier: BSD-3-Clause
// Long runs: stopped, watched, and compared with themselves.
#include <support/expect.hpp>
#include <support/looped_models.hpp>

#include <stop_token>

using namespace backtrail::test;
using expect::throws;

namespace {

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

} // namespace

BOOST_AUTO_TEST_SUITE(control)

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
                const measured again = run(s, m);
                BOOST_TEST(same_bits(again, whole), m.name << ", stopped at " << last);
                // Without a budget nobody knows what a loop of unknown length will keep.
                const bool is_known = is_tight || s.plan().loops.front().steps.has_value();
                BOOST_TEST((!is_known || again.peak <= s.peak_bytes()), m.name);
            }
            BOOST_TEST(bt::memory_statistics().bytes_in_use <= in_use, m.name);
        }
    }
}

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

BOOST_AUTO_TEST_SUITE_END()
