// SPDX-License-Identifier: BSD-3-Clause
// The heat equation ∂u/∂t = ∇·(k ∇u) + q on an insulated square, by explicit finite differences, as a
// function of log k: 2000 steps in one loop, whose body is recorded once. And the field that is to be
// found, with what twelve by twelve sensors read of it.
#pragma once

#include <backtrail/backtrail.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>

namespace example {

namespace bt = backtrail;
using tensor = bt::tensor<double>;
using field = xt::xarray<double>;

inline constexpr std::size_t grid = 72, sensors = 12, spacing = grid / sensors;
inline constexpr std::ptrdiff_t steps = 2000;
inline constexpr double ratio = 0.05;  ///< dt / dx²; stable for k up to 1 / (4 ratio) = 5
inline constexpr double noise = 0.005; ///< standard deviation of a reading; temperatures reach 0.5

/// f(x, y) in the middle of each cell, x and y from 0 to 1.
template <class F>
[[nodiscard]] field field_of(F f)
{
    field a = xt::zeros<double>({grid, grid});
    for (std::size_t i = 0; i < grid; ++i) {
        for (std::size_t j = 0; j < grid; ++j) a(i, j) = f((j + 0.5) / grid, (i + 0.5) / grid);
    }
    return a;
}

/// 1 with a disc of 3 and a bar of 0.3, both with edges that are a few cells wide.
[[nodiscard]] inline field true_log_conductivity()
{
    return field_of([](double x, double y) {
        const auto inside = [](double depth) { return 0.5 + 0.5 * std::tanh(depth / 0.04); };
        const double disc = inside(0.17 - std::hypot(x - 0.33, y - 0.36));
        const double bar = inside(0.09 - std::abs(x + y - 1.4) / std::numbers::sqrt2) *
                           inside(0.28 - std::abs(x - y) / std::numbers::sqrt2);
        return std::log(3.0) * disc + std::log(0.3) * bar;
    });
}

/// The conductivities of faces between neighbours along an axis, harmonic means, and 0 at the ends, through
/// which no heat passes: one more than cells.
[[nodiscard]] inline tensor face_conductivity(const tensor& k, std::size_t axis)
{
    const auto part = [&](std::size_t from, std::size_t to) {
        return axis == 0 ? tensor(view(k, xt::range(from, to)))
                         : tensor(view(k, xt::all(), xt::range(from, to)));
    };
    const auto harmonic = [](auto a, auto b) { return 2.0 * a * b / (a + b); };
    const tensor inner = fuse(harmonic, part(0, grid - 1), part(1, grid));
    return axis == 0 ? pad(inner, {{1, 1}, {0, 0}}) : pad(inner, {{0, 0}, {1, 1}});
}

/// What the sensors read after each step, (steps, 12, 12). The plate is heated and cooled in one pattern
/// for the first half of the time, and in another for the second.
[[nodiscard]] inline tensor readings(const tensor& log_k)
{
    const tensor k = exp(log_k);
    const tensor rows = face_conductivity(k, 0), columns = face_conductivity(k, 1);
    const tensor k_north = view(rows, xt::range(0, grid)),
                 k_south = view(rows, xt::range(1, grid + 1));
    const tensor k_west = view(columns, xt::all(), xt::range(0, grid));
    const tensor k_east = view(columns, xt::all(), xt::range(1, grid + 1));

    constexpr double pi = std::numbers::pi, strength = 20.0 * ratio / (grid * grid);
    const auto wave = [](double a, double b) {
        return field_of([=](double x, double y) {
            return strength * std::cos(a * pi * x) * std::cos(b * pi * y);
        });
    };
    const tensor first = bt::constant(wave(3, 2)), second = bt::constant(wave(2, 3));
    field half = xt::zeros<double>({steps});
    xt::view(half, xt::range(0, steps / 2)) = 1.0;

    const field cold = xt::zeros<double>({grid, grid});
    const auto step = [&](const auto&, const tensor& u, const tensor& is_first) {
        const tensor around = pad(u, 1); // what lies outside counts with conductivity 0
        const auto shifted = [&](std::size_t i, std::size_t j) {
            return tensor(view(around, xt::range(i, i + grid), xt::range(j, j + grid)));
        };
        const tensor heat = is_first * first + (1.0 - is_first) * second;
        const tensor next = fuse(
            [](auto u, auto north, auto south, auto west, auto east, auto k_n, auto k_s, auto k_w,
               auto k_e, auto q) {
                return u +
                       ratio * (k_n * (north - u) + k_s * (south - u) + k_w * (west - u) +
                                k_e * (east - u)) +
                       q;
            },
            u, shifted(0, 1), shifted(2, 1), shifted(1, 0), shifted(1, 2), k_north, k_south, k_west,
            k_east, heat);
        bt::tag("u", next);
        const auto places = xt::range(spacing / 2, grid, spacing);
        return std::pair(next, tensor(view(next, places, places)));
    };
    return bt::loop_with(steps, cold, half, step).second;
}

/// The readings of the true field, with normal noise that is the same on every machine.
[[nodiscard]] inline field measurements()
{
    const tensor exact = readings(bt::constant(true_log_conductivity()));
    return exact.value() + noise * bt::random::normal(exact.shape(), bt::random::key(2000)).value();
}

} // namespace example
