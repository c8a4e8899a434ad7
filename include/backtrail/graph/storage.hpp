// SPDX-License-Identifier: BSD-3-Clause
// The memory behind a leaf.
#pragma once

#include <backtrail/graph/node.hpp>

namespace backtrail {

class leaf_storage final : public operation {
public:
    leaf_storage(buffer data, bool is_variable) : data_(std::move(data)), is_variable_(is_variable)
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

private:
    buffer data_;
    std::atomic<std::uint64_t> version_{0};
    bool is_variable_;
};

} // namespace backtrail
