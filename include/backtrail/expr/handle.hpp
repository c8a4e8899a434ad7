// SPDX-License-Identifier: BSD-3-Clause
// The handles users hold. `tensor<T>`, `variable<T>` and unfinished expressions are one class
// template, `expr<Tree>`, so that overloads never compete with those of xtensor.
// This header needs neither xsimd nor xtensor; what computes is declared here, defined above.
#pragma once

#include <backtrail/core/place.hpp>
#include <backtrail/core/shape.hpp>
#include <backtrail/expr/tree.hpp>
#include <backtrail/ops/concepts.hpp>
#include <backtrail/ops/symbol.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

namespace backtrail {

namespace detail {

[[nodiscard]] BACKTRAIL_API const shape& shape_of(const node_ptr& n);
[[nodiscard]] BACKTRAIL_API dtype dtype_of_node(const node_ptr& n);
[[nodiscard]] BACKTRAIL_API std::uint64_t version_of(const node_ptr& n);
/// Throws state_error if the handle is empty, dtype_error if its node is of another type.
BACKTRAIL_API void require(const node_ptr& n, dtype type);
/// A leaf with room for `s`; its contents are not initialised.
[[nodiscard]] BACKTRAIL_API node_ptr make_leaf(const shape& s, dtype type, bool is_variable);
/// The memory of a variable for writing: a fresh block if somebody still reads the old one.
/// `keep` says whether the old contents matter.
[[nodiscard]] BACKTRAIL_API void* writable_data(const node_ptr& n, bool keep);
/// Remembers the line of the statement that made a node, which nobody else has yet.
BACKTRAIL_API void set_place(const node_ptr& n, source_place place) noexcept;
/// Marks a variable as changed.
BACKTRAIL_API void bump_version(const node_ptr& n);

/// One node for a finished expression; defined in expr/build.hpp.
template <class Tree>
[[nodiscard]] node_ptr statement(const expr<Tree>& e);
/// A constant leaf that copies an xtensor expression or a number; defined in graph/leaf.hpp.
template <element T, class E>
[[nodiscard]] node_ptr constant_node(const E& e);

struct from_node_t {};
inline constexpr from_node_t from_node{};

} // namespace detail

/// An unfinished expression: a value that holds its operands, and may be copied, returned and
/// stored. Becomes one node of the graph when it is assigned to a tensor or used by a function.
template <class Tree>
class [[nodiscard]] expr {
public:
    using tree = Tree;
    using value_type = typename Tree::value_type;
    std::array<node_ptr, Tree::leaves> leaves;
    std::array<double, Tree::literals> literals;

    [[nodiscard]] backtrail::shape shape() const;
    [[nodiscard]] std::size_t rank() const { return shape().size(); }
    [[nodiscard]] std::size_t size() const { return element_count(shape()); }
    /// Evaluates the expression: an owning, read-only xtensor adaptor.
    [[nodiscard]] auto value() const;
};

/// A handle to a node of the graph: lazy, immutable, cheap to copy.
template <element T>
class expr<leaf<T>> {
public:
    using tree = leaf<T>;
    using value_type = T;

    expr() = default;
    /// One node from an expression of the same element type.
    template <class Tree>
        requires(!std::same_as<Tree, leaf<T>>)
    expr(const expr<Tree>& e, // NOLINT: an expression is a tensor
         detail::call_site where = detail::call_site::current())
        : node_(detail::statement(e))
    {
        static_assert(std::same_as<typename Tree::value_type, T>,
                      "backtrail: the expression has another element type; write cast<T>(x)");
        if constexpr (requires { e.leaves; }) detail::set_place(node_, detail::place_of(where));
    }
    expr(detail::from_node_t, node_ptr n) : node_(std::move(n))
    {
        detail::require(node_, dtype_of<T>);
    }

    [[nodiscard]] const node_ptr& get_node() const { return node_; }
    [[nodiscard]] const backtrail::shape& shape() const
    {
        detail::require(node_, dtype_of<T>);
        return detail::shape_of(node_);
    }
    [[nodiscard]] std::size_t rank() const { return shape().size(); }
    [[nodiscard]] std::size_t size() const { return element_count(shape()); }
    explicit operator bool() const { return bool(node_); }

