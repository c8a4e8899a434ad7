// SPDX-License-Identifier: BSD-3-Clause
// A test of derivatives for any function of tensors: forward mode against differences of values,
// and reverse mode against forward mode.
#pragma once

#include <backtrail/graph/leaf.hpp>
#include <backtrail/sweep/sweep.hpp>

#include <cstdint>
#include <string>

namespace backtrail {

struct check_gradient_options {
    std::uint64_t seed = 0;     ///< of the random directions
    std::size_t directions = 2; ///< how many are tried
    double tolerance = 0;       ///< relative; 0: 1e-6 for double, 2e-2 for float
    bool second_order = true;   ///< also the derivative of the gradient
};

struct gradient_report {
    bool ok = true;
    double difference_error = 0; ///< forward mode against central differences, relative
    double adjoint_error = 0;    ///< |<y_bar, J x_dot> - <J^T y_bar, x_dot>|, relative
    double second_order_error = 0;
    std::string message; ///< what failed and by how much, or "ok"
    explicit operator bool() const { return ok; }
};

namespace detail {
/// The check at the present values of the variables x, which are restored.
[[nodiscard]] BACKTRAIL_API gradient_report check_gradient(const node_ptr& y,
                                                           std::span<const node_ptr> x,
                                                           const check_gradient_options& options);

/// The same at an intermediate: what depends on `at` is made again on a variable in its place.
[[nodiscard]] BACKTRAIL_API gradient_report
check_gradient_at(const node_ptr& y, const node_ptr& at, const check_gradient_options& options);

template <class X>
[[nodiscard]] auto as_variable(const X& x)
{
    if constexpr (is_expr<X>) {
        using T = typename X::value_type;
        return variable<T>(x.value());
    } else if constexpr (std::is_arithmetic_v<X>) {
        return variable<element_for<X>>(x);
    } else {
        return variable<element_for<typename X::value_type>>(x);
    }
}
} // namespace detail

/// Checks the derivatives of `f(x...)` at the given values: tensors, xtensor expressions or
/// numbers. Along random directions x_dot, with a random cotangent y_bar,
///   1. J x_dot from forward mode agrees with extrapolated central differences of f;
///   2. <y_bar, J x_dot> = <J^T y_bar, x_dot>, to rounding;
///   3. the same two for the gradient of <y_bar, f>, if second order is asked for.
/// f should be smooth near the point. It is recorded once and run on perturbed copies.
template <class F, class... X>
    requires((is_expr<X> || foreign_operand<X>) && ...)
[[nodiscard]] gradient_report check_gradient(const check_gradient_options& options, F&& f,
                                             const X&... x)
{
    const auto run = [&](auto... v) {
        const auto y = as_tensor(f(v...));
        const node_ptr nodes[] = {v.get_node()...};
        return detail::check_gradient(y.get_node(), nodes, options);
    };
    return run(detail::as_variable(x)...);
}

template <class F, class... X>
    requires(!is_expr<std::remove_cvref_t<F>> && ((is_expr<X> || foreign_operand<X>) && ...))
[[nodiscard]] gradient_report check_gradient(F&& f, const X&... x)
{
    return check_gradient(check_gradient_options{}, std::forward<F>(f), x...);
}

/// The same for a tensor of a graph with respect to some of its variables, whose values serve as
/// the point and are restored.
template <class Y, class... T>
[[nodiscard]] gradient_report check_gradient(const expr<Y>& y, const wrt_list<T...>& x,
                                             const check_gradient_options& options = {})
{
    return detail::check_gradient(detail::node_of(y), x.nodes, options);
}

/// The same with respect to an intermediate, a tag or a tensor: perturbed at the node, and compared with
/// its adjoint.
template <class Y, detail::a_target X>
[[nodiscard]] gradient_report check_gradient(const expr<Y>& y, const X& at,
                                             const check_gradient_options& options = {})
{
    const node_ptr n = detail::node_of(y);
    const detail::target target = detail::as_target(at);
    return detail::check_gradient_at(n, target.n ? target.n : detail::find_tag(n, target.pattern),
                                     options);
}

} // namespace backtrail
