// SPDX-License-Identifier: BSD-3-Clause
// Reducers against plain loops, at the hard ends: what is not finite, extreme magnitudes, no elements;
// and that histograms and quantiles do not depend on the order of the elements.
#include <support/expect.hpp>

#include <random>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

using D = bt::tensor<double>;
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

/// What a reducer makes of the value of a tag.
template <class R>
typename R::result reduced(const reals& values, const R& by)
{
    const bt::variable<double> x(values);
    const D h = bt::tag("h", x * 1.0);
    bt::sweep s = reverse(sum(h), bt::wrt(x)).keep(bt::values("h") | by);
    s.run();
    return s.value("h", by);
}

reals random_values(std::size_t n, double spread)
{
    std::mt19937_64 random(11);
    std::normal_distribution<double> normal;
    reals values = reals::from_shape({n});
    for (double& v : values) v = normal(random) * std::exp(spread * normal(random));
    return values;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sweep_reducers)

BOOST_AUTO_TEST_CASE(histogram_over_a_range)
{
    const auto h = reduced(reals{-2.0, -1.0, -0.5, 0.0, 0.99, 1.0, 3.0, not_a_number, inf, -inf},
                           bt::histogram(4, -1.0, 1.0));
    BOOST_TEST((h.counts == std::vector<std::uint64_t>{1, 1, 1, 2}));
    BOOST_TEST(h.edge(1) == -0.5);
    BOOST_TEST(h.below == 1u);
    BOOST_TEST(h.above == 1u);
    BOOST_TEST(h.nonfinite.total() == 3u);
    BOOST_TEST(throws<bt::value_error>([] { bt::histogram(4, 1.0, 1.0); }, {"[histogram]"}));
    BOOST_TEST(throws<bt::value_error>([] { bt::histogram(0); }, {"bins"}));
}

BOOST_AUTO_TEST_CASE(histogram_that_finds_its_range)
{
    const auto h = reduced(reals{-3.0, -1.0, 0.0, 0.5, 1.0, 4.5, not_a_number}, bt::histogram(8));
    BOOST_TEST(h.width == 1.0); // 2^-1 would take 16 bins
    BOOST_TEST(h.lower == -3.0);
    BOOST_TEST((h.counts == std::vector<std::uint64_t>{1, 0, 1, 2, 1, 0, 0, 1}));
    BOOST_TEST(h.nonfinite.nan == 1u);
    for (const auto& extreme :
         {reals{1e300, -1e300, 1e-300}, reals{5e-324, 0.0}, reals{7.0, 7.0}}) {
        const auto e = reduced(extreme, bt::histogram(4));
        std::uint64_t all = 0;
        for (auto c : e.counts) all += c;
        BOOST_TEST(all == extreme.size());
        BOOST_TEST(e.counts.size() <= 4u);
        BOOST_TEST(e.lower <= xt::amin(extreme)());
        BOOST_TEST(e.edge(e.counts.size()) > xt::amax(extreme)());
    }
    BOOST_TEST(reduced(reals{not_a_number}, bt::histogram(4)).counts.empty());
}

