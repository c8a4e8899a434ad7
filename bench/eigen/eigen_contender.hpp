// SPDX-License-Identifier: BSD-3-Clause
// Eigen's part in a problem: the derivative is written by hand, the loops and products are Eigen's.
#pragma once

#include "problem.hpp"

#include <Eigen/Core>

#include <memory>

namespace bench {

template <class T>
using eigen_array = Eigen::Array<T, Eigen::Dynamic, 1>;
template <class T>
using eigen_matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
[[nodiscard]] auto array_map(const block<T>& x)
{
    return Eigen::Map<const eigen_array<T>>(x.data(), static_cast<long>(x.size()));
}
template <class T>
[[nodiscard]] auto matrix_map(const block<T>& x, std::size_t rows, std::size_t columns)
{
    return Eigen::Map<const eigen_matrix<T>>(x.data(), static_cast<long>(rows),
                                             static_cast<long>(columns));
}
template <class M>
[[nodiscard]] numbers all_numbers(const M& x)
{
    return numbers(x.data(), x.data() + x.size());
}

/// `s` has members loss and run(), and results() of the gradients.
template <class S>
[[nodiscard]] contender eigen_contender(std::shared_ptr<S> s)
{
    return {.name = "Eigen, derivative by hand",
            .run = [s] { s->run(); },
            .results =
                [s] {
                    std::vector<numbers> all = s->gradients();
                    all.insert(all.begin(), numbers{static_cast<double>(s->loss)});
                    return all;
                }};
}

} // namespace bench
