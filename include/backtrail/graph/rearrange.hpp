// SPDX-License-Identifier: BSD-3-Clause
// Functions that rearrange elements: axes moved, arrays turned, rolled, repeated, padded and cut.
// What can be a view costs nothing until somebody copies it.
// Axes are integers, braced lists or ranges of them; negative axes count from the back.
#pragma once

#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/reductions.hpp>

namespace backtrail {

namespace detail {

using integer_vector = std::vector<std::ptrdiff_t>;
using width_pairs = std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>;

/// One integer counts as a list.
template <class A>
[[nodiscard]] integer_vector to_vector(const A& a)
{
    if constexpr (std::integral<A>) {
        return {static_cast<std::ptrdiff_t>(a)};
    } else {
        integer_vector result;
        for (auto i : a) result.push_back(static_cast<std::ptrdiff_t>(i));
        return result;
    }
}

template <class T>
[[nodiscard]] std::vector<tensor<T>> make_tensors(const std::vector<node_ptr>& nodes)
{
    std::vector<tensor<T>> result;
    for (const auto& n : nodes) result.push_back(make_tensor<T>(n));
    return result;
}

} // namespace detail

// ---- axes ------------------------------------------------------------------------------------------

/// x with the axes `source` at the places `destination`, the others in their order: a view. Throws
/// index_error for an axis out of range or given twice, shape_error if the counts differ.
/// Derivative: x_bar = y_bar with the axes moved back, y_dot = x_dot with them moved.
/// Keeps: nothing
/// Elsewhere: np.moveaxis, -, torch.movedim, jnp.moveaxis
template <class E, class S, class D>
    requires(detail::an_axis_list<S> && detail::an_axis_list<D>)
[[nodiscard]] auto moveaxis(expr<E> x, S source, D destination)
{
    return detail::make_tensor<value_type_of<E>>(detail::move_axes(
        detail::node_of(x), detail::to_vector(source), detail::to_vector(destination)));
}
template <class E, class I, class J>
[[nodiscard]] auto moveaxis(expr<E> x, std::initializer_list<I> source,
                            std::initializer_list<J> destination)
{
    return moveaxis(x, detail::to_vector(source), detail::to_vector(destination));
}

/// x with two axes exchanged: a view. Throws index_error for an axis out of range.
/// Derivative: x_bar = y_bar with the axes exchanged, y_dot = x_dot with them exchanged.
/// Keeps: nothing
/// Elsewhere: np.swapaxes, -, torch.swapaxes, jnp.swapaxes
template <class E>
[[nodiscard]] auto swapaxes(expr<E> x, std::ptrdiff_t first, std::ptrdiff_t second)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::swap_axes(detail::node_of(x), first, second));
}

/// x without its axes of extent 1, all of them or those given: a view. Throws shape_error if an
/// axis has another extent, index_error if it is out of range or given twice.
/// Derivative: x_bar = y_bar in the shape of x, y_dot = x_dot in that of y.
/// Keeps: nothing
/// Elsewhere: np.squeeze, xt::squeeze, torch.squeeze, jnp.squeeze
template <class E>
[[nodiscard]] auto squeeze(expr<E> x)
{
    return detail::make_tensor<value_type_of<E>>(detail::squeeze(detail::node_of(x), std::nullopt));
}
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto squeeze(expr<E> x, A over)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::squeeze(detail::node_of(x), detail::to_vector(over)));
}
template <class E, class I>
[[nodiscard]] auto squeeze(expr<E> x, std::initializer_list<I> over)
{
    return squeeze(x, detail::to_vector(over));
}

/// x with new axes of extent 1, which in the result are those given: a view. Throws index_error
/// for an axis out of the range of the result, or given twice.
/// Derivative: x_bar = y_bar in the shape of x, y_dot = x_dot in that of y.
/// Keeps: nothing
/// Elsewhere: np.expand_dims, xt::expand_dims, torch.unsqueeze, jnp.expand_dims
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto expand_dims(expr<E> x, A at)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::expand_dims(detail::node_of(x), detail::to_vector(at)));
}
template <class E, class I>
[[nodiscard]] auto expand_dims(expr<E> x, std::initializer_list<I> at)
{
    return expand_dims(x, detail::to_vector(at));
}

/// x with the elements along all axes, or those given, in reverse order: a view. Throws index_error
/// for an axis out of range or given twice.
/// Derivative: x_bar = flip(y_bar), y_dot = flip(x_dot), along the same axes.
/// Keeps: nothing
/// Elsewhere: np.flip, xt::flip, torch.flip, jnp.flip
template <class E>
[[nodiscard]] auto flip(expr<E> x)
{
    return detail::make_tensor<value_type_of<E>>(detail::flip(detail::node_of(x), std::nullopt));
}
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto flip(expr<E> x, A over)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::flip(detail::node_of(x), detail::to_vector(over)));
}
template <class E, class I>
[[nodiscard]] auto flip(expr<E> x, std::initializer_list<I> over)
{
    return flip(x, detail::to_vector(over));
}

