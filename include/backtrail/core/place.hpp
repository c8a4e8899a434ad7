// SPDX-License-Identifier: BSD-3-Clause
// Where in a user's sources something was written, for messages. With BACKTRAIL_NO_SOURCE_LOCATIONS
// defined nothing is recorded, and no file name enters the program.
#pragma once

#include <cstdint>
#include <source_location>
#include <string>

namespace backtrail {

/// A line of a source file, or nothing.
struct source_place {
    const char* file = nullptr; ///< lives as long as the program
    std::uint32_t line = 0;
    explicit operator bool() const { return file != nullptr; }
};

/// `model.cpp:12`, without folders; empty for nothing.
[[nodiscard]] inline std::string to_string(const source_place& place)
{
    if (!place) return {};
    const std::string path = place.file;
    const auto slash = path.find_last_of("/\\");
    return path.substr(slash == std::string::npos ? 0 : slash + 1) + ":" +
           std::to_string(place.line);
}

namespace detail {

#ifdef BACKTRAIL_NO_SOURCE_LOCATIONS
/// Stands for std::source_location where none is wanted.
struct call_site {
    static consteval call_site current() { return {}; }
};
[[nodiscard]] constexpr source_place place_of(const call_site&) { return {}; }
#else
using call_site = std::source_location;
[[nodiscard]] constexpr source_place place_of(const call_site& at)
{
    return {at.file_name(), at.line()};
}
#endif

} // namespace detail
} // namespace backtrail
