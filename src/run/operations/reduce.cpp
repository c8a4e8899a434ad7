// SPDX-License-Identifier: BSD-3-Clause
// Reductions over any axes: sum, mean, max, min, prod, logsumexp. Sums along rows run tile by tile in a fixed
// tree, the same whether the operand is in memory or comes from a fused kernel; sums over outer axes
// add whole rows, in blocks.
#include <backtrail/core/error.hpp>
#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/graph/build_reductions.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/ops/words.hpp>
#include <backtrail/run/operations/weights.hpp>
#include <backtrail/run/tiles.hpp>

#include <cmath>
#include <limits>

namespace backtrail {
namespace {

using detail::reduction_kind;

constexpr std::string_view names[] = {"sum", "mean", "max", "min", "prod", "logsumexp"};

constexpr bool is_extremum(reduction_kind kind)
{
    return kind == reduction_kind::max || kind == reduction_kind::min;
}

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

/// The larger of two, or the smaller; NaN wins, and stays.
template <class T>
T further(reduction_kind kind, T a, T b)
{
    return (kind == reduction_kind::max ? b > a : b < a) || b != b ? b : a;
}

/// What every number is further than.
template <class T>
T nearest(reduction_kind kind)
{
    using limits = std::numeric_limits<T>;
    if constexpr (limits::has_infinity) {
        return kind == reduction_kind::max ? -limits::infinity() : limits::infinity();
    } else {
        return kind == reduction_kind::max ? limits::lowest() : limits::max();
    }
}

/// One result from the elements of `row`, read in tiles.
template <class T>
T reduce_row(reduction_kind kind, const array_view& row, T* scratch)
{
    const std::size_t n = row.shape.size();
    const bool is_short = n <= tile_size && row.shape.is_dense();
    const tile_reader<T> reader = is_short ? tile_reader<T>() : tile_reader<T>(row, scratch);
    const auto for_tiles = [&](auto&& f) {
        if (is_short) { // one tile, as it lies
            if (n > 0) f(row.as<const T>(), n);
            return;
        }
        for (std::size_t i = 0; i < n; i += tile_size) {
            const std::size_t count = std::min(tile_size, n - i);
            f(reader.read(i, count), count);
        }
    };
    const auto total = [&] {
        pairwise_sum<T> sum;
        for_tiles([&](const T* x, std::size_t count) { sum.add(tile_sum(x, count)); });
        return sum.total();
    };
    const auto extremum = [&](reduction_kind which) {
        T best = nearest<T>(which);
        for_tiles([&](const T* x, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) best = further(which, best, x[i]);
        });
        return best;
    };
    if (kind == reduction_kind::sum) return total();
    if (kind == reduction_kind::mean) return static_cast<T>(total() / static_cast<T>(n));
    if (is_extremum(kind)) return extremum(kind);
    if (kind == reduction_kind::prod) {
        T product = 1;
        for_tiles([&](const T* x, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) product *= x[i];
        });
        return product;
    }
    if constexpr (differentiable<T>) { // logsumexp: m + log(sum(exp(x - m)))
        const T m = extremum(reduction_kind::max);
        if (!std::isfinite(m)) return m;
        const auto& exp = single_op_kernels(index_of<ops::Exp>(), dtype_of<T>);
        T* shifted = scratch + tile_size;
        pairwise_sum<T> sum;
        for_tiles([&](const T* x, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) shifted[i] = x[i] - m;
            const void* in[] = {shifted};
            exp.value(in, nullptr, shifted, count);
            sum.add(tile_sum(shifted, count));
        });
        return m + std::log(sum.total());
    }
    return T();
}

/// Reduces whole rows into rows: for reductions over outer axes. Blocks of rows are summed apart
/// and then together, so that the error grows slowly.
template <class T>
void reduce_columns(reduction_kind kind, const T* x, const split_layout& s, T* y, T* scratch)
{
    constexpr std::size_t block = 128;
    const std::size_t rows = s.reduced.size(), width = s.kept.extents.back();
    const std::size_t outer = s.kept.size() / width;
    for (std::size_t o = 0; o < outer; ++o) {
        const T* plane = x + offset_of(s.kept, o * width);
        for (std::size_t j0 = 0; j0 < width; j0 += tile_size) {
            const std::size_t n = std::min(tile_size, width - j0);
            T* total = y + o * width + j0;
            std::fill_n(total, n, is_extremum(kind) ? nearest<T>(kind) : T(0));
            for (std::size_t r0 = 0; r0 < rows; r0 += block) {
                std::fill_n(scratch, n, T(0));
                for (std::size_t r = r0; r < std::min(rows, r0 + block); ++r) {
                    const T* row = plane + offset_of(s.reduced, r) + j0;
                    if (is_extremum(kind)) {
                        for (std::size_t j = 0; j < n; ++j) {
                            total[j] = further(kind, total[j], row[j]);
                        }
                    } else {
                        for (std::size_t j = 0; j < n; ++j) scratch[j] += row[j];
                    }
                }
                if (!is_extremum(kind)) {
                    for (std::size_t j = 0; j < n; ++j) total[j] += scratch[j];
                }
            }
            if (kind == reduction_kind::mean) {
                for (std::size_t j = 0; j < n; ++j) total[j] /= static_cast<T>(rows);
            }
        }
    }
}

class reduce_operation final : public operation {
public:
    reduce_operation(reduction_kind kind, axes over, bool keep)
        : kind_(kind), over_(over), keep_(keep)
    {}
    [[nodiscard]] std::string_view name() const override
    {
        return names[static_cast<std::size_t>(kind_)];
    }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view>,
                                              const array_view&) const override
    {
        return 2 * tile_bytes;
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

    [[nodiscard]] std::optional<double> total_factor(const node_ptr& self) const override
    {
        const node_ptr& x = self->inputs()[0];
        if (over_.size() != x->shape().size()) return {};
        if (kind_ == reduction_kind::sum) return 1.0;
        if (kind_ == reduction_kind::mean) return count(x);
        return {};
    }

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
        if (rows_are_kept && kind_ != reduction_kind::logsumexp && kind_ != reduction_kind::prod) {
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
