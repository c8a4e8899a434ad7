// SPDX-License-Identifier: BSD-3-Clause
// The losses of classifiers against their definition in plain loops: shapes, weights, smoothing,
// ignored labels, hard ends, and labels that are no classes.
#include <support/expect.hpp>

namespace bt = backtrail;
using bt::infinity;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;
using expect::table;
using expect::throws;

namespace {

using labels = xt::xarray<std::int64_t>;
using list = std::vector<std::size_t>;

reals waves(const list& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i)
        a.data()[i] = 2.0 * std::sin(1.1 * double(i) + phase);
    return a;
}

/// The loss of one row with labels, and the weight it counts with.
struct row {
    double loss, weight;
};
row row_by_definition(const std::vector<double>& z, std::int64_t label,
                      const std::vector<double>& weights, double smoothing)
{
    double total = 0.0, spread = 0.0;
    for (double logit : z) total += std::exp(logit);
    for (std::size_t k = 0; k < z.size(); ++k) spread += weights[k] * (std::log(total) - z[k]);
    const auto y = static_cast<std::size_t>(label);
    return {(1.0 - smoothing) * weights[y] * (std::log(total) - z[y]) +
                smoothing / static_cast<double>(z.size()) * spread,
            weights[y]};
}

const reals logits = waves({4, 3});
const labels four = {0, 2, 1, 1};
const std::vector<double> ones = {1.0, 1.0, 1.0}, some = {0.5, 2.0, 1.5};

