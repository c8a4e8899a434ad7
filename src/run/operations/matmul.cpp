// SPDX-License-Identifier: BSD-3-Clause
// Matrix products, batched by NumPy's rules, through BLAS. Transposed operands are passed as they
// lie; only a matrix without a unit stride is copied.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/tiles.hpp>

#include <cblas.h>

#include <limits>

namespace backtrail {
namespace {

void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m, blasint n, blasint k, const double* a,
          blasint lda, const double* b, blasint ldb, double* c, blasint ldc)
{
    cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1.0, a, lda, b, ldb, 0.0, c, ldc);
}
void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m, blasint n, blasint k, const float* a,
          blasint lda, const float* b, blasint ldb, float* c, blasint ldc)
{
    cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1.0f, a, lda, b, ldb, 0.0f, c, ldc);
}
void gemv(CBLAS_TRANSPOSE t, blasint rows, blasint columns, const double* a, blasint lda,
          const double* x, blasint step, double* y)
{
    cblas_dgemv(CblasRowMajor, t, rows, columns, 1.0, a, lda, x, step, 0.0, y, 1);
}
void gemv(CBLAS_TRANSPOSE t, blasint rows, blasint columns, const float* a, blasint lda,
          const float* x, blasint step, float* y)
{
    cblas_sgemv(CblasRowMajor, t, rows, columns, 1.0f, a, lda, x, step, 0.0f, y, 1);
}

/// A matrix as BLAS wants it: row-major, possibly transposed, rows `lead` apart.
struct blas_matrix {
    CBLAS_TRANSPOSE transposed = CblasNoTrans;
    blasint lead = 1;
    bool needs_copy = false;
};

blas_matrix describe(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t row_step,
                     std::ptrdiff_t column_step)
{
    const auto fits = [](std::ptrdiff_t lead, std::ptrdiff_t least, std::ptrdiff_t lines) {
        return lines <= 1 || lead >= std::max<std::ptrdiff_t>(1, least);
    };
    constexpr std::ptrdiff_t widest = std::numeric_limits<blasint>::max();
    if (row_step > widest || column_step > widest) {
        return {CblasNoTrans, static_cast<blasint>(std::max<std::ptrdiff_t>(1, columns)), true};
    }
    const auto lead = [](std::ptrdiff_t step, std::ptrdiff_t least, std::ptrdiff_t lines) {
        return static_cast<blasint>(lines <= 1 ? std::max<std::ptrdiff_t>(1, least) : step);
    };
    if ((column_step == 1 || columns <= 1) && fits(row_step, columns, rows)) {
        return {CblasNoTrans, lead(row_step, columns, rows), false};
    }
    if ((row_step == 1 || rows <= 1) && fits(column_step, rows, columns)) {
        return {CblasTrans, lead(column_step, rows, columns), false};
    }
    return {CblasNoTrans, static_cast<blasint>(std::max<std::ptrdiff_t>(1, columns)), true};
}

/// z = x y for operands of rank 2 or more with equal batch axes.
class matmul_operation final : public operation {
public:
    [[nodiscard]] std::string_view name() const override { return "matmul"; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view> x,
                                              const array_view& y) const override
    {
        const shape& a = x[0].shape.extents;
        const shape& b = x[1].shape.extents;
        const std::size_t r = a.size();
        return (a[r - 2] * a[r - 1] + b[r - 2] * b[r - 1]) * size_of(y.type) + 2 * block_alignment;
    }
    void evaluate(std::span<const array_view> x, const array_view& z,
                  std::byte* workspace) const override
    {
        if (z.type == dtype::float64) {
            run<double>(x, z, workspace);
        } else {
            run<float>(x, z, workspace);
        }
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr g = detail::as_node(y_bar, self->type(), self->shape());
        const auto x = self->inputs();
        if (wanted[0]) x_bar[0] = detail::matmul(g, detail::matrix_transpose(x[1]));
        if (wanted[1]) x_bar[1] = detail::matmul(detail::matrix_transpose(x[0]), g);
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        const auto x = self->inputs();
        symbol z_dot;
        if (!x_dot[0].is_zero()) z_dot = detail::matmul(x_dot[0].get(), x[1]);
        if (!x_dot[1].is_zero()) {
            const symbol term = detail::matmul(x[0], x_dot[1].get());
            z_dot = z_dot.is_zero() ? term : z_dot + term;
        }
        return z_dot;
    }

private:
    template <class T>
    static void run(std::span<const array_view> x, const array_view& z, std::byte* workspace)
    {
        const layout &a = x[0].shape, &b = x[1].shape;
        const std::size_t r = a.extents.size();
        const std::size_t m = a.extents[r - 2], k = a.extents[r - 1], n = b.extents[r - 1];
        const std::size_t batches = m * n == 0 ? 0 : z.shape.size() / (m * n);
        if (k == 0) {
            std::fill_n(z.as<T>(), z.shape.size(), T(0));
            return;
        }
        const auto integer = [](std::size_t i) { return static_cast<blasint>(i); };
        const auto signed_of = [](std::size_t i) { return static_cast<std::ptrdiff_t>(i); };
        const blas_matrix ma = describe(signed_of(m), signed_of(k), a.steps[r - 2], a.steps[r - 1]);
        const blas_matrix mb = describe(signed_of(k), signed_of(n), b.steps[r - 2], b.steps[r - 1]);
        T* copy_a = reinterpret_cast<T*>(workspace);
        T* copy_b = copy_a + (m * k + 15) / 16 * 16;
        for (std::size_t i = 0; i < batches; ++i) {
            const T* pa = matrix<T>(x[0], i, ma, copy_a);
            const T* pb = matrix<T>(x[1], i, mb, copy_b);
            T* pz = z.as<T>() + i * m * n;
            if (n == 1) {
                const bool is_row_major = ma.transposed == CblasNoTrans;
                gemv(ma.transposed, integer(is_row_major ? m : k), integer(is_row_major ? k : m),
                     pa, ma.lead, pb, mb.transposed == CblasNoTrans ? mb.lead : 1, pz);
            } else if (m == 1) {
                const bool is_row_major = mb.transposed == CblasNoTrans;
                gemv(is_row_major ? CblasTrans : CblasNoTrans, integer(is_row_major ? k : n),
                     integer(is_row_major ? n : k), pb, mb.lead, pa,
                     ma.transposed == CblasNoTrans ? 1 : ma.lead, pz);
            } else {
                gemm(ma.transposed, mb.transposed, integer(m), integer(n), integer(k), pa, ma.lead,
                     pb, mb.lead, pz, integer(n));
            }
        }
    }

