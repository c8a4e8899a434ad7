// SPDX-License-Identifier: BSD-3-Clause
// Functions that reduce axes. Each of them takes, after x, nothing (all axes), an axis, a list of axes or
// a braced list, and then `keepdims`, which leaves reduced axes with extent 1; xtensor's `keep_dims` does
// the same. Negative axes count from the back. All throw index_error for an axis out of range or given
// twice. Where xtensor has a function of the name, the forms are spelled out: a parameter pack would be
// ambiguous beside xtensor's under `using namespace xt`.
#pragma once

#include <backtrail/graph/build_reductions.hpp>
#include <backtrail/graph/structure.hpp>
#include <backtrail/graph/with_index.hpp>

#include <array>
#include <tuple>

namespace xt {
struct keep_dims_type;
}

namespace backtrail {

struct keepdims_t {};
/// Reduced axes stay, with extent 1: `sum(x, 1, keepdims)`.
inline constexpr keepdims_t keepdims{};

/// Delta degrees of freedom, as an argument of `var` and `std`: they divide by n - value.
struct ddof {
    std::size_t value = 0;
};

namespace detail {

template <class Option>
inline constexpr bool is_options_tuple = false;
template <class... S>
inline constexpr bool is_options_tuple<std::tuple<S...>> = true; // xtensor's
template <class Option>
inline constexpr bool keeps_dims = std::is_same_v<Option, keepdims_t>;
template <class... S>
inline constexpr bool keeps_dims<std::tuple<S...>> = (std::is_same_v<S, xt::keep_dims_type> || ...);

template <class Option>
concept a_reduction_option =
    std::same_as<Option, keepdims_t> || std::same_as<Option, ddof> || is_options_tuple<Option>;
template <class X>
concept an_axis_list = std::integral<X> || std::ranges::range<X>;
/// The second argument of a reduction.
template <class X>
concept a_reduction_argument = an_axis_list<X> || a_reduction_option<X>;

/// The arguments of a reduction behind its operand.
struct reduction_request {
    std::optional<integers> over;
    bool keep = false;
    std::size_t delta = 0;

