// SPDX-License-Identifier: BSD-3-Clause
// The static shape of an expression: a type built from leaves, literals and ops, and nothing else.
// Two expressions of one form have one type after `numbered`, hence one set of kernels.
#pragma once

#include <backtrail/core/dtype.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace backtrail {

/// A tensor's place in an expression.
template <element T>
struct leaf {
    using compute_type = T;
    using value_type = T;
    static constexpr std::size_t leaves = 1, literals = 0, ops = 0;
};

/// A leaf whose value the user may assign.
template <element T>
struct variable_leaf : leaf<T> {};

/// An argument of `fuse`: however often it occurs, it is loaded once.
template <std::size_t I, element T>
struct argument {
    using compute_type = T;
    using value_type = T;
    static constexpr std::size_t leaves = 0, literals = 0, ops = 0;
};

/// A number written into an expression; it takes the element type of what it meets.
template <bool IsFloating>
struct literal {
    using compute_type = void;
    using value_type = void;
    static constexpr std::size_t leaves = 0, literals = 1, ops = 0;
};

namespace detail {

// The type a tree computes in: that of its tensors; masks and literals follow the others.
template <class... C>
struct common_compute_type;
template <>
struct common_compute_type<> : std::type_identity<void> {};
template <class C, class... Rest>
struct common_compute_type<C, Rest...> {
    using rest = typename common_compute_type<Rest...>::type;
    static constexpr bool yields =
        std::is_void_v<C> || (std::is_same_v<C, bool> && !std::is_void_v<rest>);
    static_assert(yields || std::is_void_v<rest> || std::is_same_v<rest, bool> ||
                      std::is_same_v<rest, C>,
                  "backtrail: operands of different element types; write cast<T>(x)");
    using type = std::conditional_t<yields, rest, C>;
};

/// What an op on X... computes in, and what it yields. Masks stay masks only under ops that cannot
/// leave 0 and 1; a choice between two literals is a double.
template <class Op, class... X>
struct result_of {
    using common = typename common_compute_type<typename X::compute_type...>::type;
    static constexpr bool has_floating_literal = (std::is_same_v<X, literal<true>> || ...);
    static constexpr bool only_masks = (std::is_same_v<typename X::value_type, bool> && ...);
    static constexpr bool chooses_literals =
        Op::keeps_masks && Op::arity == 3 && std::is_same_v<common, bool> && has_floating_literal;
    using compute = std::conditional_t<chooses_literals, double, common>;
    using value =
        std::conditional_t<Op::is_predicate || (only_masks && Op::keeps_masks), bool, compute>;
    static_assert(!std::is_same_v<compute, bool> || Op::is_predicate ||
                      (only_masks && Op::keeps_masks),
                  "backtrail: arithmetic on masks; write cast<T>(mask)");
    static_assert(!has_floating_literal || differentiable<compute>,
                  "backtrail: a floating-point number with integers or masks; write cast<T>(x)");
};

} // namespace detail

inline constexpr std::size_t max_expression_ops = 64;

/// An op applied to subexpressions.
template <class Op, class... X>
struct apply {
    using compute_type = typename detail::result_of<Op, X...>::compute;
    using value_type = typename detail::result_of<Op, X...>::value;
    static constexpr std::size_t leaves = (X::leaves + ...);
    static constexpr std::size_t literals = (X::literals + ...);
    static constexpr std::size_t ops = 1 + (X::ops + ...);
    static_assert(ops <= max_expression_ops,
                  "backtrail: this expression is too long for one kernel; name an intermediate: "
                  "bt::tensor<double> t = ...");
    static_assert(Op::accepts_integers || std::is_void_v<compute_type> ||
                      differentiable<compute_type>,
                  "backtrail: this function needs float or double; write cast<double>(x)");
};

// ---- numbered trees: what kernels are made from --------------------------------------------------

/// Operand I of a kernel.
template <std::size_t I>
struct slot {};
/// Literal I of a kernel.
template <std::size_t I>
struct number {};
/// An op on numbered subtrees.
template <class Op, class... X>
struct applied {};

namespace detail {

template <class Tree, std::size_t S, std::size_t K>
struct numbering;
template <class T, std::size_t S, std::size_t K>
struct numbering<leaf<T>, S, K> : std::type_identity<slot<S>> {};
template <class T, std::size_t S, std::size_t K>
struct numbering<variable_leaf<T>, S, K> : std::type_identity<slot<S>> {};
template <std::size_t I, class T, std::size_t S, std::size_t K>
struct numbering<argument<I, T>, S, K> : std::type_identity<slot<I>> {};
template <bool F, std::size_t S, std::size_t K>
struct numbering<literal<F>, S, K> : std::type_identity<number<K>> {};
template <class Op, class X, std::size_t S, std::size_t K>
struct numbering<apply<Op, X>, S, K>
    : std::type_identity<applied<Op, typename numbering<X, S, K>::type>> {};
template <class Op, class X, class Y, std::size_t S, std::size_t K>
struct numbering<apply<Op, X, Y>, S, K>
    : std::type_identity<applied<Op, typename numbering<X, S, K>::type,
                                 typename numbering<Y, S + X::leaves, K + X::literals>::type>> {};
template <class Op, class X, class Y, class Z, std::size_t S, std::size_t K>
struct numbering<apply<Op, X, Y, Z>, S, K>
    : std::type_identity<applied<
          Op, typename numbering<X, S, K>::type,
          typename numbering<Y, S + X::leaves, K + X::literals>::type,
          typename numbering<Z, S + X::leaves + Y::leaves, K + X::literals + Y::literals>::type>> {
};

} // namespace detail

/// The tree with its leaves and literals numbered from left to right.
template <class Tree>
using numbered = typename detail::numbering<Tree, 0, 0>::type;

} // namespace backtrail
