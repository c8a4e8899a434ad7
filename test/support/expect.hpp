// SPDX-License-Identifier: BSD-3-Clause
// Claims about arrays and errors, for BOOST_TEST: each says what differs when it does not hold.
// Arrays are tensors, variables, expressions, xtensor's own or numbers; shapes must agree too.
#pragma once

#include <backtrail/backtrail.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <string>
#include <typeinfo>
#include <vector>

namespace expect {

namespace bt = backtrail;
using claim = boost::test_tools::predicate_result;
using reals = xt::xarray<double>;

/// A few roundings of double arithmetic, relative to numbers of order one.
inline constexpr double rounding = 1e-13;
/// The same in float.
inline constexpr double float_rounding = 1e-5;

/// An array of the given shape; xtensor's braces cannot write a column.
inline reals table(const std::vector<std::size_t>& shape, const std::vector<double>& values)
{
    reals result = reals::from_shape(shape);
    std::copy(values.begin(), values.end(), result.begin());
    return result;
}

/// f of each element, by a plain loop; a and b have one shape.
inline reals each(double (*f)(double), const reals& a)
{
    reals result = a;
    for (double& x : result.storage()) x = f(x);
    return result;
}
inline reals each(double (*f)(double, double), const reals& a, const reals& b)
{
    reals result = a;
    for (std::size_t i = 0; i < a.size(); ++i) result.data()[i] = f(a.data()[i], b.data()[i]);
    return result;
}

/// The value of anything, as doubles.
template <class X>
reals read(const X& x)
{
    if constexpr (bt::is_expr<X>) {
        return read(x.value());
    } else if constexpr (std::is_arithmetic_v<X>) {
        reals number = reals::from_shape({});
        number() = static_cast<double>(x);
        return number;
    } else {
        return xt::cast<double>(x);
    }
}

/// `(2, 3) [1, 2, 3, 4, 5, 6]`
inline std::string describe(const reals& a)
{
    std::string text = bt::to_string(bt::shape(a.shape())) + " [";
    for (std::size_t i = 0; i < a.size() && i < 24; ++i) {
        char digits[32];
        std::snprintf(digits, sizeof digits, i == 0 ? "%.17g" : ", %.17g", a.data()[i]);
        text += digits;
    }
    return text + "]";
}

inline claim compare(const reals& actual, const reals& expected, double tolerance)
{
    bool holds = actual.shape() == expected.shape();
    for (std::size_t i = 0; holds && i < actual.size(); ++i) {
        const double a = actual.data()[i], e = expected.data()[i];
        const bool both_nan = std::isnan(a) && std::isnan(e);
        // Negated, so that a lone NaN fails.
        holds = both_nan || a == e || std::abs(a - e) <= tolerance * std::max(1.0, std::abs(e));
    }
    claim result(holds);
    if (!holds) result.message() << describe(actual) << " is not " << describe(expected);
    return result;
}

/// Equal within a tolerance, relative above 1 and absolute below; NaN equals NaN.
template <class A, class E>
claim close(const A& actual, const E& expected, double tolerance = rounding)
{
    return compare(read(actual), read(expected), tolerance);
}

/// Equal numbers and shapes; NaN equals NaN, 0 equals -0.
template <class A, class E>
claim same(const A& actual, const E& expected)
{
    return compare(read(actual), read(expected), 0.0);
}

/// The same bits.
inline claim identical(const reals& a, const reals& b)
{
    claim result(
        a.shape() == b.shape() &&
        (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0));
    if (!result) result.message() << describe(a) << " has not the bits of " << describe(b);
    return result;
}

/// `f` throws exactly `Error`, with every fragment in its message.
template <class Error, class F>
claim throws(F&& f, std::initializer_list<const char*> fragments = {})
{
    claim result(false);
    try {
        f();
        result.message() << "nothing was thrown";
    } catch (const std::exception& e) {
        if (typeid(e) != typeid(Error)) {
            result.message() << typeid(e).name() << " was thrown: " << e.what();
            return result;
        }
        for (const char* fragment : fragments) {
            if (std::string(e.what()).find(fragment) == std::string::npos) {
                result.message() << "no \"" << fragment << "\" in \"" << e.what() << '"';
                return result;
            }
        }
        return claim(true);
    }
    return result;
}

} // namespace expect
