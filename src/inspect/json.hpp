// SPDX-License-Identifier: BSD-3-Clause
// Numbers, texts and lists as JSON: all that reports write.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace backtrail::inspect {

/// What is not finite is null.
inline std::string json(double x)
{
    if (!std::isfinite(x)) return "null";
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, x).ptr};
}

inline std::string json(std::unsigned_integral auto n) { return std::to_string(n); }

inline std::string json(std::string_view text)
{
    std::string result = "\"";
    for (char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += {'\\', c};
        } else if (code < 0x20) {
            constexpr char hex[] = "0123456789abcdef";
            result += std::string("\\u00") + hex[code >> 4] + hex[code & 15];
        } else {
            result += c;
        }
    }
    return result + '"';
}

template <class Range>
std::string json_list(const Range& values)
{
    std::string text = "[";
    for (const auto& v : values) text += (text.size() > 1 ? ", " : "") + json(v);
    return text + "]";
}

} // namespace backtrail::inspect
