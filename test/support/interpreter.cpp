// SPDX-License-Identifier: BSD-3-Clause
// One node at a time: see interpreter.hpp.
#include "interpreter.hpp"

#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/storage.hpp>
#include <backtrail/graph/traversal.hpp>

#include <cstring>

namespace backtrail::test {
namespace {

/// Calls f with the offset of each element of a layout, in row-major order.
template <class F>
void for_offsets(const layout& l, F f)
{
    const std::size_t rank = l.extents.size();
    std::array<std::size_t, max_rank> index{};
    for (std::size_t left = l.size(); left > 0; --left) {
        std::ptrdiff_t offset = l.offset;
        for (std::size_t i = 0; i < rank; ++i) {
            offset += static_cast<std::ptrdiff_t>(index[i]) * l.steps[i];
        }
        f(offset);
        for (std::size_t i = rank; i-- > 0;) {
            if (++index[i] < l.extents[i]) break;
            index[i] = 0;
        }
    }
}

stored_value fresh(dtype type, const shape& s)
{
    return {buffer(element_count(s) * size_of(type)), type, layout(s)};
}

/// The same elements without gaps, converted if a mask is to be computed with.
stored_value dense(const stored_value& x, dtype type)
{
    if (x.type == type && x.extents.is_dense() && x.extents.offset == 0) return x;
    stored_value y = fresh(type, x.extents.extents);
    visit(x.type, [&](auto from) {
        visit(type, [&](auto to) {
            using S = decltype(from);
            using T = decltype(to);
            const S* source = x.data.as<const S>();
            T* target = y.data.as<T>();
            for_offsets(x.extents, [&](std::ptrdiff_t i) { *target++ = convert<T>(source[i]); });
        });
    });
    return y;
}

array_view view_of(const stored_value& x)
{
    const auto start = x.extents.offset * static_cast<std::ptrdiff_t>(size_of(x.type));
    return {x.data.data() + start, x.type, layout(x.extents.extents, x.extents.steps, 0)};
}

/// Values of the slots of a fused kernel, in memory as kernels want it.
class slots {
public:
    slots(std::span<const stored_value* const> x, dtype type)
    {
        for (const stored_value* one : x) values_.push_back(dense(*one, type));
        for (const auto& v : values_) pointers_.push_back(v.data.data());
    }
    [[nodiscard]] const void* const* data() const { return pointers_.data(); }

private:
    std::vector<stored_value> values_;
    std::vector<const void*> pointers_;
};

using operands = std::span<const stored_value* const>;

std::vector<stored_value> run_value(const node_ptr& n, const fused& f, operands x)
{
    const kernel_table& table = f.table();
    stored_value y = fresh(table.type, n->shape());
    const slots in(x, table.type);
    if (y.extents.size() > 0) {
        table.value(in.data(), f.literals(), y.data.data(), y.extents.size());
    }
    return {dense(y, n->type())}; // masks are computed as numbers
}

std::vector<stored_value> run_pullback(const node_ptr& n, const fused_pullback& op, operands x)
{
    const kernel_table& table = op.primal().table();
    const std::size_t count = element_count(n->shape());
    std::vector<stored_value> x_bar;
    for (std::size_t k = 0; k < op.outputs(); ++k) x_bar.push_back(fresh(table.type, n->shape()));
    std::vector<char> is_written(op.outputs(), 0);
    std::vector<void*> out;
    std::vector<store_mode> modes;
    for (const std::uint16_t k : op.output_of_slot()) {
        const bool is_skipped = k == fused_pullback::skipped;
        out.push_back(is_skipped ? nullptr : x_bar[k].data.data());
        modes.push_back(is_skipped           ? store_mode::skip
                        : is_written[k] != 0 ? store_mode::add
                                             : store_mode::write);
        if (!is_skipped) is_written[k] = 1;
    }
    const slots in(x.first(table.slots), table.type), y_bar(x.last(1), table.type);
    if (count > 0) {
        reverse_tile tile;
        tile.y_bar = y_bar.data()[0];
        tile.x_bar = out.data();
        tile.modes = modes.data();
        table.pullback(in.data(), op.primal().literals(), tile, count);
    }
    return x_bar;
}

std::vector<stored_value> run_pushforward(const node_ptr& n, const fused_pushforward& op,
                                          operands x)
{
    const kernel_table& table = op.primal().table();
    stored_value zeros = fresh(table.type, n->shape()), y_dot = fresh(table.type, n->shape());
    if (zeros.data) std::memset(zeros.data.data(), 0, zeros.data.capacity());
    std::vector<const stored_value*> tangents;
    for (const std::uint16_t k : op.input_of_tangent()) {
        tangents.push_back(k == fused_pushforward::zero ? &zeros : x[k]);
    }
    const slots in(x.first(table.slots), table.type), x_dot(tangents, table.type);
    if (y_dot.extents.size() > 0) {
        table.pushforward(in.data(), op.primal().literals(), x_dot.data(), y_dot.data.data(),
                          y_dot.extents.size());
    }
    return {y_dot};
}

/// The layout of the view over the input as it lies, or over a dense copy of it.
std::vector<stored_value> run_view(const node_ptr& n, stored_value x)
{
    auto l = n->op().view(n, x.extents);
    if (!l) {
        x = dense(x, x.type);
        l = n->op().view(n, x.extents);
    }
    x.extents = *l;
    return {x};
}

std::vector<stored_value> run_evaluation(const node_ptr& n, operands x)
{
    stored_value y = fresh(n->type(), n->shape());
    std::vector<stored_value> held;
    std::vector<array_view> in;
    for (std::size_t i = 0; i < x.size(); ++i) {
        held.push_back(n->op().reads_strided(i) ? *x[i] : dense(*x[i], x[i]->type));
        in.push_back(view_of(held.back()));
    }
    const buffer workspace(n->op().workspace_bytes(in, view_of(y)));
    n->op().evaluate(in, view_of(y), workspace.data());
    return {y};
}

std::vector<stored_value> run_node(const node_ptr& n, operands x)
{
    const operation& op = n->op();
    if (const leaf_storage* leaf = op.as_leaf()) {
        return {{leaf->data(), n->type(), layout(n->shape())}};
    }
    if (const auto* f = op.as_fused()) return run_value(n, *f, x);
    if (const auto* f = op.as_fused_pullback()) return run_pullback(n, *f, x);
    if (const auto* f = op.as_fused_pushforward()) return run_pushforward(n, *f, x);
    if (op.is_view()) return run_view(n, *x[0]);
    return run_evaluation(n, x);
}

} // namespace

std::vector<std::byte> stored_value::bytes() const
{
    const stored_value d = dense(*this, type);
    std::vector<std::byte> result(d.extents.size() * size_of(type));
    if (!result.empty()) std::memcpy(result.data(), d.data.data(), result.size());
    return result;
}

void interpret(std::span<const node_ptr> roots, const observer& observe)
{
    const std::vector<node_ptr> order = topological_order(roots);
    node_map index;
    std::vector<std::vector<stored_value>> values(order.size()); // several for pullbacks
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        const node_ptr& n = order[i];
        index.set(n.get(), i);
        if (const pick* p = n->op().as_pick()) {
            values[i] = {values[index.find(n->inputs()[0].get())][p->index()]};
        } else {
            std::vector<const stored_value*> x;
            for (const auto& input : n->inputs()) x.push_back(&values[index.find(input.get())][0]);
            values[i] = run_node(n, x);
        }
        if (n->op().as_fused_pullback() == nullptr) observe(n, values[i][0]);
    }
}

} // namespace backtrail::test
