// SPDX-License-Identifier: BSD-3-Clause
// Runs a plan, again and again, without allocating after the first run: one arena, one workspace, and an
// output block each, which is replaced only if somebody still reads the last one.
#pragma once

#include <backtrail/plan/plan.hpp>

#include <functional>

namespace backtrail {

/// Whose memory outputs are in.
enum class whose : std::uint8_t { own, caller };

class BACKTRAIL_API executor {
public:
    explicit executor(plan p);

    /// Computes all outputs from the present values of the leaves.
    void run();
    /// The same, with leaves and outputs in memory of others: `leaves` and `outputs` say where, by their
    /// place in the plan, or nullptr for our own. Such memory is not touched past its end.
    void run(std::span<const std::byte* const> leaves, std::span<std::byte* const> outputs);
    /// Called after each step that a run executes, with its number. Empty: nothing is called.
    void on_step(std::function<void(std::size_t)> f) { on_step_ = std::move(f); }

    [[nodiscard]] const plan& the_plan() const { return plan_; }
    /// Output i of the last run.
    [[nodiscard]] const buffer& output(std::size_t i) const { return outputs_[i]; }
    /// True if a run has ended and no leaf changed since.
    [[nodiscard]] bool is_current() const;
    [[nodiscard]] bool has_run() const { return has_run_; }
    /// Bytes that runs hold at most, as the pool counts them: arena, workspaces, and outputs if they are our own.
    /// What operations hold themselves, as loops do, is not in it.
    [[nodiscard]] std::size_t peak_bytes(whose outputs = whose::own) const;
    /// Gives all memory back, results included; the next run takes some again.
    void release();

private:
    /// True if what a run calls might assign to leaves: their memory is then held until it ends.
    [[nodiscard]] bool holds_leaves() const { return has_evaluations_ || on_step_; }
    void bind(std::span<const std::byte* const> leaves, std::span<std::byte* const> outputs);
    void execute(const step& s);
    void execute_pass(const pass& p);
    struct frame_layout {
        std::size_t workers = 0, stride = 0;
    };
    [[nodiscard]] frame_layout frames_for(bool has_exact) const;
    void reserve();
    [[nodiscard]] array_view view_of(std::uint32_t operand) const;

    plan plan_;
    buffer arena_, workspace_, frames_;
    frame_layout reserved_;
    std::size_t threads_ = 0; ///< for which frames are reserved
    bool frames_are_exact_ = false;
    std::vector<buffer> outputs_;
    std::vector<const leaf_storage*> leaves_; ///< the plan's
    std::vector<buffer> leaf_data_;           ///< what a run reads, if it holds that
    std::vector<std::byte*> bases_;
    std::vector<char> is_exact_; ///< by base: memory of others
    bool has_exact_ = false;
    std::vector<std::uint64_t> versions_;
    std::vector<array_view> views_; ///< room for the operands of one step
    std::function<void(std::size_t)> on_step_;
    bool has_evaluations_ = false;
    bool has_run_ = false;
    bool is_backward_ = false;   ///< the way the last pass went
    bool has_constants_ = false; ///< the steps that run once have run
};

} // namespace backtrail