/// x turned k times by 90 degrees in the plane of two axes, from the first towards the second: a
/// view. k may be negative. Throws index_error for an axis out of range or given twice.
/// Derivative: x_bar = rot90(y_bar, -k), y_dot = rot90(x_dot, k).
/// Keeps: nothing
/// Elsewhere: np.rot90, xt::rot90, torch.rot90, jnp.rot90
template <class E>
[[nodiscard]] auto rot90(expr<E> x, std::ptrdiff_t k = 1,
                         std::array<std::ptrdiff_t, 2> plane = {0, 1})
{
    return detail::make_tensor<value_type_of<E>>(detail::rot90(detail::node_of(x), k, plane));
}

// ---- repetitions -----------------------------------------------------------------------------------

/// x with its elements moved on by `shift` places, those at the end coming back at the start: along
/// axes, each with a shift of its own or one for all, or, if none is given, of the flattened array.
/// Shifts along one axis given twice add up. Throws shape_error if the counts differ, index_error
/// for an axis out of range.
/// Derivative: x_bar = y_bar rolled back, y_dot = x_dot rolled.
/// Keeps: nothing
/// Elsewhere: np.roll, xt::roll, torch.roll, jnp.roll
template <class E, class S>
    requires detail::an_axis_list<S>
[[nodiscard]] auto roll(expr<E> x, S shift)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::roll(detail::node_of(x), detail::to_vector(shift), std::nullopt));
}
template <class E, class S, class A>
    requires(detail::an_axis_list<S> && detail::an_axis_list<A>)
[[nodiscard]] auto roll(expr<E> x, S shift, A axis)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::roll(detail::node_of(x), detail::to_vector(shift), detail::to_vector(axis)));
}
template <class E, class I, class J>
[[nodiscard]] auto roll(expr<E> x, std::initializer_list<I> shift, std::initializer_list<J> axis)
{
    return roll(x, detail::to_vector(shift), detail::to_vector(axis));
}

/// Each element of x `count` times in a row along an axis, or, if none is given, of the flattened
/// array; with a list of counts, one for each element along the axis. (What LibTorch calls `repeat`
/// is `tile`.) Throws value_error for a negative count, shape_error for another number of counts.
/// Derivative: x_bar = the sum of y_bar over the copies of each element, y_dot = repeat(x_dot).
/// Keeps: nothing
/// Elsewhere: np.repeat, xt::repeat, torch.repeat_interleave, jnp.repeat
template <class E, class C>
    requires detail::an_axis_list<C>
[[nodiscard]] auto repeat(expr<E> x, C count)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::repeat(detail::node_of(x), detail::to_vector(count), std::nullopt));
}
template <class E, class C>
    requires detail::an_axis_list<C>
[[nodiscard]] auto repeat(expr<E> x, C count, std::ptrdiff_t axis)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::repeat(detail::node_of(x), detail::to_vector(count), axis));
}
template <class E, class I>
[[nodiscard]] auto repeat(expr<E> x, std::initializer_list<I> counts)
{
    return repeat(x, detail::to_vector(counts));
}
template <class E, class I>
[[nodiscard]] auto repeat(expr<E> x, std::initializer_list<I> counts, std::ptrdiff_t axis)
{
    return repeat(x, detail::to_vector(counts), axis);
}

/// `repeat`, by LibTorch's name.
/// Derivative: x_bar = the sum of y_bar over the copies of each element, y_dot = repeat(x_dot).
/// Keeps: nothing
/// Elsewhere: np.repeat, xt::repeat, torch.repeat_interleave, jnp.repeat
template <class E, class C>
    requires detail::an_axis_list<C>
[[nodiscard]] auto repeat_interleave(expr<E> x, C count)
{
    return repeat(x, count);
}
template <class E, class C>
    requires detail::an_axis_list<C>
[[nodiscard]] auto repeat_interleave(expr<E> x, C count, std::ptrdiff_t axis)
{
    return repeat(x, count, axis);
}
template <class E, class I>
[[nodiscard]] auto repeat_interleave(expr<E> x, std::initializer_list<I> counts)
{
    return repeat(x, detail::to_vector(counts));
}
template <class E, class I>
[[nodiscard]] auto repeat_interleave(expr<E> x, std::initializer_list<I> counts,
                                     std::ptrdiff_t axis)
{
    return repeat(x, detail::to_vector(counts), axis);
}

