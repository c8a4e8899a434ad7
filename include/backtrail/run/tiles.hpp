// SPDX-License-Identifier: BSD-3-Clause
// Reading arrays of any layout tile by tile: kernels see contiguous memory only. And the sum whose
// order of additions depends on nothing but the number of elements.
#pragma once

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/graph/operation.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace backtrail {

/// Copies between arrays of one shape and type.
BACKTRAIL_API void copy(const array_view& from, const array_view& to);

/// Hands out an operand as contiguous tiles of type T, in row-major order. What lies contiguous is
/// passed through; a mask is read as 0 and 1.
template <class T>
class tile_reader {
public:
    tile_reader() = default;
    /// `scratch` has room for `longest` elements, those of the longest tile, and outlives the reader.
    tile_reader(const array_view& x, T* scratch, std::size_t longest = tile_size)
        : data_(x.data), shape_(x.shape), scratch_(scratch)
    {
        is_mask_ = x.type == dtype::boolean && !std::is_same_v<T, bool>;
        is_scalar_ = shape_.is_scalar();
        is_dense_ = !is_mask_ && shape_.is_dense();
        if (is_scalar_ && shape_.size() > 0) {
            const std::size_t n = std::min(shape_.size() + 64 / sizeof(T), longest);
            std::fill_n(scratch_, n, at(0));
        } else {
            coalesce(&shape_, 1);
        }
    }

    /// Elements [start, start + n) of the array: in the array itself, if they lie there one after the
    /// other and it may be read past its end, else in the scratch tile.
    [[nodiscard]] const T* read(std::size_t start, std::size_t n, bool is_padded = true) const
    {
        if (is_scalar_) return scratch_;
        if (is_padded && !is_mask_) {
            if (is_dense_) return static_cast<const T*>(data_) + start;
            const std::size_t row = row_length();
            if (start % row + n <= row && shape_.steps.back() == 1) {
                return static_cast<const T*>(data_) + offset_of_row(start / row) +
                       static_cast<std::ptrdiff_t>(start % row);
            }
        }
        gather(start, n);
        return scratch_;
    }

private:
    [[nodiscard]] T at(std::ptrdiff_t i) const
    {
        if (is_mask_) return static_cast<T>(static_cast<const bool*>(data_)[i]);
        return static_cast<const T*>(data_)[i];
    }

    [[nodiscard]] std::size_t row_length() const
    {
        return shape_.extents.empty() ? 1 : shape_.extents.back();
    }
    [[nodiscard]] std::ptrdiff_t offset_of_row(std::size_t index) const
    {
        std::ptrdiff_t offset = 0;
        for (std::size_t a = shape_.extents.size(); a-- > 1;) {
            const std::size_t extent = shape_.extents[a - 1];
            offset += static_cast<std::ptrdiff_t>(index % extent) * shape_.steps[a - 1];
            index /= extent;
        }
        return offset;
    }

    void gather(std::size_t start, std::size_t n) const
    {
        const std::size_t row = row_length();
        const std::ptrdiff_t step = shape_.extents.empty() ? 0 : shape_.steps.back();
        for (std::size_t done = 0; done < n;) {
            const std::size_t column = (start + done) % row;
            const std::size_t count = std::min(row - column, n - done);
            gather_row(offset_of_row((start + done) / row) +
                           static_cast<std::ptrdiff_t>(column) * step,
                       step, scratch_ + done, count);
            done += count;
        }
    }

    void gather_row(std::ptrdiff_t offset, std::ptrdiff_t step, T* to, std::size_t n) const
    {
        if (is_mask_) {
            const bool* from = static_cast<const bool*>(data_) + offset;
            for (std::size_t i = 0; i < n; ++i) {
                to[i] = static_cast<T>(from[static_cast<std::ptrdiff_t>(i) * step]);
            }
            return;
        }
        const T* from = static_cast<const T*>(data_) + offset;
        if (step == 1) {
            std::memcpy(to, from, n * sizeof(T));
        } else if (step == 0) {
            std::fill_n(to, n, *from);
        } else {
            for (std::size_t i = 0; i < n; ++i) to[i] = from[static_cast<std::ptrdiff_t>(i) * step];
        }
    }

    const void* data_ = nullptr;
    layout shape_;
    T* scratch_ = nullptr;
    bool is_mask_ = false, is_scalar_ = false, is_dense_ = false;
};

/// Copies elements [start, start + n) of an array in row-major order to their places; `to` is that of the
/// first element.
template <class T>
void scatter(const T* from, const layout& l, T* to, std::size_t start, std::size_t n)
{
    const std::size_t row = l.extents.empty() ? 1 : l.extents.back();
    const std::ptrdiff_t step = l.extents.empty() ? 1 : l.steps.back();
    for (std::size_t done = 0; done < n;) {
        std::size_t index = (start + done) / row;
        const std::size_t column = (start + done) % row;
        const std::size_t count = std::min(row - column, n - done);
        std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(column) * step;
        for (std::size_t axis = l.extents.size(); axis-- > 1;) {
            offset += static_cast<std::ptrdiff_t>(index % l.extents[axis - 1]) * l.steps[axis - 1];
            index /= l.extents[axis - 1];
        }
        for (std::size_t k = 0; k < count; ++k) {
            to[offset + static_cast<std::ptrdiff_t>(k) * step] = from[done + k];
        }
        done += count;
    }
}

/// Puts zeros into a dense array around a block of it, `inside`, which has the steps of the array.
BACKTRAIL_API void surround(const array_view& inside, const array_view& whole);

/// Adds the parts of a sum in pairs.
template <class T>
[[nodiscard]] T sum_of_parts(T* parts)
{
    for (std::size_t half = sum_parts / 2; half > 0; half /= 2) {
        for (std::size_t j = 0; j < half; ++j) parts[j] += parts[j + half];
    }
    return parts[0];
}

/// The sum of at most one tile, in interleaved parts, which are then added in pairs.
template <class T>
[[nodiscard]] T tile_sum(const T* x, std::size_t n)
{
    constexpr std::size_t parts = sum_parts, lanes = 16 / sizeof(T), vectors = parts / lanes;
    using vector [[gnu::vector_size(16), gnu::aligned(alignof(T)), gnu::may_alias]] = T;
    T sums[parts] = {};
    std::size_t i = 0;
    // Named one by one, so that they stay in registers whatever the compiler thinks of the loop.
    [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
        vector v[] = {(static_cast<void>(J), vector{})...};
        for (; i + parts <= n; i += parts) {
            ((v[J] += *reinterpret_cast<const vector*>(x + i + J * lanes)), ...);
        }
        ((*reinterpret_cast<vector*>(sums + J * lanes) = v[J]), ...);
    }(std::make_index_sequence<vectors>{});
    for (std::size_t j = 0; i + j < n; ++j) sums[j] += x[i + j];
    return sum_of_parts(sums);
}

/// Adds a stream of terms in a balanced binary tree: the error grows with log n, and the order is
/// fixed by the count alone.
template <class T>
class pairwise_sum {
public:
    void add(T term)
    {
        std::size_t level = 0;
        for (std::size_t bit = count_; bit & 1u; bit >>= 1) term = partial_[level++] + term;
        partial_[level] = term;
        ++count_;
    }
    [[nodiscard]] T total() const
    {
        T sum{};
        std::size_t level = 0;
        bool is_first = true;
        for (std::size_t bit = count_; bit != 0; bit >>= 1, ++level) {
            if (!(bit & 1u)) continue;
            sum = is_first ? partial_[level] : partial_[level] + sum;
            is_first = false;
        }
        return sum;
    }

private:
    std::array<T, 64> partial_;
    std::size_t count_ = 0;
};

} // namespace backtrail
