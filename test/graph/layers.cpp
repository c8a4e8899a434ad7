// SPDX-License-Identifier: BSD-3-Clause
// Softmax at large arguments, gates, unit vectors and angles, attention with its masks, and the
// cells of recurrent layers, against their definitions; singular points in both modes; errors.
#include <support/expect.hpp>

namespace bt = backtrail;
using bt::infinity;
using bt::not_a_number;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

using list = std::vector<std::size_t>;

reals waves(const list& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(1.1 * double(i) + phase);
    return a;
}

template <class F, class... X>
void check_orders(F f, const X&... x)
{
    const auto report = bt::check_gradient(f, x...);
    BOOST_TEST(report.ok, report.message);
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_layers)

BOOST_AUTO_TEST_CASE(softmax_keeps_its_digits_at_large_arguments)
{
    const reals small = {0.0, 1.0, -2.0};
    const reals p = softmax(bt::constant(small)).value();
    const bt::variable<double> large(reals(small + 0x1p40));
    BOOST_TEST(close(softmax(large), p));
    BOOST_TEST(close(log_softmax(large), xt::log(p)));
    BOOST_TEST(close(grad(view(log_softmax(large), 0), large), reals{1 - p(0), -p(1), -p(2)}));
    const bt::variable<float> of_float(xt::xarray<float>{10000.0f, 10001.0f});
    BOOST_TEST(close(log_softmax(of_float), reals{-1.31326169, -0.31326169}, 1e-6));
    BOOST_TEST((softmax(bt::constant(reals(reals::from_shape({3, 0})))).value().size() == 0u));
    BOOST_TEST(throws<bt::index_error>([&] { (void)softmax(large, 1); }, {"[softmax]"}));
    BOOST_TEST(throws<bt::index_error>([&] { (void)log_softmax(large, 1); }, {"[log_softmax]"}));
    check_orders([](auto x) { return softmax(x, 0) * log_softmax(x, 1); }, waves({3, 4}));
}

BOOST_AUTO_TEST_CASE(gated_linear_unit)
{
    const reals a = waves({3, 4});
    const bt::variable<double> x(a);
    const bt::tensor<double> left = view(x, xt::all(), xt::range(0, 2)),
                             right = view(x, xt::all(), xt::range(2, 4));
    BOOST_TEST(close(glu(x), left * sigmoid(right)));
    BOOST_TEST(close(glu(transpose(x), 0), transpose(left * sigmoid(right))));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)glu(x, 0); }, {"[glu] axis 0", "(3, 4)"}));
    check_orders([](auto v) { return glu(v, 1); }, a);
}

BOOST_AUTO_TEST_CASE(vectors_of_length_one)
{
    const reals a = {{3.0, -4.0}, {0.0, 0.0}, {1e-14, 0.0}};
    const bt::variable<double> x(a);
    const bt::tensor<double> y = normalize(x);
    BOOST_TEST(close(y, reals{{0.6, -0.8}, {0.0, 0.0}, {0.01, 0.0}}));
    const reals slopes = {{0.128, 0.096}, {0.0, 0.0}, {1e12, 1e12}};
    BOOST_TEST(close(grad(sum(y * reals{{1.0, 0.0}, {1.0, 1.0}, {1.0, 1.0}}), x), slopes));
    BOOST_TEST(close(jvp(y, bt::tangent(x, reals{{1.0, 0.0}, {1.0, 1.0}, {1.0, 1.0}})),
                     reals{{0.128, 0.096}, {0.0, 0.0}, {1e12, 1e12}}));
    BOOST_TEST(same(view(hvp(sum(square(y)), x, 1.0), 1), reals{0.0, 0.0}));
    BOOST_TEST(close(normalize(view(x, 0), {.order = 1}), reals{3.0 / 7, -4.0 / 7}));
    BOOST_TEST(close(normalize(view(x, 0), {.order = infinity}), reals{0.75, -1.0}));
    BOOST_TEST(close(normalize(view(x, 0), {.order = 3}), reals{3.0, -4.0} / std::cbrt(91.0)));
    BOOST_TEST(close(normalize(transpose(x), {.axis = 0}), transpose(y)));
    BOOST_TEST(close(normalize(view(x, 0), {.eps = 10}), reals{0.3, -0.4}));
    for (const double order : {0.5, 1.0, 2.0, 3.0, infinity}) {
        const bt::variable<double> zero(reals{0.0, 0.0});
        BOOST_TEST(same(normalize(zero, {.order = order}), reals{0.0, 0.0}));
        BOOST_TEST(same(grad(sum(normalize(zero, {.order = order})), zero), reals{0.0, 0.0}));
        BOOST_TEST(
            same(jvp(normalize(zero, {.order = order}), bt::tangent(zero, 1.0)), reals{0.0, 0.0}));
        check_orders([order](auto v) { return normalize(v, {.order = order, .axis = 0}); },
                     reals(waves({3, 2}) + 1.5));
    }
    const bt::variable<double> with_zero(reals{0.0, 4.0});
    BOOST_TEST(
        close(grad(view(normalize(with_zero, {.order = 0.5}), 1), with_zero), reals{0.0, 0.0}));
    BOOST_TEST(same(view(normalize(bt::constant(reals({not_a_number, 1.0}))), 1), not_a_number));
    BOOST_TEST(
        (normalize(bt::constant(reals(reals::from_shape({2, 0})))).shape() == bt::shape{2, 0}));
    BOOST_TEST(throws<bt::value_error>([&] { (void)normalize(x, {.order = 0}); },
                                       {"[normalize] the order"}));
}

