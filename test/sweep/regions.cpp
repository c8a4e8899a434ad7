// SPDX-License-Identifier: BSD-3-Clause
// Tags inside regions, which are read by their plain names.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;

namespace {

const reals start = {0.3, -0.2, 0.9, 1.4};

} // namespace

BOOST_AUTO_TEST_SUITE(regions)

BOOST_AUTO_TEST_CASE(tags_in_regions_have_their_plain_names)
{
    const bt::variable<double> x(start);
    const bt::tensor<double> y =
        bt::checkpoint([](auto v) { return bt::tensor<double>(exp(bt::tag("enc/h", sin(v)))); }, x);
    const bt::tensor<double> z = bt::tag("enc/z", y * y);
    const bt::tensor<double> h = sin(x), expected = sum(square(exp(h)));
    bt::sweep s = reverse(sum(z), bt::wrt(x)), kept = reverse(sum(z), bt::wrt(x));
    s.run();
    kept.keep(bt::values("enc/*"), bt::adjoints("enc/h")).run();
    for (bt::sweep& one : {std::ref(s), std::ref(kept)}) {
        BOOST_TEST(close(one.value("enc/h"), h));
        BOOST_TEST(close(one.adjoint("enc/h"), grad(expected, h)));
    }
    std::vector<std::string> values, bars;
    bt::sweep shown = reverse(sum(z), bt::wrt(x));
    shown.keep().on_value("enc/*", [&](const std::string& path, const bt::array<double>& a) {
        values.push_back(path);
        if (path == "enc/h") BOOST_TEST(close(a, h));
    });
    shown.on_adjoint("*/h", [&](const std::string& path, const bt::array<double>& a) {
        bars.push_back(path); // there is no such tag outside of regions
        BOOST_TEST(close(a, grad(expected, h)));
    });
    shown.run();
    std::sort(values.begin(), values.end());
    BOOST_TEST(values == (std::vector<std::string>{"enc/h", "enc/z"}));
    BOOST_TEST(bars == std::vector<std::string>{"enc/h"});
    const bt::tensor<double> looped = bt::loop(3, x, [](auto, auto u) {
        return bt::checkpoint([](auto v) { return bt::tensor<double>(v * bt::tag("c", cos(v))); },
                              u);
    });
    bt::sweep in_loop = reverse(sum(looped), bt::wrt(x));
    in_loop.keep(bt::values("c[*]")).run();
    BOOST_TEST(close(in_loop.value("c[0]"), cos(x)));
    BOOST_TEST(in_loop.value("c[*]").shape(0) == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
