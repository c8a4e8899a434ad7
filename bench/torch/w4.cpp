// SPDX-License-Identifier: BSD-3-Clause
#include "torch_contender.hpp"

namespace {

using namespace bench;

torch::Tensor reaction(torch::Tensor u, long n, std::size_t steps)
{
    constexpr double dt = 0.1;
    for (std::size_t k = 0; k < steps; ++k) {
        const auto around = torch::constant_pad_nd(u, {1, 1, 1, 1});
        const auto shifted = [&](long i, long j) {
            return around.slice(0, i, i + n).slice(1, j, j + n);
        };
        const auto lap = shifted(0, 1) + shifted(2, 1) + shifted(1, 0) + shifted(1, 2) - 4 * u;
        u = u + dt * (lap + u - u * u * u);
    }
    return torch::sum(torch::square(u));
}

const registration rival_of_w4(rival{"W4", []<class T>(problem<T>& p) {
                                         const auto n = static_cast<long>(p.size());
                                         const auto u0 = variable_of(p.input("u0"), {n, n});
                                         p.add(torch_contender([=] { return reaction(u0, n, 100); },
                                                               {u0}));
                                     }});

// Without budgets, so that more than some hundred steps do not fit.
const registration rival_of_w4_budget(rival{
    "W4_budget", [](problem<double>& p) {
        if (p.size() > 100) return;
        const auto u0 = variable_of(p.input("u0"), {512, 512});
        p.add(torch_contender([u0, steps = p.size()] { return reaction(u0, 512, steps); }, {u0}));
    }});

} // namespace
