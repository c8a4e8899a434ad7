// SPDX-License-Identifier: BSD-3-Clause
// Second derivatives of exp(-|x|) I(x), far out: they fall like x^-5/2, the terms that the textbook's formula
// sums like x^-1/2. Ours sums terms like x^-3/2.
#include <support/expect.hpp>

#include <cmath>

namespace bt = backtrail;
using expect::reals;

namespace {

/// Errors of a few units in the last place of terms x times as large as their sum; by the textbook's
/// formula they would be x² times as large, which at 100 is more than this.
constexpr double error_of_terms = 16 * std::numeric_limits<double>::epsilon();

const reals points = {0.5, 1.5, 10.0, -10.0, 100.0, 500.0};

template <class F>
void check(F f, const reals& second)
{
    const bt::variable<double> x(points);
    const bt::tensor<double> slope = grad(sum(f(x)), x);
    const reals reverse = grad(sum(slope), x).value();
    const reals forward = jvp(slope, bt::tangent(x, 1.0)).value();
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double bound = error_of_terms * (1 + std::abs(points(i))) * std::abs(second(i));
        BOOST_TEST(std::abs(reverse(i) - second(i)) <= bound, "reverse at " << points(i));
        BOOST_TEST(std::abs(forward(i) - second(i)) <= bound, "forward at " << points(i));
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(ad_scaled_bessel)

BOOST_AUTO_TEST_CASE(second_derivatives_of_i0e)
{
    check([](auto x) { return i0e(x); },
          {0.6643873281588133, 0.15076218498584823, 0.0010150434195006254, 0.0010150434195006254,
           3.011017681557421e-06, 5.359080442543738e-08});
}

BOOST_AUTO_TEST_CASE(second_derivatives_of_i1e)
{
    check([](auto x) { return i1e(x); },
          {-0.3902498372083965, -0.05498998836718051, 0.0007531446302911762, -0.0007531446302911762,
           2.9355501838043295e-06, 5.3322715887525515e-08});
}

BOOST_AUTO_TEST_SUITE_END()
