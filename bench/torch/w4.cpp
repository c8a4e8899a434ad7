// SPDX-License-Identifier: BSD-3-Clause
#include "torch_contender.hpp"

namespace {

using namespace bench;

const registration rival_of_w4(rival{
    "W4", []<class T>(problem<T>& p) {
        const auto n = static_cast<long>(p.size());
        const auto u0 = variable_of(p.input("u0"), {n, n});
        p.add(torch_contender(
            [=] {
                constexpr double dt = 0.1;
                auto u = u0;
                for (int k = 0; k < 100; ++k) {
                    const auto around = torch::constant_pad_nd(u, {1, 1, 1, 1});
                    const auto shifted = [&](long i, long j) {
                        return around.slice(0, i, i + n).slice(1, j, j + n);
                    };
                    const auto lap =
                        shifted(0, 1) + shifted(2, 1) + shifted(1, 0) + shifted(1, 2) - 4 * u;
                    u = u + dt * (lap + u - u * u * u);
                }
                return torch::sum(torch::square(u));
            },
            {u0}));
    }});

} // namespace