    template <a_reduction_argument... A>
    explicit reduction_request(const A&... arguments)
    {
        (take(arguments), ...);
    }
    [[nodiscard]] reduction_axes axes() const
    {
        if (!over) return std::nullopt;
        return std::span(over->data(), over->size());
    }

private:
    template <class A>
    void take(const A& argument)
    {
        if constexpr (an_axis_list<A>) {
            over = to_integers(argument);
        } else if constexpr (std::same_as<A, ddof>) {
            delta = argument.value;
        } else {
            keep = keeps_dims<A>;
        }
    }
};

/// The element type of a sum or a product: masks are counted.
template <class T>
using sum_type = std::conditional_t<std::is_same_v<T, bool>, std::int64_t, T>;

template <reduction_kind Kind, class E, class... A>
[[nodiscard]] auto reduced(const expr<E>& x, const A&... arguments)
{
    const reduction_request r(arguments...);
    using T = value_type_of<E>;
    using R = std::conditional_t<Kind == reduction_kind::sum, sum_type<T>, T>;
    return make_tensor<R>(reduce(Kind, node_of(x), r.axes(), r.keep));
}

template <class I, std::size_t N>
[[nodiscard]] constexpr std::array<I, N> listed(const I (&axes)[N])
{
    return std::to_array(axes);
}

} // namespace detail

/// The sum of the elements, 0 of none. Of bool: the number of true ones, as int64.
/// Derivative: x_bar = y_bar, repeated
/// Keeps: nothing
/// Elsewhere: np.sum, xt::sum, torch.sum, jnp.sum
template <class E>
[[nodiscard]] auto sum(expr<E> x)
{
    return detail::reduced<detail::reduction_kind::sum>(x);
}
template <class E, class A>
    requires detail::a_reduction_argument<A>
[[nodiscard]] auto sum(expr<E> x, A over)
{
    return detail::reduced<detail::reduction_kind::sum>(x, over);
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto sum(expr<E> x, A over, K keep)
{
    return detail::reduced<detail::reduction_kind::sum>(x, over, keep);
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto sum(expr<E> x, const I (&over)[N])
{
    return sum(x, detail::listed(over));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto sum(expr<E> x, const I (&over)[N], K keep)
{
    return sum(x, detail::listed(over), keep);
}

/// The mean of the elements, NaN of none. Needs float or double.
/// Derivative: x_bar = y_bar/n, repeated
/// Keeps: nothing
/// Elsewhere: np.mean, xt::mean, torch.mean, jnp.mean
template <class E>
[[nodiscard]] auto mean(expr<E> x)
{
    return detail::reduced<detail::reduction_kind::mean>(x);
}
template <class E, class A>
    requires detail::a_reduction_argument<A>
[[nodiscard]] auto mean(expr<E> x, A over)
{
    return detail::reduced<detail::reduction_kind::mean>(x, over);
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto mean(expr<E> x, A over, K keep)
{
    return detail::reduced<detail::reduction_kind::mean>(x, over, keep);
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto mean(expr<E> x, const I (&over)[N])
{
    return mean(x, detail::listed(over));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto mean(expr<E> x, const I (&over)[N], K keep)
{
    return mean(x, detail::listed(over), keep);
}

/// The product of the elements, 1 of none.
/// Derivative: x_bar = y_bar times the product of the others
/// Keeps: the operand
/// At singular points: exact at zeros, however many, to any order: nothing is divided
/// Elsewhere: np.prod, xt::prod, torch.prod, jnp.prod
template <class E>
[[nodiscard]] auto prod(expr<E> x)
{
    return detail::reduced<detail::reduction_kind::prod>(x);
}
template <class E, class A>
    requires detail::a_reduction_argument<A>
[[nodiscard]] auto prod(expr<E> x, A over)
{
    return detail::reduced<detail::reduction_kind::prod>(x, over);
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto prod(expr<E> x, A over, K keep)
{
    return detail::reduced<detail::reduction_kind::prod>(x, over, keep);
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto prod(expr<E> x, const I (&over)[N])
{
    return prod(x, detail::listed(over));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto prod(expr<E> x, const I (&over)[N], K keep)
{
    return prod(x, detail::listed(over), keep);
}

/// The largest element; NaN wins. Throws shape_error where there is none.
/// Derivative: y_bar to the largest element, shared by equal ones
/// Keeps: the operand
/// At singular points: n equal ones get y_bar/n each; with a NaN, the first NaN gets it all
/// Elsewhere: np.amax, xt::amax, torch.amax, jnp.max
template <class E>
[[nodiscard]] auto amax(expr<E> x)
{
    return detail::reduced<detail::reduction_kind::max>(x);
}
template <class E, class A>
    requires detail::a_reduction_argument<A>
[[nodiscard]] auto amax(expr<E> x, A over)
{
    return detail::reduced<detail::reduction_kind::max>(x, over);
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto amax(expr<E> x, A over, K keep)
{
    return detail::reduced<detail::reduction_kind::max>(x, over, keep);
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto amax(expr<E> x, const I (&over)[N])
{
    return amax(x, detail::listed(over));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto amax(expr<E> x, const I (&over)[N], K keep)
{
    return amax(x, detail::listed(over), keep);
}

/// The smallest element; NaN wins. Throws shape_error where there is none.
/// Derivative: y_bar to the smallest element, shared by equal ones
/// Keeps: the operand
/// At singular points: n equal ones get y_bar/n each; with a NaN, the first NaN gets it all
/// Elsewhere: np.amin, xt::amin, torch.amin, jnp.min
template <class E>
[[nodiscard]] auto amin(expr<E> x)
{
    return detail::reduced<detail::reduction_kind::min>(x);
}
template <class E, class A>
    requires detail::a_reduction_argument<A>
[[nodiscard]] auto amin(expr<E> x, A over)
{
    return detail::reduced<detail::reduction_kind::min>(x, over);
}
template <class E, class A, class K>
    requires(detail::an_axis_list<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto amin(expr<E> x, A over, K keep)
{
    return detail::reduced<detail::reduction_kind::min>(x, over, keep);
}
template <class E, class I, std::size_t N>
[[nodiscard]] auto amin(expr<E> x, const I (&over)[N])
{
    return amin(x, detail::listed(over));
}
template <class E, class I, std::size_t N, class K>
    requires detail::a_reduction_option<K>
[[nodiscard]] auto amin(expr<E> x, const I (&over)[N], K keep)
{
    return amin(x, detail::listed(over), keep);
}

/// The largest element, under its short name: see amax.
template <class E, class... A>
    requires((detail::a_reduction_argument<A> && ...))
[[nodiscard]] auto max(expr<E> x, const A&... arguments)
{
    return detail::reduced<detail::reduction_kind::max>(x, arguments...);
}
template <class E, class I, std::size_t N, class... A>
[[nodiscard]] auto max(expr<E> x, const I (&over)[N], const A&... options)
{
    return max(x, detail::listed(over), options...);
}

/// The smallest element, under its short name: see amin.
template <class E, class... A>
    requires((detail::a_reduction_argument<A> && ...))
[[nodiscard]] auto min(expr<E> x, const A&... arguments)
{
    return detail::reduced<detail::reduction_kind::min>(x, arguments...);
}
template <class E, class I, std::size_t N, class... A>
[[nodiscard]] auto min(expr<E> x, const I (&over)[N], const A&... options)
{
    return min(x, detail::listed(over), options...);
}

/// log(sum(exp(x))) without overflow, -inf of none.
/// Derivative: x_bar = y_bar softmax(x)
/// Keeps: the operand
/// At singular points: all -inf: 0; infinite elements share y_bar
/// Elsewhere: scipy.special.logsumexp, -, torch.logsumexp, jax.nn.logsumexp
template <class E, class... A>
    requires((detail::a_reduction_argument<A> && ...))
[[nodiscard]] auto logsumexp(expr<E> x, const A&... arguments)
{
    return detail::reduced<detail::reduction_kind::logsumexp>(x, arguments...);
}
template <class E, class I, std::size_t N, class... A>
[[nodiscard]] auto logsumexp(expr<E> x, const I (&over)[N], const A&... options)
{
    return logsumexp(x, detail::listed(over), options...);
}

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

/// Where the first largest element is, of all in row-major order or along an axis; NaN wins.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.argmax, xt::argmax, torch.argmax, jnp.argmax
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
template <class E, class A, class K>
    requires(std::integral<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto argmax(expr<E> x, A axis, K)
{
    return detail::make_tensor<std::int64_t>(detail::argmax(
        detail::node_of(x), static_cast<std::ptrdiff_t>(axis), detail::keeps_dims<K>));
}

/// Where the first smallest element is, of all in row-major order or along an axis; NaN wins.
/// Derivative: none
/// Keeps: nothing
/// Elsewhere: np.argmin, xt::argmin, torch.argmin, jnp.argmin
template <class E>
[[nodiscard]] auto argmin(expr<E> x)
{
    return detail::make_tensor<std::int64_t>(detail::argmin(detail::node_of(x), {}, false));
}
template <class E, class A>
    requires std::integral<A>
[[nodiscard]] auto argmin(expr<E> x, A axis)
{
    return detail::make_tensor<std::int64_t>(
        detail::argmin(detail::node_of(x), static_cast<std::ptrdiff_t>(axis), false));
}
template <class E, class A, class K>
    requires(std::integral<A> && detail::a_reduction_option<K>)
[[nodiscard]] auto argmin(expr<E> x, A axis, K)
{
    return detail::make_tensor<std::int64_t>(detail::argmin(
        detail::node_of(x), static_cast<std::ptrdiff_t>(axis), detail::keeps_dims<K>));
}

/// The largest element along an axis, and where the first such one is.
/// Derivative: y_bar to the element taken
/// Keeps: the index
/// At singular points: the first of equal elements; the first NaN
/// Elsewhere: -, -, torch.max, -
template <class E, class... K>
    requires(sizeof...(K) < 2 && (detail::a_reduction_option<K> && ...))
[[nodiscard]] with_index<value_type_of<E>> max_with_index(expr<E> x, std::ptrdiff_t axis,
                                                          const K&...)
{
    constexpr bool keep = (detail::keeps_dims<K> || ...);
    const node_ptr n = detail::node_of(x), at = detail::argmax(n, axis, true);
    const node_ptr index = detail::argmax(n, axis, keep);
    return {{detail::from_node, detail::at_index(n, at, axis, keep)}, {detail::from_node, index}};
}

/// The smallest element along an axis, and where the first such one is.
/// Derivative: y_bar to the element taken
/// Keeps: the index
/// At singular points: the first of equal elements; the first NaN
/// Elsewhere: -, -, torch.min, -
template <class E, class... K>
    requires(sizeof...(K) < 2 && (detail::a_reduction_option<K> && ...))
[[nodiscard]] with_index<value_type_of<E>> min_with_index(expr<E> x, std::ptrdiff_t axis,
                                                          const K&...)
{
    constexpr bool keep = (detail::keeps_dims<K> || ...);
    const node_ptr n = detail::node_of(x), at = detail::argmin(n, axis, true);
    const node_ptr index = detail::argmin(n, axis, keep);
    return {{detail::from_node, detail::at_index(n, at, axis, keep)}, {detail::from_node, index}};
}

} // namespace backtrail
