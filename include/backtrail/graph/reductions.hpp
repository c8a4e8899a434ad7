// SPDX-License-Identifier: BSD-3-Clause
// Functions that reduce axes. Each of them takes, after x, nothing (all axes), an axis, a list of axes or
// a braced list, and then `keepdims`, which leaves reduced axes with extent 1; xtensor's `keep_dims` does
// the same. Negative axes count from the back. All throw index_error for an axis out of range or given
// twice. Where xtensor has a function of the name, the forms are spelled out: a parameter pack would be
// ambiguous beside xtensor's under `using namespace xt`.
#pragma once

#include <backtrail/graph/build_reductions.hpp>
#include <backtrail/graph/structure.hpp>

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
concept an_axis_list = std::integral<X> || iterable<X>;
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

} // namespace backtrail
