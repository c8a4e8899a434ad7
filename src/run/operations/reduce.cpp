// SPDX-License-Identifier: BSD-3-Clause
// Reductions over any axes: sum, mean, max, min, prod, logsumexp. Sums along rows run tile by tile in a fixed
// tree, the same whether the operand is in memory or comes from a fused kernel; sums over outer axes
// add whole rows, in blocks.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/build_reductions.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/plan/chunks.hpp>
#include <backtrail/run/operations/weights.hpp>
#include <backtrail/run/reductions.hpp>

namespace backtrail {
namespace {

using detail::reduction_kind;

constexpr std::string_view names[] = {"sum", "mean", "max", "min", "prod", "logsumexp"};

/// x[kept..., reduced...]: the operand's layout with the reduced axes last.
struct split_layout {
    layout kept, reduced;
};

split_layout split(const layout& x, const axes& over)
{
    split_layout result;
    for (std::size_t i = 0; i < x.extents.size(); ++i) {
        const bool is_reduced = std::find(over.begin(), over.end(), i) != over.end();
        layout& part = is_reduced ? result.reduced : result.kept;
        part.extents.push_back(x.extents[i]);
        part.steps.push_back(x.steps[i]);
    }
    coalesce(&result.kept, 1);
    coalesce(&result.reduced, 1);
    return result;
}

/// Offset of element `index` of a layout in row-major order.
std::ptrdiff_t offset_of(const layout& l, std::size_t index)
{
    std::ptrdiff_t offset = 0;
    for (std::size_t a = l.extents.size(); a-- > 0;) {
        offset += static_cast<std::ptrdiff_t>(index % l.extents[a]) * l.steps[a];
        index /= l.extents[a];
    }
    return offset;
}

/// Adds sums to others and begins anew.
template <class T>
void move_sums(T* from, T* to, std::size_t n)
{
    for (std::size_t j = 0; j < n; ++j) {
        to[j] += from[j];
        from[j] = T(0);
    }
}

/// One result from the elements of `row`, read in tiles. `scratch` has room for two.
template <class T>
T reduce_row(reduction_kind kind, const array_view& row, T* scratch)
{
    const std::size_t n = row.shape.size();
    const tile_reader<T> reader(row, scratch);
    if constexpr (differentiable<T>) {
        if (kind == reduction_kind::logsumexp) {
            row_logsumexp<T> result;
            for (std::size_t i = 0; i < n; i += tile_size) {
                const std::size_t count = std::min(tile_size, n - i);
                result.add(reader.read(i, count), count, scratch + tile_size);
            }
            return result.result();
        }
    }
    row_reduction<T> result(kind);
    for (std::size_t i = 0; i < n; i += tile_size) {
        const std::size_t count = std::min(tile_size, n - i);
        result.add(reader.read(i, count), count);
    }
    return result.result();
}

/// Reduces whole rows into rows: for reductions over outer axes. Rows are added in blocks, and those in
/// chunks, as passes do, so that the error grows slowly.
template <class T>
void reduce_columns(reduction_kind kind, const T* x, const split_layout& s, T* y, T* scratch)
{
    const std::size_t rows = s.reduced.size(), width = s.kept.extents.back();
    const std::size_t outer = s.kept.size() / width, chunk = row_chunk(rows, width);
    T* const block = scratch;
    T* const partial = scratch + tile_size;
    for (std::size_t o = 0; o < outer; ++o) {
        const T* plane = x + offset_of(s.kept, o * width);
        for (std::size_t j0 = 0; j0 < width; j0 += tile_size) {
            const std::size_t n = std::min(tile_size, width - j0);
            T* total = y + o * width + j0;
            std::fill_n(total, n, neutral<T>(kind));
            std::fill_n(block, n, T(0));
            std::fill_n(partial, n, neutral<T>(kind));
            for (std::size_t r = 0; r < rows; ++r) {
                const T* row = plane + offset_of(s.reduced, r) + j0;
                if (takes_one_by_one(kind)) {
                    for (std::size_t j = 0; j < n; ++j) {
                        partial[j] = combined(kind, partial[j], row[j]);
                    }
                    if ((r + 1) % chunk != 0 && r + 1 != rows) continue;
                    for (std::size_t j = 0; j < n; ++j) {
                        total[j] = combined(kind, total[j], partial[j]);
                        partial[j] = neutral<T>(kind);
                    }
                    continue;
                }
                for (std::size_t j = 0; j < n; ++j) block[j] += row[j];
                if ((r + 1) % column_block == 0 || r + 1 == rows) move_sums(block, partial, n);
                if ((r + 1) % chunk == 0 || r + 1 == rows) move_sums(partial, total, n);
            }
            if (kind == reduction_kind::mean) {
                for (std::size_t j = 0; j < n; ++j) total[j] /= static_cast<T>(rows);
            }
        }
    }
}

/// The same for logsumexp; `scratch` has room for seven tiles.
template <class T>
void logsumexp_of_columns(const T* x, const split_layout& s, T* y, T* scratch)
{
    const std::size_t rows = s.reduced.size(), width = s.kept.extents.back();
    const std::size_t outer = s.kept.size() / width, chunk = row_chunk(rows, width);
    auto* const block = reinterpret_cast<exponentials<T>*>(scratch + tile_size);
    auto *const partial = block + tile_size, *const total = partial + tile_size;
    const auto move = [](exponentials<T>* from, exponentials<T>* to, std::size_t n) {
        for (std::size_t j = 0; j < n; ++j) {
            to[j] = to[j] + from[j];
            from[j] = exponentials<T>::none();
        }
    };
    for (std::size_t o = 0; o < outer; ++o) {
        const T* plane = x + offset_of(s.kept, o * width);
        for (std::size_t j0 = 0; j0 < width; j0 += tile_size) {
            const std::size_t n = std::min(tile_size, width - j0);
            for (auto* all : {block, partial, total}) {
                std::fill_n(all, n, exponentials<T>::none());
            }
            for (std::size_t r = 0; r < rows; ++r) {
                add_exponentials(block, plane + offset_of(s.reduced, r) + j0, n, scratch);
                if ((r + 1) % column_block == 0 || r + 1 == rows) move(block, partial, n);
                if ((r + 1) % chunk == 0 || r + 1 == rows) move(partial, total, n);
            }
            for (std::size_t j = 0; j < n; ++j) y[o * width + j0 + j] = total[j].log();
        }
    }
}

class reduce_operation final : public operation {
public:
    reduce_operation(reduction_kind kind, axes over, bool keep)
        : kind_(kind), over_(over), keep_(keep), what_{kind, over}
    {}
    [[nodiscard]] std::string_view name() const override
    {
        return names[static_cast<std::size_t>(kind_)];
    }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view>,
                                              const array_view&) const override
    {
        return (kind_ == reduction_kind::logsumexp ? 7 : 2) * tile_bytes;
    }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        visit(y.type, [&](auto t) {
            using T = decltype(t);
            if constexpr (!std::is_same_v<T, bool>) {
                run<T>(x[0], y, reinterpret_cast<T*>(workspace));
            }
        });
    }

