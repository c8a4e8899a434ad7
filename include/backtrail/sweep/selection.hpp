// SPDX-License-Identifier: BSD-3-Clause
// How a sweep is told which intermediates are meant: by pattern over the paths of tags, or by handle,
// and what of them: `values("enc/*")`, `adjoints("enc/3/attn", z) | histogram(64)`.
#pragma once

#include <backtrail/expr/handle.hpp>
#include <backtrail/sweep/reduction.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace backtrail {

namespace detail {

enum class quantity { value, adjoint, tangent };

/// A pattern, or a node.
struct target {
    std::string pattern;
    node_ptr n;
    std::size_t every = 1; ///< of the steps it names
};

template <class X>
concept a_target = is_expr<X> || std::convertible_to<const X&, std::string_view>;

template <a_target X>
[[nodiscard]] target as_target(const X& x)
{
    if constexpr (is_expr<X>) {
        require_handle<X>();
        return {{}, node_of(x), 1};
    } else {
        return {std::string(std::string_view(x)), {}, 1};
    }
}

/// The element type a target is read in: that of a handle, or the one said.
template <element T, class X>
struct read_type : std::type_identity<T> {};
template <element T, class Tree>
struct read_type<T, expr<Tree>> : std::type_identity<value_type_of<Tree>> {};

} // namespace detail

/// What is to be kept of some intermediates: whole arrays, or what reducers make of them.
struct selection {
    detail::quantity what;
    std::vector<detail::target> targets;
    std::vector<detail::reduction> reductions; ///< none: the arrays themselves
};

/// The values of all tags whose path matches one of the patterns, and of the tensors given by handle.
/// In a pattern `*` stands for any characters, also `/`, and `?` for one; all others stand for
/// themselves. A tag in the body of a loop is named with its step, or a range of steps, for each loop
/// around it: "u[17]", "u[2:40:5]", "u[*]", "outer[3]/u[*]"; of several steps a stack is kept, with one
/// axis for each loop.
template <detail::a_target... X>
[[nodiscard]] selection values(const X&... x)
{
    return {detail::quantity::value, {detail::as_target(x)...}, {}};
}
/// The same of adjoints: the derivatives of the output, total over all uses.
template <detail::a_target... X>
[[nodiscard]] selection adjoints(const X&... x)
{
    return {detail::quantity::adjoint, {detail::as_target(x)...}, {}};
}
/// The same of tangents, where the sweep was given some.
template <detail::a_target... X>
[[nodiscard]] selection tangents(const X&... x)
{
    return {detail::quantity::tangent, {detail::as_target(x)...}, {}};
}

/// Of the steps named, every nth.
struct every {
    std::size_t n = 1;
    /// Throws value_error if n is 0.
    BACKTRAIL_API explicit every(std::size_t count);
};

/// Keeps every nth of the steps: values("u[*]") | every(10). Throws value_error, where it is used, if no
/// steps are named.
[[nodiscard]] inline selection operator|(selection s, every which)
{
    for (auto& target : s.targets) target.every *= which.n;
    return s;
}

/// Keeps what a reducer makes of the arrays, instead of the arrays; several may follow each other.
template <reducer R>
[[nodiscard]] selection operator|(selection s, const R& by)
{
    s.reductions.push_back(by.as_reduction());
    return s;
}

} // namespace backtrail
