// SPDX-License-Identifier: BSD-3-Clause
// The handwritten digits as arrays, and the random order they are taken in. Everything random here
// is made from std::mt19937_64 by arithmetic of our own, because the distributions and the shuffle
// of the standard library differ from one implementation to the next.
#pragma once

#include "../csv.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>

namespace example {

inline constexpr std::size_t pixels = 64, classes = 10;

struct digits {
    xt::xarray<double> images;       ///< (n, 64), ink from 0 to 1
    xt::xarray<double> one_hot;      ///< (n, 10)
    xt::xarray<std::int64_t> labels; ///< (n,)

    [[nodiscard]] std::size_t size() const { return labels.size(); }
};

/// Throws std::runtime_error if the file is missing or holds anything but digits.
inline digits read_digits(const std::string& file)
{
    const auto table = read_csv(file, pixels + 1);
    const std::size_t n = table.shape()[0];
    digits all{xt::view(table, xt::all(), xt::range(0, pixels)) / 16.0,
               xt::zeros<double>({n, classes}), xt::zeros<std::int64_t>({n})};
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < pixels; ++j) {
            if (!(all.images(i, j) >= 0.0 && all.images(i, j) <= 1.0)) {
                throw std::runtime_error(file + ":" + std::to_string(i + 1) +
                                         ": pixels are numbers from 0 to 16");
            }
        }
        const double label = table(i, pixels);
        if (!(label >= 0.0 && label < classes && label == std::floor(label))) {
            throw std::runtime_error(file + ":" + std::to_string(i + 1) +
                                     ": the last number must be a label, 0 to 9");
        }
        all.labels(i) = static_cast<std::int64_t>(label);
        all.one_hot(i, all.labels(i)) = 1.0;
    }
    return all;
}

/// 0, 1, ... n - 1 in random order (Fisher and Yates).
inline std::vector<std::size_t> shuffled(std::size_t n, std::mt19937_64& random)
{
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    return order;
}

/// The rows of an array of rank 2 that `chosen` names, as an xtensor expression.
inline auto rows(const xt::xarray<double>& array, const std::vector<std::size_t>& chosen)
{
    return xt::view(array, xt::keep(chosen), xt::all());
}

inline digits take(const digits& all, const std::vector<std::size_t>& chosen)
{
    return {rows(all.images, chosen), rows(all.one_hot, chosen),
            xt::view(all.labels, xt::keep(chosen))};
}

/// Uniform weights of shape (n, m) in ±√(6/(n + m)) (Glorot and Bengio 2010, eq. 16).
inline xt::xarray<double> uniform_weights(std::size_t n, std::size_t m, std::mt19937_64& random)
{
    const double limit = std::sqrt(6.0 / static_cast<double>(n + m));
    xt::xarray<double> weights = xt::zeros<double>({n, m});
    for (double& w : weights)
        w = limit * (std::ldexp(static_cast<double>(random() >> 11), -52) - 1.0);
    return weights;
}

} // namespace example
