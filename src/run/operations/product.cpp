// SPDX-License-Identifier: BSD-3-Clause
// Matrix products through BLAS. Transposed operands are passed as they lie; only a matrix without a unit
// stride is copied, and short rows times a vector are multiplied by kernels of our own. BLAS itself runs one
// thread, whatever it was told: we cut products into pieces that depend on their shape alone, and so repeat
// every bit for any number of threads.
#include <backtrail/run/operations/product.hpp>

#include <backtrail/run/threads.hpp>
#include <backtrail/run/tiles.hpp>

#include <expr/instruction_set.hpp>
#include <run/operations/single_threaded_blas.hpp>
#include <run/row_kernels.hpp>

#include <cblas.h>

#include <algorithm>
#include <bit>
#include <limits>

namespace backtrail {
namespace {

/// Products up to this extent are a plain loop: a call of BLAS costs more.
constexpr std::size_t small = 8;
/// Operations that are worth a piece of a product, whatever the cut repeats, and those worth one that repeats
/// little; and the most pieces of one.
constexpr double piece_flops = 64e6, least_piece_flops = 4e6;
constexpr std::size_t most_pieces = 16;
/// Elements worth a piece of a product with a vector, which memory limits.
constexpr std::size_t piece_elements = std::size_t{1} << 17;
/// Small products that make a task.
constexpr std::size_t small_products = 256;

blasint integer(std::size_t i) { return static_cast<blasint>(i); }
blasint integer(std::ptrdiff_t i) { return static_cast<blasint>(i); }
CBLAS_TRANSPOSE flag(bool is_transposed) { return is_transposed ? CblasTrans : CblasNoTrans; }

void gemm(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const double* a,
          std::ptrdiff_t lda, const double* b, std::ptrdiff_t ldb, double* c, std::size_t ldc)
{
    cblas_dgemm(CblasRowMajor, flag(ta), flag(tb), integer(m), integer(n), integer(k), 1.0, a,
                integer(lda), b, integer(ldb), 0.0, c, integer(ldc));
}
void gemm(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const float* a,
          std::ptrdiff_t lda, const float* b, std::ptrdiff_t ldb, float* c, std::size_t ldc)
{
    cblas_sgemm(CblasRowMajor, flag(ta), flag(tb), integer(m), integer(n), integer(k), 1.0f, a,
                integer(lda), b, integer(ldb), 0.0f, c, integer(ldc));
}
/// y = A x, or Aᵀ x, for a row-major A of `rows` and `columns`.
void gemv(bool t, std::size_t rows, std::size_t columns, const double* a, std::ptrdiff_t lda,
          const double* x, std::ptrdiff_t step, double* y)
{
    cblas_dgemv(CblasRowMajor, flag(t), integer(rows), integer(columns), 1.0, a, integer(lda), x,
                integer(step), 0.0, y, 1);
}
void gemv(bool t, std::size_t rows, std::size_t columns, const float* a, std::ptrdiff_t lda,
          const float* x, std::ptrdiff_t step, float* y)
{
    cblas_sgemv(CblasRowMajor, flag(t), integer(rows), integer(columns), 1.0f, a, integer(lda), x,
                integer(step), 0.0f, y, 1);
}

/// Where piece i of n begins, in whole vectors.
std::size_t piece_begin(std::size_t extent, std::size_t pieces, std::size_t i)
{
    constexpr std::size_t grain = 16;
    const std::size_t lines = (extent + grain - 1) / grain;
    return std::min(extent, lines * i / pieces * grain);
}

double flops_of(std::size_t m, std::size_t n, std::size_t k)
{
    return 2.0 * static_cast<double>(m * n) * static_cast<double>(k);
}

/// Into how many rows and columns of pieces a product is cut.
struct grid {
    std::size_t rows = 1, columns = 1;
};

/// Each column of pieces reads the left operand once more, which BLAS packs each time, and each row the right
/// one. Of as many pieces, the grid that reads least; of all, the finest whose pieces are large, or in which what
/// is read again is little: packing an element costs as much as 24 operations or so, so that 3 % are added.
grid grid_of(std::size_t m, std::size_t n, std::size_t k)
{
    const double flops = flops_of(m, n, k);
    constexpr std::size_t least_extent = 32;
    constexpr double flops_for_each_read = 800;
    grid finest;
    for (std::size_t pieces = 2; pieces <= most_pieces; pieces *= 2) {
        grid best;
        std::size_t least = std::numeric_limits<std::size_t>::max();
        for (std::size_t rows = 1; rows <= pieces; rows *= 2) {
            const std::size_t columns = pieces / rows;
            if ((rows > 1 && m < rows * least_extent) ||
                (columns > 1 && n < columns * least_extent))
                continue;
            const std::size_t read_again = ((columns - 1) * m + (rows - 1) * n) * k;
            if (read_again < least) {
                least = read_again;
                best = {rows, columns};
            }
        }
        if (best.rows * best.columns != pieces) break; // too narrow
        const double each = flops / static_cast<double>(pieces);
        const bool repeats_little = static_cast<double>(least) * flops_for_each_read <= flops;
        if (each >= piece_flops || (each >= least_piece_flops && repeats_little)) finest = best;
    }
    return finest;
}

/// How a matrix of `rows` times a vector is cut. With many rows, into pieces of rows; with many columns, into sums
/// over pieces of columns, which are then added in order.
struct cut {
    bool is_of_rows = true;
    std::size_t pieces = 1;
    std::size_t stride = 0; ///< of partial results
    [[nodiscard]] std::size_t partial_elements() const
    {
        return is_of_rows || pieces == 1 ? 0 : pieces * stride;
    }
};

cut cut_of(std::size_t rows, std::size_t columns)
{
    cut c;
    c.is_of_rows = rows >= columns;
    const std::size_t most =
        std::min(rows * columns / piece_elements, std::max(rows, columns) / 32);
    c.pieces = std::bit_floor(std::clamp<std::size_t>(most, 1, most_pieces));
    c.stride = (rows + 15) / 16 * 16;
    return c;
}

std::size_t workers_for(std::size_t tasks) { return std::min(tasks, num_threads()); }

/// A matrix of many short rows times a contiguous vector, or its transpose.
bool suits_row_kernels(std::size_t rows, std::size_t width, std::ptrdiff_t step)
{
    constexpr std::size_t many = 64;
    return width <= short_row && rows >= many && step == 1;
}

} // namespace

template <class T>
const row_kernels<T>& row_kernels_for()
{
#if defined(BACKTRAIL_HAS_AVX512)
    if (chosen_instruction_set() == instruction_set::avx512) return detail::avx512::rows<T>();
#endif
#if defined(BACKTRAIL_HAS_AVX2)
    if (chosen_instruction_set() == instruction_set::avx2) return detail::avx2::rows<T>();
#endif
    return detail::baseline::rows<T>();
}

template const row_kernels<double>& row_kernels_for();
template const row_kernels<float>& row_kernels_for();

product::product(const layout& x, const layout& y, dtype type) : x_(x), y_(y), type_(type)
{
    const std::size_t r = x.extents.size();
    m_ = x.extents[r - 2], k_ = x.extents[r - 1], n_ = y.extents[r - 1];
    batches_ = 1;
    for (std::size_t i = 0; i + 2 < r; ++i) batches_ *= x.extents[i];
    left_ = describe(m_, k_, x.steps[r - 2], x.steps[r - 1]);
    right_ = describe(k_, n_, y.steps[r - 2], y.steps[r - 1]);
}

product::blas_matrix product::describe(std::size_t rows, std::size_t columns,
                                       std::ptrdiff_t row_step, std::ptrdiff_t column_step)
{
    const auto n = static_cast<std::ptrdiff_t>(rows), m = static_cast<std::ptrdiff_t>(columns);
    constexpr std::ptrdiff_t widest = std::numeric_limits<blasint>::max();
    const auto fits = [](std::ptrdiff_t lead, std::ptrdiff_t least, std::ptrdiff_t lines) {
        return lines <= 1 || (lead >= std::max<std::ptrdiff_t>(1, least) && lead <= widest);
    };
    const auto lead = [](std::ptrdiff_t step, std::ptrdiff_t least, std::ptrdiff_t lines) {
        return lines <= 1 ? std::max<std::ptrdiff_t>(1, least) : step;
    };
    if ((column_step == 1 || m <= 1) && fits(row_step, m, n)) {
        return {false, lead(row_step, m, n), false};
    }
    if ((row_step == 1 || n <= 1) && fits(column_step, n, m)) {
        return {true, lead(column_step, n, m), false};
    }
    return {false, std::max<std::ptrdiff_t>(1, m), true};
}

std::ptrdiff_t product::batch_offset(const layout& l, std::size_t batch)
{
    std::ptrdiff_t offset = 0;
    for (std::size_t axis = l.extents.size() - 2; axis-- > 0;) {
        offset += static_cast<std::ptrdiff_t>(batch % l.extents[axis]) * l.steps[axis];
        batch /= l.extents[axis];
    }
    return offset;
}

/// Room for a dense copy of each operand.
std::size_t product::copy_elements() const
{
    const auto padded = [](std::size_t n) { return (n + 31) / 16 * 16; };
    return padded(left_.needs_copy ? m_ * k_ : 0) + padded(right_.needs_copy ? k_ * n_ : 0);
}

std::size_t product::workspace_bytes() const
{
    std::size_t partials = 0;
    if (n_ == 1) {
        partials = cut_of(m_, k_).partial_elements();
    } else if (m_ == 1) {
        partials = cut_of(n_, k_).partial_elements();
    }
    return (copy_elements() + partials) * size_of(type_);
}

void product::run(const void* x, const void* y, void* z, std::byte* workspace) const
{
    const auto as = [&](auto t) {
        using T = decltype(t);
        run_as(static_cast<const T*>(x), static_cast<const T*>(y), static_cast<T*>(z),
               reinterpret_cast<T*>(workspace));
    };
    type_ == dtype::float64 ? as(double{}) : as(float{});
}

template <class T>
void product::run_as(const T* x, const T* y, T* z, T* workspace) const
{
    const std::size_t size = m_ * n_;
    if (k_ == 0) std::fill_n(z, size * batches_, T(0));
    if (size == 0 || k_ == 0) return;
    const double flops = flops_of(m_, n_, k_);
    const bool is_little = flops * static_cast<double>(batches_) < least_piece_flops;
    if (m_ <= small && n_ <= small && k_ <= small) {
        const std::size_t tasks = (batches_ + small_products - 1) / small_products;
        parallel_for(tasks, is_little ? 1 : workers_for(tasks), [&](std::size_t, std::size_t task) {
            const std::size_t end = std::min(batches_, (task + 1) * small_products);
            for (std::size_t i = task * small_products; i < end; ++i) {
                multiply_small(x + batch_offset(x_, i), y + batch_offset(y_, i), z + i * size);
            }
        });
        return;
    }
    const single_threaded_blas guard;
    T* const copy_of_y = workspace + (left_.needs_copy ? (m_ * k_ + 31) / 16 * 16 : 16);
    T* const partial = workspace + copy_elements();
    const auto one = [&](std::size_t i, std::size_t workers) {
        const T* a = matrix(x_, left_, x + batch_offset(x_, i), workspace);
        const T* b = matrix(y_, right_, y + batch_offset(y_, i), copy_of_y);
        if (n_ == 1) {
            multiply_vector(a, left_, m_, b, right_.is_transposed ? 1 : right_.lead, z + i * size,
                            partial);
        } else if (m_ == 1) {
            blas_matrix turned = right_;
            turned.is_transposed = !turned.is_transposed;
            multiply_vector(b, turned, n_, a, left_.is_transposed ? left_.lead : 1, z + i * size,
                            partial);
        } else {
            multiply(a, b, z + i * size, workers);
        }
    };
    const bool is_alone =
        batches_ == 1 || left_.needs_copy || right_.needs_copy || n_ == 1 || m_ == 1;
    if (is_alone || flops >= piece_flops) {
        for (std::size_t i = 0; i < batches_; ++i) one(i, num_threads());
        return;
    }
    parallel_for(batches_, is_little ? 1 : workers_for(batches_),
                 [&](std::size_t, std::size_t i) { one(i, 1); });
}

/// A matrix as BLAS can read it.
template <class T>
const T* product::matrix(const layout& l, const blas_matrix& m, const T* first, T* space) const
{
    if (!m.needs_copy) return first;
    const std::size_t r = l.extents.size();
    const shape s = {l.extents[r - 2], l.extents[r - 1]};
    copy({const_cast<T*>(first), type_, layout(s, {l.steps[r - 2], l.steps[r - 1]}, 0)},
         {space, type_, layout(s)});
    return space;
}

template <class T>
void product::multiply_small(const T* x, const T* y, T* z) const
{
    const std::size_t r = x_.extents.size();
    const std::ptrdiff_t xi = x_.steps[r - 2], xk = x_.steps[r - 1], yk = y_.steps[r - 2],
                         yj = y_.steps[r - 1];
    for (std::size_t i = 0; i < m_; ++i) {
        T row[small] = {};
        for (std::size_t k = 0; k < k_; ++k) {
            const T a =
                x[static_cast<std::ptrdiff_t>(i) * xi + static_cast<std::ptrdiff_t>(k) * xk];
            const T* b = y + static_cast<std::ptrdiff_t>(k) * yk;
            for (std::size_t j = 0; j < n_; ++j)
                row[j] += a * b[static_cast<std::ptrdiff_t>(j) * yj];
        }
        std::copy_n(row, n_, z + i * n_);
    }
}

/// One product of matrices, in pieces, on so many threads at most.
template <class T>
void product::multiply(const T* a, const T* b, T* z, std::size_t workers) const
{
    const grid g = grid_of(m_, n_, k_);
    const std::ptrdiff_t a_step = left_.is_transposed ? 1 : left_.lead;
    const std::ptrdiff_t b_step = right_.is_transposed ? right_.lead : 1;
    const std::size_t pieces = g.rows * g.columns;
    parallel_for(pieces, std::min(pieces, workers), [&](std::size_t, std::size_t piece) {
        const std::size_t i = piece / g.columns, j = piece % g.columns;
        const std::size_t top = piece_begin(m_, g.rows, i), left = piece_begin(n_, g.columns, j);
        gemm(left_.is_transposed, right_.is_transposed, piece_begin(m_, g.rows, i + 1) - top,
             piece_begin(n_, g.columns, j + 1) - left, k_,
             a + static_cast<std::ptrdiff_t>(top) * a_step, left_.lead,
             b + static_cast<std::ptrdiff_t>(left) * b_step, right_.lead, z + top * n_ + left, n_);
    });
}

/// z = A v
template <class T>
void product::multiply_vector(const T* a, const blas_matrix& m, std::size_t rows, const T* v,
                              std::ptrdiff_t step, T* z, T* partial) const
{
    const auto [cuts_rows, pieces, stride] = cut_of(rows, k_);
    const std::size_t extent = cuts_rows ? rows : k_;
    parallel_for(pieces, workers_for(pieces), [&](std::size_t, std::size_t i) {
        const std::size_t begin = piece_begin(extent, pieces, i);
        const std::size_t count = piece_begin(extent, pieces, i + 1) - begin;
        const auto offset = static_cast<std::ptrdiff_t>(begin);
        const std::size_t height = cuts_rows ? count : rows, width = cuts_rows ? k_ : count;
        const T* part = a + offset * (cuts_rows == m.is_transposed ? 1 : m.lead);
        const T* x = cuts_rows ? v : v + offset * step;
        T* const y = pieces == 1 ? z : cuts_rows ? z + begin : partial + i * stride;
        const auto lead = static_cast<std::size_t>(m.lead);
        if (!m.is_transposed && suits_row_kernels(height, width, step)) {
            row_kernels_for<T>().times(part, lead, height, width, x, y);
        } else if (m.is_transposed && suits_row_kernels(width, height, step)) {
            row_kernels_for<T>().transposed_times(part, lead, width, height, x, y);
        } else {
            gemv(m.is_transposed, m.is_transposed ? width : height,
                 m.is_transposed ? height : width, part, m.lead, x, step, y);
        }
    });
    if (pieces == 1 || cuts_rows) return;
    std::copy_n(partial, rows, z);
    for (std::size_t i = 1; i < pieces; ++i) {
        for (std::size_t j = 0; j < rows; ++j) z[j] += partial[i * stride + j];
    }
}

} // namespace backtrail
