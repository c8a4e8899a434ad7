// SPDX-License-Identifier: BSD-3-Clause
// Reads NumPy's .npz archives for the tests: stored (not deflated) zips of arrays. It knows
// nothing of the library under test, so the two cannot share a mistake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace npz {

/// A file that cannot be read or is not what it claims to be.
class error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// NumPy's name of a C++ type; only these element types are read.
template <class T>
inline constexpr std::string_view dtype_name = "";
template <>
inline constexpr std::string_view dtype_name<double> = "float64";
template <>
inline constexpr std::string_view dtype_name<float> = "float32";
template <>
inline constexpr std::string_view dtype_name<std::int64_t> = "int64";
template <>
inline constexpr std::string_view dtype_name<std::int32_t> = "int32";
template <>
inline constexpr std::string_view dtype_name<std::uint8_t> = "uint8";
template <>
inline constexpr std::string_view dtype_name<bool> = "bool";

/// An array of the file, always in C order here.
struct array {
    std::vector<std::size_t> shape;
    std::string dtype;
    std::vector<std::byte> bytes;

    [[nodiscard]] std::size_t size() const;
    /// The first element; throws error if the array holds anything but `T`.
    template <class T>
    [[nodiscard]] const T* data() const
    {
        require_dtype(dtype_name<T>);
        return reinterpret_cast<const T*>(bytes.data());
    }

private:
    void require_dtype(std::string_view wanted) const;
};

/// The members of one .npz file. Opening checks the zip, `at` checks the array.
class archive {
public:
    explicit archive(const std::filesystem::path& file);

    [[nodiscard]] bool contains(const std::string& key) const { return members_.contains(key); }
    /// The array saved as `key`; throws error if there is none or it is malformed.
    [[nodiscard]] array at(const std::string& key) const;
    [[nodiscard]] std::vector<std::string> keys() const;

private:
    struct member {
        std::size_t offset, size;
    };
    std::string name_;
    std::string content_;
    std::map<std::string, member> members_;
};

/// An array from the bytes of a .npy file; throws error without naming the file.
[[nodiscard]] array parse_npy(std::string_view bytes);

} // namespace npz
