// SPDX-License-Identifier: BSD-3-Clause
// The products that references call, by the names BLAS gives them, in both element types. Row-major.
#pragma once

#include <cblas.h>

#include <cstddef>

namespace bench {

/// y = op(a) x for a (rows, columns), without gaps between rows.
inline void gemv(CBLAS_TRANSPOSE op, std::size_t rows, std::size_t columns, const double* a,
                 const double* x, double* y)
{
    cblas_dgemv(CblasRowMajor, op, blasint(rows), blasint(columns), 1, a, blasint(columns), x, 1, 0,
                y, 1);
}
inline void gemv(CBLAS_TRANSPOSE op, std::size_t rows, std::size_t columns, const float* a,
                 const float* x, float* y)
{
    cblas_sgemv(CblasRowMajor, op, blasint(rows), blasint(columns), 1, a, blasint(columns), x, 1, 0,
                y, 1);
}

/// c = op_a(a) op_b(b), c is (m, n), inner extent k; all matrices without gaps between rows.
inline void gemm(CBLAS_TRANSPOSE op_a, CBLAS_TRANSPOSE op_b, std::size_t m, std::size_t n,
                 std::size_t k, const double* a, const double* b, double* c)
{
    cblas_dgemm(CblasRowMajor, op_a, op_b, blasint(m), blasint(n), blasint(k), 1, a,
                blasint(op_a == CblasNoTrans ? k : m), b, blasint(op_b == CblasNoTrans ? n : k), 0,
                c, blasint(n));
}
inline void gemm(CBLAS_TRANSPOSE op_a, CBLAS_TRANSPOSE op_b, std::size_t m, std::size_t n,
                 std::size_t k, const float* a, const float* b, float* c)
{
    cblas_sgemm(CblasRowMajor, op_a, op_b, blasint(m), blasint(n), blasint(k), 1, a,
                blasint(op_a == CblasNoTrans ? k : m), b, blasint(op_b == CblasNoTrans ? n : k), 0,
                c, blasint(n));
}

} // namespace bench
