// SPDX-License-Identifier: BSD-3-Clause
#include "adolc_contender.hpp"

namespace {

using namespace bench;

const registration rival_of_w2(rival{
    "W2", [](problem<double>& p) {
        const auto &x = p.input("X"), &y = p.input("y");
        const std::size_t n = y.size(), k = p.input("w").size();
        p.add(adolc_contender({&p.input("w")}, n * (2 * k + 8), [&](const auto& w) {
            adouble sum = 0;
            for (std::size_t i = 0; i < n; ++i) {
                adouble z = 0;
                for (std::size_t j = 0; j < k; ++j) z += x[i * k + j] * w[j];
                sum += log(1 + exp(z)) - y[i] * z; // |z| is small here
            }
            return sum;
        }));
    }});

} // namespace
