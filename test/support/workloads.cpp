// SPDX-License-Identifier: BSD-3-Clause
// The computations: see workloads.hpp.
#include "workloads.hpp"

#include <backtrail/backtrail.hpp>

#include <cmath>

namespace backtrail::test {
namespace {

using numbers = tensor<double>;

/// Smooth values of order one, others for each `offset`.
template <class T = double>
xt::xarray<T> waves(const std::vector<std::size_t>& extents, double offset)
{
    xt::xarray<T> a = xt::zeros<T>(extents);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a.data()[i] = static_cast<T>(std::sin(0.7 * static_cast<double>(i) + offset));
    }
    return a;
}

variable<double> parameter(const std::vector<std::size_t>& extents, double offset)
{
    return variable<double>(waves(extents, offset));
}
numbers data(const std::vector<std::size_t>& extents, double offset)
{
    return constant(waves(extents, offset));
}

template <class T, class... X>
workload make(const char* name, const tensor<T>& loss, const X&... x)
{
    return {name, loss.get_node(), {x.get_node()...}};
}

workload polynomial()
{
    const auto a = parameter({3000}, 0), b = parameter({3000}, 1), c = parameter({3000}, 2);
    return make("polynomial", sum(a * b + c * a - b * c + a * a / 2), a, b, c);
}

workload float_sum()
{
    const variable<float> a(waves<float>({3000}, 0)), b(waves<float>({3000}, 1));
    return make("sum in float", sum(sin(a) * b + exp(-b * b)), a, b);
}

workload network()
{
    const auto w1 = parameter({50, 32}, 0), w2 = parameter({32, 24}, 1),
               w3 = parameter({24, 10}, 2);
    const auto b1 = parameter({32}, 3), b2 = parameter({24}, 4), b3 = parameter({10}, 5);
    const numbers x = data({16, 50}, 6);
    xt::xarray<std::int64_t> labels = xt::zeros<std::int64_t>({16});
    for (std::size_t i = 0; i < 16; ++i) labels(i) = static_cast<std::int64_t>(i * 7 % 10);
    const numbers h1 = tanh(matmul(x, w1) + b1), h2 = tanh(matmul(h1, w2) + b2);
    const numbers loss = cross_entropy(numbers(matmul(h2, w3) + b3), constant(labels));
    return make("network", loss, w1, w2, w3, b1, b2, b3);
}

workload reaction_diffusion()
{
    using xt::range;
    const std::size_t n = 40, m = 36;
    const auto u0 = parameter({n, m}, 0);
    numbers u = as_tensor(u0);
    for (int step = 0; step < 12; ++step) {
        const numbers p = pad(u, 1);
        const auto part = [&](std::size_t i, std::size_t j) {
            return view(p, range(i, i + n), range(j, j + m));
        };
        const numbers laplacian = part(0, 1) + part(2, 1) + part(1, 0) + part(1, 2) - 4 * u;
        u = u + 0.05 * (laplacian + u - u * u * u);
    }
    return make("reaction and diffusion", sum(u * u), u0);
}

workload reductions()
{
    const auto x = parameter({60, 70}, 0), b = parameter({70}, 1);
    const numbers h = exp(x * 0.5) + b;
    const numbers outer = sum(h * h, 0), inner = mean(h * b, 1), top = amax(h, 0);
    const numbers lse = logsumexp(h, 1);
    return make("reductions",
                numbers(sum(outer * top) + sum(inner * lse) + mean(prod(h * 0.1, {0, 1}))), x, b);
}

/// Work for more than one thread: products in pieces, passes of several chunks, sums of their parts.
workload wide_layer()
{
    const auto w = parameter({256, 320}, 0), b = parameter({320}, 1);
    const numbers h = tanh(matmul(data({400, 256}, 2), w) + b);
    return make("wide layer", numbers(mean(h * h) + sum(sum(h, 0) * b)), w, b);
}

workload indexing()
{
    const auto table = parameter({30, 8}, 0), x = parameter({50, 8}, 1);
    xt::xarray<std::int64_t> rows = xt::zeros<std::int64_t>({50});
    for (std::size_t i = 0; i < 50; ++i) rows(i) = static_cast<std::int64_t>(i * i % 30);
    const auto chosen = constant(rows);
    const numbers e = embedding(chosen, as_tensor(table)) * x;
    const numbers back = index_add(as_tensor(table), 0, chosen, e);
    return make("gathers and scatters", sum(tanh(back) * back), table, x);
}

workload orders()
{
    const auto x = parameter({20, 90}, 0), w = parameter({90}, 1);
    const numbers s = sort(as_tensor(x), 1), t = cumsum(s * w, 1);
    return make("sort and scan", numbers(sum(t * s) + sum(logcumsumexp(s, 0))), x, w);
}

workload attention()
{
    const auto q = parameter({3, 12, 8}, 0), k = parameter({3, 14, 8}, 1),
               v = parameter({14, 5}, 2);
    const numbers weights = softmax(matmul(q, transpose(k, {0, 2, 1})) * 0.35);
    return make("batched products", mean(square(matmul(weights, v))), q, k, v);
}

workload normalisation()
{
    const auto x = parameter({32, 48}, 0), scale = parameter({48}, 1), shift = parameter({48}, 2);
    const numbers h = layer_norm(as_tensor(x), -1) * scale + shift;
    return make("normalisation", sum(where(h > 0.1, h * h, 0.1 * h)), x, scale, shift);
}

workload hessian_vector()
{
    const auto x = parameter({25, 40}, 0);
    const numbers f = sum(tanh(x * x) * exp(0.3 * x));
    return make("Hessian times vector", sum(grad(f, x) * data({25, 40}, 1)), x);
}

workload views()
{
    using xt::placeholders::_;
    const auto x = parameter({30, 44}, 0);
    const numbers t = transpose(x), s = view(x, xt::range(29, _, -2), xt::range(0, 44, 2));
    const numbers r = concatenate(0, reshape(t, {22, 60}), broadcast_to(view(x, 0, 3), {1, 60}));
    return make("views", numbers(sum(s * s) + sum(sin(r))), x);
}

} // namespace

workload fused_sum(std::size_t n)
{
    const auto a = parameter({n}, 0), b = parameter({n}, 1), c = parameter({n}, 2);
    return make("fused sum", sum(sin(a) * b + exp(-c * c) + log1p(a * a)), a, b, c);
}

workload chain_of_statements(std::size_t n)
{
    const auto a = parameter({n}, 0), b = parameter({n}, 1);
    numbers h = as_tensor(a);
    for (int k = 0; k < 10; ++k) h = tanh(h * b + 0.1);
    return make("chain of statements", sum(h), a, b);
}

workload logistic_regression()
{
    const numbers x = data({1000, 20}, 0), y = constant(xt::eval(xt::abs(waves({1000}, 3))));
    const auto w = parameter({20}, 1);
    const numbers z = matmul(x, w);
    return make("logistic regression", sum(softplus(z) - y * z), w);
}

std::vector<workload> workloads()
{
    return {fused_sum(3000),       polynomial(),     float_sum(),  chain_of_statements(3000),
            logistic_regression(), network(),        wide_layer(), reaction_diffusion(),
            reductions(),          indexing(),       orders(),     attention(),
            normalisation(),       hessian_vector(), views()};
}

} // namespace backtrail::test
