// SPDX-License-Identifier: BSD-3-Clause
// Shapes: a few extents stored inline, with NumPy's broadcasting rule and axis conventions.
#pragma once

#include <backtrail/core/error.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace backtrail {

inline constexpr std::size_t max_rank = 8;

/// What can be walked: containers, arrays, views. (The standard's concepts stand in <ranges>, which is long.)
template <class R>
concept iterable = requires(const R& r) {
    std::ranges::begin(r);
    std::ranges::end(r);
};
/// The same of integers: extents, axes.
template <class R>
concept iterable_of_integers =
    iterable<R> &&
    std::integral<std::iter_value_t<decltype(std::ranges::begin(std::declval<const R&>()))>>;

/// A short vector of at most `max_rank` numbers, stored inline.
template <class N>
class extents {
public:
    using value_type = N;
    using size_type = std::size_t;
    using const_iterator = const N*;

    constexpr extents() = default;
    constexpr extents(std::initializer_list<N> list) { assign(list); }
    constexpr extents(std::size_t rank, N fill)
    {
        reserve(rank);
        std::fill_n(values_.begin(), rank, fill);
    }
    /// Any range of integers.
    template <iterable_of_integers R>
        requires(!std::same_as<R, extents>)
    constexpr extents(const R& range)
    {
        assign(range);
    }

    [[nodiscard]] constexpr std::size_t size() const { return rank_; }
    [[nodiscard]] constexpr bool empty() const { return rank_ == 0; }
    [[nodiscard]] constexpr N operator[](std::size_t i) const { return values_[i]; }
    [[nodiscard]] constexpr N& operator[](std::size_t i) { return values_[i]; }
    [[nodiscard]] constexpr N front() const { return values_[0]; }
    [[nodiscard]] constexpr N back() const { return values_[rank_ - 1u]; }
    [[nodiscard]] constexpr N& back() { return values_[rank_ - 1u]; }
    [[nodiscard]] constexpr const N* data() const { return values_.data(); }
    [[nodiscard]] constexpr const N* begin() const { return values_.data(); }
    [[nodiscard]] constexpr const N* end() const { return values_.data() + rank_; }
    [[nodiscard]] constexpr N* begin() { return values_.data(); }
    [[nodiscard]] constexpr N* end() { return values_.data() + rank_; }

    constexpr void push_back(N n)
    {
        reserve(rank_ + 1u);
        values_[rank_ - 1u] = n;
    }
    constexpr void insert(std::size_t at, N n)
    {
        reserve(rank_ + 1u);
        std::copy_backward(begin() + at, end() - 1, end());
        values_[at] = n;
    }
    constexpr void erase(std::size_t at)
    {
        std::copy(begin() + at + 1, end(), begin() + at);
        --rank_;
    }

    friend constexpr bool operator==(const extents& a, const extents& b)
    {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    template <class R>
    constexpr void assign(const R& range)
    {
        for (auto n : range) push_back(static_cast<N>(n));
    }
    constexpr void reserve(std::size_t rank)
    {
        if (rank > max_rank) throw shape_error("[shape] arrays have at most 8 axes");
        rank_ = static_cast<std::uint8_t>(rank);
    }

    std::array<N, max_rank> values_{};
    std::uint8_t rank_ = 0;
};

using shape = extents<std::size_t>;
using strides = extents<std::ptrdiff_t>; ///< in elements, not bytes
using axes = extents<std::size_t>;       ///< normalised: sorted, unique, each below the rank

/// Number of elements; 1 for a 0-d shape.
[[nodiscard]] constexpr std::size_t element_count(const shape& s)
{
    std::size_t n = 1;
    for (auto extent : s) n *= extent;
    return n;
}

/// Row-major strides of a dense array.
[[nodiscard]] constexpr strides dense_strides(const shape& s)
{
    strides result(s.size(), 0);
    std::ptrdiff_t step = 1;
    for (std::size_t i = s.size(); i-- > 0;) {
        result[i] = step;
        step *= static_cast<std::ptrdiff_t>(s[i]);
    }
    return result;
}

/// `(64, 10)`; `()` for a 0-d shape, `(3,)` for a vector.
[[nodiscard]] BACKTRAIL_API std::string to_string(const shape& s);

/// The shape two operands have together by NumPy's rule. Throws shape_error naming `operation`.
[[nodiscard]] BACKTRAIL_API shape broadcast(const char* operation, const shape& a, const shape& b);

/// True if `from` can be read as `to` by NumPy's rule.
[[nodiscard]] BACKTRAIL_API bool is_broadcastable(const shape& from, const shape& to);

/// `axis` counted from the front; negative axes count from the back. Throws index_error.
[[nodiscard]] BACKTRAIL_API std::size_t normalise_axis(const char* operation, std::ptrdiff_t axis,
                                                       std::size_t rank);

/// Sorted, unique axes. Throws index_error for an axis out of range or given twice.
[[nodiscard]] BACKTRAIL_API axes normalise_axes(const char* operation,
                                                std::span<const std::ptrdiff_t> list,
                                                std::size_t rank);

/// All axes of a rank.
[[nodiscard]] constexpr axes all_axes(std::size_t rank)
{
    axes result;
    for (std::size_t i = 0; i < rank; ++i) result.push_back(i);
    return result;
}

/// The shape after reducing `over`; reduced axes stay with extent 1 if `keep`.
[[nodiscard]] constexpr shape reduced_shape(const shape& s, const axes& over, bool keep)
{
    shape result;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (std::find(over.begin(), over.end(), i) == over.end()) {
            result.push_back(s[i]);
        } else if (keep) {
            result.push_back(1);
        }
    }
    return result;
}

} // namespace backtrail
