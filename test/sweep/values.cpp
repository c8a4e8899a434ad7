// SPDX-License-Identifier: BSD-3-Clause
// What is read is owned by the reader: it keeps its numbers while runs, variables and graphs come
// and go. And evaluation of a tensor by itself, which is kept until a leaf changes.
#include <support/expect.hpp>

#include <optional>
#include <xtensor/xview.hpp>

namespace bt = backtrail;
using expect::reals;
using expect::same;

BOOST_AUTO_TEST_SUITE(sweep_values)

BOOST_AUTO_TEST_CASE(held_results_survive_the_next_runs)
{
    bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> y = bt::tag("y", x * x);
    const bt::tensor<double> beside = x * 3.0;
    bt::sweep s = reverse(sum(y), bt::wrt(x));
    s.run();
    const auto value = s.value(), tagged = s.value("y"), adjoint = s.adjoint(x),
               late = s.value(beside);
    for (int k = 0; k < 3; ++k) {
        x += 1.0;
        s.run();
    }
    BOOST_TEST(same(value, 5.0));
    BOOST_TEST(same(tagged, reals{1.0, 4.0}));
    BOOST_TEST(same(adjoint, reals{2.0, 4.0}));
    BOOST_TEST(same(late, reals{3.0, 6.0}));
    BOOST_TEST(same(s.adjoint(x), reals{8.0, 10.0}));
}

BOOST_AUTO_TEST_CASE(a_variable_stepped_along_its_own_adjoint)
{
    bt::variable<double> x(reals{8.0, -4.0});
    bt::sweep s = reverse(sum(square(x)), bt::wrt(x));
    for (int k = 0; k < 3; ++k) {
        s.run();
        x -= 0.25 * s.adjoint(x); // halves x
    }
    BOOST_TEST(same(x, reals{1.0, -0.5}));
}

BOOST_AUTO_TEST_CASE(values_survive_everything_else)
{
    std::optional<bt::array<double>> value, adjoint, own;
    {
        const bt::variable<double> x(reals{1.0, 2.0});
        const bt::tensor<double> y = x * x;
        bt::sweep s = reverse(sum(y), bt::wrt(x));
        s.run();
        value = s.value(y);
        adjoint = s.adjoint(x);
        own = x.value();
    }
    const bt::tensor<double> next = bt::constant(reals{9.0, 9.0}) * 2.0; // may take freed memory
    BOOST_TEST(same(next, reals{18.0, 18.0}));
    BOOST_TEST(same(*value, reals{1.0, 4.0}));
    BOOST_TEST(same(*adjoint, reals{2.0, 4.0}));
    BOOST_TEST(same(*own, reals{1.0, 2.0}));
}

BOOST_AUTO_TEST_CASE(copies_share_and_moves_keep)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    bt::array<double> a = (x * 2.0).value();
    const bt::array<double> b = a;
    BOOST_TEST(a.data() == b.data());
    const bt::array<double> c = std::move(a);
    BOOST_TEST(c.data() == b.data());
    BOOST_TEST(same(c, reals{2.0, 4.0}));
    static_assert(std::is_const_v<std::remove_reference_t<decltype(b(0))>>); // read-only
}

BOOST_AUTO_TEST_CASE(a_value_is_an_xtensor_expression)
{
    const bt::variable<double> x(reals{{1.0, 2.0}, {3.0, 4.0}});
    const auto v = (x * 1.0).value();
    BOOST_TEST(v(1, 0) == 3.0);
    BOOST_TEST(v.dimension() == 2u);
    BOOST_TEST(xt::sum(v)() == 10.0);
    BOOST_TEST(same(reals(xt::row(v, 1) + 1.0), reals{4.0, 5.0}));
    BOOST_TEST(same(reals(xt::transpose(v)), reals{{1.0, 3.0}, {2.0, 4.0}}));
    double total = 0.0;
    for (double element : v) total += element;
    BOOST_TEST(total == 10.0);
}

BOOST_AUTO_TEST_CASE(a_value_is_kept_until_a_leaf_changes)
{
    bt::variable<double> x(reals{1.0, 2.0}), other(1.0);
    const bt::tensor<double> y = exp(x);
    const double* first = y.value().data();
    BOOST_TEST(y.value().data() == first); // not computed again
    other = 2.0;
    BOOST_TEST(y.value().data() == first);
    const auto held = y.value();
    x = 0.0;
    BOOST_TEST(same(y, reals{1.0, 1.0}));
    BOOST_TEST(y.value().data() != held.data());
}

BOOST_AUTO_TEST_CASE(sweeps_move)
{
    bt::variable<double> x(reals{1.0, 2.0});
    bt::sweep s = reverse(sum(x * x), bt::wrt(x));
    s.run();
    bt::sweep t = std::move(s);
    BOOST_TEST(same(t.adjoint(x), reals{2.0, 4.0}));
    x = 3.0;
    t.run();
    BOOST_TEST(same(t.adjoint(x), reals{6.0, 6.0}));
    t = reverse(sum(x), bt::wrt(x));
    BOOST_TEST(same(t.run().adjoint(x), reals{1.0, 1.0}));
}

BOOST_AUTO_TEST_SUITE_END()
