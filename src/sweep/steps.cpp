// SPDX-License-Identifier: BSD-3-Clause
// Patterns with steps, and rows of what was kept of them.
#include "steps.hpp"

#include "names.hpp"

#include <backtrail/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <map>

namespace backtrail::detail {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// One of the numbers of a range; nothing where it is left out.
std::optional<std::size_t> number(std::string_view text, std::string_view path)
{
    if (text.empty()) return {};
    std::size_t n = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure == std::errc{} && end == text.data() + text.size()) return n;
    throw tag_error("[tag] " + quoted(path) +
                    " names no steps: write u[17], u[2:40], u[2:40:5] or u[*]");
}

step_range parse_range(std::string_view text, std::string_view path, char& is_single)
{
    is_single = 0;
    if (text == "*") return {};
    const auto colon = text.find(':');
    if (colon == text.npos) {
        const auto n = number(text.empty() ? "-" : text, path);
        is_single = 1;
        return {*n, *n + 1, 1};
    }
    const auto second = text.find(':', colon + 1);
    step_range r;
    r.first = number(text.substr(0, colon), path).value_or(0);
    r.last =
        number(text.substr(colon + 1, second == text.npos ? second : second - colon - 1), path);
    if (second != text.npos) r.stride = number(text.substr(second + 1), path).value_or(1);
    if (r.stride == 0) number("-", path);
    return r;
}

/// The rows of `kept` that hold the steps of `wanted`.
std::optional<std::vector<std::size_t>> rows_of(const step_range& kept, std::size_t rows,
                                                const step_range& wanted, std::size_t most)
{
    std::vector<std::size_t> result;
    const std::size_t last = std::min(wanted.last.value_or(most), most);
    for (std::size_t k = wanted.first; k < last; k += wanted.stride) {
        const auto row = kept.row(k);
        if (!row || *row >= rows) return {};
        result.push_back(*row);
    }
    return result;
}

} // namespace

step_pattern parse_steps(std::string_view path)
{
    step_pattern p{std::string(path), {}, {}, {}};
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '[') {
            p.pattern.push_back(path[i]);
            continue;
        }
        const auto close = path.find(']', i);
        if (close == path.npos) number("-", path);
        char is_single = 0;
        p.ranges.push_back(parse_range(path.substr(i + 1, close - i - 1), path, is_single));
        p.is_single.push_back(is_single);
        i = close;
    }
    return p;
}

std::vector<item> match_steps(const node_ptr& y, const step_pattern& p, quantity what,
                              std::size_t every, bool is_stacked)
{
    std::map<std::string, looped_tag> found;
    for (auto& tag : find_looped_tags(y)) {
        const auto loops =
            static_cast<std::size_t>(std::count(tag.is_region.begin(), tag.is_region.end(), 0));
        if (loops != p.ranges.size() || !matches(p.pattern, tag.path)) continue;
        if (found.contains(tag.path)) {
            throw tag_error("[tag] " + quoted(p.text) +
                            " names several nodes in loops; put them in "
                            "scopes of their own");
        }
        found.emplace(tag.path, tag);
    }
    std::vector<item> items;
    for (auto& [path, tag] : found) {
        step_view view{tag.loops, tag.tagged, {}, {}, tag.is_region, what == quantity::adjoint};
        std::size_t next = 0;
        for (const char is_region : tag.is_region) {
            view.ranges.push_back(is_region != 0 ? step_range{0, 1, 1} : p.ranges[next]);
            view.is_single.push_back(is_region != 0 || p.is_single[next] != 0);
            next += is_region != 0 ? 0 : 1;
        }
        for (std::size_t i = view.ranges.size(); i-- > 0;) {
            if (tag.is_region[i] != 0) continue;
            view.ranges[i].stride *= every;
            break;
        }
        require_steps(view, is_stacked);
        items.push_back(
            {what, tag.tagged, false, {}, std::make_shared<step_view>(std::move(view))});
    }
    return items;
}

