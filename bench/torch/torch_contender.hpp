// SPDX-License-Identifier: BSD-3-Clause
// LibTorch's part in a problem: leaves over its inputs, and its eager mode as a contender. Included by
// the sources in this folder only, because its headers take long.
#pragma once

#include "problem.hpp"

#include <torch/torch.h>

#include <memory>
#include <omp.h>

static_assert(AT_PARALLEL_OPENMP, "LibTorch with another kind of threads");

namespace bench {

/// Not torch::set_num_threads, which sets up a pool as well: its threads spin for tens of milliseconds, and take
/// the processors from whoever is measured with two threads, LibTorch too.
inline const registration torch_threads([](int n) { omp_set_num_threads(n); });

template <class T>
[[nodiscard]] torch::Tensor constant_of(const block<T>& x, std::vector<long> shape)
{
    const auto type = std::same_as<T, double> ? torch::kFloat64 : torch::kFloat32;
    return torch::from_blob(const_cast<T*>(x.data()), shape, type).clone();
}
template <class T>
[[nodiscard]] torch::Tensor variable_of(const block<T>& x, std::vector<long> shape)
{
    return constant_of(x, std::move(shape)).requires_grad_(true);
}

/// Records `loss` anew in every run, as eager mode does, and takes its gradients.
[[nodiscard]] inline contender torch_contender(std::function<torch::Tensor()> loss,
                                               std::vector<torch::Tensor> x, std::string form = "")
{
    auto last = std::make_shared<std::vector<torch::Tensor>>();
    return {.name = "LibTorch " TORCH_VERSION + form,
            .run =
                [=] {
                    last->clear();
                    const torch::Tensor y = loss();
                    *last = torch::autograd::grad({y}, x);
                    last->insert(last->begin(), y.detach());
                },
            .results =
                [=] {
                    std::vector<numbers> all;
                    for (const torch::Tensor& t : *last) {
                        const auto flat = t.to(torch::kFloat64).reshape({-1}).contiguous();
                        const double* data = flat.data_ptr<double>();
                        all.emplace_back(data, data + flat.numel());
                    }
                    return all;
                },
            .uses_threads = true};
}

} // namespace bench
