// SPDX-License-Identifier: BSD-3-Clause
#include "eigen_contender.hpp"

namespace {

using namespace bench;

template <class T>
struct solver {
    Eigen::Map<const eigen_array<T>> a, b, c;
    eigen_array<T> a_bar = a, b_bar = a, c_bar = a, e = a, square = a;
    T loss = 0;

    void run()
    {
        square = a * a;
        e = (-c * c).exp();
        b_bar = a.sin();
        loss = (b_bar * b + e + square.log1p()).sum();
        a_bar = a.cos() * b + T(2) * a / (T(1) + square);
        c_bar = T(-2) * c * e;
    }
    [[nodiscard]] std::vector<numbers> gradients() const
    {
        return {all_numbers(a_bar), all_numbers(b_bar), all_numbers(c_bar)};
    }
};

const registration rival_of_w1(rival{
    "W1", []<class T>(problem<T>& p) {
        p.add(eigen_contender(std::make_shared<solver<T>>(
            solver<T>{array_map(p.input("a")), array_map(p.input("b")), array_map(p.input("c"))})));
    }});

} // namespace
