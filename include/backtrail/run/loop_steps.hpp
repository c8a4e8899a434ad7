// SPDX-License-Identifier: BSD-3-Clause
// Looking into loops: values and adjoints of tags in their bodies at chosen steps.
#pragma once

#include <backtrail/graph/node.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace backtrail::detail {

/// Some steps of a loop: first, first + stride, ... below last; nothing: to the end.
struct step_range {
    std::size_t first = 0;
    std::optional<std::size_t> last;
    std::size_t stride = 1;

    friend bool operator==(const step_range&, const step_range&) = default;
    /// How many there are among the first n steps.
    [[nodiscard]] std::size_t count(std::size_t n) const
    {
        const std::size_t end = last ? std::min(*last, n) : n;
        return end <= first ? 0 : (end - first + stride - 1) / stride;
    }
    /// Which of them step k is.
    [[nodiscard]] std::optional<std::size_t> row(std::size_t k) const
    {
        if (k < first || (last && k >= *last) || (k - first) % stride != 0) return {};
        return (k - first) / stride;
    }
};

/// Host code that is shown an array of a step as it is computed, with the number of the step of each loop
/// around, the outermost first.
using step_sink = std::function<void(std::span<const std::size_t> steps, const buffer& data)>;

/// Steps that a loop hands out: as a stack, or each to host code.
struct seen_steps {
    step_range range;
    step_sink sink = {};
};

/// A tag in the body of a loop or of a region: the loops around it, the outermost first, each a node of the body of the
/// one before, and the node that carries it.
struct looped_tag {
    std::string path;
    std::vector<node_ptr> loops;
    node_ptr tagged;
    std::vector<char> is_region; ///< by loop: of a checkpoint, which has one step that is not named
};
/// All of them below y, but for those of derivatives.
[[nodiscard]] std::vector<looped_tag> find_looped_tags(const node_ptr& y);

/// How many steps a loop has; nothing: known only after a run.
[[nodiscard]] std::optional<std::size_t> steps_of(const node_ptr& loop);

/// What is to be seen of one.
struct step_view {
    std::vector<node_ptr> loops;
    node_ptr tagged;
    std::vector<step_range> ranges; ///< for each loop
    std::vector<char> is_single;    ///< for each loop: one step was named, and needs no axis
    std::vector<char> is_region;
    bool is_adjoint = false;
    std::function<node_ptr(const node_ptr&)> reduced = {}; ///< nothing: the array itself
    /// If there is one, nothing is stacked. Called once for each step of a run, however often it is
    /// computed.
    step_sink sink = {};
};

/// Throws index_error if a loop has no such steps, value_error if all steps of a loop whose length is not
/// known are to be stacked.
void require_steps(const step_view& v, bool is_stacked);

/// The outermost loop of the views, all of one, as it lets them be seen: a node that is read where the
/// loop was, and the values that were asked for, steps along the first axes; nothing for adjoints.
struct seen_loop {
    node_ptr result;            ///< what is read where the loop was
    node_ptr loop;              ///< the loop itself
    std::vector<node_ptr> seen; ///< by view
    node_ptr count;             ///< of steps, if it is not known before
};
/// `loop` computes the same as the loop of the views. Where a loop of unknown length has ended before a
/// step, there are NaNs, of integers all bits are set.
[[nodiscard]] seen_loop see_steps(const node_ptr& loop, std::span<const step_view> views);

/// The node itself, or of a loop or its reverse mode that lets steps be seen its result without these, among
/// which there may be marks of steps that did not come.
[[nodiscard]] node_ptr without_seen(const node_ptr& n);

/// The adjoints that were asked for, by view, from the graph of the derivative; nothing where there is
/// none. Its roots must depend on the reverse mode of the loop.
[[nodiscard]] std::vector<node_ptr> seen_adjoints(const node_ptr& loop,
                                                  std::span<const step_view> views,
                                                  std::span<const node_ptr> roots);

} // namespace backtrail::detail
