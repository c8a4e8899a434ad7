// SPDX-License-Identifier: BSD-3-Clause
// What the manifest of an oracle folder says: its ops, and the variants of each with their
// attributes, inputs and outputs. Plain data, free of JSON and of the library under test.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace oracle {

/// The manifest, or what it promises, is not as it should be.
class manifest_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The arguments of an op that are no arrays: `{"axis": [0, 2], "keepdims": true}`. An attribute
/// that is null is not there. The readers throw manifest_error if it is missing or of another type.
class attributes {
public:
    /// Nested lists, `"dims": [[1, 0], [0, 1]]`, are kept flat.
    using value = std::variant<bool, double, std::string, std::vector<double>>;

    void set(const std::string& name, value v) { values_[name] = std::move(v); }
    [[nodiscard]] bool contains(const std::string& name) const { return values_.contains(name); }
    /// False if it is missing.
    [[nodiscard]] bool flag(const std::string& name) const;
    [[nodiscard]] double number(const std::string& name) const;
    [[nodiscard]] std::ptrdiff_t integer(const std::string& name) const;
    [[nodiscard]] std::string text(const std::string& name) const;
    /// A list of integers; one integer counts as a list.
    [[nodiscard]] std::vector<std::ptrdiff_t> integers(const std::string& name) const;

private:
    template <class T>
    [[nodiscard]] const T& get(const std::string& name) const;
    std::map<std::string, value> values_;
};

/// An input or an output of a variant.
struct array_entry {
    std::string key; ///< in the .npz file: `v03.in0`
    std::vector<std::size_t> shape;
    std::string dtype;
    bool is_differentiable = false;

    [[nodiscard]] std::size_t size() const;
};

/// One case of an op.
struct op_variant {
    std::string name; ///< `v03`
    oracle::attributes attributes;
    std::vector<array_entry> inputs, outputs;
};

struct op_entry {
    std::string name;
    std::string file;
    std::vector<op_variant> variants;
};

/// The ops of DIR/manifest.json, in its order.
[[nodiscard]] std::vector<op_entry> read_op_manifest(const std::filesystem::path& folder);

/// The functions of the manifest of a folder of ULP tables, in its order.
[[nodiscard]] std::vector<std::string> read_ulp_manifest(const std::filesystem::path& folder);

} // namespace oracle