    /// Matrix `index` of the batch; copied to `space` if BLAS cannot read it as it lies.
    template <class T>
    static const T* matrix(const array_view& x, std::size_t index, const blas_matrix& m, T* space)
    {
        const std::size_t r = x.shape.extents.size();
        std::ptrdiff_t offset = 0;
        for (std::size_t axis = r - 2; axis-- > 0;) {
            const std::size_t extent = x.shape.extents[axis];
            offset += static_cast<std::ptrdiff_t>(index % extent) * x.shape.steps[axis];
            index /= extent;
        }
        T* data = x.as<T>() + offset;
        if (!m.needs_copy) return data;
        const shape s = {x.shape.extents[r - 2], x.shape.extents[r - 1]};
        copy({data, x.type, layout(s, {x.shape.steps[r - 2], x.shape.steps[r - 1]}, 0)},
             {space, x.type, layout(s)});
        return space;
    }
};

} // namespace

namespace detail {

node_ptr matmul(const node_ptr& x, const node_ptr& y)
{
    const node_ptr both[] = {x, y};
    const auto fail = [&](const char* why) -> std::string {
        return std::string("[matmul] ") + why + ": " + to_string(x->shape()) + " x " +
               to_string(y->shape()) + nearby(both);
    };
    if (x->type() != y->type() || !is_differentiable(x->type())) {
        const std::string types = "operands must both be float or both double, not " +
                                  std::string(name_of(x->type())) + " and " +
                                  std::string(name_of(y->type())) + "; write cast<T>(x)";
        throw dtype_error(fail(types.c_str()));
    }
    if (x->shape().empty() || y->shape().empty()) {
        throw shape_error(fail("operands must have an axis"));
    }
    const bool x_is_vector = x->shape().size() == 1, y_is_vector = y->shape().size() == 1;
    shape a = x->shape(), b = y->shape();
    if (x_is_vector) a.insert(0, 1);
    if (y_is_vector) b.push_back(1);
    const std::size_t ra = a.size(), rb = b.size();
    if (a[ra - 1] != b[rb - 2]) throw shape_error(fail("inner extents must agree"));
    for (std::size_t extent : {a[ra - 2], a[ra - 1], b[rb - 1]}) {
        if (extent > static_cast<std::size_t>(std::numeric_limits<blasint>::max())) {
            throw shape_error(fail("an extent is too large for BLAS"));
        }
    }
    shape result;
    node_ptr product;
    if (rb == 2) { // one matrix for the whole batch: a single product
        std::size_t m = 1;
        for (std::size_t i = 0; i + 1 < ra; ++i) m *= a[i];
        if (m > static_cast<std::size_t>(std::numeric_limits<blasint>::max())) {
            throw shape_error(fail("an extent is too large for BLAS"));
        }
        result = a;
        result.back() = b[1];
        const node_ptr operands[] = {reshape(x, {m, a[ra - 1]}), reshape(y, b)};
        product = make_node(the_operation<matmul_operation>(), x->type(), {m, b[1]}, operands);
    } else {
        shape batch_a(std::span(a.begin(), ra - 2)), batch_b(std::span(b.begin(), rb - 2));
        shape batch;
        try {
            batch = broadcast("matmul", batch_a, batch_b);
        } catch (const shape_error&) {
            throw shape_error(fail("batch extents do not broadcast"));
        }
        shape sa = batch, sb = batch;
        sa.push_back(a[ra - 2]), sa.push_back(a[ra - 1]);
        sb.push_back(b[rb - 2]), sb.push_back(b[rb - 1]);
        result = batch;
        result.push_back(a[ra - 2]), result.push_back(b[rb - 1]);
        const node_ptr operands[] = {broadcast_to(reshape(x, a), sa),
                                     broadcast_to(reshape(y, b), sb)};
        product = make_node(the_operation<matmul_operation>(), x->type(), result, operands);
    }
    if (y_is_vector) result.erase(result.size() - 1);
    if (x_is_vector) result.erase(result.size() - (y_is_vector ? 1 : 2));
    return reshape(product, result);
}

node_ptr dot(const node_ptr& x, const node_ptr& y)
{
    const node_ptr both[] = {x, y};
    if (x->shape().size() != 1 || y->shape().size() != 1 || !(x->shape() == y->shape())) {
        throw shape_error("[dot] needs two vectors of one length: " + to_string(x->shape()) +
                          " . " + to_string(y->shape()) + nearby(both));
    }
    return matmul(x, y);
}

} // namespace detail
} // namespace backtrail
