// SPDX-License-Identifier: BSD-3-Clause
// Products that are made of others: each brings its operands to the form of a matrix product or of
// an elementwise one, and has no rule of its own.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/requirements.hpp>

#include <algorithm>
#include <numeric>

namespace backtrail::detail {
namespace {

std::string pair_text(const node_ptr& x, const node_ptr& y)
{
    const node_ptr both[] = {x, y};
    return to_string(x->shape()) + " and " + to_string(y->shape()) + nearby(both);
}

/// The axes that are not in `taken`, in order.
std::vector<std::ptrdiff_t> other_axes(std::size_t rank, std::span<const std::size_t> taken)
{
    std::vector<std::ptrdiff_t> result;
    for (std::size_t i = 0; i < rank; ++i) {
        if (std::find(taken.begin(), taken.end(), i) == taken.end()) {
            result.push_back(static_cast<std::ptrdiff_t>(i));
        }
    }
    return result;
}

/// Each element of x repeated `count` times along an axis, or x as a whole.
node_ptr stretch(const node_ptr& x, std::size_t axis, std::size_t count, bool as_a_whole)
{
    shape split = x->shape(), result = split;
    const std::size_t at = as_a_whole ? axis : axis + 1;
    result[axis] *= count;
    const auto before = std::accumulate(split.begin(), split.begin() + at, std::size_t{1},
                                        std::multiplies<std::size_t>());
    const auto after = std::accumulate(split.begin() + at, split.end(), std::size_t{1},
                                       std::multiplies<std::size_t>());
    const node_ptr repeated = broadcast_to(reshape(x, {before, 1, after}), {before, count, after});
    return reshape(repeated, result);
}

} // namespace

void require_one_type(const char* operation, const node_ptr& x, const node_ptr& y)
{
    if (x->type() == y->type()) return;
    const node_ptr both[] = {x, y};
    throw dtype_error("[" + std::string(operation) + "] operands of different element types, " +
                      std::string(name_of(x->type())) + " and " + std::string(name_of(y->type())) +
                      "; write cast<T>(x)" + nearby(both));
}

void require_fits(const char* operation, const char* what, const node_ptr& x, const shape& wanted)
{
    if (x->shape() == wanted) return;
    throw shape_error("[" + std::string(operation) + "] the " + what + " has shape " +
                      to_string(x->shape()) + ", not " + to_string(wanted) +
                      nearby(std::span(&x, 1)));
}

node_ptr move_axis(const node_ptr& x, std::size_t from, std::size_t to)
{
    auto order = other_axes(x->shape().size(), std::span(&from, 1));
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(to),
                 static_cast<std::ptrdiff_t>(from));
    return transpose(x, order);
}

node_ptr outer(const node_ptr& x, const node_ptr& y)
{
    require_one_type("outer", x, y);
    const node_ptr column = reshape(x, {element_count(x->shape()), 1});
    return (symbol(column) * symbol(reshape(y, {element_count(y->shape())}))).get();
}

node_ptr inner(const node_ptr& x, const node_ptr& y)
{
    require_one_type("inner", x, y);
    if (x->shape().empty() || y->shape().empty()) return (symbol(x) * symbol(y)).get();
    if (x->shape().back() != y->shape().back()) {
        throw shape_error("[inner] last extents differ: " + pair_text(x, y));
    }
    const std::ptrdiff_t last = -1;
    return tensordot(x, y, std::span(&last, 1), std::span(&last, 1));
}

node_ptr kron(const node_ptr& x, const node_ptr& y)
{
    require_one_type("kron", x, y);
    const std::size_t rank = std::max(x->shape().size(), y->shape().size());
    shape a = x->shape(), b = y->shape();
    while (a.size() < rank) a.insert(0, 1);
    while (b.size() < rank) b.insert(0, 1);
    std::size_t split_axes = 0;
    for (std::size_t i = 0; i < rank; ++i) split_axes += a[i] == 1 || b[i] == 1 ? 1 : 2;
    if (split_axes > max_rank) { // no array has as many axes: repeat the operands
        node_ptr left = reshape(x, a), right = reshape(y, b);
        for (std::size_t i = 0; i < rank; ++i) {
            left = stretch(left, i, b[i], false);
            right = stretch(right, i, a[i], true);
        }
        return (symbol(left) * symbol(right)).get();
    }
    shape split_a, split_b, result;
    for (std::size_t i = 0; i < rank; ++i) {
        result.push_back(a[i] * b[i]);
        if (a[i] == 1 || b[i] == 1) {
            split_a.push_back(a[i]), split_b.push_back(b[i]);
        } else {
            split_a.push_back(a[i]), split_b.push_back(1);
            split_a.push_back(1), split_b.push_back(b[i]);
        }
    }
    return reshape((symbol(reshape(x, split_a)) * symbol(reshape(y, split_b))).get(), result);
}

