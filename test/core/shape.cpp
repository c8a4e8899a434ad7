// SPDX-License-Identifier: BSD-3-Clause
// Shapes: broadcasting, axes, the rank limit, and the messages when a rule is broken.
#include <support/expect.hpp>

using namespace backtrail;
using expect::throws;

BOOST_AUTO_TEST_SUITE(core_shape)

BOOST_AUTO_TEST_CASE(broadcasting_follows_numpy)
{
    const auto together = [](const shape& a, const shape& b) {
        BOOST_TEST((broadcast("add", a, b) == broadcast("add", b, a)));
        return broadcast("add", a, b);
    };
    BOOST_TEST((together({2, 3}, {2, 3}) == shape{2, 3}));
    BOOST_TEST((together({2, 3}, {3}) == shape{2, 3}));
    BOOST_TEST((together({}, {4}) == shape{4}));
    BOOST_TEST((together({}, {}) == shape{}));
    BOOST_TEST((together({3, 1}, {1, 4}) == shape{3, 4}));
    BOOST_TEST((together({5, 1, 2}, {7, 1}) == shape{5, 7, 2}));
    BOOST_TEST((together({0}, {1}) == shape{0}));
    BOOST_TEST((together({2, 0}, {1, 1}) == shape{2, 0}));
}

BOOST_AUTO_TEST_CASE(what_does_not_broadcast_is_named_with_both_shapes)
{
    BOOST_TEST(throws<shape_error>([] { (void)broadcast("mul", {2, 3}, {2}); },
                                   {"[mul]", "(2, 3)", "(2,)"}));
    BOOST_TEST(throws<shape_error>([] { (void)broadcast("mul", {0}, {2}); }, {"(0,)", "(2,)"}));
}

BOOST_AUTO_TEST_CASE(one_direction_of_broadcasting)
{
    BOOST_TEST(is_broadcastable({}, {2, 3}));
    BOOST_TEST(is_broadcastable({1, 3}, {2, 3}));
    BOOST_TEST(is_broadcastable({1}, {0}));
    BOOST_TEST(!is_broadcastable({0}, {1}));
    BOOST_TEST(!is_broadcastable({2, 3}, {3}));
    BOOST_TEST(!is_broadcastable({1, 3}, {3}));
    BOOST_TEST(!is_broadcastable({2}, {3}));
}

BOOST_AUTO_TEST_CASE(axes_count_from_either_end)
{
    BOOST_TEST(normalise_axis("sum", 0, 3) == 0u);
    BOOST_TEST(normalise_axis("sum", -1, 3) == 2u);
    BOOST_TEST(normalise_axis("sum", -3, 3) == 0u);
    BOOST_TEST(throws<index_error>([] { (void)normalise_axis("sum", 3, 3); },
                                   {"[sum]", "axis 3", "rank 3"}));
    BOOST_TEST(throws<index_error>([] { (void)normalise_axis("sum", -4, 3); }, {"axis -4"}));
    BOOST_TEST(throws<index_error>([] { (void)normalise_axis("sum", 0, 0); }, {"rank 0"}));
}

BOOST_AUTO_TEST_CASE(lists_of_axes_are_sorted_and_unique)
{
    const std::ptrdiff_t list[] = {2, -3};
    BOOST_TEST((normalise_axes("sum", list, 3) == axes{0, 2}));
    const std::ptrdiff_t twice[] = {1, -2};
    BOOST_TEST(throws<index_error>([&] { (void)normalise_axes("sum", twice, 3); }, {"twice"}));
    BOOST_TEST((normalise_axes("sum", {}, 3) == axes{}));
}

BOOST_AUTO_TEST_CASE(reduced_shapes)
{
    BOOST_TEST((reduced_shape({2, 3, 4}, {1}, false) == shape{2, 4}));
    BOOST_TEST((reduced_shape({2, 3, 4}, {0, 2}, true) == shape{1, 3, 1}));
    BOOST_TEST((reduced_shape({2, 3}, all_axes(2), false) == shape{}));
}

BOOST_AUTO_TEST_CASE(at_most_eight_axes)
{
    shape s(max_rank, 1);
    BOOST_TEST(s.size() == 8u);
    BOOST_TEST(throws<shape_error>([&] { s.push_back(1); }, {"at most 8 axes"}));
    BOOST_TEST(s.size() == 8u);
    BOOST_TEST(throws<shape_error>([&] { s.insert(0, 1); }));
    BOOST_TEST(throws<shape_error>([] { (void)shape(9, 1); }));
    BOOST_TEST(throws<shape_error>([] { (void)shape{1, 1, 1, 1, 1, 1, 1, 1, 1}; }));
    BOOST_TEST(throws<shape_error>([] { (void)shape(std::vector<int>(9, 1)); }));
    const xt::xarray<double> deep = xt::zeros<double>({1, 1, 1, 1, 1, 1, 1, 1, 1});
    BOOST_TEST(throws<shape_error>([&] { (void)constant(deep); }));
    const auto x = constant(xt::xarray<double>(xt::ones<double>({1, 2, 1, 2, 1, 1, 1, 2})));
    BOOST_TEST(sum(x).value()() == 8.0);
    BOOST_TEST(throws<shape_error>([&] { (void)view(x, xt::newaxis()); }));
    BOOST_TEST(throws<shape_error>([&] { (void)stack(0, x, x); }));
}

BOOST_AUTO_TEST_CASE(small_vectors_insert_and_erase)
{
    shape s = {2, 4};
    s.insert(1, 3);
    BOOST_TEST((s == shape{2, 3, 4}));
    s.erase(0);
    BOOST_TEST((s == shape{3, 4}));
    s.insert(2, 5);
    BOOST_TEST((s == shape{3, 4, 5}));
    BOOST_TEST(s.front() == 3u);
    BOOST_TEST(s.back() == 5u);
}

BOOST_AUTO_TEST_CASE(counts_strides_and_text)
{
    BOOST_TEST(element_count({}) == 1u);
    BOOST_TEST(element_count({2, 0, 3}) == 0u);
    BOOST_TEST((dense_strides({2, 3, 4}) == strides{12, 4, 1}));
    BOOST_TEST(to_string(shape{}) == "()");
    BOOST_TEST(to_string(shape{3}) == "(3,)");
    BOOST_TEST(to_string(shape{64, 10}) == "(64, 10)");
}

BOOST_AUTO_TEST_SUITE_END()
