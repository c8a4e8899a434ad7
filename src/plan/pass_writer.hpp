// SPDX-License-Identifier: BSD-3-Clause
// The fifth part of planning: a pass as the executor runs it, with a stream for each array or tile that
// its calls read or write, and with tiles shared among streams that do not live together.
#pragma once

#include "calls.hpp"

namespace backtrail {

/// Where the values of a plan lie; `operand` is `none` for one that is not stored.
using stored_operands = std::vector<std::uint32_t>;

class pass_writer {
public:
    pass_writer(const joint_graph& graph, const places& where, const unit_graph& units,
                const call_list& calls, const stored_operands& stored, plan& result)
        : graph_(graph), places_(where), units_(units), calls_(calls), stored_(stored),
          result_(result)
    {}

    /// How the pass of unit u is cut.
    [[nodiscard]] pass shape_of(std::uint32_t u) const;
    /// True if tiles begin and end at whole vectors, so that kernels may write where arrays lie.
    [[nodiscard]] static bool is_aligned(const pass& p);
    /// Elements (columns, totals) or bytes (folds) of the partial results of a call; 0: it needs none.
    [[nodiscard]] std::size_t partial_bytes(const call& c, const pass& p) const;

    /// Writes the pass into the plan. `partials` are the operands of partial results, by call.
    [[nodiscard]] std::uint32_t write(pass p, std::span<const std::uint32_t> partials);

private:
    struct known_stream {
        std::uint32_t value, layout; ///< layout `none`: made in this pass
        stream what;
        bool is_scalar = false;
        std::uint32_t first = 0, last = 0; ///< calls between which it lives
    };

    void write_call(const call& c, std::uint32_t partial);
    void find_sums(const pass& p);
    [[nodiscard]] bool has_no_tiles() const;
    void write_slots(std::uint32_t i);
    void write_kernel(const call& c);
    void write_pullback(const call& c, member& m);
    void write_reduction(const call& c, member& m, std::uint32_t partial);
    void write_gather(const call& c, member& m, std::uint32_t partial);
    [[nodiscard]] std::uint32_t input(std::uint32_t i, std::size_t k, dtype type);
    [[nodiscard]] std::uint32_t cotangent(const call& c, dtype type);
    [[nodiscard]] std::uint32_t external(std::uint32_t x, dtype type, bool is_uniform = false);
    [[nodiscard]] std::uint32_t made(std::uint32_t v, dtype type);
    [[nodiscard]] std::ptrdiff_t step_between_rows(const layout& l) const;
    [[nodiscard]] std::uint32_t zeros(dtype type);
    [[nodiscard]] bool is_wanted(std::uint32_t v) const;
    void use(std::uint32_t s) { streams_[s].last = at_; }
    void share_tiles(pass& p);
    [[nodiscard]] std::uint32_t operand_of(std::uint32_t x) const;

    const joint_graph& graph_;
    const places& places_;
    const unit_graph& units_;
    const call_list& calls_;
    const stored_operands& stored_;
    plan& result_;
    pass pass_;            ///< the one being written
    std::uint32_t at_ = 0; ///< the call being written
    std::vector<known_stream> streams_;
    std::vector<std::uint32_t> list_;     ///< the streams of the call being written
    std::vector<std::uint32_t> streamed_; ///< values that later calls read from tiles
    std::vector<std::uint32_t>
        sum_of_; ///< by call: the total that its kernel sums for, or the kernel
};

} // namespace backtrail
