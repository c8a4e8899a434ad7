// SPDX-License-Identifier: BSD-3-Clause
#include "torch_contender.hpp"

namespace {

using namespace bench;

const registration rival_of_w2(rival{
    "W2", []<class T>(problem<T>& p) {
        const auto n = static_cast<long>(p.input("y").size()),
                   k = static_cast<long>(p.input("w").size());
        const auto w = variable_of(p.input("w"), {k}), y = constant_of(p.input("y"), {n});
        const auto add = [&](const torch::Tensor& x, const char* form) {
            p.add(torch_contender(
                [=] {
                    const auto z = torch::mv(x, w);
                    return torch::sum(torch::softplus(z) - y * z);
                },
                {w}, form));
        };
        add(constant_of(p.input("X"), {n, k}), ", X by rows");
        add(constant_of(p.input("X, by columns"), {k, n}).t(), ", X by columns");
    }});

} // namespace
