// SPDX-License-Identifier: BSD-3-Clause
// What a node does: an immutable object that may be shared by many nodes. An operation knows its
// derivative rules and how to compute; it is a view, or an evaluation, or a fused kernel.
#pragma once

#include <backtrail/core/buffer.hpp>
#include <backtrail/core/dtype.hpp>
#include <backtrail/core/layout.hpp>
#include <backtrail/graph/reduction.hpp>
#include <backtrail/graph/tile_fold.hpp>
#include <backtrail/ops/symbol.hpp>

#include <atomic>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace backtrail {

class fused;
class fused_pullback;
class fused_pushforward;
class leaf_storage;
class pick;

/// An array in memory, as evaluations see it. `data` points at the first element, so that the offset of
/// `shape` is 0.
struct array_view {
    void* data = nullptr;
    dtype type = dtype::float64;
    layout shape;

    template <class T>
    [[nodiscard]] T* as() const
    {
        return static_cast<T*>(data);
    }
};

/// How the derivative passes a node, for those who ask why there is none.
enum class passage { differentiable, stopped, not_differentiable };

class BACKTRAIL_API operation {
public:
    operation() = default;
    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;
    virtual ~operation();

    /// The name users know it by.
    [[nodiscard]] virtual std::string_view name() const = 0;

    /// True if it surely computes the same from the same inputs; equal ones have equal hashes. Nodes
    /// of one request with the same operation and inputs are computed once.
    [[nodiscard]] virtual bool same_as(const operation& other) const { return this == &other; }
    [[nodiscard]] virtual std::size_t hash() const;

    // ---- derivatives: nodes from nodes -------------------------------------------------------------
    [[nodiscard]] virtual passage derivative() const { return passage::differentiable; }
    /// False if the result depends on input i through comparisons only.
    [[nodiscard]] virtual bool passes(std::size_t i) const;
    /// Puts into x_bar[i] what y_bar contributes to input i, for each i that is wanted.
    virtual void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                          std::span<symbol> x_bar) const;
    /// The tangent of the node from those of its inputs; some are structurally zero.
    [[nodiscard]] virtual symbol pushforward(const node_ptr& self,
                                             std::span<const symbol> x_dot) const;
    /// The same results from single-op nodes, where the operation itself cannot be differentiated:
    /// one symbol per output. Empty if it can.
    [[nodiscard]] virtual std::vector<symbol> lower(const node_ptr& self) const;

    // ---- execution -------------------------------------------------------------------------------
    /// True if the result only rearranges the input's elements.
    [[nodiscard]] virtual bool is_view() const { return false; }
    /// True if the result has the inputs' elements in other places, and perhaps zeros beside them: done
    /// again rather than kept in memory.
    [[nodiscard]] virtual bool moves_elements() const { return is_view(); }
    /// The layout of the view, or nothing if the input must be made dense first.
    [[nodiscard]] virtual std::optional<layout> view(const node_ptr& self, const layout& x) const;
    /// Where the inputs lie in the result, one layout for each, if the result is their sum in these places and 0
    /// elsewhere: a plan may then compute them there. Empty for other operations.
    [[nodiscard]] virtual std::vector<layout> places_of_inputs(const node& self) const;
    /// False if no element of the result depends on the value of input i, though a kernel has a slot for it. The
    /// graph keeps the input, of which a derivative is 0 rather than missing; a plan does without.
    [[nodiscard]] virtual bool reads(std::size_t i) const;
    /// True if `evaluate` reads input i in any layout; else it is made dense.
    [[nodiscard]] virtual bool reads_strided(std::size_t i) const;
    /// Memory `evaluate` needs besides its result.
    [[nodiscard]] virtual std::size_t workspace_bytes(std::span<const array_view> x,
                                                      const array_view& y) const;
    /// Computes y, which is dense, from x.
    virtual void evaluate(std::span<const array_view> x, const array_view& y,
                          std::byte* workspace) const;

    /// Floating-point operations of an evaluation, a function of elementary kind being one.
    [[nodiscard]] virtual double flops(const node& self) const;

    // ---- the few kinds that planning knows ---------------------------------------------------------
    [[nodiscard]] virtual const fused* as_fused() const { return nullptr; }
    [[nodiscard]] virtual const fused_pullback* as_fused_pullback() const { return nullptr; }
    [[nodiscard]] virtual const fused_pushforward* as_fused_pushforward() const { return nullptr; }
    [[nodiscard]] virtual leaf_storage* as_leaf() const { return nullptr; }
    [[nodiscard]] virtual const pick* as_pick() const { return nullptr; }
    /// What a reduction over axes reduces how.
    [[nodiscard]] virtual const axis_reduction* as_reduction() const { return nullptr; }
    /// How the result is folded from the elements of the only input, if that is how it is computed.
    [[nodiscard]] virtual const tile_fold* as_fold() const { return nullptr; }

private:
    friend class operation_ptr;
    mutable std::atomic<std::uint32_t> references_{0};
};

/// A counted reference to an operation.
class operation_ptr {
public:
    operation_ptr() = default;
    explicit operation_ptr(const operation* op) noexcept : op_(op) { retain(); }
    operation_ptr(const operation_ptr& other) noexcept : op_(other.op_) { retain(); }
    operation_ptr(operation_ptr&& other) noexcept : op_(std::exchange(other.op_, nullptr)) {}
    operation_ptr& operator=(operation_ptr other) noexcept
    {
        std::swap(op_, other.op_);
        return *this;
    }
    ~operation_ptr()
    {
        if (op_ != nullptr && op_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete op_;
        }
    }
    [[nodiscard]] const operation* get() const noexcept { return op_; }
    const operation* operator->() const noexcept { return op_; }
    const operation& operator*() const noexcept { return *op_; }
    explicit operator bool() const noexcept { return op_ != nullptr; }

private:
    void retain() const noexcept
    {
        if (op_ != nullptr) op_->references_.fetch_add(1, std::memory_order_relaxed);
    }
    const operation* op_ = nullptr;
};

/// A new operation with its own attributes.
template <class Op, class... Args>
[[nodiscard]] operation_ptr make_operation(Args&&... args)
{
    return operation_ptr(new Op(std::forward<Args>(args)...));
}

/// The one object of an operation without attributes.
template <class Op>
[[nodiscard]] const operation_ptr& the_operation()
{
    static const operation_ptr instance = make_operation<Op>();
    return instance;
}

} // namespace backtrail
