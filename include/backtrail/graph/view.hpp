// SPDX-License-Identifier: BSD-3-Clause
// Views: part of an array, chosen by xtensor's slices. A view copies nothing.
#pragma once

#include <backtrail/core/xtensor.hpp>
#include <backtrail/graph/structure.hpp>

#include <string>

namespace backtrail {

namespace detail {

/// What xtensor's slices ask of an array.
struct shape_holder {
    using size_type = std::size_t;
    const backtrail::shape& extents;
    [[nodiscard]] const backtrail::shape& shape() const { return extents; }
    [[nodiscard]] std::size_t shape(std::size_t i) const { return extents[i]; }
};

template <class S>
inline constexpr bool is_new_axis = std::is_same_v<S, decltype(xt::newaxis())>;
template <class S>
inline constexpr bool is_ellipsis = std::is_same_v<S, decltype(xt::ellipsis())>;

template <class S>
inline constexpr bool is_index_list = false;
template <class T>
inline constexpr bool is_index_list<xt::xkeep_slice<T>> = true;
template <class T>
inline constexpr bool is_index_list<xt::xdrop_slice<T>> = true;

/// Slices collected axis by axis; integers remove their axis, newaxis adds one.
struct view_builder {
    const shape& from;
    std::vector<slice> slices;
    shape result;

    template <class S>
    void add(const S& s, std::size_t given)
    {
        if constexpr (is_new_axis<S>) {
            result.push_back(1);
        } else if constexpr (is_ellipsis<S>) {
            for (std::size_t missing = from.size() - given; missing > 0; --missing) add_all();
        } else if constexpr (std::is_integral_v<S>) {
            const std::size_t axis = next_axis();
            const auto n = static_cast<std::ptrdiff_t>(from[axis]);
            const auto i = static_cast<std::ptrdiff_t>(s);
            if (i < -n || i >= n) {
                throw index_error("[view] index " + std::to_string(i) +
                                  " is out of range for axis " + std::to_string(axis) + " of " +
                                  to_string(from));
            }
            slices.push_back({i < 0 ? i + n : i, 1, 1});
        } else {
            static_assert(!is_index_list<S>,
                          "backtrail: xt::keep and xt::drop are no views; slice and concatenate");
            const std::size_t axis = next_axis();
            const shape_holder holder{from};
            const auto chosen = xt::get_slice_implementation(holder, s, axis);
            const auto count = static_cast<std::size_t>(chosen.size());
            const auto n = static_cast<std::ptrdiff_t>(from[axis]);
            for (std::size_t end : {std::size_t{0}, count - 1}) {
                if (count == 0) break;
                const auto i = static_cast<std::ptrdiff_t>(chosen(end));
                if (i < 0 || i >= n) {
                    throw index_error("[view] slice leaves axis " + std::to_string(axis) + " of " +
                                      to_string(from));
                }
            }
            slices.push_back({count == 0 ? 0 : static_cast<std::ptrdiff_t>(chosen(0)),
                              count < 2 ? 1
                                        : static_cast<std::ptrdiff_t>(chosen(1)) -
                                              static_cast<std::ptrdiff_t>(chosen(0)),
                              count});
            result.push_back(count);
        }
    }
    void add_all()
    {
        const std::size_t n = from[next_axis()];
        slices.push_back({0, 1, n});
        result.push_back(n);
    }
    [[nodiscard]] std::size_t next_axis() const
    {
        if (slices.size() == from.size()) {
            throw index_error("[view] more slices than the axes of " + to_string(from));
        }
        return slices.size();
    }
};

/// Slices of the axes and the shape that remains, for a function called `operation`.
template <class... S>
[[nodiscard]] view_builder choose(const char* operation, const shape& from, const S&... s)
{
    view_builder builder{from, {}, {}};
    constexpr std::size_t given = (std::size_t(!is_new_axis<S> && !is_ellipsis<S>) + ... + 0);
    if (given > from.size()) {
        throw index_error("[" + std::string(operation) + "] " + std::to_string(given) +
                          " slices for an array of shape " + to_string(from));
    }
    (builder.add(s, given), ...);
    while (builder.slices.size() < from.size()) builder.add_all();
    return builder;
}

} // namespace detail

/// Part of x: one slice per axis from the front, as in xtensor: xt::range (with steps, negative
/// too), xt::all, xt::newaxis, xt::ellipsis, or an integer, which removes the axis. Axes without
/// a slice are taken whole. Throws index_error for an index out of range.
template <class E, class... S>
    requires any_expr<E>
[[nodiscard]] auto view(E&& x, S&&... s)
{
    const node_ptr n = detail::node_of(x);
    const detail::view_builder builder = detail::choose("view", detail::shape_of(n), s...);
    return detail::make_tensor<typename std::remove_cvref_t<E>::value_type>(
        detail::reshape(detail::slice_axes(n, builder.slices), builder.result));
}

} // namespace backtrail
