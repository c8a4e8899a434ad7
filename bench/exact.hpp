// SPDX-License-Identifier: BSD-3-Clause
// Functions of one and two numbers to 150 digits, by MPFR, and their derivatives by central
// differences so fine that 60 digits are right: what the accuracy of our ops is measured against.
#pragma once

#include <boost/multiprecision/mpfr.hpp>

#include <functional>
#include <string>
#include <vector>

namespace exact {

using real = boost::multiprecision::number<boost::multiprecision::mpfr_float_backend<150>,
                                           boost::multiprecision::et_off>;

/// An interval from which arguments are drawn, half of them evenly, half evenly in their logarithm.
struct range {
    double low, high;
};

/// A function, the arguments it is tried at, and the points where it is singular (differences keep
/// away from them).
struct function {
    std::string name;
    std::function<real(const real&, const real&)> value; ///< the second operand may be unused
    std::vector<range> first, second = {};
    std::vector<double> singular = {};
    /// The largest term of a sum that may cancel, in whose last place errors of values are counted then.
    std::function<real(const real&, const real&)> term = {};
};

/// All functions that are measured.
[[nodiscard]] std::vector<function> all_functions();

} // namespace exact
