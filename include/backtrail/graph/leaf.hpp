// SPDX-License-Identifier: BSD-3-Clause
// Leaves: memory that nodes begin with. Constants never change; variables are assigned, and count
// their versions. Here values enter from xtensor: its expressions are evaluated straight into our
// memory.
#pragma once

#include <backtrail/core/xtensor.hpp>
#include <backtrail/expr/handle.hpp>
#include <backtrail/graph/operation.hpp>

#include <utility>

namespace backtrail {

namespace detail {

enum class update { assign, add, subtract, multiply, divide };

/// Writes `source`, broadcast and converted, into a leaf. Throws shape_error, and changes nothing,
/// if it does not broadcast to the leaf's shape. Counts as a new version.
BACKTRAIL_API void update_leaf(const node_ptr& leaf, const array_view& source, update how);

/// Memory of one of our element types that xtensor can point to.
template <class E>
concept strided_memory =
    std::same_as<typename E::value_type, element_for<typename E::value_type>> &&
    requires(const E& e) {
        e.data();
        e.strides();
        e.data_offset();
    };

/// Calls f with the elements of a number or of an xtensor expression as they lie in memory. An
/// expression that lies nowhere is evaluated first.
template <class E, class F>
decltype(auto) with_elements(const E& e, F&& f)
{
    if constexpr (std::is_arithmetic_v<E>) {
        element_for<E> value = e;
        return f(array_view{&value, dtype_of<element_for<E>>, layout()});
    } else if constexpr (strided_memory<E>) {
        using T = typename E::value_type;
        layout l(shape(e.shape()), strides(e.strides()), 0);
        return f(array_view{const_cast<T*>(e.data()) + e.data_offset(), dtype_of<T>, l});
    } else {
        const xt::xarray<element_for<typename E::value_type>> values = e;
        return with_elements(values, std::forward<F>(f));
    }
}

template <element T, class E>
node_ptr leaf_node(const E& e, bool is_variable)
{
    return with_elements(e, [&](const array_view& source) {
        node_ptr n = make_leaf(source.shape.extents, dtype_of<T>, is_variable);
        update_leaf(n, source, update::assign);
        return n;
    });
}

template <element T, class E>
node_ptr constant_node(const E& e)
{
    return leaf_node<T>(e, false);
}

template <class E>
void update_with(const node_ptr& leaf, const E& e, update how)
{
    with_elements(e, [&](const array_view& source) { update_leaf(leaf, source, how); });
}

} // namespace detail

/// A leaf that never changes, from an xtensor expression, which is copied, or a number.
template <foreign_operand E>
[[nodiscard]] auto constant(const E& e)
{
    if constexpr (std::is_arithmetic_v<E>) {
        using T = element_for<E>;
        return tensor<T>(detail::from_node, detail::constant_node<T>(e));
    } else {
        using T = element_for<typename E::value_type>;
        return tensor<T>(detail::from_node, detail::constant_node<T>(e));
    }
}

/// The same with another element type.
template <element T, foreign_operand E>
[[nodiscard]] tensor<T> constant(const E& e)
{
    return {detail::from_node, detail::constant_node<T>(e)};
}

template <element T>
template <foreign_operand E>
expr<variable_leaf<T>>::expr(const E& initial) : node_(detail::leaf_node<T>(initial, true))
{}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator=(const E& e) -> expr&
{
    detail::update_with(node_, e, detail::update::assign);
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator+=(const E& e) -> expr&
{
    detail::update_with(node_, e, detail::update::add);
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator-=(const E& e) -> expr&
{
    detail::update_with(node_, e, detail::update::subtract);
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator*=(const E& e) -> expr&
{
    detail::update_with(node_, e, detail::update::multiply);
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator/=(const E& e) -> expr&
{
    detail::update_with(node_, e, detail::update::divide);
    return *this;
}

template <element T>
auto expr<variable_leaf<T>>::operator=(const expr& other) -> expr&
{
    return *this = other.value();
}

template <element T>
template <class Tree>
    requires(!std::same_as<Tree, variable_leaf<T>>)
auto expr<variable_leaf<T>>::operator=(const expr<Tree>& e) -> expr&
{
    return *this = e.value();
}

template <element T>
template <class Tree>
auto expr<variable_leaf<T>>::operator+=(const expr<Tree>& e) -> expr&
{
    return *this += e.value();
}

template <element T>
template <class Tree>
auto expr<variable_leaf<T>>::operator-=(const expr<Tree>& e) -> expr&
{
    return *this -= e.value();
}

template <element T>
template <class Tree>
auto expr<variable_leaf<T>>::operator*=(const expr<Tree>& e) -> expr&
{
    return *this *= e.value();
}

template <element T>
template <class Tree>
auto expr<variable_leaf<T>>::operator/=(const expr<Tree>& e) -> expr&
{
    return *this /= e.value();
}

} // namespace backtrail
