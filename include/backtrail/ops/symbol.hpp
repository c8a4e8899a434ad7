// SPDX-License-Identifier: BSD-3-Clause
// What an op's formula builds on when a derivative is itself differentiated: a handle to a node of
// the graph, whose operators record one single-op node each. An empty symbol is a structural zero.
#pragma once

#include <backtrail/core/dtype.hpp>
#include <backtrail/core/export.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace backtrail {

class node; // defined in graph/

namespace detail {
BACKTRAIL_API void retain(node* n) noexcept;
BACKTRAIL_API void release(node* n) noexcept;
} // namespace detail

/// A counted reference to a node of the graph.
class node_ptr {
public:
    node_ptr() = default;
    explicit node_ptr(node* n) noexcept : node_(n)
    {
        if (node_ != nullptr) detail::retain(node_);
    }
    node_ptr(const node_ptr& other) noexcept : node_ptr(other.node_) {}
    node_ptr(node_ptr&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    node_ptr& operator=(node_ptr other) noexcept
    {
        std::swap(node_, other.node_);
        return *this;
    }
    ~node_ptr()
    {
        if (node_ != nullptr) detail::release(node_);
    }
    /// Takes over a reference the caller already owns.
    static node_ptr adopt(node* n) noexcept
    {
        node_ptr p;
        p.node_ = n;
        return p;
    }
    [[nodiscard]] node* get() const noexcept { return node_; }
    node* operator->() const noexcept { return node_; }
    node& operator*() const noexcept { return *node_; }
    /// Gives the reference to the caller.
    [[nodiscard]] node* detach() noexcept { return std::exchange(node_, nullptr); }
    explicit operator bool() const noexcept { return node_ != nullptr; }
    friend bool operator==(const node_ptr& a, const node_ptr& b) { return a.node_ == b.node_; }

private:
    node* node_ = nullptr;
};

class symbol {
public:
    symbol() = default;                         ///< a structural zero
    symbol(node_ptr n) : node_(std::move(n)) {} // NOLINT: formulas mix nodes and numbers
    template <class C>
        requires std::is_arithmetic_v<C>
    symbol(C c) : literal_(static_cast<double>(c)), is_literal_(true) // NOLINT
    {}

    [[nodiscard]] bool is_zero() const { return !node_ && !is_literal_; }
    [[nodiscard]] bool is_literal() const { return is_literal_; }
    [[nodiscard]] double literal() const { return literal_; }
    [[nodiscard]] const node_ptr& get() const { return node_; }

private:
    node_ptr node_;
    double literal_ = 0;
    bool is_literal_ = false;
};

template <class X>
inline constexpr bool is_symbol = std::is_same_v<X, symbol>;

/// Records one node that applies op `index` of the catalogue. Literals take the operands' type;
/// with masks only, `computes_in` says what the expression they come from computes in.
[[nodiscard]] BACKTRAIL_API symbol record(std::size_t index, std::span<const symbol> operands,
                                          dtype computes_in = dtype::float64);

BACKTRAIL_API symbol operator-(const symbol& x);
BACKTRAIL_API symbol operator+(const symbol& x, const symbol& y);
BACKTRAIL_API symbol operator-(const symbol& x, const symbol& y);
BACKTRAIL_API symbol operator*(const symbol& x, const symbol& y);
BACKTRAIL_API symbol operator/(const symbol& x, const symbol& y);

namespace detail {

/// sum + term, where a structural zero adds nothing; what contributes to parts of an array only is put
/// together in one node.
BACKTRAIL_API void accumulate(symbol& sum, const symbol& term);

} // namespace detail

} // namespace backtrail
