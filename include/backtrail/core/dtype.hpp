// SPDX-License-Identifier: BSD-3-Clause
// The element types: float and double carry derivatives; integers index; bool masks.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace backtrail {

enum class dtype : std::uint8_t { float64, float32, int64, int32, boolean };

/// The types an array may hold.
template <class T>
concept element =
    std::same_as<T, double> || std::same_as<T, float> || std::same_as<T, std::int64_t> ||
    std::same_as<T, std::int32_t> || std::same_as<T, bool>;

/// The types a derivative can be taken in.
template <class T>
concept differentiable = std::same_as<T, double> || std::same_as<T, float>;

template <element T>
inline constexpr dtype dtype_of = std::same_as<T, double>         ? dtype::float64
                                  : std::same_as<T, float>        ? dtype::float32
                                  : std::same_as<T, std::int64_t> ? dtype::int64
                                  : std::same_as<T, std::int32_t> ? dtype::int32
                                                                  : dtype::boolean;

/// The element type that holds values of an arithmetic type: small integers become int32, others
/// int64, long double becomes double.
template <class T>
    requires std::is_arithmetic_v<T>
using element_for = std::conditional_t<
    std::same_as<T, bool>, bool,
    std::conditional_t<
        std::floating_point<T>, std::conditional_t<std::same_as<T, float>, float, double>,
        std::conditional_t<(sizeof(T) < 4 || (sizeof(T) == 4 && std::is_signed_v<T>)), std::int32_t,
                           std::int64_t>>>;

[[nodiscard]] constexpr std::size_t size_of(dtype type)
{
    return type == dtype::float64 || type == dtype::int64 ? 8 : type == dtype::boolean ? 1 : 4;
}

[[nodiscard]] constexpr bool is_differentiable(dtype type)
{
    return type == dtype::float64 || type == dtype::float32;
}

[[nodiscard]] constexpr std::string_view name_of(dtype type)
{
    constexpr std::string_view names[] = {"double", "float", "int64", "int32", "bool"};
    return names[static_cast<std::size_t>(type)];
}

/// C++ conversion, made total: from floating point to integers NaN is 0 and the rest saturates.
template <element T, element S>
[[nodiscard]] constexpr T convert(S s)
{
    if constexpr (differentiable<S> && std::integral<T> && !std::same_as<T, bool>) {
        constexpr S limit = -static_cast<S>(std::numeric_limits<T>::min()); // a power of two
        if (s != s) return 0;
        if (s >= limit) return std::numeric_limits<T>::max();
        if (s < -limit) return std::numeric_limits<T>::min();
    }
    return static_cast<T>(s);
}

/// Calls `f(T{})` with the element type that `type` stands for.
template <class F>
decltype(auto) visit(dtype type, F&& f)
{
    switch (type) {
    case dtype::float64: return f(double{});
    case dtype::float32: return f(float{});
    case dtype::int64: return f(std::int64_t{});
    case dtype::int32: return f(std::int32_t{});
    default: return f(bool{});
    }
}

} // namespace backtrail
