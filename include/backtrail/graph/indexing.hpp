// SPDX-License-Identifier: BSD-3-Clause
// Functions with arrays of indices and with masks: reading and writing where they point.
// Indices are tensors, or arrays of xtensor, of integers; negative ones count from the end of the
// axis. One that is out of range throws index_error when the result is evaluated, not when it is
// built. Indices and masks have no derivative. Sums run in row-major order of the indices.
#pragma once

#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/operand.hpp>
#include <backtrail/graph/structure.hpp>

#include <tuple>

namespace backtrail {

namespace detail {

template <class T>
concept integer = std::integral<T> && !std::same_as<T, bool>;

/// What may point into an array: tensors and xtensor arrays of integers, and single integers.
template <class I>
concept index_operand =
    integer<I> || ((is_expr<I> || array_expression<I>) && integer<typename I::value_type>);

/// Arrays of bool, ours or xtensor's.
template <class M>
concept mask_array = (is_expr<M> || array_expression<M>) && mask_operand<M>;

template <class V>
concept value_operand = is_expr<V> || foreign_operand<V>;

template <class I>
[[nodiscard]] node_ptr index_node(const I& indices)
{
    if constexpr (is_expr<I>) {
        return node_of(indices);
    } else {
        return constant_node<std::int64_t>(indices);
    }
}

template <class M>
[[nodiscard]] node_ptr mask_node(const M& mask)
{
    if constexpr (is_expr<M>) {
        return node_of(mask);
    } else {
        return constant_node<bool>(mask);
    }
}

/// The last of some arguments is the value, the others are indices.
template <element T, scatter_mode Mode, class... I>
[[nodiscard]] node_ptr put_values(const char* name, const node_ptr& x, const I&... arguments)
{
    const std::tuple<const I&...> list(arguments...);
    constexpr std::size_t last = sizeof...(I) - 1;
    return [&]<std::size_t... K>(std::index_sequence<K...>) {
        static_assert((index_operand<std::tuple_element_t<K, std::tuple<I...>>> && ...),
                      "backtrail: indices are integers; the values come last");
        const node_ptr indices[] = {index_node(std::get<K>(list))...};
        return put(name, x, indices, value_node<T>(std::get<last>(list)), Mode);
    }(std::make_index_sequence<last>{});
}

} // namespace detail

// ---- along one axis --------------------------------------------------------------------------------

/// The slices of x along an axis that the indices name: y[..., i, ...] = x[..., indices[i], ...],
/// where the axes of the indices stand in for the axis. Throws index_error for an axis out of
/// range.
/// Derivative: linear; y_dot = index_select(x_dot), and x_bar is zeros with the slices of y_bar
///   added.
/// Keeps: the indices
/// Elsewhere: np.take, xt::keep, torch.index_select, jnp.take
template <class E, class I>
    requires detail::index_operand<I>
[[nodiscard]] auto index_select(expr<E> x, const I& indices, std::ptrdiff_t axis)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::select("index_select", detail::node_of(x), axis, detail::index_node(indices)));
}

/// One element for each index: y[i, j] = x[indices[i, j], j] for axis 0, and so on. The indices
/// have the rank of x, and beside the axis extents that are not larger. Throws shape_error if they
/// have not.
/// Derivative: linear; y_dot = gather(x_dot), and x_bar = scatter_add of y_bar into zeros.
/// Keeps: the indices
/// Elsewhere: np.take_along_axis, -, torch.gather, jnp.take_along_axis
template <class E, class I>
    requires detail::index_operand<I>
[[nodiscard]] auto gather(expr<E> x, std::ptrdiff_t axis, const I& indices)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::gather("gather", detail::node_of(x), axis, detail::index_node(indices)));
}

/// As gather, but x and the indices are broadcast against each other beside the axis. Throws
/// shape_error if their ranks differ or they do not broadcast.
/// Derivative: that of gather, summed over what was broadcast.
/// Keeps: the indices
/// Elsewhere: np.take_along_axis, -, torch.take_along_dim, jnp.take_along_axis
template <class E, class I>
    requires detail::index_operand<I>
[[nodiscard]] auto take_along_axis(expr<E> x, const I& indices, std::ptrdiff_t axis)
{
    return detail::make_tensor<value_type_of<E>>(detail::gather_broadcast(
        "take_along_axis", detail::node_of(x), axis, detail::index_node(indices)));
}

