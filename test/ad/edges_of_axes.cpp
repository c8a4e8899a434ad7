// SPDX-License-Identifier: BSD-3-Clause
// Singular points of functions of whole axes: an array, weights of the result, the value and the gradient
// of the weighted sum. Each is checked in reverse and in forward mode, in double and float, on a leaf, fused
// with what surrounds it, and between statements.
#include "edge_rows.hpp"

#include <string>
#include <vector>

namespace bt = backtrail;

namespace {

using edges::infinity;
using edges::no_number;
using edges::tolerance;
using numbers = std::vector<double>;

struct row {
    numbers x, weights, value, gradient;
};

template <class T>
bt::variable<T> vector_of(const numbers& x)
{
    xt::xarray<T> a = xt::xarray<T>::from_shape({x.size()});
    for (std::size_t i = 0; i < x.size(); ++i) a(i) = static_cast<T>(x[i]);
    return bt::variable<T>(a);
}

template <class T>
expect::claim are(const bt::tensor<T>& actual, const numbers& wanted)
{
    expect::reals flat = expect::read(actual);
    flat.reshape({flat.size()});
    return expect::close(flat, expect::table({wanted.size()}, wanted), tolerance<T>);
}

/// The weighted sum's tangent along each unit vector: the gradient, by forward mode.
template <class T>
void check_forward(const bt::tensor<T>& y, const bt::variable<T>& x, const row& r)
{
    for (std::size_t i = 0; i < r.x.size(); ++i) {
        numbers unit(r.x.size(), 0.0);
        unit[i] = 1.0;
        const bt::tensor<T> y_dot = jvp(y, bt::tangent(x, vector_of<T>(unit)));
        const expect::reals slopes = expect::read(y_dot);
        double total = 0;
        for (std::size_t k = 0; k < r.weights.size(); ++k) {
            // 0 times an infinite slope of an element nobody asked about is no number
            if (r.weights[k] != 0) total += r.weights[k] * slopes.data()[k];
        }
        BOOST_TEST(expect::close(total, r.gradient[i], tolerance<T>), "along axis " << i);
    }
}

template <class T>
void check_modes(const char* form, const bt::tensor<T>& y, const bt::variable<T>& x, const row& r)
{
    BOOST_TEST_CONTEXT(form << ", " << sizeof(T) << " bytes")
    {
        xt::xarray<T> y_bar = xt::zeros<T>(y.shape());
        for (std::size_t k = 0; k < r.weights.size(); ++k) {
            y_bar.data()[k] = static_cast<T>(r.weights[k]);
        }
        BOOST_TEST(are(y, r.value));
        BOOST_TEST(are(bt::tensor<T>(vjp(y, y_bar, x)), r.gradient));
        check_forward(y, x, r);
    }
}

template <class T, class F>
void check_row(F f, const row& r)
{
    const bt::variable<T> x = vector_of<T>(r.x);
    check_modes("on a leaf", bt::tensor<T>(f(bt::tensor<T>(x))), x, r);
    check_modes("fused", bt::tensor<T>(T(1) * f(bt::tensor<T>(x * T(1)))), x, r);
    const bt::tensor<T> before = x * T(1), within = f(before), after = within + T(0);
    check_modes("between statements", after, x, r);
}

template <class F>
void check(const char* name, F f, const std::vector<row>& rows)
{
    BOOST_TEST_CONTEXT(name)
    {
        for (const row& r : rows) {
            check_row<double>(f, r);
            check_row<float>(f, r);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(ad_edges_of_axes)

BOOST_AUTO_TEST_CASE(extrema_and_orders)
{
    // clang-format off
    check("amax", [](auto x) { return amax(x); }, {{{1, 3, 3}, {1}, {3}, {0, 0.5, 0.5}}, {{1, no_number, no_number, 2}, {1}, {no_number}, {0, 1, 0, 0}}, {{-infinity, -infinity}, {1}, {-infinity}, {0.5, 0.5}}});
    check("amin", [](auto x) { return amin(x); }, {{{1, 1, 3}, {1}, {1}, {0.5, 0.5, 0}}, {{1, no_number, no_number, 2}, {1}, {no_number}, {0, 1, 0, 0}}});
    check("max", [](auto x) { return max(x); }, {{{3, 1, 3}, {1}, {3}, {0.5, 0, 0.5}}});
    check("max_with_index", [](auto x) { return max_with_index(x, 0).values; }, {{{1, 3, 3}, {1}, {3}, {0, 1, 0}}, {{1, no_number, no_number}, {1}, {no_number}, {0, 1, 0}}});
    check("min_with_index", [](auto x) { return min_with_index(x, 0).values; }, {{{1, 1, 3}, {1}, {1}, {1, 0, 0}}});
    check("sort", [](auto x) { return sort(x); }, {{{2, 1, 1}, {1, 2, 3}, {1, 1, 2}, {3, 1, 2}}});
    check("topk", [](auto x) { return topk(x, 2).values; }, {{{2, 1, 2, 2}, {1, 10}, {2, 2}, {1, 0, 10, 0}}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(norms_and_spreads)
{
    // clang-format off
    check("2-norm", [](auto x) { return norm(x); }, {{{0, 0}, {1}, {0}, {0, 0}}, {{3, -4}, {1}, {5}, {0.6, -0.8}}});
    check("1-norm", [](auto x) { return norm(x, 1); }, {{{0, -2}, {1}, {2}, {0, -1}}});
    check("3-norm", [](auto x) { return norm(x, 3); }, {{{0, 0}, {1}, {0}, {0, 0}}});
    check("infinity norm", [](auto x) { return norm(x, bt::infinity); }, {{{3, -3, 1}, {1}, {3}, {0.5, -0.5, 0}}, {{0, 0}, {1}, {0}, {0, 0}}});
    check("std", [](auto x) { return bt::std(x); }, {{{2, 2, 2}, {1}, {0}, {0, 0, 0}}});
    check("std of one", [](auto x) { return bt::std(x, bt::ddof(1)); }, {{{2}, {1}, {no_number}, {no_number}}});
    check("var of one", [](auto x) { return var(x, bt::ddof(1)); }, {{{2}, {1}, {no_number}, {no_number}}});
    check("normalize", [](auto x) { return normalize(x); }, {{{0, 0}, {1, 2}, {0, 0}, {0, 0}}});
    check("cosine_similarity", [](auto x) { return cosine_similarity(x, xt::xarray<typename decltype(x)::value_type>{3, 4}); }, {{{0, 0}, {1}, {0}, {0, 0}}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(exponentials)
{
    const double log_2 = std::log(2.0);
    // clang-format off
    check("logsumexp", [](auto x) { return logsumexp(x); }, {{{-infinity, -infinity}, {1}, {-infinity}, {0, 0}}, {{infinity, 1}, {1}, {infinity}, {1, 0}}, {{infinity, infinity}, {1}, {infinity}, {0.5, 0.5}}, {{-infinity, 2}, {1}, {2}, {0, 1}}});
    check("softmax", [](auto x) { return softmax(x); }, {{{-infinity, 0, 0}, {1, 2, 3}, {0, 0.5, 0.5}, {0, -0.25, 0.25}}, {{-infinity, -infinity}, {1, 2}, {no_number, no_number}, {no_number, no_number}}});
    check("log_softmax", [](auto x) { return log_softmax(x); }, {{{-infinity, 0, 0}, {0, 2, 3}, {-infinity, -log_2, -log_2}, {0, -0.5, 0.5}}, {{-infinity, -infinity}, {1, 2}, {no_number, no_number}, {no_number, no_number}}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(products)
{
    // clang-format off
    check("prod", [](auto x) { return prod(x); }, {{{0, 2, 3}, {1}, {0}, {6, 0, 0}}, {{0, 0, 3}, {1}, {0}, {0, 0, 0}}, {{2, 3, 4}, {1}, {24}, {12, 8, 6}}});
    check("cumprod", [](auto x) { return cumprod(x, 0); }, {{{2, 0, 3}, {1, 1, 1}, {2, 0, 0}, {1, 8, 0}}, {{0, 0, 3}, {1, 1, 1}, {0, 0, 0}, {1, 0, 0}}});
    // clang-format on
}

BOOST_AUTO_TEST_CASE(probabilities_at_their_ends)
{
    const double low = 1e-7, kept = -std::log(low);
    const auto against = [](double y) {
        return [y](auto p) {
            using T = typename decltype(p)::value_type;
            return binary_cross_entropy(p, xt::xarray<T>{T(y)});
        };
    };
    for (const auto& [p, y] : {std::pair{0.0, 1.0}, {1.0, 0.0}}) {
        const auto x = vector_of<double>({p});
        const bt::tensor<double> loss = against(y)(bt::tensor<double>(x));
        BOOST_TEST(expect::close(loss, expect::read(kept), 1e-8)); // 1 - (1 - 1e-7) is not 1e-7
    }
    check("agreeing", against(1), {{{0.5}, {1}, {std::log(2.0)}, {-2}}});
    for (const double p : {0.0, 1.0}) {
        const auto x = vector_of<double>({p});
        const bt::tensor<double> loss = against(1 - p)(bt::tensor<double>(x));
        BOOST_TEST(expect::same(grad(loss, x), expect::table({1}, {0.0})));
        BOOST_TEST(
            expect::same(jvp(loss, bt::tangent(x, vector_of<double>({1}))), expect::read(0)));
    }
}

BOOST_AUTO_TEST_CASE(nothing_at_all)
{
    // clang-format off
    check("sum", [](auto x) { return sum(x); }, {{{}, {1}, {0}, {}}});
    check("prod", [](auto x) { return prod(x); }, {{{}, {1}, {1}, {}}});
    check("mean", [](auto x) { return mean(x); }, {{{}, {1}, {no_number}, {}}});
    check("logsumexp", [](auto x) { return logsumexp(x); }, {{{}, {1}, {-infinity}, {}}});
    // clang-format on
    const auto x = vector_of<double>({});
    BOOST_TEST(expect::throws<bt::shape_error>([&] { (void)amax(x); }));
    BOOST_TEST(expect::throws<bt::shape_error>([&] { (void)max(x); }));
    BOOST_TEST(expect::throws<bt::shape_error>([&] { (void)min_with_index(x, 0); }));
}

BOOST_AUTO_TEST_SUITE_END()
