// SPDX-License-Identifier: BSD-3-Clause
// Several arrays of different shapes and types as one vector, so that a node can have them all as
// its result, and its cotangent be a vector of the same form. Parts are read from it by views where
// types agree, else by casts, which are exact. The vector is of the parts' type if they have one in
// common, else of double, in which an int64 travels as its bits.
#pragma once

#include <backtrail/graph/node.hpp>

#include <vector>

namespace backtrail {

class packing {
public:
    struct part {
        dtype type;
        backtrail::shape shape;
        std::size_t offset, count; ///< in elements of the vector
    };

    packing() = default;
    /// Parts of the types and shapes of some nodes.
    explicit packing(std::span<const node_ptr> like);
    void add(dtype type, const backtrail::shape& s);

    [[nodiscard]] const std::vector<part>& parts() const { return parts_; }
    [[nodiscard]] dtype type() const { return type_; }
    [[nodiscard]] backtrail::shape shape() const { return {size_}; }

    /// Part k of a packed vector, as a node.
    [[nodiscard]] node_ptr unpack(const node_ptr& packed, std::size_t k) const;
    /// The vector made of nodes of the parts' shapes; an empty one stands for zeros.
    [[nodiscard]] node_ptr pack(std::span<const node_ptr> nodes) const;

    /// Writes `count` elements of part k, from element `first` of it on, into the vector.
    void store(void* packed, std::size_t k, std::size_t first, const void* from,
               std::size_t count) const;
    /// Reads them.
    void load(const void* packed, std::size_t k, std::size_t first, void* to,
              std::size_t count) const;

private:
    std::vector<part> parts_;
    dtype type_ = dtype::float64;
    std::size_t size_ = 0;
};

} // namespace backtrail
