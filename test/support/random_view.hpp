// SPDX-License-Identifier: BSD-3-Clause
// Operands of random shapes and strides: views of variables, for tests that should not depend on how an
// array lies in memory.
#pragma once

#include <backtrail/backtrail.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace backtrail::test {

struct random_view {
    variable<double> source;
    tensor<double> view; ///< of the shape asked for
};

/// Draws shapes and views; the same seed draws the same.
class random_views {
public:
    random_views(std::uint64_t seed, double low, double high)
        : random_(seed), first_(static_cast<std::ptrdiff_t>(std::ceil(10 * low))),
          count_(std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(std::floor(10 * high)) -
                                                 first_))
    {}

    /// Rank 0 to 4, extents 1 to 4.
    [[nodiscard]] shape random_shape()
    {
        shape s;
        for (std::size_t rank = draw(5); s.size() < rank;) s.push_back(1 + draw(4));
        return s;
    }
    /// A shape that broadcasts to s: leading axes missing, extents of 1.
    [[nodiscard]] shape broadcastable_to(const shape& s)
    {
        shape t;
        for (std::size_t i = draw(3) == 0 && !s.empty() ? draw(s.size()) : 0; i < s.size(); ++i) {
            t.push_back(draw(4) == 0 ? 1 : s[i]);
        }
        return t;
    }

    /// A view of shape s: axes permuted, sliced with a step, and perhaps broadcast.
    [[nodiscard]] random_view make(const shape& s)
    {
        std::vector<std::ptrdiff_t> permutation(s.size());
        std::iota(permutation.begin(), permutation.end(), 0);
        std::shuffle(permutation.begin(), permutation.end(), random_);
        std::vector<std::size_t> extents(s.size());
        std::vector<detail::slice> slices(s.size());
        for (std::size_t i = 0; i < s.size(); ++i) { // axis permutation[i] of the source
            const std::size_t n = s[i], step = 1 + draw(2), before = draw(2);
            const bool is_reversed = draw(2) == 0, is_broadcast = draw(6) == 0;
            const auto at = static_cast<std::size_t>(permutation[i]);
            const auto first = static_cast<std::ptrdiff_t>(before);
            const auto by = static_cast<std::ptrdiff_t>(step);
            const std::size_t count = is_broadcast ? 1 : n;
            const auto last = first + by * static_cast<std::ptrdiff_t>(count - 1);
            extents[at] = before + step * count;
            slices[at] = {is_reversed ? last : first, is_reversed ? -by : by, count};
        }
        random_view v{variable<double>(random_values(extents)), {}};
        const node_ptr part = detail::slice_axes(v.source.get_node(), slices);
        v.view = tensor<double>(detail::from_node,
                                detail::broadcast_to(detail::transpose(part, permutation), s));
        return v;
    }

    /// Tenths with an offset that is another for each array: functions with kinks have them at halves
    /// and where operands are equal, and differences must not reach across.
    [[nodiscard]] xt::xarray<double> random_values(const std::vector<std::size_t>& extents)
    {
        const double offset = 0.023 + 0.03 * static_cast<double>(arrays_++ % 3);
        xt::xarray<double> a = xt::zeros<double>(extents);
        for (double& x : a) {
            const auto tenths =
                first_ + static_cast<std::ptrdiff_t>(draw(static_cast<std::size_t>(count_)));
            x = static_cast<double>(tenths) / 10 + offset;
        }
        return a;
    }
    /// Numbers of one shape that differ from one another by at least 0.1: added to a view they keep
    /// orders and maxima apart.
    [[nodiscard]] static xt::xarray<double> distinct_values(const shape& s)
    {
        xt::xarray<double> a = xt::zeros<double>(std::vector<std::size_t>(s.begin(), s.end()));
        for (std::size_t i = 0; i < a.size(); ++i) {
            a.data()[i] = static_cast<double>(i * 619 % 1009) / 10; // 1009 is a prime
        }
        return a;
    }
    /// A number below n.
    [[nodiscard]] std::size_t draw(std::size_t n) { return random_() % n; }

private:
    std::mt19937_64 random_;
    std::ptrdiff_t first_, count_; ///< tenths
    std::size_t arrays_ = 0;
};

} // namespace backtrail::test
