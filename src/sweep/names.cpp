// SPDX-License-Identifier: BSD-3-Clause
// Tags by path and pattern.
#include "names.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/traversal.hpp>

#include <algorithm>

namespace backtrail::detail {
namespace {

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

/// Edit distance, to suggest what a mistyped name may have meant.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = row[j + 1];
            row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] != b[j])});
            diagonal = above;
        }
    }
    return row.back();
}

std::string described(const named_node& named)
{
    return to_string(named.n->shape()) +
           (named.place ? " (" + to_string(named.place) + ")" : std::string());
}

} // namespace

bool has_wildcards(std::string_view pattern)
{
    return pattern.find_first_of("*?") != std::string_view::npos;
}

name_table::name_table(std::span<const node_ptr> roots)
{
    for (const auto& n : topological_order(roots)) {
        if (!n->is_annotated()) continue;
        for (auto& mark : n->tag_marks()) {
            by_path_.emplace(std::move(mark.path), named_node{n, mark.place});
        }
    }
}

void name_table::throw_unknown(const char* what, std::string_view path) const
{
    std::vector<std::string> names;
    for (const auto& [name, node] : by_path_) {
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
        return std::pair(distance(path, a), a) < std::pair(distance(path, b), b);
    });
    std::string near;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, names.size()); ++i) {
        near += (i == 0 ? "; near it: " : ", ") + quoted(names[i]);
    }
    throw tag_error("[sweep] no tag " + std::string(what) + quoted(path) +
                    (names.empty() ? "; the output depends on no tagged tensor" : near));
}

void name_table::require_unique(std::string_view path) const
{
    const auto [first, last] = by_path_.equal_range(path);
    if (first == last || std::next(first) == last) return;
    throw tag_error("[sweep] the tag " + quoted(path) + " names " +
                    std::to_string(std::distance(first, last)) + " nodes, of shapes " +
                    described(first->second) + " and " + described(std::next(first)->second) +
                    "; put them in scopes of their own");
}

const node_ptr& name_table::find(std::string_view path) const
{
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) throw_unknown("", path);
    require_unique(path);
    return found->second.n;
}

bool name_table::has_match(std::string_view pattern) const
{
    return std::any_of(by_path_.begin(), by_path_.end(),
                       [&](const auto& entry) { return matches(pattern, entry.first); });
}

std::vector<std::pair<std::string, node_ptr>> name_table::match(std::string_view pattern) const
{
    std::vector<std::pair<std::string, node_ptr>> found;
    for (const auto& [path, named] : by_path_) {
        if (!matches(pattern, path)) continue;
        require_unique(path);
        found.emplace_back(path, named.n);
    }
    if (found.empty()) throw_unknown(has_wildcards(pattern) ? "matches " : "", pattern);
    return found;
}

} // namespace backtrail::detail