    [[nodiscard]] double flops(const node& self) const override
    {
        return operation::flops(*self.inputs()[0]);
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        const node_ptr& x = self->inputs()[0];
        const shape kept = reduced_shape(x->shape(), over_, true);
        const node_ptr g =
            detail::reshape(detail::as_node(y_bar, self->type(), self->shape()), kept);
        if (kind_ == reduction_kind::sum) {
            x_bar[0] = detail::broadcast_to(g, x->shape());
        } else if (kind_ == reduction_kind::mean) {
            x_bar[0] = detail::broadcast_to((symbol(g) * (1.0 / count(x))).get(), x->shape());
        } else {
            x_bar[0] = scaled(g, x);
        }
    }

    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override
    {
        const node_ptr& x = self->inputs()[0];
        const auto total = [&](reduction_kind kind, const node_ptr& n) {
            const std::vector<std::ptrdiff_t> over(over_.begin(), over_.end());
            return detail::reduce(kind, n, over, keep_);
        };
        if (kind_ == reduction_kind::sum || kind_ == reduction_kind::mean) {
            return total(kind_, x_dot[0].get());
        }
        return total(reduction_kind::sum, scaled(x_dot[0], x).get());
    }

    [[nodiscard]] const axis_reduction* as_reduction() const override { return &what_; }
    [[nodiscard]] bool same_as(const operation& other) const override
    {
        const auto* r = dynamic_cast<const reduce_operation*>(&other);
        return r != nullptr && r->kind_ == kind_ && r->over_ == over_ && r->keep_ == keep_;
    }
    [[nodiscard]] std::size_t hash() const override { return static_cast<std::size_t>(kind_) + 1; }

private:
    [[nodiscard]] double count(const node_ptr& x) const
    {
        double n = 1;
        for (auto axis : over_) n *= static_cast<double>(x->shape()[axis]);
        return n;
    }
    /// A product of others is finite, however the cotangent is; the other weights choose elements.
    [[nodiscard]] symbol scaled(const symbol& g, const node_ptr& x) const
    {
        const symbol w = weights(x);
        return kind_ == reduction_kind::prod ? g * w : call<ops::Masked>(g, w);
    }
    [[nodiscard]] node_ptr weights(const node_ptr& x) const
    {
        switch (kind_) {
        case reduction_kind::max: return detail::tie_weights(x, over_);
        case reduction_kind::min: return detail::tie_weights((-symbol(x)).get(), over_);
        case reduction_kind::prod: return detail::product_of_others(x, over_);
        default: return detail::softmax_weights(x, over_);
        }
    }

