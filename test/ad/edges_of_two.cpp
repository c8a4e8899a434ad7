// SPDX-License-Identifier: BSD-3-Clause
// Singular points of functions of two numbers: x, y, value, and the derivatives by x and by y.
#include "edge_rows.hpp"

using edges::check_pair;
using edges::infinity;
using edges::no_number;

BOOST_AUTO_TEST_SUITE(ad_edges_of_two)

BOOST_AUTO_TEST_CASE(extrema)
{
    // clang-format off
    check_pair("maximum", [](auto x, auto y) { return maximum(x, y); }, {{1, 1, 1, 0.5, 0.5}, {0, -0.0, 0, 0.5, 0.5}, {infinity, infinity, infinity, 0.5, 0.5}, {no_number, 1, no_number, 1, 0}, {1, no_number, no_number, 0, 1}});
    check_pair("minimum", [](auto x, auto y) { return minimum(x, y); }, {{1, 1, 1, 0.5, 0.5}, {2, 1, 1, 0, 1}, {no_number, 1, no_number, 1, 0}, {1, no_number, no_number, 0, 1}});
    check_pair("fmax", [](auto x, auto y) { return fmax(x, y); }, {{1, 1, 1, 0.5, 0.5}, {2, 1, 2, 1, 0}, {no_number, 1, 1, 0, 1}, {1, no_number, 1, 1, 0}, {no_number, no_number, no_number, 0.5, 0.5}});
    check_pair("fmin", [](auto x, auto y) { return fmin(x, y); }, {{1, 1, 1, 0.5, 0.5}, {2, 1, 1, 0, 1}, {no_number, 1, 1, 0, 1}, {1, no_number, 1, 1, 0}, {no_number, no_number, no_number, 0.5, 0.5}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(bounds_that_are_tensors)
{
    // clang-format off
    check_pair("clip to low", [](auto x, auto y) { return clip(x, y, 9.0); }, {{1, 1, 1, 1, 0}, {0, 1, 1, 0, 1}, {2, 1, 2, 1, 0}, {12, 1, 9, 0, 0}, {no_number, 1, no_number, 0, 0}, {1, no_number, no_number, 0, 0}});
    check_pair("clip to high", [](auto x, auto y) { return clip(x, -9.0, y); }, {{1, 1, 1, 1, 0}, {2, 1, 1, 0, 1}, {0, 1, 0, 1, 0}, {0, -12, -12, 0, 1}});
    check_pair("hard_tanh to low", [](auto x, auto y) { return hard_tanh(x, y, 9.0); }, {{1, 1, 1, 0, 1}, {2, 1, 2, 1, 0}, {9, 1, 9, 0, 0}});
    check_pair("hard_tanh to high", [](auto x, auto y) { return hard_tanh(x, -9, y); }, {{1, 1, 1, 0, 1}, {0, 1, 0, 1, 0}, {-9, 1, -9, 0, 0}});
    check_pair("soft_shrink", [](auto x, auto y) { return soft_shrink(x, y); }, {{0.5, 0.5, 0, 0, 0}, {-2, 0.5, -1.5, 1, 1}, {2, 0.5, 1.5, 1, -1}});
    check_pair("hard_shrink", [](auto x, auto y) { return hard_shrink(x, y); }, {{0.5, 0.5, 0, 0, 0}, {-2, 0.5, -2, 1, 0}});
    check_pair("leaky_relu", [](auto x, auto y) { return leaky_relu(x, y); }, {{0, 0.25, 0, 0.25, 0}, {-4, 0.25, -1, 0.25, -4}, {4, 0.25, 4, 1, 0}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(choices)
{
    // clang-format off
    check_pair("where", [](auto x, auto y) { return where(x > y, x, y); }, {{1, 1, 1, 0, 1}, {2, 1, 2, 1, 0}, {no_number, 1, 1, 0, 1}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(infinite_cotangents_reach_only_what_was_taken)
{
    namespace bt = backtrail;
    const bt::variable<double> x(expect::reals{0.0, 6.0, 3.0});
    const expect::reals wild = {infinity, no_number, infinity};
    BOOST_TEST(expect::same(vjp(bt::tensor<double>(relu6(x)), wild, x),
                            expect::reals({0.0, 0.0, infinity})));
    BOOST_TEST(expect::same(vjp(bt::tensor<double>(clip(x, 1, 5)), wild, x),
                            expect::reals({0.0, 0.0, infinity})));
    BOOST_TEST(expect::same(vjp(bt::tensor<double>(hard_shrink(x, 4)), wild, x),
                            expect::reals({0.0, no_number, 0.0})));
}

BOOST_AUTO_TEST_SUITE_END()
