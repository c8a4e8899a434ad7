// SPDX-License-Identifier: BSD-3-Clause
// Steps of loops by name: "u[17]", "u[0:100:10]", "outer[3]/u[*]".
#pragma once

#include "joint.hpp"

namespace backtrail::detail {

/// A pattern over tags in loops, with the steps of each loop around.
struct step_pattern {
    std::string text;    ///< as it was given
    std::string pattern; ///< without the brackets
    std::vector<step_range> ranges;
    std::vector<char> is_single; ///< by range: one step was named, not a range
};

[[nodiscard]] bool names_steps(std::string_view path);
/// Throws tag_error if a bracket holds neither a step, nor a range, nor `*`.
[[nodiscard]] step_pattern parse_steps(std::string_view path);

/// Items for the tags below y that match, sorted by path. Throws tag_error if there are none, naming those
/// there are, or if a path names two nodes; index_error and value_error as `require_steps`.
[[nodiscard]] std::vector<item> match_steps(const node_ptr& y, const step_pattern& p,
                                            quantity what);

/// Steps of a kept array, whose first axes count the steps of `kept`: those of `wanted`. Nothing if there
/// are others among them. `count` is the number of steps of the outermost loop, if a run has shown it.
[[nodiscard]] std::optional<result> take_steps(const result& all, const step_view& kept,
                                               const step_view& wanted,
                                               std::optional<std::size_t> count);
/// The steps that came, of a loop that had n of them. Throws index_error if there were none of those named.
[[nodiscard]] result reached_steps(result r, const step_view& v, std::int64_t n);
/// Without the axes of single steps.
[[nodiscard]] result without_single(result r, const step_pattern& p);

/// Of the steps of a view, every nth.
[[nodiscard]] std::shared_ptr<const step_view> stepped(std::shared_ptr<const step_view> v,
                                                       std::size_t every);

/// Ranges as part of a key.
[[nodiscard]] std::string key_of(const step_view& v);

} // namespace backtrail::detail
