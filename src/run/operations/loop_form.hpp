// SPDX-License-Identifier: BSD-3-Clause
// What a loop is, apart from the nodes it is applied to: a body, how often it runs, and what its
// parameters and results stand for.
#pragma once

#include "body_runner.hpp"
#include "packing.hpp"

namespace backtrail {

/// Knobs and counts of a loop that its derivatives share.
struct loop_settings {
    std::atomic<std::size_t> slots{0}; ///< states the reverse mode keeps at once; 0: all
    std::atomic<std::uint64_t> advances{
        0}; ///< steps run for a reverse mode, without being reversed
    std::atomic<std::uint64_t> reversals{0}; ///< steps reversed
};

/// Parameters of the body: the step index, the states, a slice of each sequence, what was captured.
/// Results: the next states, then outputs, which are stacked. The node's inputs are the first states,
/// the sequences, and what was captured; its result packs the last states and the stacks.
struct loop_form {
    loop_form(graph_function f, std::size_t steps, bool is_backward, std::size_t states,
              std::size_t slices);

    std::size_t steps;
    bool
        is_backward; ///< step k takes slice steps-1-k, which is also its index, and its place in stacks
    std::size_t states, slices, captured, outputs;
    std::shared_ptr<const body> whole;
    std::shared_ptr<const body> advance; ///< without the outputs
    packing out;

    [[nodiscard]] const graph_function& function() const { return whole->function(); }
    [[nodiscard]] std::size_t inputs() const { return states + slices + captured; }
    /// The parameter of the body that belongs to an input of the node.
    [[nodiscard]] const node_ptr& parameter(std::size_t input) const
    {
        return function().parameters[1 + input];
    }
    [[nodiscard]] std::size_t index(std::size_t k) const { return is_backward ? steps - 1 - k : k; }
    /// For each input, whether a result has a derivative with respect to it.
    [[nodiscard]] std::vector<char> passes() const;
};

/// Gives a runner of a form's body its parameters.
class loop_feed {
public:
    loop_feed(const loop_form& form, body_runner& runner, std::span<const array_view> x)
        : form_(form), runner_(runner), x_(x)
    {}
    void write_states();
    void write_captured();
    /// The index and the slices of step k; the slices of the sequences from `first` on.
    void write_step(std::size_t k, std::size_t first = 0);

private:
    const loop_form& form_;
    body_runner& runner_;
    std::span<const array_view> x_;
};

class loop_operation final : public operation {
public:
    explicit loop_operation(std::shared_ptr<const loop_form> form);
    [[nodiscard]] const loop_form& form() const { return *form_; }
    [[nodiscard]] loop_settings& settings() const { return *settings_; }

    [[nodiscard]] std::string_view name() const override { return "loop"; }
    [[nodiscard]] bool passes(std::size_t i) const override { return passes_[i] != 0; }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override;
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char> wanted,
                  std::span<symbol> x_bar) const override;
    [[nodiscard]] symbol pushforward(const node_ptr& self,
                                     std::span<const symbol> x_dot) const override;

private:
    std::shared_ptr<const loop_form> form_;
    std::shared_ptr<loop_settings> settings_;
    std::vector<char> passes_;
};

[[nodiscard]] node_ptr make_loop(std::shared_ptr<const loop_form> form,
                                 std::span<const node_ptr> inputs);

} // namespace backtrail
