// SPDX-License-Identifier: BSD-3-Clause
// Loops: values and derivatives of all orders against the same steps written out.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

/// One step of a map with a parameter, coupled neighbours and the index of the step.
template <class U, class P, class T>
bt::tensor<double> step(const U& u, const P& p, const T& t)
{
    return u + 0.1 * (sin(u) * p - u * u) + 0.01 * bt::cast<double>(t);
}

bt::tensor<double> looped(std::ptrdiff_t n, bt::tensor<double> u0, bt::tensor<double> p)
{
    return bt::loop(n, u0, [&](auto t, auto u) { return step(u, p, t); });
}

bt::tensor<double> unrolled(std::ptrdiff_t n, bt::tensor<double> u, bt::tensor<double> p)
{
    for (std::int64_t t = 0; t < n; ++t) u = step(u, p, bt::tensor<std::int64_t>(bt::constant(t)));
    return u;
}

const reals start = {0.3, -0.2, 0.9, 1.4, -0.7};
const reals slopes = {1.1, 0.4, -0.3, 0.8, 1.9};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_loop)

BOOST_AUTO_TEST_CASE(values_and_gradients_as_unrolled)
{
    const bt::variable<double> u0(start), p(slopes);
    for (const std::ptrdiff_t n : {0, 1, 2, 7, 40}) {
        const auto a = looped(n, u0, p), b = unrolled(n, u0, p);
        BOOST_TEST(same(a, b));
        const bt::tensor<double> f = sum(a * a), g = sum(b * b);
        BOOST_TEST(close(grad(f, u0), grad(g, u0)));
        if (n > 0) BOOST_TEST(close(grad(f, p), grad(g, p)));
    }
}

BOOST_AUTO_TEST_CASE(derivatives_of_both_modes_and_second_order)
{
    for (const std::ptrdiff_t n : {1, 2, 9}) {
        const auto report =
            bt::check_gradient([&](auto u0, auto p) { return looped(n, u0, p); }, start, slopes);
        BOOST_TEST(report.ok, report.message);
    }
    const bt::variable<double> u0(start), p(slopes);
    const bt::tensor<double> f = sum(square(looped(6, u0, p))), g = sum(square(unrolled(6, u0, p)));
    const bt::tensor<double> v = bt::constant(reals{0.2, -1, 0.5, 0.3, 0.7});
    // forward over reverse and reverse over reverse
    BOOST_TEST(close(jvp(bt::tensor<double>(grad(f, p)), bt::tangent(u0, v)),
                     jvp(bt::tensor<double>(grad(g, p)), bt::tangent(u0, v))));
    const bt::tensor<double> fv = sum(bt::tensor<double>(grad(f, u0)) * v),
                             gv = sum(bt::tensor<double>(grad(g, u0)) * v);
    BOOST_TEST(close(grad(fv, p), grad(gv, p)));
    // reverse over forward
    BOOST_TEST(
        close(grad(sum(jvp(f, bt::tangent(p, v))), u0), grad(sum(jvp(g, bt::tangent(p, v))), u0)));
}

BOOST_AUTO_TEST_CASE(gradients_are_the_same_bits_with_any_number_of_slots)
{
    const bt::variable<double> u0(start), p(slopes);
    constexpr std::size_t n = 30;
    const bt::tensor<double> f = sum(square(looped(n, u0, p)));
    bt::sweep s = reverse(f, bt::wrt(u0, p));
    s.run();
    const reals u_bar = s.adjoint(u0), p_bar = s.adjoint(p);
    for (std::size_t c = 1; c <= n; ++c) {
        bt::detail::set_loop_slots(f.get_node(), c);
        s.run();
        const auto u = s.adjoint(u0), q = s.adjoint(p);
        BOOST_TEST(std::memcmp(u.data(), u_bar.data(), u.size() * sizeof(double)) == 0);
        BOOST_TEST(std::memcmp(q.data(), p_bar.data(), q.size() * sizeof(double)) == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
