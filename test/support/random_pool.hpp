// SPDX-License-Identifier: BSD-3-Clause
// What a random graph grows from: its random numbers, its leaves, and the values there are so far.
#pragma once

#include <backtrail/graph/node.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace backtrail::test {

class random_pool {
public:
    /// Draws the element type and a shape: tiny, odd (empty, a single number), about a tile, or of many
    /// tiles and several chunks.
    explicit random_pool(std::uint64_t seed);

    // ---- draws -------------------------------------------------------------------------------------
    [[nodiscard]] std::mt19937_64& random() { return random_; }
    [[nodiscard]] std::size_t draw(std::size_t n) { return random_() % n; }
    [[nodiscard]] bool one_in(std::size_t n) { return draw(n) == 0; }
    [[nodiscard]] std::size_t axis_of(const node_ptr& x) { return draw(x->shape().size()); }

    // ---- values: of the pool's type ------------------------------------------------------------------
    [[nodiscard]] dtype type() const { return type_; }
    [[nodiscard]] const shape& base() const { return base_; }
    [[nodiscard]] const std::vector<node_ptr>& values() const { return values_; }
    [[nodiscard]] const std::vector<node_ptr>& variables() const { return variables_; }
    /// A leaf of that shape; the same one each time.
    [[nodiscard]] node_ptr leaf(const shape& s, bool is_variable);
    /// Any value, the last ones rather than others.
    [[nodiscard]] node_ptr any();
    /// The same, often kept from growing.
    [[nodiscard]] node_ptr operand();
    /// Something that broadcasts with arrays of shape s.
    [[nodiscard]] node_ptr partner(const shape& s);

    /// Adds a value, converted to the pool's type, unless it has become too large.
    void add(const node_ptr& x);
    /// From now on, constants are all there is; what is added is one of them.
    void use_constants_only(bool b) { constants_only_ = b; }

private:
    void draw_shape();

    std::mt19937_64 random_;
    std::uint64_t seed_;
    dtype type_;
    shape base_;
    std::vector<node_ptr> values_, variables_, constants_;
    std::size_t leaves_ = 0;
    bool constants_only_ = false;
};

/// Random numbers between -2 and 2, in one of four arrays with many equal ones and zeros.
[[nodiscard]] node_ptr random_leaf(std::uint64_t seed, dtype type, const shape& s,
                                   bool is_variable);

} // namespace backtrail::test
