// SPDX-License-Identifier: BSD-3-Clause
// Normalisations against their definition in plain loops: over which elements the moments go, what
// weight and bias belong to, derivatives through the moments, and errors.
#include <support/expect.hpp>

#include <functional>
#include <map>
#include <xtensor/xmath.hpp>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

using list = std::vector<std::size_t>;

reals waves(const list& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a.data()[i] = 1.0 + 2.0 * std::sin(1.1 * double(i) + phase);
    }
    return a;
}

/// (x - mean) / sqrt(variance + eps), moments over the elements that have the same `group` of their
/// indices; with `is_centred` false the mean counts as 0.
reals by_definition(const reals& x, const std::function<std::size_t(const list&)>& group,
                    double eps, bool is_centred = true)
{
    std::map<std::size_t, std::vector<std::size_t>> members;
    for (std::size_t flat = 0; flat < x.size(); ++flat) {
        list index(x.dimension());
        std::size_t rest = flat;
        for (std::size_t i = index.size(); i-- > 0;) {
            index[i] = rest % x.shape(i);
            rest /= x.shape(i);
        }
        members[group(index)].push_back(flat);
    }
    reals y = x;
    for (const auto& [name, places] : members) {
        double mean = 0.0, variance = 0.0;
        const auto n = static_cast<double>(places.size());
        for (std::size_t i : places) mean += is_centred ? x.data()[i] / n : 0.0;
        for (std::size_t i : places) variance += std::pow(x.data()[i] - mean, 2) / n;
        for (std::size_t i : places) {
            y.data()[i] = (x.data()[i] - mean) / std::sqrt(variance + eps);
        }
    }
    return y;
}

/// Numbers of channels, in the form that broadcasts against x.
reals of_channels(const reals& c, const reals& x)
{
    list s(x.dimension(), 1);
    s[1] = c.size();
    return table(s, std::vector<double>(c.begin(), c.end()));
}

const reals w4 = {1.5, -0.5, 2.0, 1.0}, b4 = {0.1, 0.2, -0.3, 0.0};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_normalisation)

BOOST_AUTO_TEST_CASE(batch_norm_in_training)
{
    for (const list& s : {list{5, 4}, list{3, 4, 2}, list{2, 4, 3, 2}, list{1, 4, 3}}) {
        const reals x = waves(s);
        const reals y = by_definition(x, [](const list& i) { return i[1]; }, 1e-5);
        const bt::variable<double> v(x);
        BOOST_TEST(close(batch_norm(v), y, 1e-11));
        const reals scaled = y * of_channels(w4, x) + of_channels(b4, x);
        BOOST_TEST(close(batch_norm(v, {.weight = w4, .bias = b4}), scaled, 1e-11));
        BOOST_TEST(close(batch_norm(v, {.bias = b4}), reals(y + of_channels(b4, x)), 1e-11));
    }
}

BOOST_AUTO_TEST_CASE(batch_norm_gives_its_moments)
{
    const reals x = waves({3, 4, 2});
    const auto [value, mean, variance] =
        batch_norm_with_moments(bt::constant(x), {.weight = w4, .eps = 0.1});
    BOOST_TEST(close(value, batch_norm(bt::constant(x), {.weight = w4, .eps = 0.1})));
    BOOST_TEST(close(mean, reals(xt::mean(x, {0, 2}))));
    BOOST_TEST(close(variance, reals(xt::variance(x, {0, 2}))));
    BOOST_TEST((mean.shape() == bt::shape{4}));
    // With the moments of the batch itself, evaluation is training.
    BOOST_TEST(
        close(batch_norm(bt::constant(x), mean, variance, {.weight = w4, .eps = 0.1}), value));
}

