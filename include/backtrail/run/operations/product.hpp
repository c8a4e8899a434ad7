// SPDX-License-Identifier: BSD-3-Clause
// Matrix products of arrays in memory: batches of matrices, in any layout. How a product is cut among
// threads, and so its bits, depends on its shape alone.
#pragma once

#include <backtrail/core/dtype.hpp>
#include <backtrail/core/layout.hpp>

namespace backtrail {

/// z = x y, where x (..., m, k) and y (..., k, n) have equal leading extents, and z (..., m, n) is dense.
class product {
public:
    product(const layout& x, const layout& y, dtype type);
    [[nodiscard]] std::size_t workspace_bytes() const;
    /// The data begin at the first elements of the layouts.
    void run(const void* x, const void* y, void* z, std::byte* workspace) const;

private:
    /// A matrix as BLAS reads it: row-major, perhaps transposed, rows `lead` apart.
    struct blas_matrix {
        bool is_transposed = false;
        std::ptrdiff_t lead = 1;
        bool needs_copy = false; ///< it has no unit stride
    };
    [[nodiscard]] static blas_matrix describe(std::size_t rows, std::size_t columns,
                                              std::ptrdiff_t row_step, std::ptrdiff_t column_step);
    [[nodiscard]] static std::ptrdiff_t batch_offset(const layout& l, std::size_t batch);
    [[nodiscard]] std::size_t copy_elements() const;

    template <class T>
    void run_as(const T* x, const T* y, T* z, T* workspace) const;
    template <class T>
    [[nodiscard]] const T* matrix(const layout& l, const blas_matrix& m, const T* first,
                                  T* copy) const;
    template <class T>
    void multiply_small(const T* x, const T* y, T* z) const;
    template <class T>
    void multiply(const T* x, const T* y, T* z, std::size_t workers) const;
    template <class T>
    void multiply_vector(const T* matrix, const blas_matrix& m, std::size_t rows, const T* v,
                         std::ptrdiff_t step, T* z, T* partial) const;

    const layout &x_, &y_;
    dtype type_;
    std::size_t m_, k_, n_, batches_;
    blas_matrix left_, right_;
};

} // namespace backtrail
