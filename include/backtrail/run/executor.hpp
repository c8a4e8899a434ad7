// SPDX-License-Identifier: BSD-3-Clause
// Runs a plan, again and again, without allocating: one arena, one workspace, and an output block
// each, which is replaced only if somebody still reads the last one.
#pragma once

#include <backtrail/plan/plan.hpp>

namespace backtrail {

class BACKTRAIL_API executor {
public:
    explicit executor(plan p);

    /// Computes all outputs from the present values of the leaves.
    void run();
    [[nodiscard]] const plan& the_plan() const { return plan_; }
    /// Output i of the last run.
    [[nodiscard]] const buffer& output(std::size_t i) const { return outputs_[i]; }
    /// True if a run has ended and no leaf changed since.
    [[nodiscard]] bool is_current() const;
    [[nodiscard]] bool has_run() const { return has_run_; }
    /// Bytes held: arena, workspace and outputs.
    [[nodiscard]] std::size_t bytes() const;

private:
    void bind();
    void execute(const step& s);
    template <class T>
    void execute_fused(const step& s);
    template <class T>
    void execute_total(const step& s);
    [[nodiscard]] std::byte* address(const operand& o) const { return bases_[o.base] + o.offset; }
    [[nodiscard]] array_view view_of(const operand& o) const;

    plan plan_;
    buffer arena_, workspace_;
    std::vector<buffer> outputs_;
    std::vector<buffer> leaf_data_; ///< what the last run read, held while it runs
    std::vector<std::byte*> bases_;
    std::vector<std::uint64_t> versions_;
    std::vector<array_view> views_; ///< room for the operands of one step
    bool has_run_ = false;
};

} // namespace backtrail