BOOST_AUTO_TEST_CASE(angles)
{
    const bt::variable<double> x(reals{{3.0, 4.0}, {0.0, 0.0}, {1.0, 0.0}}),
        y(reals{{4.0, 3.0}, {1.0, 2.0}, {0.0, 0.0}});
    const bt::tensor<double> z = cosine_similarity(x, y);
    BOOST_TEST(close(z, reals{0.96, 0.0, 0.0}));
    auto [x_bar, y_bar] = grad(sum(z), bt::wrt(x, y));
    BOOST_TEST(close(x_bar, reals{{0.0448, -0.0336}, {0.0, 0.0}, {0.0, 0.0}}));
    BOOST_TEST(close(y_bar, reals{{-0.0336, 0.0448}, {0.0, 0.0}, {0.0, 0.0}}));
    BOOST_TEST(close(jvp(z, bt::tangent(x, 1.0), bt::tangent(y, 1.0)), reals{0.0224, 0.0, 0.0}));
    BOOST_TEST(close(cosine_similarity(transpose(x), transpose(y), {.axis = 0}), z));
    BOOST_TEST(close(view(cosine_similarity(x, reals{4.0, 3.0}), 0), 0.96)); // broadcast
    BOOST_TEST(close(view(cosine_similarity(x, y, {.eps = 10}), 0), 0.24));
    BOOST_TEST(close(cosine_similarity(view(x, 0), view(x, 0)), 1.0));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)cosine_similarity(x, reals{1.0, 2.0, 3.0}); },
                                       {"[cosine_similarity]"}));
    check_orders([](auto a, auto b) { return cosine_similarity(a, b, {.axis = 1}); },
                 waves({3, 4, 2}), waves({4, 1}, 0.5));
}

BOOST_AUTO_TEST_CASE(attention_by_definition)
{
    const reals q = waves({2, 3, 4}), k = waves({2, 5, 4}, 0.5), v = waves({2, 5, 6}, 1.0);
    const bt::variable<double> x(q), y(k), z(v);
    const bt::tensor<double> scores = einsum("bld,bsd->bls", x, y);
    BOOST_TEST(close(attention(x, y, z), matmul(softmax(scores / 2.0), z)));
    BOOST_TEST(close(attention(x, y, z, {.scale = 3.0}), matmul(softmax(scores * 3.0), z)));
    const xt::xarray<bool> mask = {true, false, true, true, false};
    const reals added = {0.0, -infinity, 0.0, 0.0, -infinity};
    const bt::tensor<double> masked = attention(x, y, z, {.mask = mask});
    BOOST_TEST(close(masked, matmul(softmax(scores / 2.0 + added), z)));
    BOOST_TEST(close(attention(x, y, z, {.mask = added}), masked));
    const bt::tensor<double> z_bar = grad(sum(masked), z);
    BOOST_TEST(same(view(z_bar, xt::all(), 1), xt::zeros<double>({2, 6})));
    BOOST_TEST(xt::all(xt::isfinite(grad(sum(masked), y).value())));
    // Query 0 sees key 0 alone; the last one sees three.
    const bt::tensor<double> causal = attention(x, y, z, {.causal = true});
    BOOST_TEST(close(view(causal, xt::all(), 0), view(z, xt::all(), 0)));
    BOOST_TEST(close(
        view(causal, xt::all(), 2),
        view(attention(x, view(y, xt::all(), xt::range(0, 3)), view(z, xt::all(), xt::range(0, 3))),
             xt::all(), 2)));
    BOOST_TEST((attention(view(x, 0), y, view(z, 0)).shape() == bt::shape{2, 3, 6})); // broadcast
    const xt::xarray<bool> none = {false, false, false, false, false};
    BOOST_TEST(same(attention(x, y, z, {.mask = none}).value()(0, 0, 0), not_a_number));
    check_orders([&](auto a, auto b, auto c) { return attention(a, b, c, {.mask = mask}); }, q, k,
                 v);
}

