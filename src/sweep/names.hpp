// SPDX-License-Identifier: BSD-3-Clause
// The tags below some nodes, by path: found by name or by pattern, with what to say when a name is
// unknown or stands for two nodes.
#pragma once

#include <backtrail/graph/node.hpp>
#include <backtrail/graph/pattern.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backtrail::detail {

struct named_node {
    node_ptr n;
    source_place place; ///< of the tag
};

class name_table {
public:
    name_table() = default;
    explicit name_table(std::span<const node_ptr> roots);

    /// The only node of that path. Throws tag_error if there is none, or more than one.
    [[nodiscard]] const node_ptr& find(std::string_view path) const;
    [[nodiscard]] bool contains(std::string_view path) const { return by_path_.contains(path); }
    /// The paths that match and their nodes, sorted by path. Throws tag_error if there are none, or if
    /// one of them stands for two nodes.
    [[nodiscard]] std::vector<std::pair<std::string, node_ptr>> match(
        std::string_view pattern) const;
    [[nodiscard]] bool has_match(std::string_view pattern) const;
    [[nodiscard]] const std::multimap<std::string, named_node, std::less<>>& all() const
    {
        return by_path_;
    }

private:
    [[noreturn]] void throw_unknown(const char* what, std::string_view path) const;
    void require_unique(std::string_view path) const;

    std::multimap<std::string, named_node, std::less<>> by_path_;
};

/// Whether a pattern stands for more than itself.
[[nodiscard]] bool has_wildcards(std::string_view pattern);

} // namespace backtrail::detail
