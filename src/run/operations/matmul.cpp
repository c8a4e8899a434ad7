// SPDX-License-Identifier: BSD-3-Clause
// Matrix products as nodes, batched by NumPy's rules.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/operations/product.hpp>

#include <cstdlib>
#include <limits>
#include <vector>

namespace backtrail {
namespace {

/// Where the elements of a node lie in the dense array that it is a view of, if it is one.
layout layout_of(const node_ptr& n)
{
    std::vector<node_ptr> views; // the last one first
    for (node_ptr x = n; x->op().is_view() && x->inputs().size() == 1; x = x->inputs()[0]) {
        views.push_back(x);
    }
    layout l(views.empty() ? n->shape() : views.back()->inputs()[0]->shape());
    for (std::size_t i = views.size(); i-- > 0;) {
        const auto view = views[i]->op().view(views[i], l);
        l = view ? *view : layout(views[i]->shape());
    }
    return l;
}

/// True if matrices lie column by column, as those of a transposed array do.
bool is_transposed(const node_ptr& x)
{
    const layout l = layout_of(x);
    const std::size_t r = l.extents.size();
    const std::ptrdiff_t row = std::abs(l.steps[r - 2]), column = std::abs(l.steps[r - 1]);
    return l.extents[r - 2] > 1 && l.extents[r - 1] > 1 && row != 0 && row < column;
}

/// z = x y for operands of rank 2 or more with equal batch axes.
class matmul_operation final : public operation {
public:
    [[nodiscard]] std::string_view name() const override { return "matmul"; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view> x,
                                              const array_view& y) const override
    {
        return product(x[0].shape, x[1].shape, y.type).workspace_bytes();
    }
    void evaluate(std::span<const array_view> x, const array_view& z,
                  std::byte* workspace) const override
    {
        product(x[0].shape, x[1].shape, z.type).run(x[0].data, x[1].data, z.data, workspace);
    }
    [[nodiscard]] double flops(const node& self) const override
    {
        const double sums = operation::flops(self);
        return 2 * sums * static_cast<double>(self.inputs()[0]->shape().back());
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr g = detail::as_node(y_bar, self->type(), self->shape());
        const auto x = self->inputs();
        // That of a transposed array is made transposed, too: with the two transposes gone, the array's own is dense.
        const auto t = detail::matrix_transpose;
        if (wanted[0]) {
            x_bar[0] =
                is_transposed(x[0]) ? t(detail::matmul(x[1], t(g))) : detail::matmul(g, t(x[1]));
        }
        if (wanted[1]) {
            x_bar[1] =
                is_transposed(x[1]) ? t(detail::matmul(t(g), x[0])) : detail::matmul(t(x[0]), g);
        }
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
        if (extent > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
            throw shape_error(fail("an extent is too large for BLAS"));
        }
    }
    shape result;
    node_ptr product;
    if (rb == 2) { // one matrix for the whole batch: a single product
        std::size_t m = 1;
        for (std::size_t i = 0; i + 1 < ra; ++i) m *= a[i];
        if (m > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
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
