// SPDX-License-Identifier: BSD-3-Clause
// Tables of singular points. A row is a point, the value there, and the derivatives that the library
// promises. It is checked in double and float, in every mix of modes up to second order, and in each
// form that the library computes in: one op alone, fused with others by operators and by `fuse`, and
// as statements of their own.
#pragma once

#include <support/expect.hpp>

#include <initializer_list>
#include <limits>

namespace edges {

namespace bt = backtrail;

inline constexpr double infinity = bt::infinity, no_number = bt::not_a_number;

/// A sanitizer watches loops, which are those of any expression: for it, and for the minutes that instrumented kernels
/// take to compile, each function is an op alone and a statement.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool has_all_forms = false;
#else
inline constexpr bool has_all_forms = true;
#endif

/// A function of one number at a point.
struct row {
    double at, value, slope, second;
};
/// A function of two, which is linear in each.
struct row_of_two {
    double x, y, value, by_x, by_y;
};

template <class T>
inline constexpr double tolerance =
    std::is_same_v<T, double> ? expect::rounding : expect::float_rounding;

/// Enough equal elements for a whole vector and a remainder.
template <class T>
xt::xarray<T> copies(double x)
{
    return xt::ones<T>({9}) * T(x);
}

template <class T>
expect::claim all_are(const bt::tensor<T>& actual, double wanted)
{
    return expect::close(actual, expect::reals(xt::ones<double>({9}) * wanted), tolerance<T>);
}

template <class T>
bt::tensor<T> slope_of(const bt::tensor<T>& y, const bt::variable<T>& x)
{
    return grad(sum(y), x, bt::zero_if_unconnected);
}
template <class T>
bt::tensor<T> tangent_of(const bt::tensor<T>& y, const bt::variable<T>& x)
{
    return jvp(y, bt::tangent(x, copies<T>(1.0)), bt::zero_if_unconnected);
}

template <class T>
void check_modes(const char* form, const bt::tensor<T>& y, const bt::variable<T>& x, const row& r)
{
    BOOST_TEST_CONTEXT(form << " at " << r.at << ", " << sizeof(T) << " bytes")
    {
        const bt::tensor<T> reverse = slope_of(y, x), forward = tangent_of(y, x);
        BOOST_TEST(all_are(y, r.value));
        BOOST_TEST(all_are(reverse, r.slope));
        BOOST_TEST(all_are(forward, r.slope));
        // nothing is promised of the second order where the first is infinite or not a number
        if (!std::isfinite(r.at) || !std::isfinite(r.slope)) return;
        BOOST_TEST(all_are(slope_of(reverse, x), r.second));
        BOOST_TEST(all_are(tangent_of(reverse, x), r.second));
        BOOST_TEST(all_are(slope_of(forward, x), r.second));
        BOOST_TEST(all_are(tangent_of(forward, x), r.second));
    }
}

/// Where a derivative is infinite, a cotangent and a tangent of exactly 0 contribute nothing.
template <class T>
void check_masking(const bt::tensor<T>& y, const bt::variable<T>& x)
{
    const bt::tensor<T> unused = where(x == x + T(1), y, T(2) * x); // never true
    check_modes("not taken", unused, x, {x.value()(0), 2 * x.value()(0), 2, 0});
    BOOST_TEST(all_are(bt::tensor<T>(jvp(y, bt::tangent(x, copies<T>(0.0)))), 0.0));
    BOOST_TEST(all_are(bt::tensor<T>(vjp(y, copies<T>(0.0), x)), 0.0));
}

template <class T, class F>
void check_row(F f, const row& r)
{
    const bt::variable<T> x(copies<T>(r.at));
    const bt::tensor<T> alone = f(x);
    check_modes("alone", alone, x, r);
    if constexpr (has_all_forms) {
        check_modes("operators", bt::tensor<T>(1.0 * f(x * 1.0)), x, r);
        check_modes("fuse", bt::tensor<T>(fuse([&](auto a) { return 1.0 * f(a * 1.0); }, x)), x, r);
    }
    const bt::tensor<T> first = x * 1.0, second = f(first), third = second * 1.0;
    check_modes("statements", third, x, r);
    if (std::isinf(r.slope)) check_masking(alone, x);
}

/// One line of the table: a function and the points to look at.
template <class F>
void check(const char* name, F f, std::initializer_list<row> rows)
{
    BOOST_TEST_CONTEXT(name)
    {
        for (const row& r : rows) {
            check_row<double>(f, r);
            check_row<float>(f, r);
        }
    }
}

template <class T>
void check_modes(const char* form, const bt::tensor<T>& z, const bt::variable<T>& x,
                 const bt::variable<T>& y, const row_of_two& r)
{
    check_modes(form, z, x, row{r.x, r.value, r.by_x, 0});
    check_modes(form, z, y, row{r.y, r.value, r.by_y, 0});
    const bt::tensor<T> mixed = slope_of(slope_of(z, x), y), swapped = slope_of(slope_of(z, y), x);
    BOOST_TEST(expect::same(mixed, swapped));
}

template <class T, class F>
void check_row(F f, const row_of_two& r)
{
    const bt::variable<T> x(copies<T>(r.x)), y(copies<T>(r.y));
    check_modes("alone", bt::tensor<T>(f(x, y)), x, y, r);
    if constexpr (has_all_forms) {
        check_modes("operators", bt::tensor<T>(1.0 * f(x * 1.0, y)), x, y, r);
        const auto both = [&](auto a, auto b) { return 1.0 * f(a, b * 1.0); };
        check_modes("fuse", bt::tensor<T>(fuse(both, x, y)), x, y, r);
    }
    const bt::tensor<T> a = x * 1.0, b = y * 1.0, c = f(a, b), d = c * 1.0;
    check_modes("statements", d, x, y, r);
}

/// The same for a function of two numbers.
template <class F>
void check_pair(const char* name, F f, std::initializer_list<row_of_two> rows)
{
    BOOST_TEST_CONTEXT(name)
    {
        for (const row_of_two& r : rows) {
            check_row<double>(f, r);
            check_row<float>(f, r);
        }
    }
}

} // namespace edges
