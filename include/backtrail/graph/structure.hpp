// SPDX-License-Identifier: BSD-3-Clause
// Functions that reduce an array or change its form. Each makes one node (or none).
// Axes are integers, braced lists or ranges of them; negative axes count from the back.
#pragma once

#include <backtrail/graph/build.hpp>

#include <initializer_list>
#include <ranges>
#include <tuple>
#include <utility>

namespace xt {
struct keep_dims_type;
}

namespace backtrail {

struct keepdims_t {};
/// Reduced axes stay, with extent 1: `sum(x, 1, keepdims)`. xtensor's `keep_dims` does the same.
inline constexpr keepdims_t keepdims{};

namespace detail {

using integers = extents<std::ptrdiff_t>;

template <class A>
[[nodiscard]] integers to_integers(const A& a)
{
    if constexpr (std::is_integral_v<A>) {
        return {static_cast<std::ptrdiff_t>(a)};
    } else {
        return integers(a);
    }
}

template <class Option>
inline constexpr bool keeps_dims = std::is_same_v<Option, keepdims_t>;
template <class... S>
inline constexpr bool keeps_dims<std::tuple<S...>> = (std::is_same_v<S, xt::keep_dims_type> || ...);

template <class T>
[[nodiscard]] tensor<T> make_tensor(node_ptr n)
{
    return {from_node, std::move(n)};
}

template <reduction_kind Kind, class E>
[[nodiscard]] node_ptr reduce_all(const expr<E>& x)
{
    return reduce(Kind, node_of(x), std::nullopt, false);
}

template <reduction_kind Kind, class E, class A, class Option = void>
[[nodiscard]] node_ptr reduce_over(const expr<E>& x, const A& over)
{
    const integers list = to_integers(over);
    return reduce(Kind, node_of(x), std::span(list.data(), list.size()), keeps_dims<Option>);
}

/// The element type of a sum: masks are counted.
template <class T>
using sum_type = std::conditional_t<std::is_same_v<T, bool>, std::int64_t, T>;

template <class Option>
inline constexpr bool is_tuple = false;
template <class... S>
inline constexpr bool is_tuple<std::tuple<S...>> = true; // xtensor's options

template <class Option>
concept a_reduction_option = std::same_as<Option, keepdims_t> || is_tuple<Option>;

template <class X>
concept an_axis_list = std::integral<X> || std::ranges::range<X>;

} // namespace detail

// ---- reductions ------------------------------------------------------------------------------------

/// The sum of all elements, 0 of none. Of bool: the number of true ones, as int64.
template <class E>
[[nodiscard]] auto sum(expr<E> x)
{
    return detail::make_tensor<detail::sum_type<value_type_of<E>>>(
        detail::reduce_all<detail::reduction_kind::sum>(x));
}
/// The sum over axes. Throws index_error for an axis out of range or given twice.
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto sum(expr<E> x, A over)
{
    return detail::make_tensor<detail::sum_type<value_type_of<E>>>(
        detail::reduce_over<detail::reduction_kind::sum>(x, over));
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto sum(expr<E> x, A over, K)
{
    return detail::make_tensor<detail::sum_type<value_type_of<E>>>(
        detail::reduce_over<detail::reduction_kind::sum, E, A, K>(x, over));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto sum(expr<E> x, const I (&over)[N])
{
    return sum(x, std::array<I, N>(std::to_array(over)));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto sum(expr<E> x, const I (&over)[N], K keep)
{
    return sum(x, std::array<I, N>(std::to_array(over)), keep);
}

/// The mean of all elements, or over axes; NaN of none.
template <class E>
[[nodiscard]] auto mean(expr<E> x)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_all<detail::reduction_kind::mean>(x));
}
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto mean(expr<E> x, A over)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_over<detail::reduction_kind::mean>(x, over));
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto mean(expr<E> x, A over, K)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_over<detail::reduction_kind::mean, E, A, K>(x, over));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto mean(expr<E> x, const I (&over)[N])
{
    return mean(x, std::array<I, N>(std::to_array(over)));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto mean(expr<E> x, const I (&over)[N], K keep)
{
    return mean(x, std::array<I, N>(std::to_array(over)), keep);
}

/// The largest element, of all or over axes; ties share the derivative; NaN wins. Throws
/// shape_error where there is none.
template <class E>
[[nodiscard]] auto max(expr<E> x)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_all<detail::reduction_kind::max>(x));
}
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto max(expr<E> x, A over)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_over<detail::reduction_kind::max>(x, over));
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto max(expr<E> x, A over, K)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_over<detail::reduction_kind::max, E, A, K>(x, over));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto max(expr<E> x, const I (&over)[N])
{
    return max(x, std::array<I, N>(std::to_array(over)));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto max(expr<E> x, const I (&over)[N], K keep)
{
    return max(x, std::array<I, N>(std::to_array(over)), keep);
}

/// log(sum(exp(x))) without overflow, of all or over axes; -inf of none.
template <class E>
[[nodiscard]] auto logsumexp(expr<E> x)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_all<detail::reduction_kind::logsumexp>(x));
}
template <class E, class A>
    requires detail::an_axis_list<A>
