// SPDX-License-Identifier: BSD-3-Clause
// Comparisons, part four: logic on masks, element by element. It needs no ops of its own.
#pragma once

#include <backtrail/ops/comparison/choice.hpp>

namespace backtrail {

namespace detail {

/// A mask itself; of numbers, where they are not 0 (a NaN is not).
template <class X>
[[nodiscard]] auto truth_of(X&& x)
{
    if constexpr (mask_operand<X>) {
        return std::remove_cvref_t<X>(std::forward<X>(x));
    } else {
        return express<ops::NotEqual>(std::forward<X>(x), false);
    }
}

template <class X, class Y>
concept logical_operands = mixed<X, Y> && !std::is_arithmetic_v<std::remove_cvref_t<X>> &&
                           !std::is_arithmetic_v<std::remove_cvref_t<Y>>;

} // namespace detail

/// Whether both are true, element by element; both sides are always computed. The operator takes masks,
/// `logical_and` also numbers, which are true where they are not 0. Shapes broadcast, and throw
/// shape_error if they do not.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.logical_and, x && y, torch.logical_and, jnp.logical_and
template <class X, class Y>
    requires(any_expr<X, Y> && mask_operand<X> && mask_operand<Y>)
[[nodiscard]] auto operator&&(X&& x, Y&& y)
{
    return detail::express<ops::Mul>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires detail::logical_operands<X, Y>
[[nodiscard]] auto logical_and(X&& x, Y&& y)
{
    return detail::express<ops::Mul>(detail::truth_of(std::forward<X>(x)),
                                     detail::truth_of(std::forward<Y>(y)));
}

/// Whether either is true, element by element; else as logical_and.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.logical_or, x || y, torch.logical_or, jnp.logical_or
template <class X, class Y>
    requires(any_expr<X, Y> && mask_operand<X> && mask_operand<Y>)
[[nodiscard]] auto operator||(X&& x, Y&& y)
{
    return detail::express<ops::Maximum>(std::forward<X>(x), std::forward<Y>(y));
}
template <class X, class Y>
    requires detail::logical_operands<X, Y>
[[nodiscard]] auto logical_or(X&& x, Y&& y)
{
    return detail::express<ops::Maximum>(detail::truth_of(std::forward<X>(x)),
                                         detail::truth_of(std::forward<Y>(y)));
}

/// Whether one alone is true, element by element; else as logical_and.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.logical_xor, xt::not_equal, torch.logical_xor, jnp.logical_xor
template <class X, class Y>
    requires detail::logical_operands<X, Y>
[[nodiscard]] auto logical_xor(X&& x, Y&& y)
{
    return detail::express<ops::NotEqual>(detail::truth_of(std::forward<X>(x)),
                                          detail::truth_of(std::forward<Y>(y)));
}

/// Whether it is false. The operator takes masks, `logical_not` also numbers, which are false where they
/// are 0.
/// Derivative: none; to read one throws unconnected_error
/// Keeps: nothing
/// Elsewhere: np.logical_not, !x, torch.logical_not, jnp.logical_not
template <class E>
    requires mask_operand<expr<E>>
[[nodiscard]] auto operator!(expr<E> x)
{
    return detail::express<ops::Equal>(std::move(x), false);
}
template <class E>
[[nodiscard]] auto logical_not(expr<E> x)
{
    return detail::express<ops::Equal>(std::move(x), false);
}

} // namespace backtrail
