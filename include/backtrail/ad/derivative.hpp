// SPDX-License-Identifier: BSD-3-Clause
// Derivatives for users: grad, vjp, jvp, hvp, value_and_grad, status. All of them make nodes and
// compute nothing; what they return can be used, tagged and differentiated like any tensor.
#pragma once

#include <backtrail/ad/transform.hpp>
#include <backtrail/graph/reductions.hpp>

#include <tuple>

namespace backtrail {

/// What derivatives are taken with respect to, by `wrt(x, y, ...)`.
template <class... T>
struct wrt_list {
    std::vector<node_ptr> nodes;
};

/// The inputs of a derivative: variables, tensors, any intermediate. Handles of several types may
/// be mixed; results come in the same order.
template <class... E>
    requires(sizeof...(E) > 0)
[[nodiscard]] wrt_list<value_type_of<E>...> wrt(const expr<E>&... x)
{
    (detail::require_handle<expr<E>>(), ...);
    return {{detail::node_of(x)...}};
}
/// As many as there are: results come as a vector.
template <class E>
[[nodiscard]] wrt_list<std::vector<value_type_of<E>>> wrt(const std::vector<expr<E>>& x)
{
    wrt_list<std::vector<value_type_of<E>>> list;
    for (const auto& one : x) list.nodes.push_back(detail::node_of(one));
    return list;
}

/// A direction for forward mode: the tangent x_dot of x, of the same shape.
struct tangent_pair {
    node_ptr x, x_dot;
};
template <class E, class D>
    requires(is_expr<std::remove_cvref_t<D>> || foreign_operand<D>)
[[nodiscard]] tangent_pair tangent(const expr<E>& x, const D& x_dot)
{
    detail::require_handle<expr<E>>();
    using T = value_type_of<E>;
    if constexpr (is_expr<D>) {
        return {detail::node_of(x), detail::node_of(x_dot)};
    } else {
        const node_ptr n = detail::node_of(x);
        return {n, detail::broadcast_to(detail::constant_node<T>(x_dot), detail::shape_of(n))};
    }
}

struct zero_if_unconnected_t {};
/// Last argument of a derivative: zeros where there is no connection, instead of an error when
/// the result is read.
inline constexpr zero_if_unconnected_t zero_if_unconnected{};

namespace detail {

template <class... T>
[[nodiscard]] auto as_gradients(const wrt_list<T...>&, std::vector<node_ptr> nodes)
{
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::tuple<tensor<T>...>(tensor<T>(from_node, nodes[I])...);
    }(std::index_sequence_for<T...>{});
}
template <class T>
[[nodiscard]] auto as_gradients(const wrt_list<std::vector<T>>&, std::vector<node_ptr> nodes)
{
    std::vector<tensor<T>> result;
    for (auto& n : nodes) result.emplace_back(from_node, std::move(n));
    return result;
}

template <class Option>
concept derivative_option = std::same_as<Option, zero_if_unconnected_t>;

template <class Y, class D>
[[nodiscard]] node_ptr cotangent_node(const node_ptr& y, const expr<Y>&, const D& y_bar)
{
    if constexpr (is_expr<D>) {
        return node_of(y_bar);
    } else {
        return broadcast_to(constant_node<value_type_of<Y>>(y_bar), shape_of(y));
    }
}

} // namespace detail

// ---- reverse mode ----------------------------------------------------------------------------------

/// The cotangents of several inputs from y_bar, the cotangent of y: a tuple (or vector) of
/// tensors, x_bar = y_bar^T dy/dx. Throws shape_error if y_bar is not of the shape of y.
template <class Y, class D, class... T, detail::derivative_option... Option>
[[nodiscard]] auto vjp(const expr<Y>& y, const D& y_bar, const wrt_list<T...>& x, Option...)
{
    const node_ptr n = detail::node_of(y);
    return detail::as_gradients(x, detail::vjp_nodes("vjp", n, detail::cotangent_node(n, y, y_bar),
                                                     x.nodes, sizeof...(Option) > 0));
}
template <class Y, class D, class X, detail::derivative_option... Option>
[[nodiscard]] auto vjp(const expr<Y>& y, const D& y_bar, const expr<X>& x, Option... option)
{
    return std::get<0>(vjp(y, y_bar, wrt(x), option...));
}

