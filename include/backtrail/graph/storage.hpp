// SPDX-License-Identifier: BSD-3-Clause
// The memory behind a leaf.
#pragma once

#include <backtrail/graph/node.hpp>

#include <cstring>
#include <functional>

namespace backtrail {

class leaf_storage final : public operation {
public:
    leaf_storage(buffer data, std::size_t bytes, bool is_variable)
        : data_(std::move(data)), bytes_(bytes), is_variable_(is_variable)
    {}
    [[nodiscard]] bool is_variable() const { return is_variable_; }
    /// The block that holds the present value.
    [[nodiscard]] const buffer& data() const { return data_; }
    [[nodiscard]] buffer& data() { return data_; }
    [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
    void bump() { version_.fetch_add(1, std::memory_order_acq_rel); }

    [[nodiscard]] std::string_view name() const override
    {
        return is_variable_ ? "variable" : "constant";
    }
    [[nodiscard]] leaf_storage* as_leaf() const override { return const_cast<leaf_storage*>(this); }
    /// Constants of a single number are the same if their bits are.
    [[nodiscard]] bool same_as(const operation& other) const override
    {
        const leaf_storage* leaf = other.as_leaf();
        return this == leaf || (leaf != nullptr && is_number() && leaf->is_number() &&
                                bytes_ == leaf->bytes_ && bits() == leaf->bits());
    }
    [[nodiscard]] std::size_t hash() const override
    {
        return is_number() ? std::hash<std::uint64_t>{}(bits()) : operation::hash();
    }

private:
    [[nodiscard]] bool is_number() const
    {
        return !is_variable_ && bytes_ > 0 && bytes_ <= sizeof(std::uint64_t);
    }
    [[nodiscard]] std::uint64_t bits() const
    {
        std::uint64_t result = 0;
        std::memcpy(&result, data_.data(), bytes_);
        return result;
    }

    buffer data_;
    std::size_t bytes_;
    std::atomic<std::uint64_t> version_{0};
    bool is_variable_;
};

} // namespace backtrail
