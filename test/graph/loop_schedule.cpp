// SPDX-License-Identifier: BSD-3-Clause
// What loops run to be reversed: with c states kept at once exactly the optimum of Griewank & Walther (ACM
// TOMS 26, 2000) for one step more, which stands for the loss behind the loop.
#include <support/expect.hpp>

#include <backtrail/plan/schedule.hpp>

namespace bt = backtrail;

namespace {

class counted_loop {
public:
    explicit counted_loop(std::size_t steps)
        : loss_(square(bt::tensor<double>(bt::loop(static_cast<std::ptrdiff_t>(steps), x_,
                                                   [](auto, auto u) { return 0.999 * u; })))),
          sweep_(reverse(loss_, bt::wrt(x_)))
    {
        sweep_.keep();
    }
    /// Steps run without being reversed.
    std::uint64_t advances(std::size_t slots)
    {
        bt::detail::set_loop_slots(loss_.get_node(), slots);
        const auto before = bt::detail::count_loop_steps(loss_.get_node());
        sweep_.run();
        const auto after = bt::detail::count_loop_steps(loss_.get_node());
        reversals = after.reversals - before.reversals;
        return after.advances - before.advances;
    }
    std::uint64_t reversals = 0;

private:
    bt::variable<double> x_{1.5};
    bt::tensor<double> loss_;
    bt::sweep sweep_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_loop_schedule)

BOOST_AUTO_TEST_CASE(steps_run_again_are_the_fewest_in_full_ranges)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr std::size_t stride = 17; // where a step takes thirty times as long
#else
    constexpr std::size_t stride = 1;
#endif
    for (std::size_t n = 1; n <= 300; n += n < 20 ? 1 : stride) {
        counted_loop loop(n);
        // with one state each step is run as often as there are steps before it
        for (std::size_t c = n <= 60 ? 1 : 2; c <= 20; ++c) {
            const std::uint64_t advances = loop.advances(c);
            if (advances == bt::binomial_advances(n + 1, c) && loop.reversals == n) continue;
            BOOST_TEST(advances == bt::binomial_advances(n + 1, c), n << " steps, " << c);
            BOOST_TEST(loop.reversals == n);
        }
    }
}

BOOST_AUTO_TEST_CASE(steps_of_long_loops)
{
    counted_loop thousand(1000), more(10000);
    BOOST_TEST(thousand.advances(10) == 3640u);
    BOOST_TEST(thousand.advances(5) == bt::binomial_advances(1001, 5));
    BOOST_TEST(counted_loop(1001).advances(10) == 3645u);
    BOOST_TEST(more.advances(20) == bt::binomial_advances(10001, 20));
}

BOOST_AUTO_TEST_SUITE_END()
