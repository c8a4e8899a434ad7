// SPDX-License-Identifier: BSD-3-Clause
// Reductions made of others: variance and deviation, norms, counts. They take axes as sum does.
#pragma once

#include <backtrail/graph/reductions.hpp>

namespace backtrail {

/// The variance: the mean square of what is left without the mean, or with `ddof(1)` its sum over n - 1.
/// Two passes, so that a large mean costs no digits.
/// Derivative: x_bar = 2 y_bar (x - mean(x))/(n - ddof)
/// Keeps: the operand
/// At singular points: none; where n - ddof is not positive, value and derivative are NaN
/// Elsewhere: np.var, xt::variance, torch.var, jnp.var
template <class E, class... A>
    requires(differentiable<value_type_of<E>> && (detail::a_reduction_argument<A> && ...))
[[nodiscard]] auto var(expr<E> x, const A&... arguments)
{
    return [&] {
        const detail::reduction_request r(arguments...);
        return detail::make_tensor<value_type_of<E>>(
            detail::variance(detail::node_of(x), r.axes(), r.keep, r.delta));
    }();
}
template <class E, class I, std::size_t N, class... A>
[[nodiscard]] auto var(expr<E> x, const I (&over)[N], const A&... options)
{
    return var(x, detail::listed(over), options...);
}

/// The standard deviation, the square root of `var`; `ddof` as there.
/// Derivative: x_bar = y_bar (x - mean(x))/((n - ddof) y)
/// Keeps: the operand
/// At singular points: equal elements: 0; where n - ddof is not positive, value and derivative are NaN
/// Elsewhere: np.std, xt::stddev, torch.std, jnp.std
template <class E, class... A>
    requires(differentiable<value_type_of<E>> && (detail::a_reduction_argument<A> && ...))
[[nodiscard]] auto std(expr<E> x, const A&... arguments)
{
    return [&] {
        const detail::reduction_request r(arguments...);
        return detail::make_tensor<value_type_of<E>>(
            detail::standard_deviation(detail::node_of(x), r.axes(), r.keep, r.delta));
    }();
}
template <class E, class I, std::size_t N, class... A>
[[nodiscard]] auto std(expr<E> x, const I (&over)[N], const A&... options)
{
    return std(x, detail::listed(over), options...);
}

/// The norm of order `order` of the elements: 2 (Euclid), 1, any p, infinity, -infinity (the smallest
/// magnitude), and 0 (how many are not 0). Scaled by the largest element, so that nothing overflows on
/// the way.
/// Derivative: x_bar = y_bar sign(x) (|x|/y)^(p-1)
/// Keeps: the operand
/// At singular points: of 0: 0; at infinite order equal magnitudes share y_bar
/// Elsewhere: np.linalg.norm, -, torch.linalg.vector_norm, jnp.linalg.norm
template <class E>
    requires differentiable<value_type_of<E>>
[[nodiscard]] auto norm(expr<E> x, double order = 2)
{
    return detail::make_tensor<value_type_of<E>>(
        detail::vector_norm(detail::node_of(x), order, std::nullopt, false));
}
template <class E, class... A>
    requires(differentiable<value_type_of<E>> && sizeof...(A) > 0 &&
             (detail::a_reduction_argument<A> && ...))
[[nodiscard]] auto norm(expr<E> x, double order, const A&... arguments)
{
    const detail::reduction_request r(arguments...);
    return detail::make_tensor<value_type_of<E>>(
        detail::vector_norm(detail::node_of(x), order, r.axes(), r.keep));
}
template <class E, class I, std::size_t N, class... A>
[[nodiscard]] auto norm(expr<E> x, double order, const I (&over)[N], const A&... options)
{
    return norm(x, order, detail::listed(over), options...);
}

/// How many elements are not 0, as int64.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.count_nonzero, xt::count_nonzero, torch.count_nonzero, jnp.count_nonzero
template <class E, class... A>
    requires((detail::a_reduction_argument<A> && ...))
[[nodiscard]] auto count_nonzero(expr<E> x, const A&... arguments)
{
    return detail::make_tensor<std::int64_t>([&] {
        const detail::reduction_request r(arguments...);
        return detail::count_nonzero(detail::node_of(x), r.axes(), r.keep);
    }());
}
template <class E, class I, std::size_t N, class... A>
[[nodiscard]] auto count_nonzero(expr<E> x, const I (&over)[N], const A&... options)
{
    return count_nonzero(x, detail::listed(over), options...);
}

/// True if all elements are true (or not 0); true of none.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.all, xt::all, torch.all, jnp.all
template <class E>
[[nodiscard]] tensor<bool> all(expr<E> x)
{
    const std::size_t n = element_count(detail::shape_of(detail::node_of(x)));
    return count_nonzero(x) == static_cast<std::int64_t>(n);
}
/// True if any element is true (or not 0); false of none.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.any, xt::any, torch.any, jnp.any
template <class E>
[[nodiscard]] tensor<bool> any(expr<E> x)
{
    return count_nonzero(x) > 0;
}

} // namespace backtrail
