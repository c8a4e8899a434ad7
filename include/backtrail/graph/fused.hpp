// SPDX-License-Identifier: BSD-3-Clause
// The nodes that expressions become, and those of their derivatives: all run the static kernels
// of one expression type.
#pragma once

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/graph/node.hpp>

namespace backtrail {

/// y = f(x...): the inputs are the slots, all of the node's shape (views where they broadcast).
class fused final : public operation {
public:
    fused(const kernel_table& table, std::span<const double> literals);
    [[nodiscard]] const kernel_table& table() const { return *table_; }
    [[nodiscard]] const double* literals() const { return literals_.data(); }

    [[nodiscard]] std::string_view name() const override;
    [[nodiscard]] passage derivative() const override;
    [[nodiscard]] bool passes(std::size_t i) const override { return passes_[i] != 0; }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override;
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override;
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] const fused* as_fused() const override { return this; }
    [[nodiscard]] double flops(const node& self) const override;
    [[nodiscard]] bool same_as(const operation& other) const override;
    [[nodiscard]] std::size_t hash() const override;

private:
    const kernel_table* table_;
    std::vector<double> literals_;
    std::vector<char> passes_; ///< by slot
};

/// (x_bar...) from (x..., y_bar): several outputs, read through `pick`. Slots that hold the same
/// tensor share an output.
class fused_pullback final : public operation {
public:
    static constexpr std::uint16_t skipped = 0xffff;

    fused_pullback(operation_ptr primal, std::vector<std::uint16_t> output_of_slot,
                   std::size_t outputs);
    [[nodiscard]] const operation_ptr& primal_handle() const { return primal_; }
    [[nodiscard]] const fused& primal() const { return *primal_->as_fused(); }
    /// Which output the cotangent of a slot is added to, or `skipped`.
    [[nodiscard]] std::span<const std::uint16_t> output_of_slot() const { return output_of_slot_; }
    [[nodiscard]] std::size_t outputs() const { return outputs_; }
    /// True if output k is y_bar as it is.
    [[nodiscard]] bool passes_on(std::size_t k) const { return passes_on_[k] != 0; }

    [[nodiscard]] std::string_view name() const override { return "pullback"; }
    [[nodiscard]] std::vector<symbol> lower(const node_ptr& self) const override;
    [[nodiscard]] bool reads(std::size_t i) const override
    {
        return i >= reads_.size() || reads_[i] != 0;
    }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] const fused_pullback* as_fused_pullback() const override { return this; }
    /// Value, partials and products.
    [[nodiscard]] double flops(const node& self) const override { return 3 * primal().flops(self); }
    [[nodiscard]] bool same_as(const operation& other) const override;
    [[nodiscard]] std::size_t hash() const override { return primal_->hash() + 1; }

private:
    operation_ptr primal_;
    std::vector<std::uint16_t> output_of_slot_;
    std::size_t outputs_;
    std::vector<char> reads_;     ///< by slot
    std::vector<char> passes_on_; ///< by output
};

/// y_dot from (x..., x_dot...), where only the tangents that are not zero are inputs.
class fused_pushforward final : public operation {
public:
    static constexpr std::uint16_t zero = 0xffff;

    fused_pushforward(operation_ptr primal, std::vector<std::uint16_t> input_of_tangent);
    [[nodiscard]] const fused& primal() const { return *primal_->as_fused(); }
    /// Which input holds the tangent of a slot, or `zero`.
    [[nodiscard]] std::span<const std::uint16_t> input_of_tangent() const
    {
        return input_of_tangent_;
    }

    [[nodiscard]] std::string_view name() const override { return "pushforward"; }
    [[nodiscard]] std::vector<symbol> lower(const node_ptr& self) const override;
    [[nodiscard]] bool reads(std::size_t i) const override
    {
        return i >= reads_.size() || reads_[i] != 0;
    }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] const fused_pushforward* as_fused_pushforward() const override { return this; }
    [[nodiscard]] double flops(const node& self) const override { return 3 * primal().flops(self); }
    [[nodiscard]] bool same_as(const operation& other) const override;
    [[nodiscard]] std::size_t hash() const override { return primal_->hash() + 2; }

private:
    operation_ptr primal_;
    std::vector<std::uint16_t> input_of_tangent_;
    std::vector<char> reads_; ///< by slot
};

/// Output `index` of a node with several.
class pick final : public operation {
public:
    explicit pick(std::size_t index) : index_(index) {}
    [[nodiscard]] std::size_t index() const { return index_; }
    [[nodiscard]] std::string_view name() const override { return "pick"; }
    [[nodiscard]] const pick* as_pick() const override { return this; }
    [[nodiscard]] bool same_as(const operation& other) const override
    {
        return other.as_pick() != nullptr && other.as_pick()->index_ == index_;
    }
    [[nodiscard]] std::size_t hash() const override { return index_ + 1; }

private:
    std::size_t index_;
};

[[nodiscard]] node_ptr make_pick(const node_ptr& source, std::size_t index);

} // namespace backtrail
