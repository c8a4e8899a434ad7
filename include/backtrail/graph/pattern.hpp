// SPDX-License-Identifier: BSD-3-Clause
// Patterns over the paths of tags.
#pragma once

#include <string_view>

namespace backtrail::detail {

/// Whether a path matches a pattern: `*` stands for any characters, `?` for one.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);

} // namespace backtrail::detail
