// SPDX-License-Identifier: BSD-3-Clause
// Singular points of functions of one number: at, value, slope, second derivative.
#include "edge_rows.hpp"

using edges::check;
using edges::infinity;
using edges::no_number;

BOOST_AUTO_TEST_SUITE(ad_edges_of_one)

BOOST_AUTO_TEST_CASE(steps_and_poles)
{
    // clang-format off
    check("abs", [](auto x) { return abs(x); }, {{0, 0, 0, 0}, {-0.0, 0, 0, 0}, {no_number, no_number, no_number, 0}, {-infinity, infinity, -1, 0}});
    check("sign", [](auto x) { return sign(x); }, {{0, 0, 0, 0}, {no_number, no_number, no_number, 0}, {-3, -1, 0, 0}});
    check("sqrt", [](auto x) { return sqrt(x); }, {{0, 0, infinity, -infinity}, {4, 2, 0.25, -1.0 / 32}, {-1, no_number, no_number, no_number}});
    check("log", [](auto x) { return log(x); }, {{0, -infinity, infinity, -infinity}, {-1, no_number, no_number, no_number}, {2, std::log(2.0), 0.5, -0.25}});
    check("log1p", [](auto x) { return log1p(x); }, {{-1, -infinity, infinity, -infinity}, {-2, no_number, no_number, no_number}});
    check("reciprocal", [](auto x) { return reciprocal(x); }, {{0, infinity, -infinity, infinity}, {2, 0.5, -0.25, 0.25}});
    check("1/x", [](auto x) { return 1.0 / x; }, {{0, infinity, -infinity, infinity}, {2, 0.5, -0.25, 0.25}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(powers)
{
    // clang-format off
    check("x^0", [](auto x) { return pow(x, 0); }, {{0, 1, 0, 0}, {-2, 1, 0, 0}});
    check("x^1", [](auto x) { return pow(x, 1); }, {{0, 0, 1, 0}, {-2, -2, 1, 0}});
    check("x^2", [](auto x) { return pow(x, 2); }, {{0, 0, 0, 2}, {-2, 4, -4, 2}});
    check("x^0.5", [](auto x) { return pow(x, 0.5); }, {{0, 0, infinity, -infinity}, {4, 2, 0.25, -1.0 / 32}});
    check("x^-1", [](auto x) { return pow(x, -1); }, {{0, infinity, -infinity, infinity}, {-2, -0.5, -0.25, -0.25}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(kinks)
{
    constexpr double selu_slope = 1.0507009873554805 * 1.6732632423543772;
    // clang-format off
    check("relu", [](auto x) { return relu(x); }, {{0, 0, 0, 0}, {1e-30, 1e-30, 1, 0}, {-1, 0, 0, 0}, {no_number, no_number, 0, 0}});
    check("relu6", [](auto x) { return relu6(x); }, {{0, 0, 0, 0}, {6, 6, 0, 0}, {3, 3, 1, 0}, {infinity, 6, 0, 0}, {no_number, no_number, 0, 0}});
    check("hard_tanh", [](auto x) { return hard_tanh(x); }, {{-1, -1, 0, 0}, {1, 1, 0, 0}, {0.5, 0.5, 1, 0}, {-infinity, -1, 0, 0}});
    check("hard_tanh(-2, 3)", [](auto x) { return hard_tanh(x, -2, 3.0); }, {{-2, -2, 0, 0}, {3, 3, 0, 0}, {1, 1, 1, 0}});
    check("hard_sigmoid", [](auto x) { return hard_sigmoid(x); }, {{-3, 0, 0, 0}, {3, 1, 0, 0}, {0, 0.5, 1.0 / 6, 0}});
    check("hard_swish", [](auto x) { return hard_swish(x); }, {{-3, 0, 0, 0}, {3, 3, 1, 0}, {0, 0, 0.5, 1.0 / 3}, {-infinity, 0, 0, 0}});
    check("soft_shrink", [](auto x) { return soft_shrink(x, 0.5); }, {{0.5, 0, 0, 0}, {-0.5, 0, 0, 0}, {-1, -0.5, 1, 0}, {no_number, no_number, 0, 0}});
    check("hard_shrink", [](auto x) { return hard_shrink(x, 0.5); }, {{0.5, 0, 0, 0}, {-0.5, 0, 0, 0}, {-1, -1, 1, 0}, {no_number, no_number, 0, 0}});
    check("leaky_relu", [](auto x) { return leaky_relu(x, 0.25); }, {{0, 0, 0.25, 0}, {-4, -1, 0.25, 0}, {4, 4, 1, 0}});
    check("elu", [](auto x) { return elu(x, 0.5); }, {{0, 0, 0.5, 0.5}, {1000, 1000, 1, 0}, {-1000, -0.5, 0, 0}});
    check("celu", [](auto x) { return celu(x, 2.0); }, {{0, 0, 1, 0.5}, {4000, 4000, 1, 0}, {-4000, -2, 0, 0}});
    check("selu", [](auto x) { return selu(x); }, {{0, 0, selu_slope, selu_slope}, {-1000, -selu_slope, 0, 0}});
    check("softsign", [](auto x) { return softsign(x); }, {{0, 0, 1, 0}, {infinity, 1, 0, 0}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(bounds)
{
    // clang-format off
    check("clip", [](auto x) { return clip(x, -1, 2.0); }, {{-1, -1, 1, 0}, {2, 2, 1, 0}, {3, 2, 0, 0}, {-infinity, -1, 0, 0}, {no_number, no_number, 0, 0}});
    check("clip below", [](auto x) { return clip(x, -1, std::nullopt); }, {{-1, -1, 1, 0}, {-2, -1, 0, 0}, {9, 9, 1, 0}});
    check("clip above", [](auto x) { return clip(x, std::nullopt, 2); }, {{2, 2, 1, 0}, {-2, -2, 1, 0}, {9, 2, 0, 0}});
    check("clip, bounds crossed", [](auto x) { return clip(x, 2, 1); }, {{0, 1, 0, 0}, {1.5, 1, 0, 0}, {3, 1, 0, 0}});
    check("maximum(x, 1)", [](auto x) { return maximum(x, 1.0); }, {{1, 1, 0.5, 0}, {0, 1, 0, 0}, {no_number, no_number, 1, 0}});
    check("minimum(x, x)", [](auto x) { return minimum(x, x); }, {{1, 1, 1, 0}, {no_number, no_number, 1, 0}});
    check("fmax(x, 1)", [](auto x) { return fmax(x, 1.0); }, {{1, 1, 0.5, 0}, {no_number, 1, 0, 0}});
    check("fmin(1, x)", [](auto x) { return fmin(1.0, x); }, {{1, 1, 0.5, 0}, {no_number, 1, 0, 0}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(branches_not_taken)
{
    // clang-format off
    check("sqrt", [](auto x) { return where(x > 0.0, sqrt(x), 0.0); }, {{0, 0, 0, 0}, {-1, 0, 0, 0}, {4, 2, 0.25, -1.0 / 32}});
    check("log", [](auto x) { return where(x > 0.0, log(x), x); }, {{0, 0, 1, 0}, {-1, -1, 1, 0}, {2, std::log(2.0), 0.5, -0.25}});
    check("1/x", [](auto x) { return where(x == 0.0, 1.0, 1.0 / x); }, {{0, 1, 0, 0}, {2, 0.5, -0.25, 0.25}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(far_out)
{
    // clang-format off
    check("sigmoid", [](auto x) { return sigmoid(x); }, {{1000, 1, 0, 0}, {-1000, 0, 0, 0}});
    check("log_sigmoid", [](auto x) { return log_sigmoid(x); }, {{1000, 0, 0, 0}, {-1000, -1000, 1, 0}});
    check("softplus", [](auto x) { return softplus(x); }, {{1000, 1000, 1, 0}, {-1000, 0, 0, 0}});
    check("softplus(2)", [](auto x) { return softplus(x, 2.0); }, {{1000, 1000, 1, 0}, {-1000, 0, 0, 0}, {0, std::log(2.0) / 2, 0.5, 0.5}});
    check("tanh", [](auto x) { return tanh(x); }, {{1000, 1, 0, 0}, {-1000, -1, 0, 0}});
    check("tanh_shrink", [](auto x) { return tanh_shrink(x); }, {{1000, 999, 1, 0}, {-1000, -999, 1, 0}, {0, 0, 0, 0}});
    check("silu", [](auto x) { return silu(x); }, {{1000, 1000, 1, 0}, {-1000, 0, 0, 0}, {-infinity, 0, 0, 0}, {0, 0, 0.5, 0.5}});
    check("gelu_tanh", [](auto x) { return gelu_tanh(x); }, {{1000, 1000, 1, 0}, {-1000, 0, 0, 0}, {-infinity, 0, 0, 0}, {0, 0, 0.5, 0.79788456080286536}});
    check("mish", [](auto x) { return mish(x); }, {{1000, 1000, 1, 0}, {-1000, 0, 0, 0}, {-infinity, 0, 0, 0}, {0, 0, 0.6, 0.64}});
    // clang-format on
}

BOOST_AUTO_TEST_SUITE_END()
