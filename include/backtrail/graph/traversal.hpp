// SPDX-License-Identifier: BSD-3-Clause
// What walks over the graph need: a map from nodes to numbers, kept beside the graph so that
// several threads may walk it at once. All walks are loops, never recursive.
#pragma once

#include <backtrail/graph/node.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace backtrail {

/// Numbers for nodes: open addressing, no removal.
class node_map {
public:
    static constexpr std::uint32_t absent = std::numeric_limits<std::uint32_t>::max();

    [[nodiscard]] std::uint32_t find(const node* n) const
    {
        if (slots_.empty()) return absent;
        for (std::size_t i = hash(n);; ++i) {
            const slot& s = slots_[i & (slots_.size() - 1)];
            if (s.key == n) return s.value;
            if (s.key == nullptr) return absent;
        }
    }
    /// Sets the number of a node, new or known.
    void set(const node* n, std::uint32_t value)
    {
        if (2 * (count_ + 1) > slots_.size()) grow();
        for (std::size_t i = hash(n);; ++i) {
            slot& s = slots_[i & (slots_.size() - 1)];
            if (s.key == nullptr) {
                s.key = n;
                ++count_;
            }
            if (s.key == n) {
                s.value = value;
                return;
            }
        }
    }

private:
    struct slot {
        const node* key = nullptr;
        std::uint32_t value = absent;
    };
    /// Nodes made one after the other mostly lie so in memory: they get neighbouring slots, which a
    /// walk then finds in the cache.
    static std::size_t hash(const node* n)
    {
        const auto address = reinterpret_cast<std::uintptr_t>(n);
        return (address >> 6) + (address >> 26);
    }
    void grow()
    {
        std::vector<slot> old(slots_.empty() ? 64 : 2 * slots_.size());
        old.swap(slots_);
        count_ = 0;
        for (const slot& s : old) {
            if (s.key != nullptr) set(s.key, s.value);
        }
    }

    std::vector<slot> slots_;
    std::size_t count_ = 0;
};

/// All nodes below the roots, each after its inputs; or only those whose values count: see operation::reads.
enum class below : std::uint8_t { all, read };
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> topological_order(std::span<const node_ptr> roots,
                                                                    below which = below::all);

} // namespace backtrail
