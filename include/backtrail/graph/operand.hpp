// SPDX-License-Identifier: BSD-3-Clause
// Operands as functions take them: our expressions, those of xtensor, numbers, and tensors in
// options that may be left out.
#pragma once

#include <backtrail/graph/leaf.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/requirements.hpp>

#include <string>

namespace backtrail {

/// A tensor in the options of a function, or none. Takes handles, expressions and xtensor's arrays;
/// whether its element type is right is seen by the function it is given to.
class optional_tensor {
public:
    optional_tensor() = default;
    template <class E>
    optional_tensor(const expr<E>& x) : node_(detail::node_of(x)) // NOLINT: `.weights = w`
    {}
    template <array_expression E>
    optional_tensor(const E& x) // NOLINT: `.weights = xt::xarray<double>{1, 2}`
        : node_(detail::constant_node<element_for<typename E::value_type>>(x))
    {}
    explicit operator bool() const { return bool(node_); }
    [[nodiscard]] const node_ptr& get_node() const { return node_; }

private:
    node_ptr node_;
};

namespace detail {

/// The node of an operand; xtensor expressions become constants.
template <class X>
[[nodiscard]] node_ptr operand_node(const X& x)
{
    if constexpr (is_expr<X>) {
        return node_of(x);
    } else {
        return constant_node<element_for<typename X::value_type>>(x);
    }
}

template <class X>
concept array_operand = is_expr<std::remove_cvref_t<X>> || array_expression<X>;

template <class... X>
struct first_value_type;
template <class X, class... Rest>
struct first_value_type<X, Rest...> {
    using type = typename std::conditional_t<is_expr<X>, std::type_identity<X>,
                                             first_value_type<Rest...>>::type;
};

/// The element type of the first operand that is ours.
template <class... X>
using operand_type = typename first_value_type<std::remove_cvref_t<X>...>::type::value_type;

/// An operand as a tensor of T; numbers take the type of what they meet.
template <element T, class X>
[[nodiscard]] tensor<T> operand_as(const X& x)
{
    if constexpr (is_expr<X>) {
        static_assert(std::same_as<typename X::value_type, T>,
                      "backtrail: operands of different element types; write cast<T>(x)");
        return as_tensor(x);
    } else if constexpr (std::is_arithmetic_v<X>) {
        return {from_node, constant_node<T>(x)};
    } else {
        static_assert(std::same_as<element_for<typename X::value_type>, T>,
                      "backtrail: operands of different element types; write cast<T>(x)");
        return {from_node, constant_node<T>(x)};
    }
}

/// Values to be written into an array of T: numbers take its type, as in expressions.
template <element T, class V>
[[nodiscard]] node_ptr value_node(const V& v)
{
    if constexpr (is_expr<V>) {
        return node_of(v);
    } else if constexpr (std::is_arithmetic_v<V>) {
        static_assert(differentiable<T> || std::integral<V>,
                      "backtrail: a floating-point number with integers; write cast<T>(x)");
        return constant_node<T>(v);
    } else {
        return constant_node<element_for<typename V::value_type>>(v);
    }
}

/// The tensor that an option holds. Throws dtype_error for another element type.
template <element T>
[[nodiscard]] tensor<T> option_as(const std::string& operation, const char* option,
                                  const optional_tensor& x)
{
    const node_ptr& n = x.get_node();
    if (dtype_of_node(n) != dtype_of<T>) {
        throw dtype_error("[" + operation + "] the " + option + " is of " +
                          std::string(name_of(dtype_of_node(n))) + " where " +
                          std::string(name_of(dtype_of<T>)) + " is wanted; write cast<T>(x)" +
                          nearby(std::span(&n, 1)));
    }
    return {from_node, n};
}

} // namespace detail

} // namespace backtrail