void throw_unknown_steps(const node_ptr& y, std::string_view path)
{
    std::string near;
    for (const auto& tag : find_looped_tags(y)) {
        near += (near.empty() ? "; there are: " : ", ") + tag.path;
        for (const char is_region : tag.is_region) near += is_region != 0 ? "" : "[]";
    }
    throw tag_error("[tag] no tag " + quoted(path) + " in a loop" +
                    (near.empty() ? "; the output depends on no loop with tags" : near));
}

std::optional<result> take_steps(const result& all, const step_view& kept, const step_view& wanted,
                                 std::optional<std::size_t> count)
{
    std::vector<std::size_t> steps;
    for (std::size_t i = 0; i < kept.loops.size(); ++i) {
        const auto known = i == 0 && count ? count : steps_of(kept.loops[i]);
        if (!known && !wanted.ranges[i].last) return {};
        steps.push_back(known.value_or(std::numeric_limits<std::size_t>::max()));
    }
    const std::size_t depth = kept.ranges.size();
    std::vector<std::vector<std::size_t>> rows;
    std::size_t blocks = 1;
    for (std::size_t i = 0; i < depth; ++i) {
        auto of = rows_of(kept.ranges[i], all.extents[i], wanted.ranges[i], steps[i]);
        if (!of) return {};
        blocks *= of->size();
        rows.push_back(std::move(*of));
    }
    result taken{{}, all.extents, all.type};
    std::size_t block = size_of(all.type);
    for (std::size_t i = depth; i < all.extents.size(); ++i) block *= all.extents[i];
    for (std::size_t i = 0; i < depth; ++i) taken.extents[i] = rows[i].size();
    taken.data = buffer(blocks * block);
    std::vector<std::size_t> at(depth, 0);
    for (std::size_t k = 0; k < blocks; ++k) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < depth; ++i) from = from * all.extents[i] + rows[i][at[i]];
        if (block > 0)
            std::memcpy(taken.data.data() + k * block, all.data.data() + from * block, block);
        for (std::size_t i = depth; i-- > 0;) {
            if (++at[i] < rows[i].size()) break;
            at[i] = 0;
        }
    }
    return taken;
}

bool covers_steps(const step_view& kept, const step_view& wanted)
{
    constexpr auto any = std::numeric_limits<std::size_t>::max();
    for (std::size_t i = 0; i < kept.ranges.size(); ++i) {
        if (kept.ranges[i] == wanted.ranges[i] || kept.ranges[i] == step_range{}) continue;
        const auto known = steps_of(kept.loops[i]);
        if (!known && !wanted.ranges[i].last) return false;
        if (!rows_of(kept.ranges[i], any, wanted.ranges[i], known.value_or(any))) return false;
    }
    return true;
}

result reached_steps(result r, const step_view& v, std::int64_t n)
{
    const step_range& range = v.ranges.front();
    r.extents[0] = range.count(static_cast<std::size_t>(n));
    if (r.extents[0] > 0) return r;
    throw index_error("[tag] there is no step " + std::to_string(range.first) + ": the loop has " +
                      std::to_string(n) + " steps" + nearby(std::span(&v.loops.front(), 1)));
}

result without_single(result r, const step_view& v)
{
    for (std::size_t i = v.is_single.size(); i-- > 0;) {
        if (v.is_single[i] != 0) r.extents.erase(i);
    }
    return r;
}

std::string path_of(const std::string& tag, const step_view& v, std::span<const std::size_t> steps)
{
    std::string path = tag;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (v.is_region[i] == 0) path += "[" + std::to_string(steps[i]) + "]";
    }
    return path;
}

std::string key_of(const step_view& v)
{
    std::string key;
    for (const auto& r : v.ranges) {
        key += "[" + std::to_string(r.first) + ":" + (r.last ? std::to_string(*r.last) : "") + ":" +
               std::to_string(r.stride) + "]";
    }
    if (v.sink) key += std::to_string(reinterpret_cast<std::uintptr_t>(&v));
    return key;
}

} // namespace backtrail::detail

namespace backtrail {

every::every(std::size_t count) : n(count)
{
    if (n == 0) throw value_error("[every] 0th step there is none");
}

} // namespace backtrail
