// SPDX-License-Identifier: BSD-3-Clause
// What a loop is, apart from the nodes it is applied to: a body, how often it runs, and what its
// parameters and results stand for.
#pragma once

#include "body_runner.hpp"
#include "packing.hpp"

#include <backtrail/run/loop_steps.hpp>

namespace backtrail {

/// An array of the body that a loop hands out for some of its steps, behind its packed result.
struct seen_result {
    detail::seen_steps steps;
    std::size_t rows = 0;   ///< steps that are stacked
    std::size_t offset = 0; ///< in bytes
    std::size_t bytes = 0;  ///< of one
};

/// A node of the body whose cotangents the reverse mode hands out likewise. It may be what a loop inside
/// hands out: then `inner` is that loop, and `n` is empty.
struct seen_cotangent {
    node_ptr n, inner;
    std::size_t index = 0; ///< among those of `inner`
    detail::seen_steps steps;
    std::function<node_ptr(const node_ptr&)> reduced; ///< nothing: the array itself
};

/// Of a node that the reverse mode needs, whether it is kept; nothing: of loops all is kept as long as there
/// is memory, of regions nothing.
using keep_rule = std::function<bool(const node_ptr&)>;

/// Parameters of the body: the step index, the states, a slice of each sequence, what was captured.
/// Results: the next states, then outputs, which are stacked, then what is seen of some steps. The node's inputs are the first states,
/// the sequences, and what was captured; its result packs the last states and the stacks, or, if
/// the length is not known, the last states and the number of steps.
struct loop_form {
    /// A number of steps.
    loop_form(graph_function f, std::size_t steps, bool is_backward, std::size_t states,
              std::size_t slices, std::int64_t first = 0,
              std::span<const detail::seen_steps> seen = {});
    /// As long as a condition holds, whose parameters are those of the body, the same nodes.
    loop_form(graph_function f, graph_function condition, std::size_t states,
              std::int64_t first = 0, std::span<const detail::seen_steps> seen = {});

    std::size_t steps = 0;
    /// Made by a derivative: its body repeats another's, tags and all, for which it does not stand.
    bool is_derivative = false;
    bool is_backward = false; ///< step k takes slice steps-1-k; so it is in stacks
    std::int64_t first;       ///< the number of slice 0
    std::size_t states, slices, captured, outputs;
    std::shared_ptr<const body> whole;
    std::shared_ptr<const body> advance; ///< without the outputs; while: the condition comes last
    std::shared_ptr<const body> begin;   ///< while: the condition at the start
    packing out;
    std::vector<seen_result> seen;
    keep_rule keeps;
    /// Nothing: states cannot be had from what is seen.
    std::shared_ptr<const class loop_restarts> restarts;
    std::vector<seen_cotangent> seen_cotangents; ///< for the reverse mode that is made of this form

    [[nodiscard]] bool is_while() const { return begin != nullptr; }
    [[nodiscard]] const graph_function& function() const { return whole->function(); }
    /// Without what is seen.
    [[nodiscard]] graph_function primary() const;
    /// Where what is seen begins, among the results of the body that runs.
    [[nodiscard]] std::size_t first_seen() const { return states + outputs + (is_while() ? 1 : 0); }
    /// Of the node: the packed result, and behind it what is seen.
    [[nodiscard]] backtrail::shape shape() const;
    [[nodiscard]] std::vector<detail::seen_steps> all_seen() const;
    [[nodiscard]] std::size_t inputs() const { return states + slices + captured; }
    /// The parameter of the body that belongs to an input of the node.
    [[nodiscard]] const node_ptr& parameter(std::size_t input) const
    {
        return function().parameters[1 + input];
    }
    /// The slice of step k.
    [[nodiscard]] std::size_t index(std::size_t k) const { return is_backward ? steps - 1 - k : k; }
    /// The step index that the body sees.
    [[nodiscard]] std::int64_t number(std::size_t k) const
    {
        return first + static_cast<std::int64_t>(index(k));
    }
    /// Copies what is seen of step k out of the runner that has run it, and shows it to those who look, if
    /// they have not seen it yet.
    void store_seen(void* result, std::size_t k, const body_runner& from, std::size_t first,
                    bool is_new) const;
    /// Marks what is seen of steps that do not come: those from step `count` on.
    void blank_seen(void* result, std::size_t count) const;
    /// For each input, whether a result has a derivative with respect to it.
    [[nodiscard]] std::vector<char> passes() const;

private:
    void place_seen(const graph_function& f, std::span<const detail::seen_steps> all);
};

template <class... A>
[[nodiscard]] std::shared_ptr<const loop_form> make_derivative_form(A&&... arguments)
{
    auto form = std::make_shared<loop_form>(std::forward<A>(arguments)...);
    form->is_derivative = true;
    return form;
}

/// Of a loop that lets things be seen: the result as it is without them; and what is seen, with the steps
/// along a new first axis.
[[nodiscard]] node_ptr primary_result(const loop_form& f, const node_ptr& loop);
[[nodiscard]] node_ptr seen_of(const loop_form& f, const node_ptr& loop, std::size_t index);

/// Gives a runner of a form's body its parameters.
class loop_feed {
public:
    loop_feed(const loop_form& form, body_runner& runner, std::span<const array_view> x)
        : form_(form), runner_(runner), x_(x)
    {}
    void write_states();
    void write_captured();
    /// The index and the slices of step k.
    void write_step(std::size_t k);

private:
    const loop_form& form_;
    body_runner& runner_;
    std::span<const array_view> x_;
};

} // namespace backtrail
