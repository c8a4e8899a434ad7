// SPDX-License-Identifier: BSD-3-Clause
// Random numbers: the published vectors of the generator, what the bits depend on, and moments with
// fixed seeds.
#include <support/expect.hpp>

#include <bit>

namespace bt = backtrail;
using bt::detail::philox;
using bt::detail::random_stream;
using bt::detail::unit_interval;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

/// Bounds in standard deviations of the estimates; seeds are fixed, so they hold or they do not.
constexpr double sigmas = 4;

double mean_of(const reals& x)
{
    double sum = 0;
    for (double v : x) sum += v;
    return sum / static_cast<double>(x.size());
}

/// The mean of f(x) lies within `sigmas` of `expected`, given the standard deviation of f.
template <class F>
bool has_mean(const reals& x, F f, double expected, double deviation)
{
    reals y = x;
    for (double& v : y) v = f(v);
    return std::abs(mean_of(y) - expected) <
           sigmas * deviation / std::sqrt(static_cast<double>(x.size()));
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_random)

BOOST_AUTO_TEST_CASE(the_published_vectors)
{
    using counter = bt::detail::philox_counter;
    // Random123, tests/kat_vectors, philox4x32 with 10 rounds
    BOOST_TEST(
        (philox({0, 0, 0, 0}, {0, 0}) == counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    BOOST_TEST((philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) ==
                counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    BOOST_TEST(
        (philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
         counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

BOOST_AUTO_TEST_CASE(elements_are_the_words_in_order)
{
    constexpr std::uint64_t seed = 0x299f31d0a4093822, stream = 0x0370734413198a2e;
    const auto x = bt::random::uniform({5}, {seed, stream}).value();
    const auto y = bt::random::uniform<float>({9}, {seed, stream}).value();
    for (std::uint32_t block = 0; block < 2; ++block) {
        const auto w = philox({block, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0});
        const auto first = std::uint64_t{w[1]} << 32 | w[0],
                   second = std::uint64_t{w[3]} << 32 | w[2];
        BOOST_TEST(x(2 * block) == std::ldexp(static_cast<double>(first >> 11), -53));
        BOOST_TEST(x(2 * block + 1) == std::ldexp(static_cast<double>(second >> 11), -53));
        for (std::uint32_t j = 0; j < 4; ++j) {
            BOOST_TEST(y(4 * block + j) == std::ldexp(static_cast<float>(w[j] >> 8), -24));
        }
    }
}

BOOST_AUTO_TEST_CASE(any_part_can_be_drawn_alone)
{
    const auto check = [](auto t) {
        using T = decltype(t);
        for (const unit_interval where : {unit_interval::with_zero, unit_interval::open}) {
            const auto s = random_stream::from_seed(7, 3);
            std::vector<T> whole(300), part(300);
            bt::detail::fill_uniform(whole.data(), 0, whole.size(), s, where);
            for (std::size_t first = 0; first < 40; ++first) {
                for (const std::size_t n : {0, 1, 2, 3, 31, 64, 129, 200}) {
                    bt::detail::fill_uniform(part.data(), first, n, s, where);
                    BOOST_REQUIRE(
                        std::equal(part.begin(), part.begin() + n, whole.begin() + first));
                }
            }
        }
    };
    check(double{});
    check(float{});
    // Far out: the block number has more than 32 bits.
    const auto s = random_stream::from_seed(7, 3);
    constexpr std::uint64_t far = (std::uint64_t{1} << 33) + 1;
    double x[2], y;
    bt::detail::fill_uniform(x, far - 1, 2, s, unit_interval::with_zero);
    bt::detail::fill_uniform(&y, far, 1, s, unit_interval::with_zero);
    BOOST_TEST(x[1] == y);
    bt::detail::fill_uniform(&y, 1, 1, s, unit_interval::with_zero);
    BOOST_TEST(x[1] != y);
}

BOOST_AUTO_TEST_CASE(seed_stream_and_step_are_the_key)
{
    const auto x = bt::random::uniform({50}, {1, 2}).value();
    BOOST_TEST(same(bt::random::uniform({50}, {1, 2}), x));
    BOOST_TEST(!same(bt::random::uniform({50}, {1, 3}), x));
    BOOST_TEST(!same(bt::random::uniform({50}, {2, 2}), x));
    BOOST_TEST(
        same(bt::random::uniform({5, 10}, {1, 2}), reals(xt::reshape_view(reals(x), {5, 10}))));

    bt::variable<std::int64_t> step(std::int64_t{0});
    const bt::random::key k(1, 2);
    const auto at_step = bt::random::uniform({50}, k.at(step));
    const auto twice = bt::random::uniform({50}, k.at(step).at(step));
    const reals zero = at_step.value();
    BOOST_TEST(!same(zero, x)); // a step, also the first, is not no step
    BOOST_TEST(!same(twice, zero));
    step = std::int64_t{1} << 40;
    BOOST_TEST(!same(at_step, zero));
    step = std::int64_t{0};
    BOOST_TEST(same(at_step, zero));
}

BOOST_AUTO_TEST_CASE(open_intervals_are_symmetric_and_do_not_touch_their_ends)
{
    const auto s = random_stream::from_seed(5, 0);
    std::vector<float> x(200000);
    bt::detail::fill_uniform(x.data(), 0, x.size(), s, unit_interval::open);
    for (const float v : x) {
        const float odd = std::ldexp(v, 24);
        BOOST_REQUIRE(v > 0 && v < 1 && odd == std::floor(odd) && std::fmod(odd, 2.0F) == 1);
    }
}

BOOST_AUTO_TEST_CASE(moments)
{
    constexpr std::size_t n = 100000;
    const reals u = bt::random::uniform({n}, {11, 0}).value();
    const reals f = expect::read(bt::random::uniform<float>({n}, {12, 0}));
    for (const reals& x : {u, f}) {
        BOOST_TEST(has_mean(x, [](double v) { return v; }, 0.5, std::sqrt(1.0 / 12)));
        BOOST_TEST(has_mean(x, [](double v) { return v * v; }, 1.0 / 3, std::sqrt(4.0 / 45)));
    }
    // Neighbours, halves apart, and equal places of two streams are uncorrelated.
    const reals other = bt::random::uniform({n}, {11, 1}).value();
    double near = 0, across = 0;
    for (std::size_t i = 0; i + 1 < n; ++i) {
        near += (u(i) - 0.5) * (u(i + 1) - 0.5);
        across += (u(i) - 0.5) * (other(i) - 0.5);
    }
    BOOST_TEST(std::abs(near) < sigmas / 12 * std::sqrt(double(n)));
    BOOST_TEST(std::abs(across) < sigmas / 12 * std::sqrt(double(n)));

    const reals z = bt::random::normal({n}, {13, 0}).value();
    BOOST_TEST(has_mean(z, [](double v) { return v; }, 0, 1));
    BOOST_TEST(has_mean(z, [](double v) { return v * v; }, 1, std::sqrt(2.0)));
    BOOST_TEST(has_mean(z, [](double v) { return v * v * v; }, 0, std::sqrt(15.0)));
    BOOST_TEST(has_mean(z, [](double v) { return v * v * v * v; }, 3, std::sqrt(96.0)));
    BOOST_TEST(has_mean(z, [](double v) { return double(v > 2); }, 0.022750131948, 0.149));
    BOOST_TEST(same(bt::random::normal<float>({n}, {13, 0}), xt::cast<float>(z)));

    const reals b = expect::read(bt::random::bernoulli({n}, 0.3, {14, 0}));
    BOOST_TEST(has_mean(b, [](double v) { return v; }, 0.3, std::sqrt(0.21)));
}

BOOST_AUTO_TEST_CASE(sure_and_impossible_events)
{
    BOOST_TEST(same(bt::random::bernoulli({100}, 1, 5), xt::ones<bool>({100})));
    BOOST_TEST(same(bt::random::bernoulli({100}, 0, 5), xt::zeros<bool>({100})));
    const bt::tensor<double> p = bt::constant(reals{0, 1, 0, 1});
    BOOST_TEST(same(bt::random::bernoulli(p, 5), reals{0, 1, 0, 1}));
    for (const double wrong : {-0.1, 1.1, std::nan("")}) {
        BOOST_TEST(throws<bt::value_error>([&] { (void)bt::random::bernoulli({2}, wrong, 1); },
                                           {"[bernoulli]", "between 0 and 1"}));
        BOOST_TEST(throws<bt::value_error>([&] { (void)bt::random::dropout(p, wrong, 1); },
                                           {"[dropout]", "between 0 and 1"}));
    }
    const bt::variable<std::int64_t> steps(xt::xarray<std::int64_t>{1, 2});
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)bt::random::uniform({2}, bt::random::key(1).at(steps)); },
        {"[random]", "(2,)"}));
    BOOST_TEST(bt::random::uniform({0, 3}, 1).value().size() == 0);
}

BOOST_AUTO_TEST_CASE(dropout_keeps_the_mean_and_its_derivative_the_mask)
{
    constexpr std::size_t n = 20000;
    const bt::variable<double> x(xt::linspace<double>(1, 2, n));
    const bt::tensor<double> y = bt::random::dropout(x, 0.25, {21, 4});
    const bt::tensor<double> g = grad(sum(y), x);
    const reals values = y.value(), slopes = g.value(), at = x.value();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < n; ++i) {
        BOOST_REQUIRE(slopes(i) == (values(i) == 0 ? 0 : 1 / 0.75));
        BOOST_REQUIRE(values(i) == at(i) * slopes(i));
        kept += values(i) != 0 ? 1 : 0;
    }
    BOOST_TEST(std::abs(double(kept) - 0.75 * n) < sigmas * std::sqrt(n * 0.75 * 0.25));
    BOOST_TEST(bt::check_gradient([](auto v) { return bt::random::dropout(sin(v), 0.5, 3); },
                                  reals{0.3, 0.1, 0.7, 1.1, -0.4})
                   .ok);
    const bt::tensor<double> nothing = bt::random::dropout(x, 1, 3);
    BOOST_TEST(same(nothing, xt::zeros<double>({n})));
    BOOST_TEST(same(bt::tensor<double>(grad(sum(nothing), x)), xt::zeros<double>({n})));
    BOOST_TEST(same(bt::random::dropout(x, 0, 3), at));
}

BOOST_AUTO_TEST_SUITE_END()
