// SPDX-License-Identifier: BSD-3-Clause
// Leaves: memory that nodes begin with. Constants never change; variables are assigned, and count
// their versions. Here values enter from xtensor: its expressions are evaluated straight into our
// memory.
#pragma once

#include <backtrail/core/xtensor.hpp>
#include <backtrail/expr/handle.hpp>

#include <utility>

namespace backtrail {

namespace detail {

/// Row-major memory of ours as an xtensor container.
template <class T>
[[nodiscard]] auto adapt(T* data, const shape& s)
{
    using dynamic = xt::dynamic_shape<std::size_t>;
    return xt::adapt<xt::layout_type::row_major>(data, element_count(s), xt::no_ownership(),
                                                 dynamic(s.begin(), s.end()));
}

template <class E>
[[nodiscard]] shape shape_of_operand(const E& e)
{
    if constexpr (std::is_arithmetic_v<E>) {
        return {};
    } else {
        return shape(e.shape());
    }
}

/// Evaluates e, a number or an xtensor expression that broadcasts to `s`, into `data`.
template <element T, class E>
void fill(T* data, const shape& s, const E& e)
{
    if constexpr (std::is_arithmetic_v<E>) {
        std::fill_n(data, element_count(s), static_cast<T>(e));
    } else {
        auto target = adapt(data, s);
        if (shape_of_operand(e) == s) {
            xt::noalias(target) = xt::cast<T>(e);
        } else {
            xt::noalias(target) = xt::broadcast(xt::cast<T>(e), target.shape());
        }
    }
}

template <element T, class E>
node_ptr leaf_node(const E& e, bool is_variable)
{
    const shape s = shape_of_operand(e);
    node_ptr n = make_leaf(s, dtype_of<T>, is_variable);
    fill(static_cast<T*>(writable_data(n, false)), s, e);
    return n;
}

template <element T, class E>
node_ptr constant_node(const E& e)
{
    return leaf_node<T>(e, false);
}

/// Throws unless e broadcasts to the shape of the variable.
template <class E>
void require_fits(const node_ptr& variable, const E& e)
{
    const shape from = shape_of_operand(e), &to = shape_of(variable);
    if (!is_broadcastable(from, to)) {
        throw shape_error("[variable] a value of shape " + to_string(from) +
                          " cannot be assigned to a variable of shape " + to_string(to));
    }
}

/// Writes `value`, which may read the variable itself, through `combine(target, value)`.
template <element T, class E, class Combine>
void assign(const node_ptr& variable, const E& value, bool reads_old, Combine combine)
{
    require_fits(variable, value);
    const shape& s = shape_of(variable);
    if constexpr (std::is_arithmetic_v<E>) {
        auto target = adapt(static_cast<T*>(writable_data(variable, reads_old)), s);
        combine(target, static_cast<T>(value));
    } else {
        // Evaluated apart first: the expression may hold adaptors of this variable's old memory.
        xt::xarray<T> fresh = xt::cast<T>(value);
        auto target = adapt(static_cast<T*>(writable_data(variable, reads_old)), s);
        combine(target, fresh);
    }
    bump_version(variable);
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
{
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator=(const E& e) -> expr&
{
    detail::assign<T>(node_, e, false, [](auto& target, const auto& v) {
        if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(v)>>) {
            target.fill(v);
        } else {
            xt::noalias(target) = xt::broadcast(v, target.shape());
        }
    });
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator+=(const E& e) -> expr&
{
    detail::assign<T>(node_, e, true, [](auto& t, const auto& v) { xt::noalias(t) += v; });
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator-=(const E& e) -> expr&
{
    detail::assign<T>(node_, e, true, [](auto& t, const auto& v) { xt::noalias(t) -= v; });
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator*=(const E& e) -> expr&
{
    detail::assign<T>(node_, e, true, [](auto& t, const auto& v) { xt::noalias(t) *= v; });
    return *this;
}

template <element T>
template <foreign_operand E>
auto expr<variable_leaf<T>>::operator/=(const E& e) -> expr&
{
    detail::assign<T>(node_, e, true, [](auto& t, const auto& v) { xt::noalias(t) /= v; });
    return *this;
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
