// SPDX-License-Identifier: BSD-3-Clause
// Masks in expressions that are differentiated: the kernel and its single-op form agree, and a mask
// itself has no derivative.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

struct masked_model {
    bt::variable<double> x{reals{1.0, 2.0, 3.0}};
    bt::tensor<bool> m = x != 2.0;
    reals ones = {1.0, 1.0, 1.0};
};

} // namespace

BOOST_AUTO_TEST_SUITE(ad_masks)

BOOST_AUTO_TEST_CASE(a_mask_times_numbers_at_second_order)
{
    masked_model k;
    const bt::tensor<double> loss = sum(k.m * (0.5 * k.x) * k.x);
    BOOST_TEST(same(grad(loss, k.x), reals{1.0, 0.0, 3.0}));
    BOOST_TEST(same(hvp(loss, k.x, k.ones), reals{1.0, 0.0, 1.0}));
}

BOOST_AUTO_TEST_CASE(a_choice_of_numbers_at_second_order)
{
    masked_model k;
    const bt::tensor<double> loss = sum(where(k.m, 0.7, 0.2) * k.x * k.x);
    BOOST_TEST(expect::close(hvp(loss, k.x, k.ones), reals{1.4, 0.4, 1.4}));
    BOOST_TEST(same(bt::tensor<double>(where(k.m, 0.7, 0.2)), reals{0.7, 0.2, 0.7}));
}

BOOST_AUTO_TEST_CASE(logic_on_masks)
{
    masked_model k;
    const bt::tensor<bool> inside = k.x > 1.0 && k.x < 3.0, outside = !inside,
                           either = inside || k.x == 1.0;
    BOOST_TEST(same(sum(inside), 1));
    BOOST_TEST(same(sum(outside), 2));
    BOOST_TEST(same(sum(either), 2));
}

BOOST_AUTO_TEST_CASE(no_tangent_enters_through_a_mask)
{
    masked_model k;
    const bt::tensor<bool> both = k.m && k.x > 0.0;
    BOOST_TEST(throws<bt::unconnected_error>(
        [&] { (void)jvp(both, bt::tangent(k.m, k.m)).value(); }, {"derivative"}));
}

BOOST_AUTO_TEST_CASE(views_that_end_with_their_memory)
{
    for (std::size_t n : {8u, 512u, 4096u}) { // blocks without slack of their own
        const bt::variable<double> x(xt::xarray<double>(xt::ones<double>({n})));
        const auto tail = view(x, xt::range(n - 3, n));
        const bt::tensor<double> y = tail * 2.0 + tail;
        BOOST_TEST(same(y, reals{3.0, 3.0, 3.0}));
        BOOST_TEST(same(view(grad(sum(y), x), -1), 3.0));
    }
}

BOOST_AUTO_TEST_SUITE_END()
