// SPDX-License-Identifier: BSD-3-Clause
// Building expressions: verbs and operators on operands of any kind, `fuse`, and the step from a
// finished expression to one node of the graph.
#pragma once

#include <backtrail/expr/common_trees.hpp>
#include <backtrail/expr/handle.hpp>
#include <backtrail/expr/kernel.hpp>
#include <backtrail/ops/catalogue.hpp>

#include <algorithm>
#include <span>

namespace backtrail {

namespace detail {

// ---- operands --------------------------------------------------------------------------------------

/// An operand seen as an expression: its tree, leaves and literals.
template <class Tree>
[[nodiscard]] const expr<Tree>& as_operand(const expr<Tree>& e)
{
    return e;
}

template <class C>
    requires std::is_arithmetic_v<C>
[[nodiscard]] expr<literal<std::is_floating_point_v<C>>> as_operand(C c)
{
    const auto value = static_cast<double>(c);
    if constexpr (std::is_integral_v<C>) { // literals travel as double
        constexpr double exact = 9007199254740992.0;
        if (value > exact || value < -exact) {
            throw value_error("[expression] an integer beyond 2^53 is not exact as a literal; make "
                              "it a constant");
        }
    }
    return {{}, {value}};
}

template <array_expression E>
[[nodiscard]] auto as_operand(const E& e)
{
    using T = element_for<typename E::value_type>;
    return tensor<T>(from_node, constant_node<T>(e));
}

template <class E>
struct tree_of;
template <class Tree>
struct tree_of<expr<Tree>> {
    using type = typename expr<Tree>::tree;
};

/// Leaves and literals of an operand, whatever kind of handle it is.
template <class Tree, class Leaves, class Literals>
void collect(const expr<Tree>& e, Leaves& leaves, std::size_t& l, Literals& literals,
             std::size_t& k)
{
    if constexpr (requires { e.get_node(); }) {
        require(e.get_node(), dtype_of<typename expr<Tree>::value_type>);
        leaves[l++] = e.get_node();
    } else if constexpr (requires { e.leaves; }) {
        for (const auto& n : e.leaves) leaves[l++] = n;
        for (double c : e.literals) literals[k++] = c;
    }
}

template <class Op, class... X>
auto express(X&&... x)
{
    const auto join = [](const auto&... operand) {
        using Tree = apply<Op, typename tree_of<std::remove_cvref_t<decltype(operand)>>::type...>;
        expr<Tree> result{};
        std::size_t l = 0, k = 0;
        (collect(operand, result.leaves, l, result.literals, k), ...);
        return result;
    };
    return join(as_operand(x)...);
}

// ---- statements ------------------------------------------------------------------------------------

/// Masks alone are computed as 32-bit integers of 0 and 1.
template <class C>
using kernel_type = std::conditional_t<std::is_same_v<C, bool>, std::int32_t, C>;

/// The library's own kernels if it has them, else those of this translation unit.
template <class Numbered, class T>
[[nodiscard]] const kernel_table& kernels()
{
    if constexpr (single_op<Numbered>::value) {
        return single_op_kernels(op_index<typename single_op<Numbered>::op>::value, dtype_of<T>);
    } else if constexpr (differentiable<T> && common_place<Numbered> < common_trees::size) {
        return common_kernels(common_place<Numbered>, dtype_of<T>);
    } else {
        return table_of<Numbered, T, xsimd::default_arch>;
    }
}

template <class Tree>
node_ptr statement(const expr<Tree>& e)
{
    if constexpr (requires { e.get_node(); }) {
        return e.get_node();
    } else {
        using T = kernel_type<typename Tree::compute_type>;
        static_assert(!std::is_void_v<T>, "backtrail: an expression of numbers only");
        return make_fused(kernels<numbered<Tree>, T>(), e.leaves, e.literals,
                          dtype_of<typename Tree::value_type>);
    }
}

} // namespace detail

template <class Tree>
backtrail::shape expr<Tree>::shape() const
{
    backtrail::shape s;
    for (const auto& n : leaves) s = broadcast("expression", s, detail::shape_of(n));
    return s;
}

/// One node from a function of scalars: every argument is loaded once and its adjoint is summed in
/// a register, however often the function uses it. `f` is generic and returns an expression:
///
///     fuse([](auto a, auto b) { return a * b + sin(a); }, A, B)
///
/// Throws shape_error if the arguments do not broadcast.
template <class F, class... X>
    requires any_expr<X...>
[[nodiscard]] auto fuse(F&& f, const X&... x)
{
    const auto build = [&]<std::size_t... I>(std::index_sequence<I...>, const auto&... operand) {
        const auto result =
            f(expr<argument<I, typename std::remove_cvref_t<decltype(operand)>::value_type>>{}...);
        using Tree = typename detail::tree_of<std::remove_cvref_t<decltype(result)>>::type;
        using T = detail::kernel_type<typename Tree::compute_type>;
        using Numbered = typename detail::numbering<Tree, sizeof...(X), 0>::type;
        std::array<node_ptr, sizeof...(X) + Tree::leaves> leaves = {detail::node_of(operand)...};
        std::array<double, Tree::literals> literals{};
        std::size_t l = sizeof...(X), k = 0;
        detail::collect(result, leaves, l, literals, k);
        constexpr std::size_t used = detail::evaluator<Numbered>::slots;
        using R = typename Tree::value_type;
        return tensor<R>(detail::from_node,
                         detail::make_fused(detail::kernels<Numbered, T>(),
                                            std::span(leaves).first(used), literals, dtype_of<R>));
    };
    return build(std::index_sequence_for<X...>{}, detail::as_operand(x)...);
}

} // namespace backtrail
