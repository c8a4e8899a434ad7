// SPDX-License-Identifier: BSD-3-Clause
// W3: a multilayer perceptron, loss and gradients in all weights and biases, for a large batch and a small.
//
// Reference: products by BLAS into the final place; bias and tanh in one pass over each product; softmax,
// its loss and its adjoint in one pass over the rows of logits; the adjoint of tanh and the gradient of the
// bias in one pass.
#include "blas.hpp"
#include "mlp.hpp"

namespace {

using namespace bench;

template <class T>
class by_hand {
public:
    explicit by_hand(const problem<T>& p)
        : batch_(p.size()), x_(p.input("x").data()), labels_(p.input("labels").data()),
          delta_(batch_ * 512), delta_below_(batch_ * 512)
    {
        for (std::size_t k = 0; k < mlp_layers; ++k) {
            const std::size_t in = mlp_widths[k], out = mlp_widths[k + 1];
            w_.push_back(p.input(of_layer('w', k)).data());
            b_.push_back(p.input(of_layer('b', k)).data());
            h_.emplace_back(batch_ * out);
            w_bar.emplace_back(in * out);
            b_bar.emplace_back(out);
        }
    }

    void run()
    {
        const T* below = x_;
        for (std::size_t k = 0; k < mlp_layers; ++k) {
            const std::size_t in = mlp_widths[k], out = mlp_widths[k + 1];
            gemm(CblasNoTrans, CblasNoTrans, batch_, out, in, below, w_[k], h_[k].data());
            if (k + 1 < mlp_layers) add_bias_and_tanh(h_[k].data(), b_[k], out);
            below = h_[k].data();
        }
        loss = softmax_cross_entropy();
        T *d = delta_.data(), *d_below = delta_below_.data();
        for (std::size_t k = mlp_layers; k-- > 0;) {
            const std::size_t in = mlp_widths[k], out = mlp_widths[k + 1];
            const T* below_k = k == 0 ? x_ : h_[k - 1].data();
            gemm(CblasTrans, CblasNoTrans, in, out, batch_, below_k, d, w_bar[k].data());
            if (k == 0) break;
            gemm(CblasNoTrans, CblasTrans, batch_, in, out, d, w_[k], d_below);
            pull_tanh(d_below, h_[k - 1].data(), b_bar[k - 1].data(), in);
            std::swap(d, d_below);
        }
    }

    [[nodiscard]] std::vector<numbers> results() const
    {
        std::vector<numbers> all = {{loss}};
        for (std::size_t k = 0; k < mlp_layers; ++k) {
            all.push_back(to_numbers(w_bar[k]));
            all.push_back(to_numbers(b_bar[k]));
        }
        return all;
    }
    [[nodiscard]] std::size_t bytes() const
    {
        std::size_t total = delta_.bytes() + delta_below_.bytes();
        for (const auto* all : {&h_, &w_bar, &b_bar}) {
            for (const auto& one : *all) total += one.bytes();
        }
        return total;
    }

    std::vector<block<T>> w_bar, b_bar;
    double loss = 0;

private:
    using V = xsimd::batch<T>;

    void add_bias_and_tanh(T* h, const T* b, std::size_t n) const
    {
        for (std::size_t i = 0; i < batch_; ++i, h += n) {
            for (std::size_t j = 0; j < n; j += V::size) {
                const V z = V::load_aligned(h + j) + V::load_aligned(b + j);
                backtrail::math::tanh(z).store_aligned(h + j);
            }
        }
    }
    /// d becomes d (1 - h²); b_bar its sum over the rows.
    void pull_tanh(T* d, const T* h, T* b_bar_k, std::size_t n) const
    {
        std::fill_n(b_bar_k, n, T(0));
        for (std::size_t i = 0; i < batch_; ++i, d += n, h += n) {
            for (std::size_t j = 0; j < n; j += V::size) {
                const V y = V::load_aligned(h + j);
                const V pulled = V::load_aligned(d + j) * xsimd::fnma(y, y, V(T(1)));
                pulled.store_aligned(d + j);
                (V::load_aligned(b_bar_k + j) + pulled).store_aligned(b_bar_k + j);
            }
        }
    }
    /// Fills delta_ and the last b_bar. Ten logits a row: plain numbers but for the exponentials.
    double softmax_cross_entropy()
    {
        constexpr std::size_t n = mlp_widths.back(), padded = 16;
        const T scale = T(1) / static_cast<T>(batch_);
        T* const b_bar_k = b_bar.back().data();
        std::fill_n(b_bar_k, n, T(0));
        double sum = 0;
        alignas(64) T z[padded];
        std::fill_n(z, padded, -std::numeric_limits<T>::infinity());
        for (std::size_t i = 0; i < batch_; ++i) {
            const T* row = h_.back().data() + i * n;
            T* d = delta_.data() + i * n;
            for (std::size_t j = 0; j < n; ++j) z[j] = row[j] + b_.back()[j];
            const auto label = static_cast<std::size_t>(labels_[i]);
            const T largest = *std::max_element(z, z + n), of_label = z[label] - largest;
            alignas(64) T e[padded];
            V total(T(0));
            for (std::size_t j = 0; j < padded; j += V::size) {
                const V x = backtrail::math::exp(V(V::load_aligned(z + j) - V(largest)));
                x.store_aligned(e + j);
                total += x;
            }
            const T norm = xsimd::hadd(total);
            sum += std::log(norm) - of_label;
            const T factor = scale / norm;
            for (std::size_t j = 0; j < n; ++j) d[j] = factor * e[j];
            d[label] -= scale;
            for (std::size_t j = 0; j < n; ++j) b_bar_k[j] += d[j];
        }
        return sum / static_cast<double>(batch_);
    }

    std::size_t batch_;
    const T *x_, *labels_;
    std::vector<const T*> w_, b_;
    std::vector<block<T>> h_;
    block<T> delta_, delta_below_;
};

constexpr auto build = []<class T>(problem<T>& p) {
    add_mlp_inputs(p);
    const auto hand = std::make_shared<by_hand<T>>(p);
    p.add({.name = "by hand, BLAS",
           .run = [=] { hand->run(); },
           .results = [=] { return hand->results(); },
           .bytes = [=] { return hand->bytes(); },
           .uses_threads = true,
           .is_reference = true});
    p.add(mlp(
        p, [](const std::string&, const auto& layer) { return layer; },
        [](const auto& loss, const auto&... weights) {
            return sweep_contender<T>("operators", loss, weights...);
        }));
};

const registration w3(workload{"W3",
                               "perceptron 784-512-512-10, tanh, cross-entropy, all gradients",
                               {{"batch 256", 256}, {"batch 16", 16}},
                               build});

} // namespace
