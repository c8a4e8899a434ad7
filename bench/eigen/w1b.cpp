// SPDX-License-Identifier: BSD-3-Clause
#include "eigen_contender.hpp"

namespace {

using namespace bench;

template <class T>
struct solver {
    Eigen::Map<const eigen_array<T>> a, b, c;
    eigen_array<T> a_bar = a, b_bar = a, c_bar = a;
    T loss = 0;

    void run()
    {
        loss = (a * b + c * a - b * c + a * a / T(2)).sum();
        a_bar = b + c + a;
        b_bar = a - c;
        c_bar = a - b;
    }
    [[nodiscard]] std::vector<numbers> gradients() const
    {
        return {all_numbers(a_bar), all_numbers(b_bar), all_numbers(c_bar)};
    }
};

const registration rival_of_w1b(rival{
    "W1b", []<class T>(problem<T>& p) {
        p.add(eigen_contender(std::make_shared<solver<T>>(
            solver<T>{array_map(p.input("a")), array_map(p.input("b")), array_map(p.input("c"))})));
    }});

} // namespace
