// SPDX-License-Identifier: BSD-3-Clause
// W2: logistic regression, value and gradient in w of sum(softplus(z) - y*z), z = X w, X (1e5 x 20).
//
// Reference: the product by BLAS, one pass that takes value and residual from one exponential, the
// transposed product by BLAS; for X row by row and column by column, and the faster of the two counts.
// Beside it, for the limit, a form without BLAS that reads X once: products and pass on blocks of rows that
// the cache still holds.
#include "blas.hpp"
#include "sweep_contender.hpp"

namespace {

using namespace bench;

/// z becomes sigmoid(z) - y; returns the sum of softplus(z) - y z.
template <class T>
double residual_pass(T* z, const T* y, std::size_t n)
{
    using V = xsimd::batch<T>;
    namespace math = backtrail::math;
    const V zero(T(0)), one(T(1));
    V sum = zero;
    for (std::size_t i = 0; i < n; i += V::size) {
        const V x = V::load_aligned(z + i), t = V::load_aligned(y + i);
        const V e = math::exp(V(-xsimd::abs(x))), q = one / (one + e);
        sum += xsimd::fnma(t, x, V(xsimd::max(x, zero) + math::log1p(e)));
        (xsimd::select(x < zero, V(e * q), q) - t).store_aligned(z + i);
    }
    return static_cast<double>(xsimd::hadd(sum));
}

template <class T>
struct by_hand {
    block<T> z, w_bar;
    double loss = 0;

    void run_rows(const T* x, const T* w, const T* y)
    {
        gemv(CblasNoTrans, z.size(), w_bar.size(), x, w, z.data());
        pass(y);
        gemv(CblasTrans, z.size(), w_bar.size(), x, z.data(), w_bar.data());
    }
    void run_columns(const T* x, const T* w, const T* y)
    {
        gemv(CblasTrans, w_bar.size(), z.size(), x, w, z.data());
        pass(y);
        gemv(CblasNoTrans, w_bar.size(), z.size(), x, z.data(), w_bar.data());
    }

private:
    void pass(const T* y)
    {
        constexpr std::size_t chunk = 1024; // summed in T, the sums of chunks in double
        loss = 0;
        for (std::size_t i = 0; i < z.size(); i += chunk) {
            loss += residual_pass(z.data() + i, y + i, std::min(chunk, z.size() - i));
        }
    }
};

constexpr std::size_t features = 20;

/// X row by row, read once: tiles of 512 rows, 80 kB of X in double. A row is five vectors of four.
template <class T>
struct one_pass {
    block<T> w_bar;
    double loss = 0;

    void run(const T* x, const T* w, const T* y, std::size_t n)
    {
        constexpr std::size_t tile = 512;
        alignas(64) T z[tile];
        V sums[2][vectors];
        for (auto& of_row : sums) std::fill_n(of_row, vectors, V(T(0)));
        loss = 0;
        for (std::size_t start = 0; start < n; start += tile) {
            const std::size_t m = std::min(tile, n - start);
            product(x + start * features, w, z, m);
            loss += residual_pass(z, y + start, m);
            for (std::size_t i = 0; i < m; i += 2) {
                for (std::size_t u : {0, 1}) {
                    const T* row = x + (start + i + u) * features;
                    const V r(z[i + u]);
                    for (std::size_t j = 0; j < vectors; ++j) {
                        sums[u][j] = xsimd::fma(r, V::load_unaligned(row + 4 * j), sums[u][j]);
                    }
                }
            }
        }
        for (std::size_t j = 0; j < vectors; ++j) {
            (sums[0][j] + sums[1][j]).store_aligned(w_bar.data() + 4 * j);
        }
    }

private:
    using V = typename xsimd::make_sized_batch<T, 4>::type;
    static constexpr std::size_t vectors = features / 4;

    static void product(const T* x, const T* w, T* z, std::size_t m)
    {
        V weights[vectors];
        for (std::size_t j = 0; j < vectors; ++j) weights[j] = V::load_aligned(w + 4 * j);
        for (std::size_t i = 0; i < m; i += 4) {
            V dots[4];
            for (std::size_t u = 0; u < 4; ++u) {
                const T* row = x + (i + u) * features;
                dots[u] = V::load_unaligned(row) * weights[0];
                for (std::size_t j = 1; j < vectors; ++j) {
                    dots[u] = xsimd::fma(V::load_unaligned(row + 4 * j), weights[j], dots[u]);
                }
            }
            xsimd::haddp(dots).store_aligned(z + i);
        }
    }
};

constexpr auto build = []<class T>(problem<T>& p) {
    const std::size_t n = p.size(), k = features;
    const auto& x = p.draw_input("X", n * k); // row by row
    auto& x_columns = p.add_input("X, by columns", n * k);
    const auto& w = p.draw_input("w", k);
    auto& y = p.add_input("y", n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < k; ++j) x_columns[j * n + i] = x[i * k + j];
        y[i] = x[i * k] > T(0) ? T(1) : T(0);
    }

    const auto add = [&](const char* name, auto state, auto run, bool is_reference) {
        p.add(
            {.name = name,
             .run = run,
             .results = [=] { return std::vector{numbers{state->loss}, to_numbers(state->w_bar)}; },
             .bytes = [=] { return (is_reference ? n + k : k) * sizeof(T); },
             .uses_threads = is_reference,
             .is_reference = is_reference});
    };
    const auto rows = std::make_shared<by_hand<T>>(by_hand<T>{block<T>(n), block<T>(k)});
    const auto columns = std::make_shared<by_hand<T>>(by_hand<T>{block<T>(n), block<T>(k)});
    const auto once = std::make_shared<one_pass<T>>(one_pass<T>{block<T>(k)});
    add(
        "by hand, X by rows", rows,
        [=, &x, &w, &y] { rows->run_rows(x.data(), w.data(), y.data()); }, true);
    add(
        "by hand, X by columns", columns,
        [=, &x_columns, &w, &y] { columns->run_columns(x_columns.data(), w.data(), y.data()); },
        true);
    add(
        "by hand, X by rows, read once", once,
        [=, &x, &w, &y] { once->run(x.data(), w.data(), y.data(), n); }, false);

    const auto W = variable_of(w, {k});
    const auto Y = constant_of(y, {n});
    const auto by_rows = matmul(constant_of(x, {n, k}), W);
    const auto by_columns = matmul(transpose(constant_of(x_columns, {k, n})), W);
    const auto f = [](auto z, auto t) { return softplus(z) - t * z; };
    p.add(sweep_contender<T>("fuse, X by rows", sum(fuse(f, by_rows, Y)), W));
    p.add(sweep_contender<T>("fuse, X by columns", sum(fuse(f, by_columns, Y)), W));
    p.add(sweep_contender<T>("operators, X by rows", sum(f(by_rows, Y)), W));
    p.add(sweep_contender<T>("operators, X by columns", sum(f(by_columns, Y)), W));
};

const registration w2(workload{"W2",
                               "logistic regression, sum(softplus(z) - y*z), z = X w, in w",
                               {{"1e5x20", 102400}},
                               build});

} // namespace