BOOST_AUTO_TEST_CASE(histograms_do_not_depend_on_order)
{
    reals values = random_values(200'000, 3.0); // two parts of a fold, and a little
    const auto forth = reduced(values, bt::histogram(50));
    std::reverse(values.begin(), values.end());
    const auto back = reduced(values, bt::histogram(50));
    BOOST_TEST((forth.counts == back.counts));
    BOOST_TEST(forth.lower == back.lower);
    std::vector<std::uint64_t> plain(forth.counts.size());
    for (double v : values) ++plain[std::size_t(std::floor((v - forth.lower) / forth.width))];
    BOOST_TEST((forth.counts == plain));
}

BOOST_AUTO_TEST_CASE(moments_and_norms)
{
    const reals values = random_values(150'000, 0.5);
    const auto m = reduced(values, bt::moments());
    long double sum = 0, squares = 0, l1 = 0;
    for (double v : values) {
        sum += v;
        l1 += std::abs(v);
    }
    const long double mean = sum / values.size();
    for (double v : values) squares += (v - mean) * (v - mean);
    constexpr double tolerance = 1e-12; // thousands of partial results, each rounded
    BOOST_TEST(m.count == values.size());
    BOOST_TEST(close(m.mean, double(mean), tolerance));
    BOOST_TEST(close(m.variance, double(squares / values.size()), tolerance));
    BOOST_TEST(close(m.l1, double(l1), tolerance));
    BOOST_TEST(close(m.l2, double(std::sqrt(squares + mean * sum)), tolerance));
    BOOST_TEST(m.max == xt::amax(values)());
    BOOST_TEST(reduced(values, bt::minmax()).min == xt::amin(values)());

    const auto shifted = reduced(values + 1e9, bt::moments()); // cancels nothing
    BOOST_TEST(close(shifted.variance, double(squares / values.size()), 1e-6));
    BOOST_TEST(close(reduced(reals{3e200, 4e200}, bt::l2norm()) / 1e200, 5.0));
    BOOST_TEST(close(reduced(reals{3e-200, 4e-200}, bt::l2norm()) * 1e200, 5.0));
    const auto mixed = reduced(reals{not_a_number, 1.0, 3.0, inf}, bt::moments());
    BOOST_TEST(mixed.nonfinite == 2u);
    BOOST_TEST(mixed.mean == 2.0);
    const auto none = reduced(reals{not_a_number}, bt::moments());
    BOOST_TEST(std::isnan(none.mean));
    BOOST_TEST(none.l2 == 0.0);
}

BOOST_AUTO_TEST_CASE(quantiles_within_the_bounds_they_state)
{
    reals values = random_values(100'000, 2.0);
    const std::vector<double> p = {0.0, 0.01, 0.25, 0.5, 0.9, 0.999, 1.0};
    const auto q = reduced(values, bt::quantiles(p));
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double exact = sorted[std::size_t(std::floor(p[i] * (sorted.size() - 1) + 0.5))];
        BOOST_TEST(q[i].lower <= exact);
        BOOST_TEST(q[i].upper >= exact);
        BOOST_TEST(std::abs(q[i].value - exact) <= std::abs(exact) / 32); // half a bin
    }
    BOOST_TEST(q.front().value == sorted.front());
    BOOST_TEST(q.back().value == sorted.back());
    BOOST_TEST(std::isnan(reduced(reals{not_a_number}, bt::quantiles({0.5}))[0].value));
    BOOST_TEST(reduced(reals{0.0, 0.0, 1e300}, bt::quantiles({0.5}, 2))[0].lower == 0.0);
    BOOST_TEST(throws<bt::value_error>([] { bt::quantiles({1.5}); }, {"[quantiles]"}));
}

BOOST_AUTO_TEST_CASE(single_elements)
{
    const reals values = {{1.0, -7.0, 2.0}, {7.0, not_a_number, 0.0}};
    const auto largest = reduced(values, bt::top(3));
    BOOST_TEST_REQUIRE(largest.size() == 3u);
    BOOST_TEST(std::isnan(largest[0].value));
    BOOST_TEST((largest[0].index == std::vector<std::size_t>{1, 1}));
    BOOST_TEST(largest[1].value == -7.0); // of equal magnitudes the first
    BOOST_TEST((largest[2].index == std::vector<std::size_t>{1, 0}));
    BOOST_TEST(reduced(reals{1.0}, bt::top(3)).size() == 1u);

    const reals many = xt::arange<double>(0.0, 200'000.0);
    const auto some = reduced(many, bt::sample(10, 5));
    BOOST_TEST_REQUIRE(some.size() == 10u);
    for (std::size_t j = 0; j < some.size(); ++j) { // one from each stretch
        BOOST_TEST(some[j].value == double(some[j].index[0]));
        BOOST_TEST(some[j].index[0] / 20'000 == j);
    }
    BOOST_TEST(reduced(many, bt::sample(10, 6))[0].index[0] != some[0].index[0]);

    const reals grid = xt::reshape_view(xt::arange<double>(0.0, 24.0), {2, 3, 4});
    const auto picture = reduced(grid, bt::image(1, -1));
    BOOST_TEST(picture.height == 3u);
    BOOST_TEST(picture.width == 4u);
    BOOST_TEST(picture(1, 2) == 12.0); // the mean of 6 and 18
    const auto small = reduced(grid, bt::image(1, 2, 2));
    BOOST_TEST(small.pixels.size() == 4u);
    BOOST_TEST(throws<bt::index_error>([&] { (void)reduced(grid, bt::image(1, 1)); }, {"[image]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)reduced(grid, bt::image(3, 0)); }, {"[image]"}));
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_counted_and_types_are_read)
{
    const auto c =
        reduced(reals{1.0, not_a_number, inf, -inf, not_a_number}, bt::count_nonfinite());
    BOOST_TEST(c.nan == 2u);
    BOOST_TEST(c.positive_infinity == 1u);
    BOOST_TEST(c.negative_infinity == 1u);
    const bt::variable<float> x(xt::xarray<float>{1.0f, 2.5f});
    const bt::tensor<float> h = bt::tag("h", x * x);
    const bt::tensor<bool> mask = bt::tag("mask", h > 2.0f);
    bt::sweep s = reverse(sum(where(mask, h, 0.0f)), bt::wrt(x));
    s.run();
    BOOST_TEST(s.value("h", bt::moments()).max == 6.25);
    BOOST_TEST(s.value(mask, bt::moments()).mean == 0.5);
    BOOST_TEST(s.adjoint("h", bt::l2norm()) == 1.0);
}

BOOST_AUTO_TEST_CASE(a_reducer_of_ones_own)
{
    struct range {
        double low = inf, high = -inf;
    };
    const auto spread = bt::fold(
        "range", range(),
        [](range& r, double v) {
            r.low = std::min(r.low, v);
            r.high = std::max(r.high, v);
        },
        [](range& r, const range& later) {
            r.low = std::min(r.low, later.low);
            r.high = std::max(r.high, later.high);
        });
    const reals values = random_values(300'000, 1.0);
    const range r = reduced(values, spread);
    BOOST_TEST(r.low == xt::amin(values)());
    BOOST_TEST(r.high == xt::amax(values)());
}

BOOST_AUTO_TEST_CASE(kept_reduced_and_read_whole)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const D h = bt::tag("h", x * x);
    bt::sweep s = reverse(sum(h * h), bt::wrt(x));
    s.keep(bt::adjoints("*") | bt::moments() | bt::histogram(4), bt::values("h")).run();
    BOOST_TEST((s.status("h") == bt::connection::not_kept)); // the array is not
    BOOST_TEST(s.adjoint("h", bt::moments()).max == 8.0);
    BOOST_TEST(s.adjoint("h", bt::histogram(4)).counts.size() > 0u);
    BOOST_TEST(same(s.adjoint("h"), reals{2.0, 8.0}));
    BOOST_TEST(s.value("h", bt::moments()).mean == 2.5); // not asked for before: computed again
}

BOOST_AUTO_TEST_CASE(a_histogram_of_many_elements_is_folded_as_they_are_made)
{
    const bt::variable<double> x(0.5), grid(xt::linspace<double>(-1.0, 1.0, 1000));
    // Planned only: no array of this size exists, unless something stores it.
    const D h = bt::tag("h", broadcast_to(x, {100'000, 1000}) * grid);
    const D loss = sum(square(h));
    bt::sweep none = reverse(loss, bt::wrt(x)).keep(), some = reverse(loss, bt::wrt(x));
    some.keep(bt::values("h") | bt::histogram(64), bt::adjoints("h") | bt::histogram(64));
    BOOST_TEST(some.peak_bytes() >= none.peak_bytes());
    BOOST_TEST(some.peak_bytes() - none.peak_bytes() < std::size_t{1} << 20);

    const D few = bt::tag("few", broadcast_to(x, {100, 1000}) * grid);
    bt::sweep s = reverse(sum(square(few)), bt::wrt(x));
    s.keep(bt::values("few") | bt::histogram(64), bt::adjoints("few") | bt::histogram(64)).run();
    bt::sweep stored = reverse(sum(square(few)), bt::wrt(x));
    stored.run();
    const auto folded = s.value("few", bt::histogram(64)),
               read = stored.value("few", bt::histogram(64));
    BOOST_TEST((folded.counts == read.counts));
    BOOST_TEST((s.adjoint("few", bt::histogram(64)).counts ==
                stored.adjoint("few", bt::histogram(64)).counts));
}

BOOST_AUTO_TEST_SUITE_END()
