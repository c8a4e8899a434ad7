// SPDX-License-Identifier: BSD-3-Clause
// Rounding and remainders on integers, where NumPy has them; types that are refused; and the names that
// these functions share with xtensor.
#include <support/expect.hpp>

#include <xtensor/xmath.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;

namespace {

template <class X>
constexpr bool is_ours = bt::is_expr<std::remove_cvref_t<X>>;

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();

} // namespace

BOOST_AUTO_TEST_SUITE(expr_rounding)

BOOST_AUTO_TEST_CASE(integers_stay_integers)
{
    const auto i = bt::constant(xt::xarray<std::int64_t>{-7, 0, lowest});
    const auto check = [&](const bt::tensor<std::int64_t>& t) {
        const auto values = t.value();
        BOOST_TEST((values(0) == -7 && values(1) == 0 && values(2) == lowest));
    };
    check(floor(i));
    check(ceil(i));
    check(round(i));
    check(trunc(i));
}

BOOST_AUTO_TEST_CASE(remainders_of_integers)
{
    const auto x = bt::constant(xt::xarray<std::int64_t>{-7, 7, -6, 5, lowest});
    const auto y = bt::constant(xt::xarray<std::int64_t>{3, -3, 3, 0, -1});
    BOOST_TEST(same(bt::tensor<std::int64_t>(fmod(x, y)), reals{-1.0, 1.0, 0.0, 0.0, 0.0}));
    BOOST_TEST(same(bt::tensor<std::int64_t>(remainder(x, y)), reals{2.0, -2.0, 0.0, 0.0, 0.0}));
    const auto few = bt::constant(xt::xarray<std::int32_t>{-7, 7});
    BOOST_TEST(same(bt::tensor<std::int32_t>(remainder(few, 4)), reals{1.0, 3.0}));
    BOOST_TEST(same(bt::tensor<std::int32_t>(fmod(few, 4)), reals{-3.0, 3.0}));
}

BOOST_AUTO_TEST_CASE(remainders_are_exact)
{
    const bt::variable<double> x(reals{1e300, -1e17, 5e-324, 1.0, -0.0});
    const reals y = {3.0, 0.1, 1.0, 0.1, 2.0};
    BOOST_TEST(same(fmod(x, y), expect::each([](double a, double b) { return std::fmod(a, b); },
                                             x.value(), y)));
    const bt::tensor<double> zeros = remainder(bt::constant(reals{-6.0, 6.0}), reals{3.0, -3.0});
    BOOST_TEST(!std::signbit(zeros.value()(0))); // the sign of the divisor, of a zero too
    BOOST_TEST(std::signbit(zeros.value()(1)));
}

BOOST_AUTO_TEST_CASE(in_float)
{
    const bt::variable<float> x(xt::xarray<float>{-2.5F, 2.5F, 8388609.0F, 0.5F});
    BOOST_TEST(same(round(x), reals{-2.0, 2.0, 8388609.0, 0.0}));
    BOOST_TEST(same(floor(x), reals{-3.0, 2.0, 8388609.0, 0.0}));
    BOOST_TEST(same(remainder(x, 3.0F), reals{0.5, 2.5, 0.0, 0.5}));
    BOOST_TEST(same(grad(sum(fmod(x, 3.0F) + frac(x)), x), reals{2.0, 2.0, 2.0, 2.0}));
}

BOOST_AUTO_TEST_CASE(names_shared_with_xtensor)
{
    using namespace xt;
    const reals a = {0.25, 0.5, 0.75}, b = {0.5, 2.0, -0.3};
    const bt::variable<double> v(a);
    const bt::tensor<double> t = bt::constant(a);
    BOOST_TEST(close(asin(v) + acos(v) + atan(t), xt::asin(a) + xt::acos(a) + xt::atan(a)));
    BOOST_TEST(close(asinh(v) + atanh(t), xt::asinh(a) + xt::atanh(a)));
    BOOST_TEST(close(acosh(t + 1.0), xt::acosh(a + 1.0)));
    BOOST_TEST(close(cbrt(v) + exp2(t) + log2(v) + log10(t),
                     xt::cbrt(a) + xt::exp2(a) + xt::log2(a) + xt::log10(a)));
    BOOST_TEST(close(deg2rad(v) + rad2deg(t), xt::deg2rad(a) + xt::rad2deg(a)));
    BOOST_TEST(same(floor(v) + ceil(t) + trunc(v), xt::floor(a) + xt::ceil(a) + xt::trunc(a)));
    BOOST_TEST(close(atan2(v, b), xt::atan2(a, b)));
    BOOST_TEST(close(atan2(b, t), xt::atan2(b, a)));
    BOOST_TEST(close(hypot(v, b), xt::hypot(a, b)));
    BOOST_TEST(close(fmod(v, b), xt::fmod(a, b)));
    BOOST_TEST(close(pow(v, b), xt::pow(a, b)));
    BOOST_TEST(close(pow(2.0, v), xt::exp2(a)));
    BOOST_TEST(close(copysign(v, b), reals{0.25, 0.5, -0.75}));
    BOOST_TEST(same(remainder(1.0, t), reals{0.0, 0.0, 0.25}));
    BOOST_TEST(close(logaddexp(v, 1.0), xt::log(xt::exp(a) + std::exp(1.0))));
    BOOST_TEST(close(xlogy(v, b * b) + entr(t), a * xt::log(b * b) - a * xt::log(a)));
    static_assert(is_ours<decltype(round(v))> && !is_ours<decltype(round(a))>);
    static_assert(is_ours<decltype(hypot(v, 1.0))> && !is_ours<decltype(hypot(a, b))>);
}

BOOST_AUTO_TEST_SUITE_END()
