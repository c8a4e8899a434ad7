// SPDX-License-Identifier: BSD-3-Clause
// Steps of loops by name: "u[17]", "u[0:100:10]", "outer[3]/u[*]".
#pragma once

#include "joint.hpp"

namespace backtrail::detail {

/// A pattern over tags in loops, with the steps of each loop around. Regions count as loops whose only step
/// is not named.
struct step_pattern {
    std::string text;    ///< as it was given
    std::string pattern; ///< without the brackets
    std::vector<step_range> ranges;
    std::vector<char> is_single; ///< by range: one step was named, not a range
};

/// Throws tag_error if a bracket holds neither a step, nor a range, nor `*`.
[[nodiscard]] step_pattern parse_steps(std::string_view path);

/// Items for the tags in loops below y that match, sorted by path, of every nth step of the innermost. They
/// are stacked, or only observed. Throws tag_error if a path names two nodes; index_error and value_error as
/// `require_steps`.
[[nodiscard]] std::vector<item> match_steps(const node_ptr& y, const step_pattern& p, quantity what,
                                            std::size_t every, bool is_stacked = true);
/// Throws tag_error, which says what tags in loops there are.
[[noreturn]] void throw_unknown_steps(const node_ptr& y, std::string_view path);

/// Steps of a kept array, whose first axes count the steps of `kept`: those of `wanted`. Nothing if there
/// are others among them. `count` is the number of steps of the outermost loop, if a run has shown it.
[[nodiscard]] std::optional<result> take_steps(const result& all, const step_view& kept,
                                               const step_view& wanted,
                                               std::optional<std::size_t> count);
/// Whether those of `wanted` are among those of `kept`, as far as that is known before a run.
[[nodiscard]] bool covers_steps(const step_view& kept, const step_view& wanted);
/// The steps that came, of a loop that had n of them. Throws index_error if there were none of those named.
[[nodiscard]] result reached_steps(result r, const step_view& v, std::int64_t n);
/// Without the axes of single steps.
[[nodiscard]] result without_single(result r, const step_view& v);
/// A tag at a step: "outer/u[3][17]".
[[nodiscard]] std::string path_of(const std::string& tag, const step_view& v,
                                  std::span<const std::size_t> steps);

/// Ranges as part of a key.
[[nodiscard]] std::string key_of(const step_view& v);

} // namespace backtrail::detail
