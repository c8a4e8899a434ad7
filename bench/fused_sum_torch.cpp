// SPDX-License-Identifier: BSD-3-Clause
// LibTorch's eager mode on the workload of fused_sum.cpp, with one thread.
#include "fused_sum_torch.hpp"

#ifdef BENCH_HAS_TORCH
#include <torch/torch.h>

void add_torch(std::vector<bench::contender>& all, const double* a, const double* b,
               const double* c, std::size_t n)
{
    torch::set_num_threads(1);
    const auto leaf = [n](const double* data) {
        const auto options = torch::TensorOptions().dtype(torch::kFloat64);
        return torch::from_blob(const_cast<double*>(data), {static_cast<long>(n)}, options)
            .clone()
            .requires_grad_(true);
    };
    all.push_back({"LibTorch " TORCH_VERSION, [A = leaf(a), B = leaf(b), C = leaf(c)] {
                       const auto y =
                           torch::sum(torch::sin(A) * B + torch::exp(-C * C) + torch::log1p(A * A));
                       torch::autograd::grad({y}, {A, B, C});
                   }});
}
#else
void add_torch(std::vector<bench::contender>&, const double*, const double*, const double*,
               std::size_t)
{
    std::puts("LibTorch is not installed: skipped");
}
#endif
