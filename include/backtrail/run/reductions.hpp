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
    explicit row_reduction(detail::reduction_kind kind) : kind_(kind)
    {
        best_ = kind == detail::reduction_kind::prod ? T(1) : is_extremum(kind) ? nearest<T>(kind) : T(0);
    }
    void add(const T* x, std::size_t n)
    {
        count_ += n;
        for (std::size_t i = 0; i < n; i += tile_size) {
            const std::size_t m = std::min(tile_size, n - i);
            if (is_extremum(kind_)) {
                best_ = further(kind_, best_, tile_extremum(kind_, x + i, m));
            } else if (kind_ == detail::reduction_kind::prod) {
                for (std::size_t j = 0; j < m; ++j) best_ *= x[i + j];
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

/// m + log(sum(exp(x - m))) of at most a tile, m being the maximum.
template <differentiable T>
[[nodiscard]] T tile_logsumexp(const T* x, std::size_t n, T* scratch)
{
    const T m = tile_extremum(detail::reduction_kind::max, x, n);
    return std::isfinite(m) ? m + std::log(sum_of_exponentials(x, n, m, scratch)) : m;
}

} // namespace backtrail
