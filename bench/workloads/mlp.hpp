// SPDX-License-Identifier: BSD-3-Clause
// The network of W3: 784-512-512-10 with tanh between, and softmax cross-entropy. Its inputs, and
// backtrail's form of it.
#pragma once

#include "sweep_contender.hpp"

#include <array>
#include <cmath>
#include <string>

namespace bench {

inline constexpr std::array<std::size_t, 4> mlp_widths = {784, 512, 512, 10};
inline constexpr std::size_t mlp_layers = mlp_widths.size() - 1;

/// The name of an input of layer k: "w0".
inline std::string of_layer(char what, std::size_t k) { return {what, static_cast<char>('0' + k)}; }

/// Adds "x" (batch, 784), "labels" (batch) and, for each layer k, "w<k>" (in, out) and "b<k>" (out).
template <class T>
void add_mlp_inputs(problem<T>& p)
{
    const std::size_t batch = p.size();
    p.draw_input("x", batch * mlp_widths.front());
    auto& labels = p.add_input("labels", batch);
    for (std::size_t i = 0; i < batch; ++i) labels[i] = static_cast<T>(7 * i % mlp_widths.back());
    for (std::size_t k = 0; k < mlp_layers; ++k) {
        const double limit = std::sqrt(3.0 / static_cast<double>(mlp_widths[k]));
        p.draw_input(of_layer('w', k), mlp_widths[k] * mlp_widths[k + 1], limit);
        p.draw_input(of_layer('b', k), mlp_widths[k + 1], limit);
    }
}

/// The network's loss; `mark(name, tensor)` sees every layer and returns it. `finish` gets the loss and all
/// weights and biases.
template <class T, class Mark, class Finish>
auto mlp(const problem<T>& p, Mark mark, Finish finish)
{
    const std::size_t batch = p.size();
    std::vector<bt::variable<T>> w, b;
    for (std::size_t k = 0; k < mlp_layers; ++k) {
        const std::size_t in = mlp_widths[k], out = mlp_widths[k + 1];
        w.push_back(variable_of(p.input(of_layer('w', k)), {in, out}));
        b.push_back(variable_of(p.input(of_layer('b', k)), {out}));
    }
    const auto& l = p.input("labels");
    const xt::xarray<std::int64_t> labels = xt::cast<std::int64_t>(array_of(l, {batch}));

    bt::tensor<T> h = constant_of(p.input("x"), {batch, mlp_widths.front()});
    for (std::size_t k = 0; k + 1 < mlp_layers; ++k) {
        h = mark(of_layer('h', k), bt::tensor<T>(tanh(matmul(h, w[k]) + b[k])));
    }
    const bt::tensor<T> z = mark("logits", bt::tensor<T>(matmul(h, w.back()) + b.back()));
    return finish(cross_entropy(z, bt::tensor<std::int64_t>(bt::constant(labels))), w[0], b[0],
                  w[1], b[1], w[2], b[2]);
}

} // namespace bench
