// SPDX-License-Identifier: BSD-3-Clause
// Tags: names on nodes, by which their values and adjoints are read back. Scopes prefix them.
#pragma once

#include <backtrail/core/place.hpp>
#include <backtrail/expr/handle.hpp>

#include <string>
#include <string_view>

namespace backtrail {

namespace detail {
/// Checks the name, prefixes the scope and puts the tag on the node.
BACKTRAIL_API void add_tag(const node_ptr& n, std::string_view name, source_place place);
BACKTRAIL_API void push_scope(std::string_view name);
BACKTRAIL_API void pop_scope() noexcept;
} // namespace detail

/// The path of the scopes open in this thread, `a/b`, or empty.
[[nodiscard]] BACKTRAIL_API std::string current_scope();

/// While it lives, tags given in this thread get the prefix `name/`. Scopes nest.
class [[nodiscard]] scope {
public:
    explicit scope(std::string_view name) { detail::push_scope(name); }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() { detail::pop_scope(); }
};

/// Names the node behind an expression or a handle, and returns its tensor. A tag costs nothing
/// until it is asked for, and its adjoint is the total over all uses of the node. The line that gives it
/// is remembered for messages.
/// Throws tag_error for an empty name or one with the characters `* ? [ ] |`.
template <class E>
[[nodiscard]] tensor<value_type_of<E>> tag(std::string_view name, const expr<E>& x,
                                           detail::call_site where = detail::call_site::current())
{
    auto t = as_tensor(x);
    detail::add_tag(t.get_node(), name, detail::place_of(where));
    return t;
}

/// Naming a handle one keeps needs no result.
template <element T>
tensor<T> tag(std::string_view name, const tensor<T>& x,
              detail::call_site where = detail::call_site::current())
{
    detail::require(x.get_node(), dtype_of<T>);
    detail::add_tag(x.get_node(), name, detail::place_of(where));
    return x;
}

template <element T>
variable<T> tag(std::string_view name, const variable<T>& x,
                detail::call_site where = detail::call_site::current())
{
    detail::add_tag(x.get_node(), name, detail::place_of(where));
    return x;
}

} // namespace backtrail
