// SPDX-License-Identifier: BSD-3-Clause
// Tags and keeping change no bit, and tags that are not kept change no instruction: on random graphs, all
// nodes, forward and reverse.
#include <backtrail/plan/plan.hpp>
#include <support/expect.hpp>

#include <random>

namespace bt = backtrail;
using expect::identical;
using expect::read;
using expect::reals;

namespace {

using D = bt::tensor<double>;

struct random_graph {
    bt::variable<double> x, w;
    std::vector<D> nodes;
    D loss;

    random_graph(std::size_t seed, std::size_t size, bool tagged)
        : x(values(0.1, {7, 11})), w(values(0.7, {11, 11}))
    {
        std::mt19937_64 random(seed);
        nodes = {D(x * 1.0), D(tanh(x))};
        while (nodes.size() < size) {
            const D a = nodes[random() % nodes.size()], b = nodes[nodes.size() - 1 - random() % 2];
            switch (random() % 6) {
            case 0: nodes.push_back(sin(a) * b); break;
            case 1: nodes.push_back(tanh(a + b)); break;
            case 2: nodes.push_back(matmul(tanh(a), w)); break;
            case 3: nodes.push_back(a - 0.5 * mean(b, 1, bt::keepdims)); break;
            case 4: nodes.push_back(exp(-1.0 * square(a)) + 0.25 * b); break;
            default: nodes.push_back(softmax(b)); break;
            }
            if (tagged) bt::tag("n" + std::to_string(nodes.size() - 1), nodes.back());
        }
        loss = sum(nodes.back()) + mean(nodes[size / 2] * nodes.back());
    }
    static reals values(double phase, const std::vector<std::size_t>& shape)
    {
        reals v = reals::from_shape(shape);
        for (std::size_t i = 0; i < v.size(); ++i) v.data()[i] = std::sin(phase + 1.7 * double(i));
        return v;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(sweep_kept_subsets)

BOOST_AUTO_TEST_CASE(any_subset_of_kept_tags_has_the_same_bits)
{
    for (std::size_t seed = 0; seed < 6; ++seed) {
        random_graph g(seed, 24, true);
        bt::sweep none = reverse(g.loss, bt::wrt(g.x, g.w)).keep(),
                  all = reverse(g.loss, bt::wrt(g.x, g.w));
        none.run();
        all.run();
        std::mt19937_64 random(100 + seed);
        for (int subset = 0; subset < 4; ++subset) {
            bt::sweep some = reverse(g.loss, bt::wrt(g.x, g.w)).keep();
            for (const auto& path : all.tags()) {
                if (random() % 2) some.also_keep(bt::values(path));
                if (random() % 2) some.also_keep(bt::adjoints(path));
            }
            some.run();
            BOOST_TEST(identical(read(some.value()), read(none.value())));
            BOOST_TEST(identical(read(some.adjoint(g.x)), read(none.adjoint(g.x))));
            BOOST_TEST(identical(read(some.adjoint(g.w)), read(none.adjoint(g.w))));
            for (const auto& path : all.tags()) { // kept, or computed again
                BOOST_TEST(identical(read(some.value(path)), read(all.value(path))));
                BOOST_TEST(identical(read(some.adjoint(path)), read(all.adjoint(path))));
            }
        }
        for (const auto& path : all.tags()) {
            BOOST_TEST(identical(read(none.value(path)), read(all.value(path))));
            BOOST_TEST(identical(read(none.adjoint(path)), read(all.adjoint(path))));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_thousand_tags_that_are_not_kept_change_nothing)
{
    // The plans of the request that a sweep makes: the value, and the gradients.
    const auto plan_of = [](bool tagged) {
        const random_graph g(3, 3800, tagged);
        const auto [gx, gw] = grad(g.loss, bt::wrt(g.x, g.w));
        const bt::node_ptr nodes[] = {g.loss.get_node(), gx.get_node(), gw.get_node()};
        const bt::plan p = bt::make_plan(nodes);
        return std::pair{p.steps.size(), p.arena_bytes};
    };
    BOOST_TEST((plan_of(true) == plan_of(false)));
    const random_graph bare(3, 3800, false), tagged(3, 3800, true);
    bt::sweep plain = reverse(bare.loss, bt::wrt(bare.x, bare.w)).keep();
    bt::sweep s = reverse(tagged.loss, bt::wrt(tagged.x, tagged.w)).keep();
    plain.run();
    s.run();
    BOOST_TEST(s.tags().size() > 1000u);
    BOOST_TEST(s.peak_bytes() == plain.peak_bytes());
    BOOST_TEST(identical(read(s.adjoint(tagged.w)), read(plain.adjoint(bare.w))));
}

BOOST_AUTO_TEST_SUITE_END()