BOOST_AUTO_TEST_CASE(batch_norm_in_evaluation)
{
    const reals x = waves({3, 4, 2}), m = {1.0, 2.0, 3.0, 4.0}, v = {0.5, 1.0, 2.0, 4.0};
    const reals expected =
        (x - of_channels(m, x)) / xt::sqrt(of_channels(v, x) + 1e-3) * of_channels(w4, x) +
        of_channels(b4, x);
    const bt::variable<double> t(x), mean(m), variance(v);
    const bt::normalisation_options options{.weight = w4, .bias = b4, .eps = 1e-3};
    BOOST_TEST(close(batch_norm(t, mean, variance, options), expected));
    BOOST_TEST(close(batch_norm(t, m, v, options), expected));
    const auto report =
        bt::check_gradient([](auto y, auto a, auto b,
                              auto w) { return batch_norm(y, a, b, {.weight = w, .eps = 1e-3}); },
                           x, m, v, w4);
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(layer_norm_over_any_axes)
{
    const reals x = waves({2, 3, 4}), w = waves({3, 4}, 0.5), b = waves({3, 4}, 1.0);
    const reals last = by_definition(x, [](const list& i) { return i[0] * 3 + i[1]; }, 1e-5);
    const reals both = by_definition(x, [](const list& i) { return i[0]; }, 1e-3);
    const reals middle = by_definition(x, [](const list& i) { return i[0] * 4 + i[2]; }, 1e-5);
    const bt::variable<double> v(x);
    BOOST_TEST(close(layer_norm(v), last));
    BOOST_TEST(close(layer_norm(v, -1), last));
    BOOST_TEST(close(layer_norm(v, {2}, {.weight = w4, .bias = b4}), reals(last * w4 + b4)));
    BOOST_TEST(close(layer_norm(v, {.weight = w4}), reals(last * w4)));
    BOOST_TEST(
        close(layer_norm(v, {-1, -2}, {.weight = w, .bias = b, .eps = 1e-3}), reals(both * w + b)));
    BOOST_TEST(close(layer_norm(v, std::vector<int>{1, 2}, {.eps = 1e-3}), both));
    const reals of_middle = {2.0, 3.0, 4.0};
    BOOST_TEST(close(layer_norm(v, 1, {.weight = of_middle}),
                     reals(middle * table({1, 3, 1}, {2.0, 3.0, 4.0}))));
}

BOOST_AUTO_TEST_CASE(rms_norm_does_not_centre)
{
    const reals x = waves({2, 3, 4}), w = waves({3, 4}, 0.5);
    const reals last = by_definition(x, [](const list& i) { return i[0] * 3 + i[1]; }, 1e-5, false);
    const reals both = by_definition(x, [](const list& i) { return i[0]; }, 1e-3, false);
    const bt::variable<double> v(x);
    BOOST_TEST(close(rms_norm(v), last));
    BOOST_TEST(close(rms_norm(v, {.weight = w4, .bias = b4}), reals(last * w4 + b4)));
    BOOST_TEST(close(rms_norm(v, {1, 2}, {.weight = w, .eps = 1e-3}), reals(both * w)));
}

BOOST_AUTO_TEST_CASE(groups_and_instances)
{
    for (const list& s : {list{2, 4, 3}, list{3, 4}, list{2, 4, 3, 2}}) {
        const reals x = waves(s);
        const bt::variable<double> v(x);
        for (std::size_t groups : {1u, 2u, 4u}) {
            const reals y = by_definition(
                x, [&](const list& i) { return i[0] * 4 + i[1] / (4 / groups); }, 1e-5);
            BOOST_TEST(close(group_norm(v, groups), y, 1e-11));
            BOOST_TEST(close(group_norm(v, groups, {.weight = w4, .bias = b4}),
                             reals(y * of_channels(w4, x) + of_channels(b4, x)), 1e-11));
        }
        BOOST_TEST(close(instance_norm(v, {.weight = w4, .bias = b4}),
                         group_norm(v, 4, {.weight = w4, .bias = b4})));
    }
}

BOOST_AUTO_TEST_CASE(derivatives_of_any_order)
{
    const auto check = [](auto f, const list& s) {
        const auto report = bt::check_gradient(f, waves(s), w4, b4);
        BOOST_TEST(report.ok, report.message);
    };
    check([](auto x, auto w, auto b) { return batch_norm(x, {.weight = w, .bias = b}); },
          {3, 4, 2});
    check([](auto x, auto w, auto b) { return layer_norm(x, {.weight = w, .bias = b}); }, {3, 4});
    check([](auto x, auto w, auto b) { return rms_norm(x, {.weight = w, .bias = b}); }, {3, 4});
    check([](auto x, auto w, auto b) { return group_norm(x, 2, {.weight = w, .bias = b}); },
          {2, 4, 3});
    check([](auto x, auto w, auto b) { return instance_norm(x, {.weight = w, .bias = b}); },
          {2, 4, 3});
    const auto moments = bt::check_gradient(
        [](auto x) {
            const auto r = batch_norm_with_moments(x);
            return r.mean * r.variance;
        },
        waves({3, 4}));
    BOOST_TEST(moments.ok, moments.message);
}

BOOST_AUTO_TEST_CASE(constant_and_empty_values)
{
    const bt::variable<double> flat(reals(3.0 * xt::ones<double>({2, 4})));
    BOOST_TEST(same(layer_norm(flat), xt::zeros<double>({2, 4})));
    BOOST_TEST(same(grad(sum(square(layer_norm(flat))), flat), xt::zeros<double>({2, 4})));
    BOOST_TEST(same(layer_norm(flat, {.eps = 0}).value()(0, 0), bt::not_a_number));
    const bt::variable<double> nothing(reals(reals::from_shape({0, 4, 3})));
    BOOST_TEST((group_norm(nothing, 2).shape() == bt::shape{0, 4, 3}));
    BOOST_TEST((layer_norm(nothing).value().size() == 0u));
    BOOST_TEST((batch_norm(nothing).value().size() == 0u));
}

BOOST_AUTO_TEST_CASE(in_float)
{
    const xt::xarray<float> x = xt::cast<float>(waves({2, 4})), w = xt::cast<float>(w4);
    const bt::tensor<float> y = layer_norm(bt::constant(x), {.weight = w});
    BOOST_TEST(
        close(y, layer_norm(bt::constant(waves({2, 4})), {.weight = w4}), expect::float_rounding));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)layer_norm(bt::constant(x), {.weight = w4}); },
                                       {"[layer_norm] the weight", "double", "float", "cast"}));
}

BOOST_AUTO_TEST_CASE(errors_say_what_and_where)
{
    const bt::variable<double> x(waves({2, 3, 4}));
    const bt::tensor<double> h = bt::tag("h1", x * 2.0);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)batch_norm(h, {.weight = w4}); },
                                       {"[batch_norm] the weight", "(4,)", "(3,)"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)batch_norm(h, b4, b4); }, {"[batch_norm] the mean"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)batch_norm(view(h, 0, 0)); },
                                       {"[batch_norm]", "(4,)", "built from \"h1\""}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)layer_norm(h, {1, 2}, {.bias = b4}); },
                                       {"[layer_norm] the bias", "(3, 4)"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)layer_norm(h, 3); }, {"[layer_norm]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)rms_norm(h, {1, 1}); }, {"[rms_norm]"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)group_norm(h, 2); },
                                       {"[group_norm] 2 groups", "(2, 3, 4)", "\"h1\""}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)group_norm(h, 0); }, {"[group_norm] 0 groups"}));
    BOOST_TEST(
        throws<bt::shape_error>([&] { (void)instance_norm(view(h, 0, 0)); }, {"[instance_norm]"}));
}

BOOST_AUTO_TEST_SUITE_END()
