// SPDX-License-Identifier: BSD-3-Clause
// Threads: each with its own sweep over one graph, evaluating shared tensors, building on shared
// leaves; always the bits of the serial result. Run under the thread sanitizer as well.
#include <support/expect.hpp>

#include <tbb/task_arena.h>

#include <array>
#include <cstdlib>
#include <string>
#include <thread>

namespace bt = backtrail;
using expect::identical;
using expect::read;
using expect::reals;

namespace {

constexpr int thread_count = 4;

template <class F>
void in_threads(F f)
{
    std::vector<std::thread> threads;
    for (int t = 0; t < thread_count; ++t) threads.emplace_back(f, t);
    for (auto& thread : threads) thread.join();
}

reals waves(const std::vector<std::size_t>& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(double(i) + phase);
    return a;
}

struct network {
    bt::variable<double> x{waves({32, 16})}, w{waves({16, 24}, 1.0)}, v{waves({24, 5}, 2.0)};
    bt::tensor<double> h = bt::tag("h", tanh(matmul(x, w)));
    bt::tensor<double> z = bt::tag("z", matmul(h, v) + 0.1);
    bt::tensor<double> loss = mean(logsumexp(z, 1)) + sum(square(w)) * 0.01;
};

} // namespace

BOOST_AUTO_TEST_SUITE(threads)

BOOST_AUTO_TEST_CASE(sweeps_over_one_graph)
{
    const network net;
    bt::sweep serial = reverse(net.loss, bt::wrt(net.w, net.v));
    serial.run();
    const reals value = read(serial.value()), dw = read(serial.adjoint(net.w)),
                h_bar = read(serial.adjoint("h"));
    std::vector<reals> values(thread_count), adjoints(thread_count), tagged(thread_count),
        late(thread_count);
    in_threads([&](int t) {
        bt::sweep s = reverse(net.loss, bt::wrt(net.w, net.v));
        for (int k = 0; k < 20; ++k) s.run();
        values[t] = read(s.value());
        adjoints[t] = read(s.adjoint(net.w));
        tagged[t] = read(s.adjoint("h"));
        late[t] = read(s.adjoint(net.x)); // planned when it is read
    });
    for (int t = 0; t < thread_count; ++t) {
        BOOST_TEST(identical(values[t], value));
        BOOST_TEST(identical(adjoints[t], dw));
        BOOST_TEST(identical(tagged[t], h_bar));
        BOOST_TEST(identical(late[t], read(serial.adjoint(net.x))));
    }
}

BOOST_AUTO_TEST_CASE(values_of_shared_tensors)
{
    for (int round = 0; round < 20; ++round) {
        const network net; // nothing is cached yet: all threads come at once
        std::vector<reals> values(thread_count), leaves(thread_count);
        in_threads([&](int t) {
            values[t] = read(net.loss);
            leaves[t] = read(net.w);
            (void)net.z.value();
        });
        for (int t = 0; t < thread_count; ++t) {
            BOOST_TEST(identical(values[t], read(net.loss)));
            BOOST_TEST(identical(leaves[t], waves({16, 24}, 1.0)));
        }
    }
}

BOOST_AUTO_TEST_CASE(graphs_built_on_shared_nodes)
{
    const network net;
    const bt::tensor<double> expected =
        grad(grad(sum(exp(net.loss * 0.1)), net.loss) * net.loss, net.w);
    const reals serial = read(expected);
    std::vector<reals> results(thread_count);
    in_threads([&](int t) {
        for (int k = 0; k < 5; ++k) {
            const bt::scope mine("thread/" + std::to_string(t));
            const bt::tensor<double> y = bt::tag("y", exp(net.loss * 0.1));
            const bt::tensor<double> g = grad(sum(y), net.loss); // takes shared nodes apart
            results[t] = read(grad(g * net.loss, net.w));
        }
    });
    for (const auto& result : results) BOOST_TEST(identical(result, serial));
}

BOOST_AUTO_TEST_CASE(tags_given_and_looked_up_at_once)
{
    const network net;
    const reals expected = read(net.z);
    std::vector<int> found(thread_count, 0);
    in_threads([&](int t) {
        bt::sweep s = reverse(net.loss, bt::wrt(net.w));
        for (int k = 0; k < 10; ++k) {
            const std::string name = "mine/" + std::to_string(t) + "/" + std::to_string(k);
            bt::tag(name, net.h);
            s.run();
            found[t] +=
                s.value(name).size() == net.h.size() && identical(read(s.value("z")), expected);
        }
    });
    for (int n : found) BOOST_TEST(n == 10);
}

BOOST_AUTO_TEST_CASE(variables_of_their_own)
{
    std::vector<double> results(thread_count);
    const bt::tensor<double> shared = bt::constant(waves({100}));
    const auto descend = [&] {
        bt::variable<double> x(waves({100}, 0.3));
        bt::sweep s = reverse(sum(square(x - shared)), bt::wrt(x));
        for (int k = 0; k < 50; ++k) {
            s.run();
            x -= 0.1 * s.adjoint(x);
        }
        return s.run().value()();
    };
    const double serial = descend();
    in_threads([&](int t) { results[t] = descend(); });
    for (double result : results) BOOST_TEST(result == serial);
}

/// Arrays of many chunks and a product of several pieces, so that each run has threads of its own.
BOOST_AUTO_TEST_CASE(runs_with_threads_inside_of_threads)
{
    const bt::variable<double> x(waves({300, 400})), w(waves({400, 900}, 1.0)), b(waves({900}));
    const bt::tensor<double> h = tanh(matmul(x, w) + b);
    const bt::tensor<double> loss = mean(square(h)) + sum(sin(x));
    const auto run = [&] {
        bt::sweep s = reverse(loss, bt::wrt(x, w, b));
        s.run();
        return std::array{read(s.value()), read(s.adjoint(x)), read(s.adjoint(w)),
                          read(s.adjoint(b))};
    };
    bt::set_num_threads(1);
    const auto serial = run();
    for (const std::size_t n : {2, 3, 8}) {
        bt::set_num_threads(n);
        std::array<std::array<reals, 4>, 2> results;
        std::thread one([&] { results[0] = run(); }), two([&] { results[1] = run(); });
        one.join();
        two.join();
        for (const auto& result : results) {
            for (std::size_t i = 0; i < serial.size(); ++i) {
                BOOST_TEST(identical(result[i], serial[i]), n << " threads, result " << i);
            }
        }
    }
    bt::set_num_threads(0);
    BOOST_TEST(bt::num_threads() >= 1u);
}

/// Unless the environment or a call says how many: as many as the scheduler has where we are called.
BOOST_AUTO_TEST_CASE(as_many_threads_as_there_are)
{
    bt::set_num_threads(0);
    const auto in_arena = [](int n) {
        return tbb::task_arena(n).execute([] { return bt::num_threads(); });
    };
    const char* variable = std::getenv("BACKTRAIL_NUM_THREADS");
    const std::size_t asked = variable == nullptr ? 0 : std::stoul(variable);
    BOOST_TEST(in_arena(1) == (asked == 0 ? 1u : asked));
    BOOST_TEST(in_arena(2) == (asked == 0 ? 2u : asked));
    BOOST_TEST((asked == 0 || bt::num_threads() == asked));
    bt::set_num_threads(5);
    BOOST_TEST(in_arena(1) == 5u);
    bt::set_num_threads(0);
}

BOOST_AUTO_TEST_SUITE_END()
