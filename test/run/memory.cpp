// SPDX-License-Identifier: BSD-3-Clause
// Memory of runs: replays ask for none, and what a sweep says it needs is what the pool gave it.
#include <support/allocations.hpp>
#include <support/expect.hpp>
#include <support/workloads.hpp>

#include <backtrail/graph/storage.hpp>
#include <backtrail/run/threads.hpp>

namespace bt = backtrail;
using namespace backtrail::test;

namespace {

void touch(const std::vector<bt::node_ptr>& variables)
{
    for (const auto& x : variables) bt::detail::bump_version(x);
}

/// Runs f for the workloads, by one thread and by two.
template <class F>
void for_workloads(F f)
{
    const std::size_t before = bt::num_threads();
    for (const std::size_t threads : {1, 2}) {
        bt::set_num_threads(threads);
        for (const workload& w : workloads()) f(w, threads);
    }
    bt::set_num_threads(before);
}

} // namespace

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(replays_allocate_nothing)
{
    for_workloads([](const workload& w, std::size_t threads) {
        bt::sweep s(w.loss, w.variables);
        s.run();
        s.run(); // BLAS and the threads' scheduler have made themselves at home
        const std::size_t blocks = bt::memory_statistics().system_allocations;
        const std::size_t in_use = bt::memory_statistics().bytes_in_use;
        for (int k = 0; k < 5; ++k) {
            touch(w.variables);
            const std::size_t news = allocations(), mallocs = system_allocations();
            s.run();
            const std::size_t more_news = allocations() - news;
            const std::size_t more_mallocs = system_allocations() - mallocs;
            BOOST_TEST(more_news == 0u, w.name << ", " << threads << " threads: " << more_news
                                               << " times operator new in a replay");
            // The scheduler's own memory, where there are several threads, is not counted.
            if (threads > 1) continue;
            BOOST_TEST(more_mallocs == 0u,
                       w.name << ": " << more_mallocs << " times malloc in a replay");
        }
        BOOST_TEST(bt::memory_statistics().system_allocations == blocks,
                   w.name << ": the pool asked for more");
        BOOST_TEST(bt::memory_statistics().bytes_in_use == in_use, w.name << ": more is held");
    });
}

BOOST_AUTO_TEST_CASE(a_sweep_holds_at_its_peak_what_it_says)
{
    for_workloads([](const workload& w, std::size_t threads) {
        // Leaves that the derivative's nodes hold (seeds, factors) belong to the graph, not to the run.
        const std::size_t without = bt::memory_statistics().bytes_in_use;
        std::size_t of_graph = 0;
        {
            const auto seed = bt::detail::unit_seed("test", w.loss);
            const auto x_bar = bt::detail::pull_back(w.loss, seed, w.variables);
            std::vector<bt::node_ptr> nodes;
            for (std::size_t i = 0; i < x_bar.size(); ++i) {
                const bt::node& x = *w.variables[i];
                nodes.push_back(bt::detail::as_node(x_bar[i], x.type(), x.shape()));
            }
            of_graph = bt::memory_statistics().bytes_in_use - without;
        }
        bt::trim_memory();
        const std::size_t before = bt::memory_statistics().bytes_in_use;
        BOOST_TEST(before == without);
        bt::reset_peak_memory();
        bt::sweep s(w.loss, w.variables);
        s.run();
        const std::size_t first = bt::memory_statistics().peak_bytes_in_use - before;
        const std::size_t claimed = s.peak_bytes();
        BOOST_TEST(first == of_graph + claimed,
                   w.name << ", " << threads << " threads: the pool gave " << first << " bytes, "
                          << of_graph << " of them to the graph, not " << claimed);
        for (int k = 0; k < 3; ++k) {
            touch(w.variables);
            s.run();
        }
        const std::size_t later = bt::memory_statistics().peak_bytes_in_use - before;
        BOOST_TEST(later == first,
                   w.name << ": later runs needed " << later << " bytes, the first " << first);
    });
}

/// Outputs are the caller's, and count for nothing.
BOOST_AUTO_TEST_CASE(a_program_holds_at_its_peak_what_it_says)
{
    for_workloads([](const workload& w, std::size_t threads) {
        if (w.loss->type() != bt::dtype::float64) return;
        const bt::tensor<double> loss(bt::detail::from_node, w.loss);
        const bt::variable<double> x(bt::detail::from_node, w.variables[0]);
        bt::program p({}, {loss, grad(loss, x)});
        double value = 0;
        std::vector<double> x_bar(x.size());
        bt::trim_memory();
        const std::size_t before = bt::memory_statistics().bytes_in_use;
        bt::reset_peak_memory();
        for (int k = 0; k < 2; ++k) p(&value, x_bar);
        const std::size_t held = bt::memory_statistics().peak_bytes_in_use - before;
        BOOST_TEST(held == p.peak_bytes(), w.name << ", " << threads << " threads: the pool gave "
                                                  << held << " bytes, not " << p.peak_bytes());
    });
}

BOOST_AUTO_TEST_CASE(intermediates_of_a_pass_are_not_stored)
{
    constexpr std::size_t n = 100000, bytes = n * sizeof(double);
    constexpr std::size_t scratch = std::size_t{1}
                                    << 20; // tiles, partial sums and the pool's rounding
    for (const auto& [w, results] :
         {std::pair(fused_sum(n), 3u), std::pair(chain_of_statements(n), 2u)}) {
        bt::sweep s(w.loss, w.variables);
        s.run();
        const std::size_t most = results * bytes * 5 / 4 + scratch;
        BOOST_TEST(s.peak_bytes() <= most,
                   w.name << ": " << s.peak_bytes() << " bytes, more than " << most);
    }
}

BOOST_AUTO_TEST_SUITE_END()
