// SPDX-License-Identifier: BSD-3-Clause
#include "torch_contender.hpp"

namespace {

using namespace bench;

const registration rival_of_w3(rival{
    "W3", []<class T>(problem<T>& p) {
        const auto batch = static_cast<long>(p.size());
        const std::vector<long> widths = {784, 512, 512, 10};
        const auto x = constant_of(p.input("x"), {batch, widths[0]});
        const auto labels = constant_of(p.input("labels"), {batch}).to(torch::kInt64);
        std::vector<torch::Tensor> weights; // w0, b0, w1, b1 ...
        for (std::size_t k = 0; k + 1 < widths.size(); ++k) {
            const std::string index = std::to_string(k);
            weights.push_back(variable_of(p.input("w" + index), {widths[k], widths[k + 1]}));
            weights.push_back(variable_of(p.input("b" + index), {widths[k + 1]}));
        }
        p.add(torch_contender(
            [=] {
                auto h = x;
                for (std::size_t k = 0; k < weights.size(); k += 2) {
                    h = torch::addmm(weights[k + 1], h, weights[k]);
                    if (k + 2 < weights.size()) h = torch::tanh(h);
                }
                return torch::cross_entropy_loss(h, labels);
            },
            weights));
    }});

} // namespace
