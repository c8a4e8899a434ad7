// SPDX-License-Identifier: BSD-3-Clause
// Replays allocate nothing: every operator new of this program is counted, and the pool is asked.
// One line per kind of step, so that a failure names it.
#include <support/allocations.hpp>
#include <support/expect.hpp>

namespace {

namespace bt = backtrail;
using bt::test::allocations;
using expect::reals;

reals waves(const std::vector<std::size_t>& shape)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(double(i)) + 1.5;
    return a;
}

/// Ten replays, with new values in between, and no allocation of any kind.
void check_replay(const char* what, const bt::tensor<double>& y, bt::variable<double>& x)
{
    bt::sweep s = reverse(sum(y * y), bt::wrt(x));
    s.run();
    const std::size_t blocks = bt::memory_statistics().system_allocations;
    for (int k = 0; k < 10; ++k) {
        x *= 0.99;
        const std::size_t before = allocations();
        s.run();
        const std::size_t after = allocations();
        BOOST_TEST(after == before,
                   what << ": " << after - before << " allocations in run " << k + 2);
    }
    BOOST_TEST(bt::memory_statistics().system_allocations == blocks, what << " asked the pool");
    BOOST_TEST(expect::close(s.adjoint(x), grad(sum(y * y), x)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_replay)

BOOST_AUTO_TEST_CASE(the_counter_counts)
{
    const std::size_t before = allocations();
    const std::size_t system_before = bt::test::system_allocations();
    delete new int(1);
    const std::vector<double> v(100);
    void* volatile kept = std::malloc(100); // volatile, or the compiler does without
    std::free(kept);
    BOOST_TEST(allocations() == before + 2);
    const std::size_t counted = bt::test::system_allocations() - system_before;
    BOOST_TEST((counted == 3 || counted == 0)); // 0 where malloc is not ours to replace
}

BOOST_AUTO_TEST_CASE(elementwise_and_structure)
{
    bt::variable<double> x(waves({40, 30}));
    check_replay("fused", exp(-x * x) + sin(x), x);
    check_replay("mask", where(x > 1.5, x, -x), x);
    check_replay("broadcast", x * view(x, 0) + view(x, xt::all(), xt::range(0, 1)), x);
    check_replay("strided", transpose(x) * 2.0, x);
    check_replay("copying reshape", reshape(transpose(x), {20, 60}) + 1.0, x);
    check_replay("view", view(x, xt::range(0, 40, 3), xt::range(29, xt::placeholders::_, -2)), x);
    check_replay("concatenate", concatenate(0, x, view(x, xt::range(0, 5))), x);
    check_replay("stack", stack(1, x, x + 1.0), x);
    check_replay("cast", bt::cast<double>(bt::cast<float>(x * 0.0 + 1.0)) * x, x);
}

BOOST_AUTO_TEST_CASE(reductions_and_products)
{
    bt::variable<double> x(waves({40, 30}));
    check_replay("sum", sum(x, 0), x);
    check_replay("inner sum", sum(transpose(x), 0), x);
    check_replay("mean", mean(x), x);
    check_replay("max", max(x, 1), x);
    check_replay("logsumexp", logsumexp(x, 0), x);
    check_replay("argmax", bt::cast<double>(argmax(x, 0)) + x, x);
    check_replay("matmul", matmul(x, transpose(x)), x);
    check_replay("matmul of views",
                 matmul(view(x, xt::all(), xt::range(0, 30, 2)), view(x, xt::range(0, 15))), x);
    check_replay("matrix times vector", matmul(x, view(x, 0)), x);
    check_replay("batched matmul",
                 matmul(reshape(x, {4, 10, 30}), view(transpose(x), xt::all(), xt::range(0, 7))),
                 x);
    check_replay("batches", matmul(reshape(x, {4, 10, 30}), reshape(x, {4, 30, 10})), x);
}

BOOST_AUTO_TEST_CASE(second_order_and_tags)
{
    bt::variable<double> x(waves({40, 30}));
    const bt::tensor<double> h = bt::tag("h", tanh(x));
    check_replay("tagged", bt::tag("z", h * x), x);
    check_replay("gradient", grad(sum(h * h * x), x), x);
    check_replay("tangent", jvp(softmax(x), bt::tangent(x, waves({40, 30}))), x);
    check_replay("large", broadcast_to(reshape(x, {1200, 1}), {1200, 300}) * 0.5, x);
}

BOOST_AUTO_TEST_CASE(reading_results_and_letting_go_allocates_once_at_most)
{
    bt::variable<double> x(waves({1000}));
    bt::sweep s = reverse(sum(exp(x)), bt::wrt(x));
    s.run();
    s.run();
    const std::size_t blocks = bt::memory_statistics().system_allocations;
    for (int k = 0; k < 5; ++k) {
        {
            const auto read_and_dropped = s.adjoint(x);
        }
        const std::size_t before = allocations();
        s.run();
        BOOST_TEST(allocations() == before);
    }
    auto held = s.adjoint(x);
    for (int k = 0; k < 5; ++k) {
        s.run();
        held = s.adjoint(x); // the pool turns two blocks
    }
    BOOST_TEST(bt::memory_statistics().system_allocations <= blocks + 1);
}

BOOST_AUTO_TEST_SUITE_END()
