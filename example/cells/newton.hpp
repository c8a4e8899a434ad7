// SPDX-License-Identifier: BSD-3-Clause
// Newton's method without a matrix: conjugate gradients need of the Hessian only its products with
// vectors, and each of those costs about as much as two gradients.
#pragma once

#include <backtrail/backtrail.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>
#include <utility>

namespace example {

namespace bt = backtrail;
using vector = xt::xarray<double>;

inline double dot(const vector& a, const vector& b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

struct solution {
    vector x;
    int iterations;
};

/// Solves H x = b for a positive definite H until the residual is below `tolerance`
/// (Hestenes and Stiefel 1952).
inline solution conjugate_gradients(const std::function<vector(const vector&)>& times_H,
                                    const vector& b, double tolerance)
{
    vector x = 0.0 * b, residual = b, p = b;
    double square = dot(residual, residual);
    int iterations = 0;
    while (std::sqrt(square) > tolerance && iterations < 10 * static_cast<int>(b.size())) {
        const vector Hp = times_H(p);
        const double length = square / dot(p, Hp);
        x += length * p;
        residual -= length * Hp;
        const double before = std::exchange(square, dot(residual, residual));
        p = residual + square / before * p;
        ++iterations;
    }
    return {x, iterations};
}

/// Minimises a scalar `loss` over `w`, printing a row per iteration (Nocedal and Wright 2006,
/// algorithm 7.1). Returns whether the gradient's norm came below `tolerance`.
inline bool minimise(const bt::tensor<double>& loss, bt::variable<double>& w, double tolerance)
{
    bt::variable<double> p(0.0 * w.value());
    bt::tensor<double> g = grad(loss, w), Hp = hvp(loss, w, p);

    std::printf("%9s  %14s  %10s  %4s\n", "iteration", "loss", "|gradient|", "CG");
    for (int iteration = 0; iteration <= 50; ++iteration) {
        const vector gradient = g.value();
        const double before = loss.value()(), norm = std::sqrt(dot(gradient, gradient));
        std::printf("%9d  %14.12f  %10.3e  ", iteration, before, norm);
        if (norm < tolerance) {
            std::puts("");
            return true;
        }
        // Far from the minimum a rough step is good enough; near it, exact ones converge quadratically.
        const auto step = conjugate_gradients(
            [&](const vector& direction) -> vector {
                p = direction;
                return Hp.value();
            },
            -gradient, std::min(0.5, norm) * norm);
        std::printf("%4d\n", step.iterations);

        const vector start = w.value();
        const double slope = dot(gradient, step.x);
        const double rounding = 1e-14 * std::abs(before);
        for (double length = 1.0; length > 1e-10; length /= 2.0) {
            w = start + length * step.x;
            if (loss.value()() <= before + 1e-4 * length * slope + rounding) break;
        }
    }
    return false;
}

} // namespace example