/// The rows of `logits` that count, by definition.
std::vector<row> rows(const std::vector<double>& weights, double smoothing, std::int64_t ignored)
{
    std::vector<row> result;
    for (std::size_t i = 0; i < 4; ++i) {
        if (four(i) == ignored) {
            result.push_back({0.0, 0.0});
        } else {
            result.push_back(row_by_definition({logits(i, 0), logits(i, 1), logits(i, 2)}, four(i),
                                               weights, smoothing));
        }
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_cross_entropy)

BOOST_AUTO_TEST_CASE(every_mix_of_options)
{
    const bt::variable<double> z(logits);
    const auto y = bt::constant(four);
    for (const auto& weights : {ones, some}) {
        for (const double smoothing : {0.0, 0.1, 1.0}) {
            for (const std::int64_t ignored : {-100, 1}) {
                bt::cross_entropy_options options{.label_smoothing = smoothing};
                if (weights == some) options.weights = table({3}, some);
                if (ignored == 1) options.ignore_index = ignored;
                double sum = 0.0, count = 0.0;
                reals each = reals::from_shape({4});
                const auto expected = rows(weights, smoothing, ignored);
                for (std::size_t i = 0; i < 4; ++i) {
                    each(i) = expected[i].loss;
                    sum += expected[i].loss;
                    count += expected[i].weight;
                }
                BOOST_TEST(close(cross_entropy(z, y, options), sum / count));
                options.reduction = bt::reduction::sum;
                BOOST_TEST(close(cross_entropy(z, y, options), sum));
                options.reduction = bt::reduction::batch_mean;
                BOOST_TEST(close(cross_entropy(z, y, options), sum / 4.0));
                options.reduction = bt::reduction::none;
                BOOST_TEST(close(cross_entropy(z, y, options), each));
                if (smoothing > 0.0) continue;
                BOOST_TEST(
                    close(nll_loss(log_softmax(z), y,
                                   {bt::reduction::none, options.ignore_index, options.weights}),
                          each));
                BOOST_TEST(
                    close(nll_loss(log_softmax(z), y,
                                   {bt::reduction::mean, options.ignore_index, options.weights}),
                          sum / count));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(classes_on_the_second_axis_or_the_only_one)
{
    const reals z = waves({2, 3, 2, 2});
    const labels y = {{{0, 2}, {1, 1}}, {{2, 2}, {0, 1}}};
    const bt::variable<double> x(z);
    const bt::tensor<double> flat = reshape(transpose(x, {0, 2, 3, 1}), {8, 3});
    const auto flat_labels = reshape(bt::constant(y), {8});
    const reals w = table({3}, some);
    for (const double smoothing : {0.0, 0.2}) {
        const bt::cross_entropy_options options{
            .label_smoothing = smoothing, .ignore_index = 0, .weights = w};
        BOOST_TEST(close(cross_entropy(x, bt::constant(y), options),
                         cross_entropy(flat, flat_labels, options)));
    }
    BOOST_TEST(close(nll_loss(x, bt::constant(y), {.weights = w}),
                     nll_loss(flat, flat_labels, {.weights = w})));
    const bt::tensor<double> p = softmax(waves({2, 3, 2, 2}, 0.5) + 0.0 * x, 1);
    BOOST_TEST(close(cross_entropy(x, p, {.label_smoothing = 0.1, .weights = w}),
                     cross_entropy(flat, reshape(transpose(p, {0, 2, 3, 1}), {8, 3}),
                                   {.label_smoothing = 0.1, .weights = w})));
    const bt::tensor<double> none =
        cross_entropy(x, bt::constant(y), {.reduction = bt::reduction::none});
    BOOST_TEST((none.shape() == bt::shape{2, 2, 2}));
    // One sample without a batch.
    const bt::tensor<double> first = view(flat, 0);
    BOOST_TEST(close(cross_entropy(first, bt::constant(std::int64_t{2})),
                     cross_entropy(view(flat, xt::range(0, 1)), bt::constant(labels{2}))));
    BOOST_TEST(
        close(cross_entropy(first, softmax(first)), -sum(softmax(first) * log_softmax(first))));
}

BOOST_AUTO_TEST_CASE(soft_targets_by_definition)
{
    const reals p = {{0.2, 0.3, 0.5}, {1.0, 0.0, 0.0}};
    const bt::variable<double> z(reals{{1.0, -2.0, 0.5}, {0.0, 3.0, -1.0}}), y(p);
    const bt::tensor<double> log_p = log_softmax(z);
    BOOST_TEST(close(cross_entropy(z, y), -sum(p * log_p) / 2.0));
    const reals smooth = 0.7 * p + 0.1;
    BOOST_TEST(close(cross_entropy(z, y, {.label_smoothing = 0.3}), -sum(smooth * log_p) / 2.0));
    const reals w = table({3}, some); // the mean divides by the number of rows all the same
    BOOST_TEST(close(cross_entropy(z, y, {.weights = w}), -sum(w * p * log_p) / 2.0));
    // A target of 0 has a derivative: it costs to put probability there.
    BOOST_TEST(close(grad(cross_entropy(z, y), y), -log_p / 2.0));
    BOOST_TEST(close(jvp(cross_entropy(z, y), bt::tangent(y, xt::ones<double>({2, 3}))),
                     -sum(log_p) / 2.0));
}

BOOST_AUTO_TEST_CASE(hard_ends)
{
    const bt::variable<double> z(reals{{1.0, -infinity, 1.0}, {1e9, 1e9, -1e9}});
    const auto y = bt::constant(labels{2, 1});
    const bt::tensor<double> each = cross_entropy(z, y, {.reduction = bt::reduction::none});
    BOOST_TEST(close(each, reals{std::log(2.0), std::log(2.0)})); // also beside 1e9
    const reals slopes = {{0.5, 0.0, -0.5}, {0.5, -0.5, 0.0}};
    BOOST_TEST(close(grad(sum(each), z), slopes));
    const bt::tensor<double> p = bt::constant(reals{{0.0, 0.0, 1.0}, {0.0, 1.0, 0.0}});
    BOOST_TEST(close(cross_entropy(z, p), std::log(2.0)));
    BOOST_TEST(close(grad(sum(cross_entropy(z, p)), z), reals(slopes / 2.0)));
    const bt::variable<double> probabilities(reals{{0.0, 0.0, 1.0}, {0.0, 1.0, 0.0}});
    BOOST_TEST(close(grad(cross_entropy(z, probabilities), probabilities),
                     reals{{std::log(2.0) / 2, 0.0, std::log(2.0) / 2},
                           {std::log(2.0) / 2, std::log(2.0) / 2, 1e9 + std::log(2.0) / 2}}));
    BOOST_TEST(same(
        view(cross_entropy(z, bt::constant(labels{1, 2}), {.reduction = bt::reduction::none}), 0),
        infinity));
    // Rows that are ignored may hold anything, and the mean of none is NaN.
    const bt::variable<double> lost(reals({{not_a_number, 0.0}, {0.0, 0.0}}));
    BOOST_TEST(close(cross_entropy(lost, bt::constant(labels{-100, 1}), {.ignore_index = -100}),
                     std::log(2.0)));
    BOOST_TEST(
        close(grad(cross_entropy(lost, bt::constant(labels{7, 1}), {.ignore_index = 7}), lost)
                  .value()(1, 0),
              0.5));
    BOOST_TEST(
        same(cross_entropy(lost, bt::constant(labels{1, 1}), {.ignore_index = 1}), not_a_number));
    const bt::variable<double> nothing(reals(reals::from_shape({0, 3})));
    BOOST_TEST(
        same(cross_entropy(nothing, bt::constant(labels(labels::from_shape({0})))), not_a_number));
}

BOOST_AUTO_TEST_CASE(labels_that_are_no_classes)
{
    const bt::variable<double> z(logits);
    const bt::tensor<double> h = bt::tag("scores", z * 2.0);
    bt::variable<std::int64_t> y(labels{0, 1, 2, 3});
    const bt::tensor<double> loss = cross_entropy(h, y), likelihood = nll_loss(h, y);
    BOOST_TEST(throws<bt::index_error>(
        [&] { (void)loss.value(); },
        {"[cross_entropy] label 3", "number 3", "3 classes", "built from \"scores\""}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)likelihood.value(); }, {"[nll_loss] label 3"}));
    bt::sweep s = reverse(loss, bt::wrt(z));
    BOOST_TEST(throws<bt::index_error>([&] { s.run(); }));
    y = four; // and all is well again
    s.run();
    BOOST_TEST(close(s.value(), cross_entropy(h, bt::constant(four))));
    y = labels{0, -1, 2, 0};
    BOOST_TEST(throws<bt::index_error>([&] { (void)loss.value(); }, {"label -1"}));
    BOOST_TEST(std::isfinite(cross_entropy(h, y, {.ignore_index = -1}).value()()));
    const auto small = bt::constant(xt::xarray<std::int32_t>{0, 2, 1, 1});
    BOOST_TEST(same(cross_entropy(z, small), cross_entropy(z, bt::constant(four))));
}

BOOST_AUTO_TEST_CASE(two_classes_by_probability)
{
    const bt::variable<double> p(reals{0.25, 0.5, 0.0, 1.0, 1e-7, -1.0, not_a_number});
    const bt::variable<double> y(reals{1.0, 0.5, 0.0, 1.0, 1.0, 1.0, 1.0});
    const bt::tensor<double> each = binary_cross_entropy(p, y, {.reduction = bt::reduction::none});
    const double least = -std::log1p(-1e-7), most = -std::log(1e-7);
    BOOST_TEST(close(each, reals({std::log(4.0), std::log(2.0), least, -std::log(1 - 1e-7), most,
                                  most, not_a_number})));
    const reals slopes = {-4.0, 0.0, 0.0, 0.0, -1e7, 0.0, not_a_number};
    BOOST_TEST(close(grad(sum(each), p), slopes));
    BOOST_TEST(close(jvp(each, bt::tangent(p, xt::ones<double>({7}))), slopes));
    BOOST_TEST(close(view(grad(sum(each), y), xt::range(0, 2)), reals{std::log(3.0), 0.0}));
    BOOST_TEST(close(binary_cross_entropy(view(p, xt::range(0, 2)), view(y, xt::range(0, 2)),
                                          {.weights = reals{2.0, 1.0}}),
                     (2.0 * std::log(4.0) + std::log(2.0)) / 2.0));
    const bt::variable<float> q(xt::xarray<float>{0.0f, 1.0f});
    const bt::tensor<float> of_float =
        binary_cross_entropy(q, xt::xarray<float>{1.0f, 0.0f}, {bt::reduction::none, {}});
    BOOST_TEST(close(of_float, reals{most, -std::log(0x1p-23)}, expect::float_rounding));
    BOOST_TEST(same(grad(sum(of_float), q), reals{0.0, 0.0}));
}

BOOST_AUTO_TEST_CASE(two_classes_by_logits)
{
    const bt::variable<double> x(reals{0.0, 2.0, 40.0, -40.0, 1000.0, -1000.0, 1000.0}),
        y(reals{0.25, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0});
    const double tiny = 4.248354255291589e-18; // exp(-40)
    const bt::tensor<double> each =
        binary_cross_entropy_with_logits(x, y, {.reduction = bt::reduction::none});
    const reals expected = {std::log(2.0), std::log1p(std::exp(-2.0)), tiny, tiny, 0.0, 1000.0,
                            1000.0};
    BOOST_TEST(close(each / expected, reals({1.0, 1.0, 1.0, 1.0, not_a_number, 1.0, 1.0})));
    const reals slopes = {0.25, -1.0 / (1.0 + std::exp(2.0)), -tiny, tiny, 0.0, -1.0, 1.0};
    BOOST_TEST(
        close(grad(sum(each), x) / slopes, reals({1.0, 1.0, 1.0, 1.0, not_a_number, 1.0, 1.0})));
    BOOST_TEST(close(jvp(each, bt::tangent(x, xt::ones<double>({7}))), slopes));
    BOOST_TEST(close(view(hvp(sum(each), x, 1.0), 0), 0.25)); // smooth at 0
    BOOST_TEST(close(grad(sum(each), y), -x));
    const reals w = {3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0};
    const bt::tensor<double> positive = binary_cross_entropy_with_logits(
        x, y, {.reduction = bt::reduction::none, .positive_weights = w});
    BOOST_TEST(close(positive, 3.0 * y * softplus(-x) + (1.0 - y) * softplus(x)));
    BOOST_TEST(
        close(binary_cross_entropy_with_logits(x, y, {.weights = reals{2.0}}), 2.0 * mean(each)));
}

BOOST_AUTO_TEST_CASE(derivatives_of_any_order)
{
    const auto check = [](auto f) {
        const auto report = bt::check_gradient(f, waves({4, 3}) / 2.0, waves({4, 3}, 0.7) / 2.0);
        BOOST_TEST(report.ok, report.message);
    };
    const auto y = bt::constant(four);
    const bt::cross_entropy_options options{
        .label_smoothing = 0.1, .ignore_index = 2, .weights = table({3}, some)};
    check([&](auto x, auto z) { return cross_entropy(x * z, y, options); });
    check([&](auto x, auto z) { return cross_entropy(x * z, y); });
    check([&](auto x, auto z) { return cross_entropy(x, softmax(z)); });
    check([&](auto x, auto z) { return nll_loss(x * z, y, {.ignore_index = 2}); });
    check([](auto x, auto z) { return binary_cross_entropy(sigmoid(x), sigmoid(z)); });
    check([](auto x, auto z) { return binary_cross_entropy_with_logits(x, z); });
}

BOOST_AUTO_TEST_CASE(errors_say_what_and_where)
{
    const bt::variable<double> z(logits), w(reals{1.0, 2.0});
    const auto y = bt::constant(four);
    BOOST_TEST(throws<bt::shape_error>([&] { (void)cross_entropy(transpose(z), y); },
                                       {"[cross_entropy] scores (3, 4) and targets (4,)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)cross_entropy(z, transpose(z)); },
                                       {"[cross_entropy]", "(4, 3)", "(3, 4)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)nll_loss(z, reshape(y, {4, 1})); },
                                       {"[nll_loss]", "(4, 1)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)nll_loss(view(z, 0, 0), view(y, 0)); },
                                       {"[nll_loss] scores ()"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)cross_entropy(z, y, {.weights = w}); },
                                       {"[cross_entropy] the array of weights", "(2,)", "(3,)"}));
    BOOST_TEST(throws<bt::value_error>(
        [&] { (void)cross_entropy(z, softmax(z), {.ignore_index = 1}); }, {"ignore_index"}));
    const bt::variable<float> f(xt::xarray<float>{1.0f, 1.0f, 1.0f});
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)nll_loss(z, y, {.weights = f}); },
                                       {"[nll_loss] the weights", "float", "double", "cast"}));
}

BOOST_AUTO_TEST_SUITE_END()
