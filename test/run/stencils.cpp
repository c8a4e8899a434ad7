// SPDX-License-Identifier: BSD-3-Clause
// Stencils over padded grids. Their states are computed within the zeros around them, and the cotangents of
// their shifted slices are gathered in the pass that makes them; neither may change a bit, whatever is kept and
// however many threads run.
#include <support/expect.hpp>

#include <backtrail/run/threads.hpp>

namespace {

namespace bt = backtrail;
using expect::reals;

constexpr std::size_t steps = 3;
constexpr double dt = 0.1;

struct grid {
    std::size_t rows, columns;
};
/// One of several chunks, with rows that are whole vectors and that are not, and some small ones.
constexpr grid grids[] = {{700, 48}, {300, 160}, {700, 50}, {90, 210}, {5, 7}, {1, 600}, {40, 1}};

reals initial(const grid& g)
{
    reals u = reals::from_shape({g.rows, g.columns});
    for (std::size_t i = 0; i < u.size(); ++i) u.data()[i] = std::sin(0.7 * double(i));
    return u;
}

bt::tensor<double> loss_of(const bt::variable<double>& u0, const grid& g)
{
    bt::tensor<double> u = u0;
    for (std::size_t k = 0; k < steps; ++k) {
        const auto around = bt::tag("around" + std::to_string(k), pad(u, 1));
        const auto shifted = [&](std::size_t i, std::size_t j) {
            return bt::tensor<double>(
                view(around, xt::range(i, i + g.rows), xt::range(j, j + g.columns)));
        };
        u = bt::tag("u" + std::to_string(k),
                    bt::tensor<double>(u + dt * (shifted(0, 1) + 2.0 * shifted(2, 1) -
                                                 shifted(1, 0) + shifted(1, 2) * u)));
    }
    return sum(square(u));
}

/// The gradient by plain loops.
reals expected(const grid& g)
{
    const auto m = static_cast<std::ptrdiff_t>(g.columns), n = static_cast<std::ptrdiff_t>(g.rows);
    std::vector<reals> u = {initial(g)};
    const auto at = [&](const reals& x, std::ptrdiff_t i, std::ptrdiff_t j) {
        return i < 0 || j < 0 || i >= n || j >= m ? 0.0 : x.data()[i * m + j];
    };
    for (std::size_t k = 0; k < steps; ++k) {
        const reals& x = u.back();
        reals y = x;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            for (std::ptrdiff_t j = 0; j < m; ++j) {
                y.data()[i * m + j] += dt * (at(x, i - 1, j) + 2 * at(x, i + 1, j) -
                                             at(x, i, j - 1) + at(x, i, j + 1) * at(x, i, j));
            }
        }
        u.push_back(y);
    }
    reals bar = 2.0 * u.back();
    for (std::size_t k = steps; k-- > 0;) {
        const reals& x = u[k];
        reals x_bar = bar;
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            for (std::ptrdiff_t j = 0; j < m; ++j) {
                x_bar.data()[i * m + j] +=
                    dt * (at(bar, i + 1, j) + 2 * at(bar, i - 1, j) - at(bar, i, j + 1) +
                          at(bar, i, j) * at(x, i, j + 1) + at(bar, i, j - 1) * at(x, i, j - 1));
            }
        }
        bar = x_bar;
    }
    return bar;
}

reals gradient(const grid& g, bool keeps_states)
{
    const bt::variable<double> u0(initial(g));
    bt::sweep s = reverse(loss_of(u0, g), bt::wrt(u0)).keep();
    if (keeps_states) s.also_keep(bt::values("u*")).also_keep(bt::adjoints("*"));
    s.run();
    const reals first = s.adjoint(u0);
    s.run();
    BOOST_TEST(expect::identical(s.adjoint(u0), first));
    return first;
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_stencils)

BOOST_AUTO_TEST_CASE(gradients_are_those_of_plain_loops)
{
    for (const grid& g : grids) {
        BOOST_TEST_CONTEXT(g.rows << " x " << g.columns)
        BOOST_TEST(expect::close(gradient(g, false), expected(g)));
    }
}

BOOST_AUTO_TEST_CASE(what_is_kept_and_threads_change_no_bit)
{
    const std::size_t before = bt::num_threads();
    for (const grid& g : grids) {
        bt::set_num_threads(1);
        const reals one = gradient(g, false);
        for (const std::size_t threads : {1, 2, 3, 8}) {
            bt::set_num_threads(threads);
            for (const bool keeps_states : {false, true}) {
                BOOST_TEST(expect::identical(gradient(g, keeps_states), one),
                           g.rows << " x " << g.columns << ", " << threads
                                  << " threads, kept: " << keeps_states);
            }
        }
    }
    bt::set_num_threads(before);
}

BOOST_AUTO_TEST_CASE(states_are_stored_once)
{
    const grid g = {300, 160};
    const bt::variable<double> u0(initial(g));
    const bt::sweep s = reverse(loss_of(u0, g), bt::wrt(u0)).keep();
    const std::string plan = s.explain();
    // The first state is a leaf; the others are made in place.
    std::size_t evaluations = 0;
    for (std::size_t at = 0; (at = plan.find("evaluate", at)) != std::string::npos; ++at) {
        ++evaluations;
    }
    BOOST_TEST(evaluations == 1u, plan);
}

BOOST_AUTO_TEST_SUITE_END()
