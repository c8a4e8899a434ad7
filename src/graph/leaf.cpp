// SPDX-License-Identifier: BSD-3-Clause
// Leaves and the accessors of handles.
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/storage.hpp>

#include <cstring>

namespace backtrail::detail {

const shape& shape_of(const node_ptr& n)
{
    if (!n) throw state_error("[tensor] used before it was given a value");
    return n->shape();
}

dtype dtype_of_node(const node_ptr& n) { return n->type(); }

std::uint64_t version_of(const node_ptr& n)
{
    static_cast<void>(shape_of(n)); // throws if empty
    return n->op().as_leaf()->version();
}

void require(const node_ptr& n, dtype type)
{
    if (!n) throw state_error("[tensor] used before it was given a value");
    if (n->type() != type) {
        throw dtype_error("[tensor] holds " + std::string(name_of(n->type())) + ", not " +
                          std::string(name_of(type)) + nearby(std::span(&n, 1)));
    }
}

node_ptr make_leaf(const shape& s, dtype type, bool is_variable)
{
    const std::size_t bytes = element_count(s) * size_of(type);
    return make_node(make_operation<leaf_storage>(buffer(bytes), bytes, is_variable), type, s, {});
}

void* writable_data(const node_ptr& n, bool keep)
{
    buffer& data = n->op().as_leaf()->data();
    if (!data.is_unique()) { // somebody still reads the old value
        const std::size_t bytes = element_count(n->shape()) * size_of(n->type());
        buffer fresh(bytes);
        if (keep && bytes > 0) std::memcpy(fresh.data(), data.data(), bytes);
        data = std::move(fresh);
    }
    return data.data();
}

void set_place(const node_ptr& n, source_place place) noexcept { n->set_place(place); }

void bump_version(const node_ptr& n) { n->op().as_leaf()->bump(); }

node_ptr make_scalar(double value, dtype type)
{
    node_ptr n = make_leaf({}, type, false);
    visit(type, [&](auto t) {
        *static_cast<decltype(t)*>(writable_data(n, false)) = static_cast<decltype(t)>(value);
    });
    return n;
}

node_ptr as_node(const symbol& s, dtype type, const shape& extents)
{
    const node_ptr n = s.get() ? s.get() : make_scalar(s.is_literal() ? s.literal() : 0.0, type);
    return n->shape() == extents ? n : broadcast_to(n, extents);
}

} // namespace backtrail::detail