/// Copies of the whole of x side by side, `counts[i]` of them along axis i, the last count for the
/// last axis; where there are more counts than axes, x gets new leading ones. Throws value_error
/// for a negative count.
/// Derivative: x_bar = the sum of y_bar over the copies, y_dot = tile(x_dot).
/// Keeps: nothing
/// Elsewhere: np.tile, xt::tile, torch.tile (and torch.Tensor.repeat), jnp.tile
template <class E, class C>
    requires detail::an_axis_list<C>
[[nodiscard]] auto tile(expr<E> x, C counts)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::tile(detail::node_of(x), detail::to_vector(counts)));
}
template <class E, class I>
[[nodiscard]] auto tile(expr<E> x, std::initializer_list<I> counts)
{
    return tile(x, detail::to_vector(counts));
}

/// x with `widths[i]` = {before, after} elements added along axis i: a value, or elements of x as
/// pad_mode says, as often as it takes; modes go axis by axis, so that corners are filled from what
/// the axes before have added. One number is the width on all sides. Throws shape_error unless
/// there is a pair for each axis, or if an empty axis is to repeat its elements, and value_error
/// for a negative width or a value that the element type has not.
/// Derivative: x_bar = y_bar, each element summed over where it was written, y_dot = pad(x_dot),
///   with 0 for the value.
/// Keeps: nothing
/// Elsewhere: np.pad, xt::pad, torch.nn.functional.pad, jnp.pad
template <class E>
[[nodiscard]] auto pad(expr<E> x,
                       const std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>& widths,
                       pad_mode mode = pad_mode::constant, double value = 0)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::pad(detail::node_of(x), widths, mode, value));
}
template <class E, class I>
    requires std::integral<I>
[[nodiscard]] auto pad(expr<E> x, I width, pad_mode mode = pad_mode::constant, double value = 0)
{
    const auto w = static_cast<std::ptrdiff_t>(width);
    const node_ptr n = detail::node_of(x);
    return detail::make_tensor<value_type_of<E>>(
        detail::pad(n, detail::width_pairs(detail::shape_of(n).size(), {w, w}), mode, value));
}

// ---- parts and grids -------------------------------------------------------------------------------

/// Parts of x along an axis: a number of equal ones, or one of each size in a list. They are views,
/// and may be empty. Throws shape_error if the extent has no such parts, value_error for a negative
/// size or no parts.
/// Derivative: x_bar = the y_bar of the parts side by side, y_dot = the same parts of x_dot.
/// Keeps: nothing
/// Elsewhere: np.split (which takes where to cut), xt::split, torch.split (whose number is a size),
///   jnp.split
template <class E, class S>
    requires detail::an_axis_list<S>
[[nodiscard]] auto split(expr<E> x, S parts, std::ptrdiff_t axis = 0)
{
    const node_ptr n = detail::node_of(x);
    if constexpr (std::integral<S>) {
        return detail::make_tensors<value_type_of<E>>(
            detail::split_evenly(n, static_cast<std::ptrdiff_t>(parts), axis));
    } else {
        return detail::make_tensors<value_type_of<E>>(
            detail::split(n, detail::to_vector(parts), axis));
    }
}
template <class E, class I>
[[nodiscard]] auto split(expr<E> x, std::initializer_list<I> sizes, std::ptrdiff_t axis = 0)
{
    return split(x, detail::to_vector(sizes), axis);
}

/// Vectors spread over the grid of all their combinations, one array of the grid's shape for each:
/// views. The axes are those of the vectors in order, `indexing::ij`, unless `indexing::xy` is
/// asked for, NumPy's default, which exchanges the first two. Throws shape_error for a matrix.
/// Derivative: x_bar = the sum of y_bar over the other axes, y_dot = meshgrid(x_dot).
/// Keeps: nothing
/// Elsewhere: np.meshgrid, xt::meshgrid, torch.meshgrid, jnp.meshgrid
template <element T>
[[nodiscard]] std::vector<tensor<T>> meshgrid(const std::vector<tensor<T>>& x,
                                              indexing how = indexing::ij)
{
    std::vector<node_ptr> nodes;
    for (const auto& v : x) nodes.push_back(detail::node_of(v));
    return detail::make_tensors<T>(detail::meshgrid(nodes, how));
}
template <class E, class... Rest>
    requires(std::same_as<value_type_of<E>, value_type_of<Rest>> && ...)
[[nodiscard]] auto meshgrid(indexing how, expr<E> first, expr<Rest>... rest)
{
    const node_ptr nodes[] = {detail::node_of(first), detail::node_of(rest)...};
    return detail::make_tensors<value_type_of<E>>(detail::meshgrid(nodes, how));
}
template <class E, class... Rest>
    requires(std::same_as<value_type_of<E>, value_type_of<Rest>> && ...)
[[nodiscard]] auto meshgrid(expr<E> first, expr<Rest>... rest)
{
    return meshgrid(indexing::ij, first, rest...);
}

} // namespace backtrail
