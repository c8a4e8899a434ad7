// SPDX-License-Identifier: BSD-3-Clause
// The arithmetic of reductions, once: passes and evaluations of whole arrays add in the same order.
#pragma once

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/graph/reduction.hpp>
#include <backtrail/ops/words.hpp>
#include <backtrail/run/tiles.hpp>

#include <cmath>
#include <limits>

namespace backtrail {

[[nodiscard]] constexpr bool is_extremum(detail::reduction_kind kind)
{
    return kind == detail::reduction_kind::max || kind == detail::reduction_kind::min;
}

/// The larger of two, or the smaller; NaN wins, and stays.
template <class T>
[[nodiscard]] T further(detail::reduction_kind kind, T a, T b)
{
    return (kind == detail::reduction_kind::max ? b > a : b < a) || b != b ? b : a;
}

/// What every number is further than.
template <class T>
[[nodiscard]] T nearest(detail::reduction_kind kind)
{
    using limits = std::numeric_limits<T>;
    if constexpr (limits::has_infinity) {
        return kind == detail::reduction_kind::max ? -limits::infinity() : limits::infinity();
    } else {
        return kind == detail::reduction_kind::max ? limits::lowest() : limits::max();
    }
}

/// True if elements are taken one after the other, and not in blocks: for extrema and products.
[[nodiscard]] constexpr bool takes_one_by_one(detail::reduction_kind kind)
{
    return is_extremum(kind) || kind == detail::reduction_kind::prod;
}
template <class T>
[[nodiscard]] T combined(detail::reduction_kind kind, T a, T b)
{
    return kind == detail::reduction_kind::prod ? a * b : further(kind, a, b);
}
/// The result of no elements, to which others are added.
template <class T>
[[nodiscard]] T neutral(detail::reduction_kind kind)
{
    return kind == detail::reduction_kind::prod ? T(1)
           : is_extremum(kind)                  ? nearest<T>(kind)
                                                : T(0);
}

/// The product of a tile.
template <class T>
[[nodiscard]] T tile_product(const T* x, std::size_t n)
{
    T product = 1;
    for (std::size_t i = 0; i < n; ++i) product *= x[i];
    return product;
}

/// The extremum of a tile.
template <class T>
[[nodiscard]] T tile_extremum(detail::reduction_kind kind, const T* x, std::size_t n)
{
    T best = nearest<T>(kind);
    for (std::size_t i = 0; i < n; ++i) best = further(kind, best, x[i]);
    return best;
}

/// A sum, mean, extremum or product of a row that arrives in pieces, each but the last of whole tiles.
template <class T>
class row_reduction {
public:
    explicit row_reduction(detail::reduction_kind kind) : kind_(kind) { best_ = neutral<T>(kind); }
    void add(const T* x, std::size_t n)
    {
        count_ += n;
        for (std::size_t i = 0; i < n; i += tile_size) {
            const std::size_t m = std::min(tile_size, n - i);
            if (is_extremum(kind_)) {
                best_ = further(kind_, best_, tile_extremum(kind_, x + i, m));
            } else if (kind_ == detail::reduction_kind::prod) {
                best_ *= tile_product(x + i, m);
            } else {
                sum_.add(tile_sum(x + i, m));
            }
        }
    }
    [[nodiscard]] T result() const
    {
        switch (kind_) {
        case detail::reduction_kind::sum: return sum_.total();
        case detail::reduction_kind::mean:
            return static_cast<T>(sum_.total() / static_cast<T>(count_));
        default: return best_;
        }
    }

private:
    detail::reduction_kind kind_;
    T best_;
    std::size_t count_ = 0;
    pairwise_sum<T> sum_;
};

/// sum(exp(x - m)) of at most a tile; `scratch` has room for it.
template <differentiable T>
[[nodiscard]] T sum_of_exponentials(const T* x, std::size_t n, T m, T* scratch)
{
    const auto& exp = single_op_kernels(index_of<ops::Exp>(), dtype_of<T>);
    for (std::size_t j = 0; j < n; ++j) scratch[j] = x[j] - m;
    const void* in[] = {scratch};
    exp.value(in, nullptr, scratch, n);
    return tile_sum(scratch, n);
}

/// A sum of exponentials, exp(top) times `sum`: what logsumexp adds up, where nothing overflows.
template <differentiable T>
struct exponentials {
    T top, sum;

    [[nodiscard]] friend exponentials operator+(const exponentials& a, const exponentials& b)
    {
        const T top = further(detail::reduction_kind::max, a.top, b.top);
        const auto below = [&](const exponentials& e) {
            return e.top == top ? e.sum : e.sum * std::exp(e.top - top);
        };
        return {top, below(a) + below(b)};
    }
    /// The logarithm; of infinities, and of NaN, the largest.
    [[nodiscard]] T log() const
    {
        if (!std::isfinite(top)) return top;
        return sum == 0 ? -std::numeric_limits<T>::infinity() : top + std::log(sum);
    }
    /// Of no terms, with room below for the logarithm of any.
    [[nodiscard]] static exponentials none() { return {std::numeric_limits<T>::lowest(), T(0)}; }
};

/// Those of at most a tile; `scratch` has room for it.
template <differentiable T>
[[nodiscard]] exponentials<T> tile_exponentials(const T* x, std::size_t n, T* scratch)
{
    const T top = tile_extremum(detail::reduction_kind::max, x, n);
    return {top, std::isfinite(top) ? sum_of_exponentials(x, n, top, scratch) : T(0)};
}

/// logsumexp of a row that arrives in pieces, each but the last of whole tiles.
template <differentiable T>
class row_logsumexp {
public:
    void add(const T* x, std::size_t n, T* scratch)
    {
        for (std::size_t i = 0; i < n; i += tile_size) {
            sum_.add(tile_exponentials(x + i, std::min(tile_size, n - i), scratch));
        }
    }
    void add(const exponentials<T>& tile) { sum_.add(tile); }
    [[nodiscard]] T result() const { return sum_.total().log(); }

private:
    pairwise_sum<exponentials<T>> sum_;
};

/// Adds a row to the exponentials of its columns.
template <differentiable T>
void add_exponentials(exponentials<T>* columns, const T* x, std::size_t n, T* scratch)
{
    const auto& exp = single_op_kernels(index_of<ops::Exp>(), dtype_of<T>);
    const void* in[] = {scratch};
    for (std::size_t first = 0; first < n; first += tile_size) {
        const std::size_t count = std::min(tile_size, n - first);
        for (std::size_t j = 0; j < count; ++j) {
            scratch[j] = -std::abs(x[first + j] - columns[first + j].top);
        }
        exp.value(in, nullptr, scratch, count);
        for (std::size_t j = 0; j < count; ++j) {
            auto& [top, sum] = columns[first + j];
            sum = x[first + j] > top ? sum * scratch[j] + T(1) : sum + scratch[j];
            top = further(detail::reduction_kind::max, top, x[first + j]);
        }
    }
}

} // namespace backtrail