    template <class T>
    void run(const array_view& x, const array_view& y, T* scratch) const
    {
        const split_layout s = split(x.shape, over_);
        const std::size_t results = s.kept.size();
        if (results == 0) return;
        const bool rows_are_kept = !s.kept.extents.empty() && s.kept.steps.back() == 1 &&
                                   !s.reduced.extents.empty() && s.reduced.size() > 0 &&
                                   s.reduced.steps.back() != 1;
        if constexpr (differentiable<T>) {
            if (rows_are_kept && kind_ == reduction_kind::logsumexp) {
                logsumexp_of_columns(x.as<const T>(), s, y.as<T>(), scratch);
                return;
            }
        }
        if (rows_are_kept) {
            reduce_columns(kind_, x.as<const T>(), s, y.as<T>(), scratch);
            return;
        }
        for (std::size_t i = 0; i < results; ++i) {
            const array_view row = {x.as<T>() + offset_of(s.kept, i), x.type, s.reduced};
            y.as<T>()[i] = reduce_row<T>(kind_, row, scratch);
        }
    }

    reduction_kind kind_;
    axes over_;
    bool keep_;
    axis_reduction what_;
};

} // namespace

namespace detail {

node_ptr reduce(reduction_kind kind, const node_ptr& x,
                std::optional<std::span<const std::ptrdiff_t>> over, bool keep)
{
    const char* name = names[static_cast<std::size_t>(kind)].data();
    const shape& s = x->shape();
    const axes list = over ? normalise_axes(name, *over, s.size()) : all_axes(s.size());
    if (x->type() == dtype::boolean) {
        if (kind != reduction_kind::sum) {
            throw dtype_error("[" + std::string(name) + "] of bool; write cast<T>(x)" +
                              nearby(std::span(&x, 1)));
        }
        return reduce(kind, cast(x, dtype::int64), over, keep);
    }
    if (!is_differentiable(x->type()) &&
        (kind == reduction_kind::mean || kind == reduction_kind::logsumexp)) {
        throw dtype_error("[" + std::string(name) + "] needs float or double; write cast<T>(x)" +
                          nearby(std::span(&x, 1)));
    }
    if (is_extremum(kind)) {
        for (auto axis : list) {
            if (s[axis] == 0 && element_count(reduced_shape(s, list, false)) > 0) {
                throw shape_error("[" + std::string(name) + "] of no elements: " + to_string(s) +
                                  nearby(std::span(&x, 1)));
            }
        }
    }
    return make_node(make_operation<reduce_operation>(kind, list, keep), x->type(),
                     reduced_shape(s, list, keep), std::span(&x, 1));
}

node_ptr sum_to(const node_ptr& x, const shape& to)
{
    const shape& from = x->shape();
    if (from == to) return x;
    const std::size_t lead = from.size() - to.size();
    std::vector<std::ptrdiff_t> over;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (i < lead || (to[i - lead] == 1 && from[i] != 1)) {
            over.push_back(static_cast<std::ptrdiff_t>(i));
        }
    }
    return reshape(reduce(reduction_kind::sum, x, over, false), to);
}

} // namespace detail
} // namespace backtrail