/// x with numbers written where indices point: y[indices[i, j], j] = src[i, j] for axis 0, and so
/// on. src is a single number, or covers the indices; its leading part counts. The last in
/// row-major order wins where indices repeat. Throws shape_error where the shapes do not fit as for
/// gather.
/// Derivative: x_bar = y_bar with zeros written; src_bar = gather(y_bar), y_dot = scatter(x_dot,
///   src_dot).
/// Keeps: the indices
/// At singular points: where indices repeat, the derivative goes to the number that was taken.
/// Elsewhere: np.put_along_axis, -, torch.scatter, x.at[...].set
template <class E, class I, class V>
    requires(detail::index_operand<I> && detail::value_operand<V>)
[[nodiscard]] auto scatter(expr<E> x, std::ptrdiff_t axis, const I& indices, const V& src)
{
    using T = value_type_of<E>;
    return detail::make_tensor<T>(
        detail::scatter("scatter", detail::node_of(x), axis, detail::index_node(indices),
                        detail::value_node<T>(src), detail::scatter_mode::replace));
}

/// As scatter, but the numbers are added to what is there: all of them, where indices repeat.
/// Derivative: linear; x_bar = y_bar, src_bar = gather(y_bar), y_dot = scatter_add(x_dot, src_dot).
/// Keeps: the indices
/// Elsewhere: np.add.at, -, torch.scatter_add, x.at[...].add
template <class E, class I, class V>
    requires(detail::index_operand<I> && detail::value_operand<V>)
[[nodiscard]] auto scatter_add(expr<E> x, std::ptrdiff_t axis, const I& indices, const V& src)
{
    using T = value_type_of<E>;
    return detail::make_tensor<T>(
        detail::scatter("scatter_add", detail::node_of(x), axis, detail::index_node(indices),
                        detail::value_node<T>(src), detail::scatter_mode::add));
}

/// x with the slices of src added along an axis: y[indices[i]] += src[i] for axis 0. The indices
/// are a vector; src has the shape of x but for the axis, or is a single number. Throws shape_error
/// if not.
/// Derivative: linear; x_bar = y_bar, src_bar = index_select(y_bar), y_dot = index_add(x_dot,
///   src_dot).
/// Keeps: the indices
/// Elsewhere: np.add.at, -, torch.index_add, x.at[i].add
template <class E, class I, class V>
    requires(detail::index_operand<I> && detail::value_operand<V>)
[[nodiscard]] auto index_add(expr<E> x, std::ptrdiff_t axis, const I& indices, const V& src)
{
    using T = value_type_of<E>;
    return detail::make_tensor<T>(
        detail::scatter_slices("index_add", detail::node_of(x), axis, detail::index_node(indices),
                               detail::value_node<T>(src), detail::scatter_mode::add));
}

// ---- several axes at once --------------------------------------------------------------------------

/// x[i, j, ...]: arrays of indices for the leading axes, broadcast together; what they choose
/// stands first in the result, then come the other axes of x. Throws shape_error if the indices do
/// not broadcast, index_error if there are more than axes.
/// Derivative: linear; y_dot = take(x_dot), and x_bar = index_put_add of y_bar into zeros.
/// Keeps: the indices
/// Elsewhere: x[i, j], xt::index_view, x[i, j], x[i, j]
template <class E, class... I>
    requires(sizeof...(I) > 0 && (detail::index_operand<I> && ...))
[[nodiscard]] auto take(expr<E> x, const I&... indices)
{
    const node_ptr list[] = {detail::index_node(indices)...};
    return detail::make_tensor<value_type_of<E>>(detail::take("take", detail::node_of(x), list));
}

/// x with values added at x[i, j, ...]: index_put_add(x, i, j, v), the values last. They broadcast
/// to what the indices choose, and all are added where indices repeat. Throws shape_error if not.
/// Derivative: linear; x_bar = y_bar, v_bar = take(y_bar), y_dot = index_put_add(x_dot, v_dot).
/// Keeps: the indices
/// Elsewhere: np.add.at, -, torch.index_put(accumulate=True), x.at[i, j].add
template <class E, class... I>
    requires(sizeof...(I) > 1 && (detail::value_operand<I> && ...))
