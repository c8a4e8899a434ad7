// SPDX-License-Identifier: BSD-3-Clause
// Gradient descent with momentum and a falling rate, in xtensor: the library computes adjoints,
// and what a step does with them is the user's affair.
#pragma once

#include <backtrail/backtrail.hpp>

#include <cmath>
#include <numbers>
#include <vector>

namespace example {

namespace bt = backtrail;

/// v ← 0.9 v - rate ∂loss/∂w,  w ← w + v  (Polyak 1964)
class momentum {
public:
    explicit momentum(std::vector<bt::variable<double>> parameters) : parameters_(parameters)
    {
        for (const auto& w : parameters_) velocities_.push_back(0.0 * w.value());
    }
    void step(bt::sweep& s, double rate)
    {
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            velocities_[i] = 0.9 * velocities_[i] - rate * s.adjoint(parameters_[i]);
            parameters_[i] += velocities_[i];
        }
    }

private:
    std::vector<bt::variable<double>> parameters_;
    std::vector<xt::xarray<double>> velocities_;
};

/// Half a cosine from `peak` down to 0 while `progress` goes from 0 to 1 (Loshchilov and Hutter 2017).
inline double scheduled_rate(double peak, double progress)
{
    return 0.5 * peak * (1.0 + std::cos(std::numbers::pi * progress));
}

} // namespace example