[[nodiscard]] auto logsumexp(expr<E> x, A over)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_over<detail::reduction_kind::logsumexp>(x, over));
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto logsumexp(expr<E> x, A over, K)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::reduce_over<detail::reduction_kind::logsumexp, E, A, K>(x, over));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto logsumexp(expr<E> x, const I (&over)[N])
{
    return logsumexp(x, std::array<I, N>(std::to_array(over)));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto logsumexp(expr<E> x, const I (&over)[N], K keep)
{
    return logsumexp(x, std::array<I, N>(std::to_array(over)), keep);
}

/// The index of the first largest element of the flattened array, or along an axis.
template <class E>
[[nodiscard]] auto argmax(expr<E> x)
{
    return detail::make_tensor<std::int64_t>(detail::argmax(detail::node_of(x), {}, false));
}
template <class E, class A>
    requires std::integral<A>
[[nodiscard]] auto argmax(expr<E> x, A axis)
{
    return detail::make_tensor<std::int64_t>(
        detail::argmax(detail::node_of(x), static_cast<std::ptrdiff_t>(axis), false));
}

// ---- form ------------------------------------------------------------------------------------------

/// x repeated along axes of extent 1 and new leading axes. Throws shape_error if it does not fit.
template <class E, class S>
    requires std::ranges::range<S>
[[nodiscard]] auto broadcast_to(expr<E> x, const S& to)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::broadcast_to(detail::node_of(x), shape(to)));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto broadcast_to(expr<E> x, const I (&to)[N])
{
    return broadcast_to(x, std::to_array(to));
}
template <class E>
[[nodiscard]] auto broadcast_to(expr<E> x, const shape& to)
{
    return detail::make_tensor<value_type_of<E>>(detail::broadcast_to(detail::node_of(x), to));
}

/// The same elements in another shape; one extent may be -1. Throws shape_error if the counts
/// differ.
template <class E, class S>
    requires std::ranges::range<S>
[[nodiscard]] auto reshape(expr<E> x, const S& to)
{
    const node_ptr n = detail::node_of(x);
    const detail::integers list = detail::to_integers(to);
    return detail::make_tensor<value_type_of<E>>(
        detail::reshape(n, detail::resolve_shape(n, std::span(list.data(), list.size()))));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto reshape(expr<E> x, const I (&to)[N])
{
    return reshape(x, std::to_array(to));
}
/// A 0-d tensor from one with a single element: `reshape(x, {})`.
template <class E>
[[nodiscard]] auto reshape(expr<E> x, std::initializer_list<int> to)
{
    const detail::integers list(to);
    const node_ptr n = detail::node_of(x);
    return detail::make_tensor<value_type_of<E>>(
        detail::reshape(n, detail::resolve_shape(n, std::span(list.data(), list.size()))));
}

/// All axes in reverse order, or axis permutation[i] of x as axis i.
template <class E>
[[nodiscard]] auto transpose(expr<E> x)
{
    const node_ptr n = detail::node_of(x);
    detail::integers reversed;
    for (std::size_t i = detail::shape_of(n).size(); i-- > 0;) {
        reversed.push_back(static_cast<std::ptrdiff_t>(i));
    }
    return detail::make_tensor<value_type_of<E>>(
        detail::transpose(n, std::span(reversed.data(), reversed.size())));
}
template <class E, class A>
    requires std::ranges::range<A>
[[nodiscard]] auto transpose(expr<E> x, const A& permutation)
{
    const detail::integers list = detail::to_integers(permutation);
    return detail::make_tensor<value_type_of<E>>(
        detail::transpose(detail::node_of(x), std::span(list.data(), list.size())));
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto transpose(expr<E> x, const I (&permutation)[N])
{
    return transpose(x, std::to_array(permutation));
}

/// The same value, through which no derivative passes.
template <class E>
[[nodiscard]] auto stop_gradient(expr<E> x)
{
    return detail::make_tensor<value_type_of<E>>(detail::stop_gradient(detail::node_of(x)));
}

/// The same values in another element type, by C++ conversion. Between float and double the
/// derivative passes.
template <element T, class E>
[[nodiscard]] tensor<T> cast(expr<E> x)
{
    return {detail::from_node, detail::cast(detail::node_of(x), dtype_of<T>)};
}

/// Tensors joined along an axis they have. Throws shape_error if the other extents differ.
template <element T>
[[nodiscard]] tensor<T> concatenate(const std::vector<tensor<T>>& parts, std::ptrdiff_t axis = 0)
{
    std::vector<node_ptr> nodes;
    for (const auto& part : parts) nodes.push_back(detail::node_of(part));
    return {detail::from_node, detail::concatenate(nodes, axis)};
}
template <class I, class E, class... Rest>
    requires std::integral<I>
[[nodiscard]] auto concatenate(I axis, expr<E> first, expr<Rest>... rest)
{
    const node_ptr nodes[] = {detail::node_of(first), detail::node_of(rest)...};
    return detail::make_tensor<value_type_of<E>>(
        detail::concatenate(nodes, static_cast<std::ptrdiff_t>(axis)));
}

/// Tensors of one shape joined along a new axis.
template <element T>
[[nodiscard]] tensor<T> stack(const std::vector<tensor<T>>& parts, std::ptrdiff_t axis = 0)
{
    std::vector<node_ptr> nodes;
    for (const auto& part : parts) nodes.push_back(detail::node_of(part));
    return {detail::from_node, detail::stack(nodes, axis)};
}
template <class I, class E, class... Rest>
    requires std::integral<I>
[[nodiscard]] auto stack(I axis, expr<E> first, expr<Rest>... rest)
{
    const node_ptr nodes[] = {detail::node_of(first), detail::node_of(rest)...};
    return detail::make_tensor<value_type_of<E>>(
        detail::stack(nodes, static_cast<std::ptrdiff_t>(axis)));
}

} // namespace backtrail