node_ptr tensordot(const node_ptr& x, const node_ptr& y, std::span<const std::ptrdiff_t> over_x,
                   std::span<const std::ptrdiff_t> over_y)
{
    require_one_type("tensordot", x, y);
    if (over_x.size() != over_y.size()) {
        throw shape_error("[tensordot] " + std::to_string(over_x.size()) + " axes against " +
                          std::to_string(over_y.size()) + ": " + pair_text(x, y));
    }
    (void)normalise_axes("tensordot", over_x, x->shape().size()); // no axis twice
    (void)normalise_axes("tensordot", over_y, y->shape().size());
    std::vector<std::size_t> taken_x, taken_y;
    std::size_t contracted = 1;
    for (std::size_t i = 0; i < over_x.size(); ++i) {
        taken_x.push_back(normalise_axis("tensordot", over_x[i], x->shape().size()));
        taken_y.push_back(normalise_axis("tensordot", over_y[i], y->shape().size()));
        const std::size_t extent = x->shape()[taken_x[i]];
        if (extent != y->shape()[taken_y[i]]) {
            throw shape_error("[tensordot] axis " + std::to_string(taken_x[i]) + " has not the " +
                              "extent of axis " + std::to_string(taken_y[i]) + ": " +
                              pair_text(x, y));
        }
        contracted *= extent;
    }
    auto order_x = other_axes(x->shape().size(), taken_x);
    const auto order_y = other_axes(y->shape().size(), taken_y);
    if (order_x.size() + order_y.size() > max_rank) {
        throw shape_error("[tensordot] the result would have more than 8 axes: " + pair_text(x, y));
    }
    shape result;
    for (auto axis : order_x) result.push_back(x->shape()[static_cast<std::size_t>(axis)]);
    const std::size_t rows = element_count(result);
    std::size_t columns = 1;
    std::vector<std::ptrdiff_t> order(taken_y.begin(), taken_y.end());
    for (auto axis : order_y) {
        order.push_back(axis);
        result.push_back(y->shape()[static_cast<std::size_t>(axis)]);
        columns *= result.back();
    }
    order_x.insert(order_x.end(), taken_x.begin(), taken_x.end());
    const node_ptr left = reshape(transpose(x, order_x), {rows, contracted});
    const node_ptr right = reshape(transpose(y, order), {contracted, columns});
    return reshape(matmul(left, right), result);
}

node_ptr tensordot(const node_ptr& x, const node_ptr& y, std::size_t axes)
{
    if (axes > x->shape().size() || axes > y->shape().size()) {
        throw shape_error("[tensordot] " + std::to_string(axes) + " axes of " + pair_text(x, y));
    }
    std::vector<std::ptrdiff_t> last(axes), first(axes);
    std::iota(last.begin(), last.end(), static_cast<std::ptrdiff_t>(x->shape().size() - axes));
    std::iota(first.begin(), first.end(), 0);
    return tensordot(x, y, last, first);
}

node_ptr linear(const node_ptr& x, const node_ptr& w)
{
    if (w->shape().size() != 2 || x->shape().empty() || x->shape().back() != w->shape()[1]) {
        throw shape_error("[linear] x (..., in) and w (out, in) do not fit: " + pair_text(x, w));
    }
    return matmul(x, matrix_transpose(w));
}

std::array<node_ptr, 2> vectors_last(const char* operation, const node_ptr& x, const node_ptr& y,
                                     std::ptrdiff_t axis)
{
    require_one_type(operation, x, y);
    const auto fail = [&](const char* why) {
        return shape_error("[" + std::string(operation) + "] " + why + ": " + pair_text(x, y));
    };
    if (x->shape().empty() || y->shape().empty()) throw fail("operands must have an axis");
    const auto axis_of = [&](const node_ptr& v) {
        return normalise_axis(operation, axis, v->shape().size());
    };
    if (x->shape()[axis_of(x)] != y->shape()[axis_of(y)]) throw fail("vectors differ in length");
    const auto moved = [&](const node_ptr& v) {
        return move_axis(v, axis_of(v), v->shape().size() - 1);
    };
    const std::array<node_ptr, 2> result = {moved(x), moved(y)};
    try {
        (void)broadcast(operation, result[0]->shape(), result[1]->shape());
    } catch (const shape_error&) {
        throw fail("the other axes do not broadcast");
    }
    return result;
}

rotated_vectors rotate_for_cross(const node_ptr& x, const node_ptr& y, std::ptrdiff_t axis)
{
    const auto [left, right] = vectors_last("cross", x, y, axis);
    if (left->shape().back() != 3) {
        throw shape_error("[cross] needs vectors of 3: " + pair_text(x, y));
    }
    if (x->type() == dtype::boolean) throw dtype_error("[cross] of bool; write cast<T>(x)");
    const auto doubled = [](const node_ptr& v) {
        const node_ptr twice[] = {v, v};
        return concatenate(twice, -1);
    };
    const auto rotated = [](const node_ptr& twice, std::ptrdiff_t by) {
        std::vector<slice> slices;
        for (auto extent : twice->shape()) slices.push_back({0, 1, extent});
        slices.back() = {by, 1, 3};
        return slice_axes(twice, slices);
    };
    const node_ptr xx = doubled(left), yy = x == y ? xx : doubled(right);
    const std::size_t rank = std::max(left->shape().size(), right->shape().size());
    return {rotated(xx, 1), rotated(xx, 2), rotated(yy, 1), rotated(yy, 2),
            normalise_axis("cross", axis, rank)};
}

node_ptr matmul_to_add(const char* operation, std::size_t rank, const node_ptr& c,
                       const node_ptr& x, const node_ptr& y)
{
    const node_ptr all[] = {c, x, y};
    const auto fail = [&](const std::string& why) {
        return shape_error("[" + std::string(operation) + "] " + why + ": " +
                           to_string(c->shape()) + " + " + to_string(x->shape()) + " x " +
                           to_string(y->shape()) + nearby(all));
    };
    require_one_type(operation, x, y);
    require_one_type(operation, c, x);
    if (x->shape().size() != rank || y->shape().size() != rank) {
        throw fail("factors must have " + std::to_string(rank) + " axes");
    }
    if (x->shape().back() != y->shape()[rank - 2]) throw fail("inner extents must agree");
    const node_ptr product = matmul(x, y);
    if (!is_broadcastable(c->shape(), product->shape())) {
        throw fail("the first operand does not broadcast to the product");
    }
    return product;
}

} // namespace backtrail::detail
