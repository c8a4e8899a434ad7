// SPDX-License-Identifier: BSD-3-Clause
// Layouts: reshaping without a copy where that is possible, merging of axes, and density; each
// against the list of offsets that a layout visits.
#include <backtrail/core/layout.hpp>

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace backtrail;

namespace {

/// The offsets of all elements in row-major order.
std::vector<std::ptrdiff_t> offsets(const layout& l)
{
    std::vector<std::ptrdiff_t> result;
    for (std::size_t flat = 0; flat < l.size(); ++flat) {
        std::size_t rest = flat;
        std::ptrdiff_t at = l.offset;
        for (std::size_t i = l.extents.size(); i-- > 0;) {
            at += static_cast<std::ptrdiff_t>(rest % l.extents[i]) * l.steps[i];
            rest /= l.extents[i];
        }
        result.push_back(at);
    }
    return result;
}

void check_reshape(const layout& from, const shape& to)
{
    const auto result = reshaped(from, to);
    BOOST_TEST_REQUIRE(result.has_value());
    BOOST_TEST((result->extents == to));
    BOOST_TEST(offsets(*result) == offsets(from), boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(core_layout)

BOOST_AUTO_TEST_CASE(dense_arrays_take_any_shape)
{
    const layout dense(shape{4, 6});
    for (const shape& to : {shape{24}, shape{2, 2, 6}, shape{4, 1, 6}, shape{8, 3}, shape{1, 24, 1},
                            shape{2, 3, 4}}) {
        check_reshape(dense, to);
    }
    check_reshape(layout(shape{1, 1}), {});
    check_reshape(layout(shape{}), {1, 1, 1});
}

BOOST_AUTO_TEST_CASE(strided_arrays_split_but_do_not_merge)
{
    const layout columns({4, 3}, {8, 2}, 1); // every second column of eight
    check_reshape(columns, {2, 2, 3});
    check_reshape(columns, {4, 1, 3});
    BOOST_TEST(!reshaped(columns, {12}).has_value());
    BOOST_TEST(!reshaped(columns, {2, 6}).has_value());
    const layout transposed({6, 4}, {1, 6}, 0);
    check_reshape(transposed, {2, 3, 2, 2});
    BOOST_TEST(!reshaped(transposed, {24}).has_value());
    const layout reversed({6}, {-1}, 5);
    check_reshape(reversed, {2, 3});
    const layout repeated({4, 3}, {0, 0}, 7);
    check_reshape(repeated, {12});
}

BOOST_AUTO_TEST_CASE(axes_of_one_do_not_hinder)
{
    const layout odd({4, 1, 6}, {6, 999, 1}, 0); // the stride of one element means nothing
    check_reshape(odd, {24});
    BOOST_TEST(odd.is_dense());
}

BOOST_AUTO_TEST_CASE(nothing_takes_any_empty_shape)
{
    check_reshape(layout({0, 3}, {7, 2}, 3), {3, 0, 5});
    BOOST_TEST(layout({0, 3}, {7, 2}, 3).is_dense());
}

BOOST_AUTO_TEST_CASE(density_and_scalars)
{
    BOOST_TEST(layout(shape{}).is_dense());
    BOOST_TEST(layout(shape{}).is_scalar());
    BOOST_TEST(layout(shape{2, 3}).is_dense());
    BOOST_TEST(!layout({3, 2}, {1, 3}, 0).is_dense());
    BOOST_TEST(!layout({3}, {-1}, 2).is_dense());
    BOOST_TEST(layout({3, 2}, {0, 0}, 5).is_scalar());
    BOOST_TEST(!layout({3, 2}, {0, 1}, 0).is_scalar());
}

BOOST_AUTO_TEST_CASE(coalescing_keeps_the_order_of_every_layout)
{
    const shape s = {2, 1, 3, 4};
    struct sample {
        layout l;
        std::size_t rank_alone;
    };
    const sample samples[] = {
        {layout(s), 1},
        {layout(s, {12, 5, 4, 1}, 2), 1},
        {layout(s, {1, 0, 2, 6}, 0), 3},
        {layout(s, {0, 0, 4, 1}, 0), 2},
        {layout(s, {-12, 0, -4, -1}, 23), 1},
        {layout(s, {0, 0, 0, 0}, 9), 1},
    };
    for (const sample& one : samples) {
        layout merged = one.l;
        coalesce(&merged, 1);
        BOOST_TEST(merged.extents.size() == one.rank_alone);
        BOOST_TEST(offsets(merged) == offsets(one.l), boost::test_tools::per_element());
        for (const sample& other : samples) {
            layout both[] = {one.l, other.l};
            coalesce(both, 2);
            BOOST_TEST((both[0].extents == both[1].extents));
            BOOST_TEST(offsets(both[0]) == offsets(one.l), boost::test_tools::per_element());
            BOOST_TEST(offsets(both[1]) == offsets(other.l), boost::test_tools::per_element());
        }
    }
    layout single(shape{1, 1});
    coalesce(&single, 1);
    BOOST_TEST(single.extents.empty());
}

BOOST_AUTO_TEST_SUITE_END()
