// SPDX-License-Identifier: BSD-3-Clause
// L-BFGS: a quasi-Newton method that remembers a few steps and how the gradient changed along them
// (Nocedal and Wright 2006, algorithm 7.5), with a line search that halves the step.
#pragma once

#include <backtrail/backtrail.hpp>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

namespace example {

namespace bt = backtrail;

class lbfgs {
public:
    using array = xt::xarray<double>;

    /// Minimises the value of `s` over `x`, with respect to which `s` is a gradient; computes both.
    /// A step changes no element by more than `largest`.
    lbfgs(bt::sweep s, bt::variable<double> x, double largest)
        : sweep_(std::move(s)), x_(std::move(x)), largest_(largest)
    {
        evaluate();
    }

    /// One iteration. False if no step makes the value smaller: there is nothing left to gain.
    bool step()
    {
        const array start = x_.value(), gradient = gradient_;
        const array direction = -times_inverse_hessian(gradient);
        const double before = value_, slope = dot(gradient, direction);
        const double most = xt::amax(xt::abs(direction))();
        if (most == 0.0) return false;
        // The first gradient says nothing of how far to go.
        double length = past_.empty() ? largest_ / most : std::min(1.0, largest_ / most);
        for (int halvings = 0; halvings < 20; ++halvings, length /= 2.0) {
            x_ = start + length * direction;
            evaluate();
            if (value_ <= before + 1e-4 * length * slope) {
                remember(x_.value() - start, gradient_ - gradient);
                return true;
            }
        }
        x_ = start;
        evaluate();
        return false;
    }

    [[nodiscard]] double value() const { return value_; }
    [[nodiscard]] int evaluations() const { return evaluations_; }

private:
    struct pair {
        array s, y;
        double rho;
    };
    static constexpr std::size_t memory = 10;

    static double dot(const array& a, const array& b)
    {
        return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    }
    void evaluate()
    {
        sweep_.run();
        ++evaluations_;
        value_ = sweep_.value()();
        gradient_ = sweep_.adjoint(x_);
    }
    void remember(array s, array y)
    {
        const double curvature = dot(s, y);
        if (curvature <= 0.0) return; // the model must stay convex
        if (past_.size() == memory) past_.pop_front();
        past_.push_back({std::move(s), std::move(y), 1.0 / curvature});
    }
    /// The two loops of algorithm 7.4.
    [[nodiscard]] array times_inverse_hessian(array q) const
    {
        std::vector<double> alpha(past_.size());
        for (std::size_t i = past_.size(); i-- > 0;) {
            alpha[i] = past_[i].rho * dot(past_[i].s, q);
            q -= alpha[i] * past_[i].y;
        }
        if (!past_.empty()) q /= past_.back().rho * dot(past_.back().y, past_.back().y);
        for (std::size_t i = 0; i < past_.size(); ++i) {
            q += (alpha[i] - past_[i].rho * dot(past_[i].y, q)) * past_[i].s;
        }
        return q;
    }

    bt::sweep sweep_;
    bt::variable<double> x_;
    double largest_, value_ = 0.0;
    array gradient_;
    std::deque<pair> past_;
    int evaluations_ = 0;
};

} // namespace example
