// SPDX-License-Identifier: BSD-3-Clause
#include "eigen_contender.hpp"

namespace {

using namespace bench;

template <class T>
struct solver {
    using grid = Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    static constexpr std::size_t steps = 100;
    static constexpr T dt = T(0.1);
    long n;
    grid u0;
    std::vector<grid> u = std::vector<grid>(steps + 1, grid::Zero(n + 2, n + 2));
    grid u_bar = u[0], next = u[0];
    T loss = 0;

    [[nodiscard]] auto inside(const grid& x) const { return x.block(1, 1, n, n); }
    [[nodiscard]] auto neighbours(const grid& x) const
    {
        return x.block(0, 1, n, n) + x.block(2, 1, n, n) + x.block(1, 0, n, n) +
               x.block(1, 2, n, n);
    }
    void run()
    {
        u[0].block(1, 1, n, n) = u0;
        for (std::size_t k = 0; k < steps; ++k) {
            u[k + 1].block(1, 1, n, n) =
                inside(u[k]) * (T(1) - 3 * dt - dt * inside(u[k]).square()) + dt * neighbours(u[k]);
        }
        loss = inside(u[steps]).square().sum();
        u_bar = 2 * u[steps];
        for (std::size_t k = steps; k-- > 0; u_bar.swap(next)) {
            next.block(1, 1, n, n) =
                inside(u_bar) * (T(1) - 3 * dt - 3 * dt * inside(u[k]).square()) +
                dt * neighbours(u_bar);
        }
    }
    [[nodiscard]] std::vector<numbers> gradients() const
    {
        const grid g = inside(u_bar);
        return {all_numbers(g)};
    }
};

const registration rival_of_w4(rival{"W4", []<class T>(problem<T>& p) {
                                         const auto& u0 = p.input("u0");
                                         const auto s =
                                             solver<T>{static_cast<long>(p.size()),
                                                       matrix_map(u0, p.size(), p.size()).array()};
                                         p.add(eigen_contender(std::make_shared<solver<T>>(s)));
                                     }});

} // namespace
