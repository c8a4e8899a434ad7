// SPDX-License-Identifier: BSD-3-Clause
// The loop that every operation with indices runs: over the indices in row-major order, with the
// elements that lie beside them, and the array they point into. Rows that share one index are
// resolved once, so that whole slices move at the speed of a copy.
#pragma once

#include <backtrail/core/error.hpp>
#include <backtrail/graph/operation.hpp>

#include <array>
#include <string>

namespace backtrail {

/// Where an index points along an axis, counted from the front.
class axis_index {
public:
    axis_index(const char* name, std::size_t axis, std::size_t extent)
        : name_(name), axis_(axis), extent_(static_cast<std::int64_t>(extent))
    {}
    /// Throws index_error if there is no such place.
    [[nodiscard]] std::ptrdiff_t operator()(std::int64_t i) const
    {
        if (i < -extent_ || i >= extent_) fail(i);
        return static_cast<std::ptrdiff_t>(i < 0 ? i + extent_ : i);
    }

private:
    [[noreturn]] void fail(std::int64_t i) const
    {
        throw index_error("[" + std::string(name_) + "] index " + std::to_string(i) +
                          " is out of range for axis " + std::to_string(axis_) + " with " +
                          std::to_string(extent_) + " elements");
    }

    const char* name_;
    std::size_t axis_;
    std::int64_t extent_;
};

class index_walk {
public:
    /// `beside` has the shape of the indices, and so has `into`, but for the axis.
    index_walk(const char* name, std::size_t axis, const layout& into, const array_view& indices,
               const layout& beside)
        : indices_(indices.as<const std::int64_t>()), place_(name, axis, into.extents[axis]),
          axis_step_(into.steps[axis]), size_(indices.shape.size())
    {
        strides steps = into.steps;
        steps[axis] = 0; // the index says where
        layouts_[0] = layout(indices.shape.extents, steps, 0);
        layouts_[1] = indices.shape;
        layouts_[2] = layout(indices.shape.extents, beside.steps, 0);
        if (size_ > 0) coalesce(layouts_, 3);
    }

    /// Calls f(offset in the array pointed into, offset beside) for each index in row-major order.
    template <class F>
    void run(F f) const
    {
        if (size_ == 0) return;
        const shape& s = layouts_[0].extents;
        const auto row = static_cast<std::ptrdiff_t>(s.empty() ? 1 : s.back());
        std::array<std::size_t, max_rank> position{};
        std::ptrdiff_t at[3] = {0, 0, 0};
        for (;;) { // counted axis by axis: rows may be short, and divisions would cost more
            run_row(at, row, f);
            std::size_t axis = s.empty() ? 0 : s.size() - 1;
            for (;; position[axis] = 0) {
                if (axis-- == 0) return;
                const bool is_inside = ++position[axis] < s[axis];
                const auto k =
                    is_inside ? std::ptrdiff_t(1) : 1 - static_cast<std::ptrdiff_t>(s[axis]);
                for (std::size_t j = 0; j < 3; ++j) at[j] += k * layouts_[j].steps[axis];
                if (is_inside) break;
            }
        }
    }

private:
    template <class F>
    void run_row(const std::ptrdiff_t (&at)[3], std::ptrdiff_t n, F& f) const
    {
        std::ptrdiff_t step[3] = {0, 0, 0};
        for (std::size_t j = 0; j < 3 && !layouts_[0].extents.empty(); ++j) {
            step[j] = layouts_[j].steps.back();
        }
        const std::int64_t* index = indices_ + at[1];
        if (step[1] != 0) {
            for (std::ptrdiff_t k = 0; k < n; ++k) {
                f(at[0] + k * step[0] + place_(index[k * step[1]]) * axis_step_,
                  at[2] + k * step[2]);
            }
            return;
        }
        const std::ptrdiff_t into = at[0] + place_(*index) * axis_step_;
        if (step[0] == 1 && step[2] == 1) {
            for (std::ptrdiff_t k = 0; k < n; ++k) f(into + k, at[2] + k);
        } else {
            for (std::ptrdiff_t k = 0; k < n; ++k) f(into + k * step[0], at[2] + k * step[2]);
        }
    }

    const std::int64_t* indices_;
    axis_index place_;
    std::ptrdiff_t axis_step_;
    std::size_t size_;
    layout layouts_[3]; ///< the array pointed into, the indices, what lies beside
};

} // namespace backtrail
