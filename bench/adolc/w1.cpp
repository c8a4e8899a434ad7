// SPDX-License-Identifier: BSD-3-Clause
#include "adolc_contender.hpp"

namespace {

using namespace bench;

const registration rival_of_w1(rival{
    "W1", [](problem<double>& p) {
        const std::size_t n = p.size();
        if (n > 200000) return;
        p.add(adolc_contender({&p.input("a"), &p.input("b"), &p.input("c")}, 11 * n,
                              [n](const auto& x) {
                                  adouble sum = 0;
                                  for (std::size_t i = 0; i < n; ++i) {
                                      const adouble &a = x[i], &b = x[n + i], &c = x[2 * n + i];
                                      sum += sin(a) * b + exp(-c * c) + log(1 + a * a);
                                  }
                                  return sum;
                              }));
    }});

} // namespace
