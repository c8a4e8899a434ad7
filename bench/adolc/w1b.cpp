// SPDX-License-Identifier: BSD-3-Clause
#include "adolc_contender.hpp"

namespace {

using namespace bench;

const registration rival_of_w1b(rival{
    "W1b", [](problem<double>& p) {
        const std::size_t n = p.size();
        if (n > 200000) return;
        p.add(adolc_contender({&p.input("a"), &p.input("b"), &p.input("c")}, 11 * n,
                              [n](const auto& x) {
                                  adouble sum = 0;
                                  for (std::size_t i = 0; i < n; ++i) {
                                      const adouble &a = x[i], &b = x[n + i], &c = x[2 * n + i];
                                      sum += a * b + c * a - b * c + a * a / 2;
                                  }
                                  return sum;
                              }));
    }});

} // namespace