[[nodiscard]] auto index_put_add(expr<E> x, const I&... indices_and_values)
{
    using T = value_type_of<E>;
    return detail::make_tensor<T>(detail::put_values<T, detail::scatter_mode::add>(
        "index_put_add", detail::node_of(x), indices_and_values...));
}

/// x with values written at x[i, j, ...]: index_put(x, i, j, v), the values last. They broadcast to
/// what the indices choose; the last in row-major order wins where indices repeat. Throws
/// shape_error if not.
/// Derivative: x_bar = y_bar with zeros written; v_bar = take(y_bar), y_dot = index_put(x_dot,
///   v_dot).
/// Keeps: the indices
/// At singular points: where indices repeat, the derivative goes to the value that was taken.
/// Elsewhere: x[i, j] = v, -, torch.index_put, x.at[i, j].set
template <class E, class... I>
    requires(sizeof...(I) > 1 && (detail::value_operand<I> && ...))
[[nodiscard]] auto index_put(expr<E> x, const I&... indices_and_values)
{
    using T = value_type_of<E>;
    return detail::make_tensor<T>(detail::put_values<T, detail::scatter_mode::replace>(
        "index_put", detail::node_of(x), indices_and_values...));
}

// ---- masks -----------------------------------------------------------------------------------------

/// x[mask]: the elements, or slices, of x where the mask is true, in order. The mask has the
/// leading extents of x, or is a vector along the axis that is given; else shape_error. Shapes are
/// known when a node is built, so the mask is evaluated then, to be counted. Where it depends on
/// variables, the result follows it as long as it has as many true elements; else evaluation throws
/// state_error, and the node must be built again.
/// Derivative: linear; y_dot = compress(x_dot), and x_bar is zeros with y_bar where the mask is
///   true.
/// Keeps: the mask
/// Elsewhere: np.compress, xt::filter, torch.masked_select, jnp.compress
template <class E, class M>
    requires detail::mask_array<M>
[[nodiscard]] auto compress(expr<E> x, const M& mask)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::compress("compress", detail::node_of(x), detail::mask_node(mask)));
}

template <class E, class M>
    requires detail::mask_array<M>
[[nodiscard]] auto compress(expr<E> x, const M& mask, std::ptrdiff_t axis)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::compress_axis("compress", detail::node_of(x), detail::mask_node(mask), axis));
}

/// x, but `value`, a single number, where the mask is true. The mask broadcasts to x, else
/// shape_error.
/// Derivative: x_bar = where(mask, 0, y_bar), value_bar = sum(where(mask, y_bar, 0)).
/// Keeps: the mask
/// Elsewhere: np.where, xt::where, torch.masked_fill, jnp.where
template <class E, class M, class V>
    requires(detail::mask_array<M> && detail::value_operand<V>)
[[nodiscard]] auto masked_fill(expr<E> x, const M& mask, const V& value)
{
    using T = value_type_of<E>;
    return detail::make_tensor<T>(detail::masked_fill(
        "masked_fill", detail::node_of(x), detail::mask_node(mask), detail::value_node<T>(value)));
}

// ---- tables ----------------------------------------------------------------------------------------

/// The rows of a table that the indices name: (i...) and (n, k...) give (i..., k...).
/// Derivative: linear in the table; table_bar is zeros with the rows of y_bar added.
/// Keeps: the indices
/// Elsewhere: np.take, -, torch.embedding, jnp.take
template <class I, class E>
    requires detail::index_operand<I>
[[nodiscard]] auto embedding(const I& indices, expr<E> table)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::select("embedding", detail::node_of(table), 0, detail::index_node(indices)));
}

/// 1 at the index and 0 elsewhere, along a new last axis of extent `classes`. Throws value_error if
/// that is negative, index_error for a label out of range when it is evaluated.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: -, -, torch.one_hot, jax.nn.one_hot
template <element T = double, class I>
    requires detail::index_operand<I>
[[nodiscard]] tensor<T> one_hot(const I& indices, std::ptrdiff_t classes)
{
    return {detail::from_node,
            detail::one_hot("one_hot", detail::index_node(indices), classes, dtype_of<T>)};
}

} // namespace backtrail
