// SPDX-License-Identifier: BSD-3-Clause
#include "torch_contender.hpp"

namespace {

using namespace bench;

const registration rival_of_w1(rival{
    "W1", []<class T>(problem<T>& p) {
        const auto n = static_cast<long>(p.size());
        const auto a = variable_of(p.input("a"), {n}), b = variable_of(p.input("b"), {n}),
                   c = variable_of(p.input("c"), {n});
        p.add(torch_contender(
            [=] {
                return torch::sum(torch::sin(a) * b + torch::exp(-c * c) + torch::log1p(a * a));
            },
            {a, b, c}));
    }});

} // namespace
