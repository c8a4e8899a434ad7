// SPDX-License-Identifier: BSD-3-Clause
// The three ways in which a kernel takes its cotangent, for a sum (1 everywhere), for another number, and for
// an array, give the same bits: signs that are carried along instead of products, masks at singular points,
// divisions by numbers, several lengths, and cotangents that are added to others. And sums that are made with their
// cotangents have the bits of sums of values that lie in memory. Compiled for two instruction sets.
#include <support/expect.hpp>

#include <limits>

namespace bt = backtrail;
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Every pair of numbers at which something is singular, and more, up to n of them.
template <class T>
std::pair<xt::xarray<T>, xt::xarray<T>> pairs(std::size_t n)
{
    const double hard[] = {
        0.0,    -0.0, 1.0, -1.0, 0.5,  -2.0,     1e-300,    5e-324,          1e300,
        -1e300, 3.0,  7.0, -0.3, 20.0, infinite, -infinite, bt::not_a_number};
    constexpr std::size_t count = std::size(hard);
    xt::xarray<T> x = xt::xarray<T>::from_shape({n}), y = x;
    for (std::size_t i = 0; i < n; ++i) {
        x(i) = static_cast<T>(hard[i % count]);
        y(i) = static_cast<T>(hard[i / count % count]);
    }
    return {x, y};
}

/// Equal bits, but for those that tell one NaN from another.
template <class A, class B>
expect::claim alike(const A& a, const B& b)
{
    expect::claim result(true);
    for (std::size_t i = 0; i < a.size() && result; ++i) {
        const auto one = a(i), other = b(i);
        const bool same_bits = std::memcmp(&one, &other, sizeof one) == 0;
        result = same_bits || (std::isnan(one) && std::isnan(other));
        if (!result) result.message() << "element " << i << " is " << one << ", not " << other;
    }
    return result;
}

template <class T>
void check_sums(const char* what, const bt::tensor<T>& z, const bt::variable<T>& x,
                const bt::variable<T>& y)
{
    for (const T factor : {T(1), T(4)}) {
        const xt::xarray<T> weights = factor * xt::ones<T>(x.shape());
        const auto [x_bar, y_bar] = vjp(z, bt::tensor<T>(bt::constant(weights)), bt::wrt(x, y));
        bt::sweep s = reverse(factor == 1 ? sum(z) : sum(z) * factor, bt::wrt(x, y));
        for (int run = 0; run < 3; ++run) { // passes go forward and backward in turn
            s.run();
            BOOST_TEST(alike(s.adjoint(x), x_bar.value()),
                       what << " " << x.shape()[0] << ", x, times " << factor);
            BOOST_TEST(alike(s.adjoint(y), y_bar.value()),
                       what << " " << x.shape()[0] << ", y, times " << factor);
        }
    }
}

template <class F>
void check(F f)
{
    const auto in = [&]<class T>(T) {
        for (const std::size_t n : {1u, 17u, 289u, 511u, 512u, 1024u, 16400u, 40001u}) {
            const auto [x_values, y_values] = pairs<T>(n);
            const bt::variable<T> x(x_values), y(y_values);
            check_sums<T>("fuse", fuse(f, x, y), x, y);
            if constexpr (std::is_same_v<T, double>) check_sums<T>("operators", f(x, y), x, y);
        }
    };
    in(double());
    in(float());
}

/// Sums and means that are made with their cotangents, for any length: what lies beyond the last element is not added.
template <class F>
void check_values(F f)
{
    const auto in = [&]<class T>(T) {
        for (const std::size_t n :
             {1u, 3u, 8u, 15u, 16u, 17u, 40u, 487u, 500u, 512u, 513u, 1030u}) {
            const xt::xarray<T> numbers = xt::linspace<T>(0.3, 2.1, n);
            const bt::variable<T> x(xt::xarray<T>(1 - numbers)), y(numbers);
            for (const bt::tensor<T>& z : {bt::tensor<T>(fuse(f, x, y)), bt::tensor<T>(f(x, y))}) {
                const xt::xarray<T> values = z.value();
                const bt::tensor<T> kept = bt::constant(values);
                bt::sweep of_sum = reverse(sum(z), bt::wrt(x, y)),
                          of_mean = reverse(mean(z), bt::wrt(x, y));
                for (int run = 0; run < 2; ++run) { // forward and backward
                    BOOST_TEST(of_sum.run().template value<T>()() == sum(kept).value()(),
                               n << " numbers");
                    BOOST_TEST(of_mean.run().template value<T>()() == mean(kept).value()(),
                               n << " numbers");
                }
            }
        }
    };
    in(double());
    in(float());
}

} // namespace

BOOST_AUTO_TEST_SUITE(expr_cotangents)

BOOST_AUTO_TEST_CASE(sums)
{
    check_values([](auto x, auto y) { return (x - y) / y + x * y; });
    check_values([](auto x, auto y) { return sin(x) / y; });
    check_values([](auto x, auto y) { return x / y; });
}

BOOST_AUTO_TEST_CASE(signs)
{
    check([](auto x, auto y) { return x - y * x - (y - x) * (-y) - (-(-x * y)); });
}

BOOST_AUTO_TEST_CASE(masked_products)
{
    check([](auto x, auto y) { return sin(x) * y - (-log1p(x * y)) - sqrt(y) + x / y; });
    check([](auto x, auto y) { return x / y - log(x); }); // products of 0 are +0
}

BOOST_AUTO_TEST_CASE(divisions_by_numbers)
{
    check([](auto x, auto y) { return x / 4.0 - (x - y) / 3.0 - (-(y / 1e-320)); });
}

BOOST_AUTO_TEST_SUITE_END()
