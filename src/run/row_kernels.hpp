// SPDX-License-Identifier: BSD-3-Clause
// What is done row by row, compiled for each instruction set: products of a matrix of short rows with a
// vector, where BLAS spends more on a row than on its elements, and the addition of rows.
#pragma once

#include <backtrail/core/dtype.hpp>

#include <cstddef>

namespace backtrail {

/// The longest row that counts as short.
inline constexpr std::size_t short_row = 32;

/// Products are for a matrix of `rows` rows of `width` <= short_row elements, rows `lead` elements apart. Nothing is read
/// or written beside its elements and those of the vectors.
template <class T>
struct row_kernels {
    /// y[i] = sum_j a[i, j] x[j]
    void (*times)(const T* a, std::size_t lead, std::size_t rows, std::size_t width, const T* x,
                  T* y) = nullptr;
    /// y[j] = sum_i a[i, j] x[i]
    void (*transposed_times)(const T* a, std::size_t lead, std::size_t rows, std::size_t width,
                             const T* x, T* y) = nullptr;
    /// y[j] += x[j]
    void (*add)(const T* x, T* y, std::size_t n) = nullptr;
    /// y[j] = 0 + x[j], which makes 0 of -0, as a first addition to 0 does
    void (*add_to_zero)(const T* x, T* y, std::size_t n) = nullptr;
};

/// Those for this machine.
template <class T>
[[nodiscard]] const row_kernels<T>& row_kernels_for();

namespace detail {
namespace baseline {
template <class T>
const row_kernels<T>& rows();
}
namespace avx2 {
template <class T>
const row_kernels<T>& rows();
}
namespace avx512 {
template <class T>
const row_kernels<T>& rows();
}
} // namespace detail

} // namespace backtrail
