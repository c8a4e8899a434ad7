// SPDX-License-Identifier: BSD-3-Clause
// Tag names and the scopes of a thread.
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/tag.hpp>

namespace backtrail {
namespace {

std::vector<std::string>& scopes()
{
    thread_local std::vector<std::string> open;
    return open;
}

void check_name(std::string_view what, std::string_view name)
{
    if (name.empty() || name.find_first_of("*?[]|") != std::string_view::npos) {
        throw tag_error("[" + std::string(what) + "] \"" + std::string(name) +
                        "\" is no name: it must not be empty nor hold any of * ? [ ] |");
    }
}

} // namespace

namespace detail {

void add_tag(const node_ptr& n, std::string_view name, source_place place)
{
    check_name("tag", name);
    const std::string prefix = current_scope();
    n->add_tag(prefix.empty() ? std::string(name) : prefix + "/" + std::string(name), place);
}

void push_scope(std::string_view name)
{
    check_name("scope", name);
    scopes().emplace_back(name);
}

void pop_scope() noexcept { scopes().pop_back(); }

} // namespace detail

std::string current_scope()
{
    std::string path;
    for (const auto& name : scopes()) path += (path.empty() ? "" : "/") + name;
    return path;
}

} // namespace backtrail