/// The gradient of a single number with respect to each input: d loss / d x, in the shape of x.
/// Throws shape_error if `loss` has more than one element.
template <class Y, class... T, detail::derivative_option... Option>
[[nodiscard]] auto grad(const expr<Y>& loss, const wrt_list<T...>& x, Option...)
{
    const node_ptr y = detail::node_of(loss);
    return detail::as_gradients(x, detail::vjp_nodes("grad", y, detail::unit_seed("grad", y),
                                                     x.nodes, sizeof...(Option) > 0));
}
template <class Y, class X, detail::derivative_option... Option>
[[nodiscard]] auto grad(const expr<Y>& loss, const expr<X>& x, Option... option)
{
    return std::get<0>(grad(loss, wrt(x), option...));
}

// ---- forward mode ----------------------------------------------------------------------------------

/// The directional derivative dy/dx x_dot, summed over the pairs given.
template <class Y, class... Rest>
[[nodiscard]] auto jvp(const expr<Y>& y, const tangent_pair& first, const Rest&... rest)
{
    std::vector<node_ptr> x, x_dot;
    bool zeros = false;
    const auto take = [&](const auto& pair) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(pair)>, tangent_pair>) {
            x.push_back(pair.x);
            x_dot.push_back(pair.x_dot);
        } else {
            static_assert(detail::derivative_option<std::remove_cvref_t<decltype(pair)>>);
            zeros = true;
        }
    };
    take(first);
    (take(rest), ...);
    return tensor<value_type_of<Y>>(detail::from_node,
                                    detail::jvp_node(detail::node_of(y), x, x_dot, zeros));
}

/// The Hessian of a single number times a direction, forward over reverse: d/dt grad(f)(x + t v).
template <class Y, class X, class V>
[[nodiscard]] auto hvp(const expr<Y>& f, const expr<X>& x, const V& v)
{
    const auto handle = as_tensor(x);
    return jvp(grad(f, handle, zero_if_unconnected), tangent(handle, v), zero_if_unconnected);
}

// ---- the rest --------------------------------------------------------------------------------------

namespace detail {
/// The same tensor as a node of its own, so that a derivative with respect to it takes only the
/// uses of this handle.
template <class E>
[[nodiscard]] tensor<value_type_of<E>> alias(const expr<E>& x)
{
    const node_ptr n = node_of(x);
    std::vector<slice> whole;
    for (auto extent : shape_of(n)) whole.push_back({0, 1, extent});
    return {from_node, slice_axes(n, whole)};
}
} // namespace detail

/// A function that returns the value and the gradient of `f`: `auto [v, g] = value_and_grad(f)(x)`.
/// With several arguments, g is a tuple of partial derivatives: an argument that is built from
/// another one is held fixed.
template <class F>
[[nodiscard]] auto value_and_grad(F f)
{
    return [f = std::move(f)](const auto&... x) {
        const auto evaluate = [&](const auto&... argument) {
            auto y = as_tensor(f(argument...));
            if constexpr (sizeof...(x) == 1) {
                return std::pair{y, grad(y, argument...)};
            } else {
                return std::pair{y, grad(y, wrt(argument...))};
            }
        };
        return evaluate(detail::alias(x)...);
    };
}

/// How y hangs on x: whether there is a derivative, and why not.
template <class Y, class X>
[[nodiscard]] connection status(const expr<Y>& y, const expr<X>& x)
{
    detail::require_handle<expr<X>>();
    return detail::status(detail::node_of(y), detail::node_of(x));
}

} // namespace backtrail