BOOST_AUTO_TEST_CASE(attention_says_what_does_not_fit)
{
    const bt::variable<double> q(waves({3, 4})), k(waves({5, 4})), v(waves({5, 6}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)attention(q, v, k); },
                                       {"[attention] queries (3, 4), keys (5, 6)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)attention(q, k, q); }, {"values (3, 4)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)attention(view(q, 0), k, v); }, {"(4,)"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)attention(q, k, v, {.mask = xt::xarray<bool>{true, false}}); },
        {"[attention] the mask (2,)", "(3, 5)"}));
    BOOST_TEST(throws<bt::shape_error>( // would make the result larger
        [&] { (void)attention(q, k, v, {.mask = waves({2, 3, 5})}); }, {"the mask (2, 3, 5)"}));
    BOOST_TEST(throws<bt::dtype_error>(
        [&] { (void)attention(q, k, v, {.mask = xt::xarray<float>{1.0f}}); },
        {"[attention] the mask", "float"}));
}

BOOST_AUTO_TEST_CASE(a_step_of_long_short_term_memory)
{
    const reals x = waves({2, 3}), h = waves({2, 1}, 0.3), c = waves({2, 1}, 0.6),
                w_i = waves({4, 3}, 0.9), w_h = waves({4, 1}, 1.2), b = waves({4}, 1.5);
    const auto [h_new, c_new] = lstm_cell(bt::constant(x), h, c, w_i, w_h, b);
    const auto sigmoid = [](double z) { return 1.0 / (1.0 + std::exp(-z)); };
    for (std::size_t n = 0; n < 2; ++n) {
        double gate[4];
        for (std::size_t g = 0; g < 4; ++g) {
            gate[g] = b(g) + w_h(g, 0) * h(n, 0);
            for (std::size_t j = 0; j < 3; ++j) gate[g] += w_i(g, j) * x(n, j);
        }
        const double memory = sigmoid(gate[1]) * c(n, 0) + sigmoid(gate[0]) * std::tanh(gate[2]);
        BOOST_TEST(close(c_new.value()(n, 0), memory));
        BOOST_TEST(close(h_new.value()(n, 0), sigmoid(gate[3]) * std::tanh(memory)));
    }
    const auto alone =
        lstm_cell(view(bt::constant(x), 1), reals{h(1, 0)}, reals{c(1, 0)}, w_i, w_h, b);
    BOOST_TEST(close(alone.h, view(h_new, 1))); // without a batch
    check_orders(
        [](auto... v) {
            const auto s = lstm_cell(v...);
            return s.h + 2.0 * s.c;
        },
        x, h, c, w_i, w_h, b);
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)lstm_cell(bt::constant(x), h, waves({2, 2}), w_i, w_h, b); },
        {"[lstm_cell] the memory", "(2, 2)", "(2, 1)"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)lstm_cell(bt::constant(x), h, c, waves({6, 3}), waves({6, 1}), waves({6})); },
        {"[lstm_cell] axis 1", "4 equal parts"}));
}

BOOST_AUTO_TEST_CASE(a_step_of_a_gated_recurrent_unit)
{
    const reals x = waves({2, 3}), h = waves({2, 1}, 0.3), w_i = waves({3, 3}, 0.9),
                w_h = waves({3, 1}, 1.2), b_i = waves({3}, 1.5), b_h = waves({3}, 1.8);
    const bt::tensor<double> step = gru_cell(bt::constant(x), h, w_i, w_h, b_i, b_h);
    const auto sigmoid = [](double z) { return 1.0 / (1.0 + std::exp(-z)); };
    for (std::size_t n = 0; n < 2; ++n) {
        double in[3], old[3];
        for (std::size_t g = 0; g < 3; ++g) {
            in[g] = b_i(g);
            for (std::size_t j = 0; j < 3; ++j) in[g] += w_i(g, j) * x(n, j);
            old[g] = b_h(g) + w_h(g, 0) * h(n, 0);
        }
        const double r = sigmoid(in[0] + old[0]), z = sigmoid(in[1] + old[1]);
        const double candidate = std::tanh(in[2] + r * old[2]);
        BOOST_TEST(close(step.value()(n, 0), (1.0 - z) * candidate + z * h(n, 0)));
    }
    // The same with the gates in the other order.
    const std::vector<std::size_t> other = {1, 0, 2};
    reals v_i = w_i, v_h = w_h, c_i = b_i, c_h = b_h;
    for (std::size_t g = 0; g < 3; ++g) {
        xt::view(v_i, g) = xt::view(w_i, other[g]);
        xt::view(v_h, g) = xt::view(w_h, other[g]);
        c_i(g) = b_i(other[g]), c_h(g) = b_h(other[g]);
    }
    BOOST_TEST(close(
        gru_cell(bt::constant(x), h, v_i, v_h, c_i, c_h, {.order = bt::gru_order::update_first}),
        step));
    check_orders([](auto... v) { return gru_cell(v...); }, x, h, w_i, w_h, b_i, b_h);
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)gru_cell(bt::constant(x), waves({1, 1}), w_i, w_h, b_i, b_h); },
        {"[gru_cell] the state", "(1, 1)", "(2, 1)"}));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)gru_cell(bt::constant(x), h, w_i, w_h, b_i, waves({4})); },
        {"[linear] the bias", "(4,)"}));
}

BOOST_AUTO_TEST_SUITE_END()
