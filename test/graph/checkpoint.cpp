// SPDX-License-Identifier: BSD-3-Clause
// Regions whose inside is not kept.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;

namespace {

const reals start = {0.3, -0.2, 0.9, 1.4};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_checkpoint)

BOOST_AUTO_TEST_CASE(regions_change_no_value_and_no_derivative)
{
    const auto f = [](auto x, auto w) {
        const bt::tensor<double> h = tanh(x * w);
        return bt::tensor<double>(h * h + bt::random::dropout(sin(h), 0.4, {5, 1}));
    };
    const bt::variable<double> x(start), w(reals{1.1, 0.3, -0.7, 0.8});
    const bt::tensor<double> inside = bt::checkpoint(f, x, w), outside = f(x, w);
    BOOST_TEST(same(inside, outside)); // the draws, too
    const bt::tensor<double> a = sum(square(inside)), b = sum(square(outside));
    BOOST_TEST(same(grad(a, x), grad(b, x)));
    BOOST_TEST(same(grad(a, w), grad(b, w)));
    const auto report = bt::check_gradient(inside, bt::wrt(x, w));
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(several_results_and_what_is_used_from_outside)
{
    const bt::variable<double> x(start), w(2.0);
    const auto [y, n] = bt::checkpoint(
        [&](auto a) {
            return std::tuple(bt::tensor<double>(sum(a * a) * w), bt::tensor<bool>(a > 0.5));
        },
        x);
    BOOST_TEST((y.shape() == bt::shape{}));
    BOOST_TEST(same(n, xt::xarray<bool>{false, false, true, true}));
    BOOST_TEST(close(grad(y, w), 0.09 + 0.04 + 0.81 + 1.96));
    BOOST_TEST(close(grad(y, x), 4.0 * start));
    // In a loop, where the draws belong to the step.
    const auto loop_of = [&](bool kept) {
        return bt::loop(5, x, [&](auto, auto u) {
            const auto body = [&](auto v) {
                return bt::tensor<double>(v + 0.1 * w * bt::random::normal({4}, 3) * sin(v));
            };
            return kept ? body(u) : bt::checkpoint(body, u);
        });
    };
    const bt::tensor<double> p = sum(square(loop_of(true))), q = sum(square(loop_of(false)));
    BOOST_TEST(same(p, q));
    BOOST_TEST(close(grad(p, w), grad(q, w)));
}

BOOST_AUTO_TEST_CASE(memory_of_the_inside_is_not_kept)
{
    constexpr std::size_t n = 1 << 14;
    const bt::variable<double> x(xt::linspace<double>(0, 1, n));
    const auto deep = [](auto v) {
        bt::tensor<double> y = v;
        for (int k = 0; k < 20; ++k) y = cumsum(sin(y)) / 1e5;
        return y;
    };
    const auto peak_of = [&](bool kept) {
        bt::tensor<double> y = x;
        for (int k = 0; k < 6; ++k) y = kept ? deep(y) : bt::checkpoint(deep, y);
        const bt::tensor<double> g = grad(sum(y * y), x);
        const std::size_t before = bt::memory_statistics().bytes_in_use;
        bt::reset_peak_memory();
        (void)g.value();
        return bt::memory_statistics().peak_bytes_in_use - before;
    };
    BOOST_TEST(2 * peak_of(false) < peak_of(true));
}

BOOST_AUTO_TEST_CASE(policies_by_pattern)
{
    const bt::variable<double> x(xt::linspace<double>(0.1, 0.9, 4000)), w(1.3);
    const auto f = [&](auto v) {
        const bt::tensor<double> a = bt::tag("block/a", sin(v) * w),
                                 b = bt::tag("block/b", exp(a) + v);
        return bt::tensor<double>(b * tanh(b));
    };
    const auto sweep_of = [&](const bt::tensor<double>& y) {
        bt::sweep s = reverse(sum(square(y)), bt::wrt(x, w));
        s.keep();
        return s;
    };
    bt::sweep plain = sweep_of(f(x)), none = sweep_of(bt::checkpoint(f, x)),
              a_kept = sweep_of(bt::checkpoint(bt::must_keep("*/a"), f, x)),
              b_again = sweep_of(bt::checkpoint(bt::must_recompute("block/b"), f, x));
    for (bt::sweep* s : {&plain, &none, &a_kept, &b_again}) s->run();
    for (bt::sweep* s : {&none, &a_kept, &b_again}) {
        BOOST_TEST(same(s->adjoint(x), plain.adjoint(x)));
        BOOST_TEST(same(s->adjoint(w), plain.adjoint(w)));
    }
    constexpr std::size_t array = 4000 * sizeof(double);
    BOOST_TEST(none.plan().loops.empty());
    BOOST_TEST(a_kept.plan().loops.front().bytes >= array);
    BOOST_TEST(a_kept.plan().loops.front().bytes < 2 * array);
    // Also where the budget is as small as it can be.
    a_kept.memory(bt::budget(a_kept.plan().minimum_bytes)).run();
    BOOST_TEST(a_kept.plan().loops.front().bytes >= array);
    BOOST_TEST(same(a_kept.adjoint(w), plain.adjoint(w)));
    BOOST_TEST(expect::throws<bt::tag_error>(
        [&] { (void)bt::checkpoint(bt::must_keep("nothing"), f, x); }, {"\"nothing\""}));
}

BOOST_AUTO_TEST_SUITE_END()
