// SPDX-License-Identifier: BSD-3-Clause
// Weights along axes: of the largest elements, and of the softmax. No composites, because their
// conventions at ties, NaN and infinities need the whole row.
#include <backtrail/run/operations/weights.hpp>

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/ops/words.hpp>
#include <backtrail/run/tiles.hpp>

#include <cmath>
#include <limits>

namespace backtrail {
namespace {

/// Runs over rows along `over`: the operand is read dense, rows may be strided within it.
class weights_operation : public operation {
public:
    explicit weights_operation(axes over) : over_(over) {}

    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        layout kept, reduced;
        for (std::size_t i = 0; i < y.shape.extents.size(); ++i) {
            const bool is_reduced = std::find(over_.begin(), over_.end(), i) != over_.end();
            layout& part = is_reduced ? reduced : kept;
            part.extents.push_back(y.shape.extents[i]);
            part.steps.push_back(y.shape.steps[i]);
        }
        if (y.shape.size() == 0) return;
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            if constexpr (differentiable<T>) {
                T* row = reinterpret_cast<T*>(workspace);
                const layout dense(reduced.extents);
                for (std::size_t i = 0; i < kept.size(); ++i) {
                    std::ptrdiff_t offset = 0;
                    std::size_t index = i;
                    for (std::size_t a = kept.extents.size(); a-- > 0;) {
                        offset +=
                            static_cast<std::ptrdiff_t>(index % kept.extents[a]) * kept.steps[a];
                        index /= kept.extents[a];
                    }
                    copy({x[0].as<T>() + offset, y.type, reduced}, {row, y.type, dense});
                    weigh(row, reduced.size());
                    copy({row, y.type, dense}, {y.as<T>() + offset, y.type, reduced});
                }
            }
        });
    }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view>,
                                              const array_view& y) const override
    {
        std::size_t n = 1;
        for (auto axis : over_) n *= y.shape.extents[axis];
        return n * size_of(y.type) + block_alignment;
    }

protected:
    virtual void weigh(double* row, std::size_t n) const = 0;
    virtual void weigh(float* row, std::size_t n) const = 0;
    axes over_;
};

template <class T>
T row_maximum(const T* row, std::size_t n)
{
    T best = -std::numeric_limits<T>::infinity();
    for (std::size_t i = 0; i < n; ++i) best = row[i] > best || row[i] != row[i] ? row[i] : best;
    return best;
}

template <class T>
void share(T* row, std::size_t n, T best)
{
    std::size_t ties = 0;
    for (std::size_t i = 0; i < n; ++i) ties += row[i] == best;
    for (std::size_t i = 0; i < n; ++i)
        row[i] = row[i] == best ? T(1) / static_cast<T>(ties) : T(0);
}

class tie_operation final : public weights_operation {
public:
    using weights_operation::weights_operation;
    [[nodiscard]] std::string_view name() const override { return "max weights"; }
    void pullback(const node_ptr&, const symbol&, std::span<const char>,
                  std::span<symbol>) const override
    {}
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol>) const override
    {
        return {};
    }

private:
    void weigh(double* row, std::size_t n) const override { weigh_as(row, n); }
    void weigh(float* row, std::size_t n) const override { weigh_as(row, n); }

    template <class T>
    static void weigh_as(T* row, std::size_t n)
    {
        const T best = row_maximum(row, n);
        if (best == best) {
            share(row, n, best);
            return;
        }
        bool found = false;
        for (std::size_t i = 0; i < n; ++i) {
            const bool is_first_nan = !found && row[i] != row[i];
            found |= is_first_nan;
            row[i] = is_first_nan ? T(1) : T(0);
        }
    }
};

/// w = softmax(x);  dw = w (dx - sum(w dx)), which is its own transpose.
class softmax_operation final : public weights_operation {
public:
    using weights_operation::weights_operation;
    [[nodiscard]] std::string_view name() const override { return "logsumexp weights"; }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = project(self, detail::as_node(y_bar, self->type(), self->shape()));
    }
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        return project(self, x_dot[0]);
    }

private:
    [[nodiscard]] symbol project(const node_ptr& self, const symbol& v) const
    {
        const symbol w = self;
        const std::vector<std::ptrdiff_t> over(over_.begin(), over_.end());
        const symbol inner = detail::reduce(detail::reduction_kind::sum, (w * v).get(), over, true);
        return w * (v - inner);
    }
    void weigh(double* row, std::size_t n) const override { weigh_as(row, n); }
    void weigh(float* row, std::size_t n) const override { weigh_as(row, n); }

    template <class T>
    static void weigh_as(T* row, std::size_t n)
    {
        const T best = row_maximum(row, n);
        if (best == -std::numeric_limits<T>::infinity()) {
            std::fill_n(row, n, T(0));
            return;
        }
        if (best == std::numeric_limits<T>::infinity()) {
            share(row, n, best);
            return;
        }
        const auto& exp = single_op_kernels(index_of<ops::Exp>(), dtype_of<T>);
        for (std::size_t i = 0; i < n; ++i) row[i] -= best;
        const void* in[] = {row};
        exp.value(in, nullptr, row, n);
        pairwise_sum<T> total;
        for (std::size_t i = 0; i < n; i += tile_size) {
            total.add(tile_sum(row + i, std::min(tile_size, n - i)));
        }
        const T scale = T(1) / total.total();
        for (std::size_t i = 0; i < n; ++i) row[i] *= scale;
    }
};

template <class Op>
node_ptr make_weights(const node_ptr& x, const axes& over)
{
    return make_node(make_operation<Op>(over), x->type(), x->shape(), std::span(&x, 1));
}

} // namespace

namespace detail {

node_ptr tie_weights(const node_ptr& x, const axes& over)
{
    return make_weights<tie_operation>(x, over);
}

node_ptr softmax_weights(const node_ptr& x, const axes& over)
{
    return make_weights<softmax_operation>(x, over);
}

} // namespace detail
} // namespace backtrail