    /// Evaluates this node alone: an owning, read-only xtensor adaptor. The result is kept until
    /// a variable it depends on changes.
    [[nodiscard]] auto value() const;

private:
    node_ptr node_;
};

/// A leaf whose value changes by assignment. Copies alias the same leaf.
template <element T>
class expr<variable_leaf<T>> {
public:
    using tree = leaf<T>;
    using value_type = T;

    /// A variable of the shape and value of `initial`: an xtensor expression or a number.
    template <foreign_operand E>
    explicit expr(const E& initial);
    expr(detail::from_node_t, node_ptr n) : node_(std::move(n))
    {
        detail::require(node_, dtype_of<T>);
    }
    expr(const expr&) = default;
    expr(expr&&) = default;

    /// Writes a new value of the same shape (or one that broadcasts to it). The right side may
    /// read the variable. Throws shape_error and changes nothing if the shapes do not fit.
    /// Assigning from another variable writes its value, too: the two stay apart.
    expr& operator=(const expr& other);
    template <foreign_operand E>
    expr& operator=(const E& e);
    template <foreign_operand E>
    expr& operator+=(const E& e);
    template <foreign_operand E>
    expr& operator-=(const E& e);
    template <foreign_operand E>
    expr& operator*=(const E& e);
    template <foreign_operand E>
    expr& operator/=(const E& e);
    /// The same with a lazy expression, which is evaluated first.
    template <class Tree>
        requires(!std::same_as<Tree, variable_leaf<T>>)
    expr& operator=(const expr<Tree>& e);
    template <class Tree>
    expr& operator+=(const expr<Tree>& e);
    template <class Tree>
    expr& operator-=(const expr<Tree>& e);
    template <class Tree>
    expr& operator*=(const expr<Tree>& e);
    template <class Tree>
    expr& operator/=(const expr<Tree>& e);

    [[nodiscard]] const node_ptr& get_node() const { return node_; }
    [[nodiscard]] const backtrail::shape& shape() const { return detail::shape_of(node_); }
    [[nodiscard]] std::size_t rank() const { return shape().size(); }
    [[nodiscard]] std::size_t size() const { return element_count(shape()); }
    /// Grows with every assignment.
    [[nodiscard]] std::uint64_t version() const { return detail::version_of(node_); }
    /// The present value, as an owning, read-only xtensor adaptor; later assignments leave it be.
    [[nodiscard]] auto value() const;

private:
    node_ptr node_;
};

/// An argument inside `fuse`.
template <std::size_t I, element T>
class expr<argument<I, T>> {
public:
    using tree = argument<I, T>;
    using value_type = T;
};

namespace detail {

/// An expression is recorded anew each time it is used: asking for its derivative or its value
/// in a sweep would ask about a node that nobody else has.
template <class H>
constexpr void require_handle()
{
    static_assert(
        requires(const H& h) { h.get_node(); },
        "backtrail: this is an unfinished expression, a new node each time it is used; "
        "name it: bt::tensor<double> z = ...");
}

} // namespace detail

template <element T>
using tensor = expr<leaf<T>>;
template <element T>
using variable = expr<variable_leaf<T>>;

namespace detail {

template <class E>
struct value_type_of_expr : std::type_identity<typename expr<E>::value_type> {};

/// The node behind any handle; makes one for an unfinished expression.
template <class Tree>
[[nodiscard]] node_ptr node_of(const expr<Tree>& e)
{
    if constexpr (requires { e.get_node(); }) {
        require(e.get_node(), dtype_of<typename expr<Tree>::value_type>);
        return e.get_node();
    } else {
        return statement(e);
    }
}

} // namespace detail

template <class E>
using value_type_of = typename expr<E>::value_type;

/// The tensor behind any handle or expression.
template <class E>
[[nodiscard]] tensor<value_type_of<E>> as_tensor(const expr<E>& e)
{
    return {detail::from_node, detail::node_of(e)};
}

} // namespace backtrail
