// SPDX-License-Identifier: BSD-3-Clause
#include "eigen_contender.hpp"

namespace {

using namespace bench;

template <class T, int Order>
struct solver {
    using vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;
    Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Order>> x;
    vector w;
    eigen_array<T> y;
    vector z = vector(x.rows()), w_bar = vector(x.cols());
    eigen_array<T> e = eigen_array<T>(x.rows());
    T loss = 0;

    void run()
    {
        z.noalias() = x * w;
        e = (-z.array().abs()).exp();
        loss = (z.array().max(T(0)) + e.log1p() - y * z.array()).sum();
        z.array() = (z.array() < T(0)).select(e / (T(1) + e), T(1) / (T(1) + e)) - y;
        w_bar.noalias() = x.transpose() * z;
    }
    [[nodiscard]] std::vector<numbers> gradients() const { return {all_numbers(w_bar)}; }
};

template <class T, int Order>
contender with_order(const problem<T>& p, const char* input, const char* form)
{
    const auto n = static_cast<long>(p.input("y").size()),
               k = static_cast<long>(p.input("w").size());
    auto c = eigen_contender(std::make_shared<solver<T, Order>>(solver<T, Order>{
        {p.input(input).data(), n, k}, array_map(p.input("w")).matrix(), array_map(p.input("y"))}));
    c.name += form;
    return c;
}

const registration rival_of_w2(rival{"W2", []<class T>(problem<T>& p) {
                                         p.add(with_order<T, Eigen::RowMajor>(p, "X", ", by rows"));
                                         p.add(with_order<T, Eigen::ColMajor>(p, "X, by columns",
                                                                              ", by columns"));
                                     }});

} // namespace
