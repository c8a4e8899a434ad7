// SPDX-License-Identifier: BSD-3-Clause
// A node of the graph: an operation applied to inputs, with the shape and type of its result.
// Nodes are immutable but for their tags and for the values of leaves, and may be shared by
// threads. A chain of any length is destroyed without recursion.
#pragma once

#include <backtrail/core/place.hpp>
#include <backtrail/graph/operation.hpp>

#include <mutex>
#include <string>

namespace backtrail {

/// A name on a node, and the line that gave it.
struct tag_mark {
    std::string path;
    source_place place;
};

/// What users attach to a node.
struct annotation {
    std::vector<tag_mark> tags;    ///< in the order given
    std::shared_ptr<void> cache;   ///< the last stand-alone evaluation
};

class node {
public:
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    [[nodiscard]] const operation& op() const { return *op_; }
    [[nodiscard]] const operation_ptr& op_handle() const { return op_; }
    [[nodiscard]] dtype type() const { return type_; }
    [[nodiscard]] const backtrail::shape& shape() const { return shape_; }
    [[nodiscard]] std::span<const node_ptr> inputs() const { return {first_input(), input_count_}; }

    /// Whether there are tags; cheap.
    [[nodiscard]] bool is_annotated() const
    {
        return annotation_.load(std::memory_order_acquire) != nullptr;
    }
    /// The tags, copied under a lock.
    [[nodiscard]] BACKTRAIL_API std::vector<std::string> tags() const;
    [[nodiscard]] BACKTRAIL_API std::vector<tag_mark> tag_marks() const;
    BACKTRAIL_API void add_tag(std::string path, source_place place = {});
    /// The statement that made the node, if it is known.
    [[nodiscard]] source_place place() const { return {file_, line_}; }
    /// Only for a node that nobody else has yet.
    void set_place(source_place place)
    {
        file_ = place.file;
        line_ = place.line;
    }
    [[nodiscard]] BACKTRAIL_API std::shared_ptr<void> cache() const;
    BACKTRAIL_API void set_cache(std::shared_ptr<void> cache);

private:
    friend node_ptr make_node(operation_ptr op, dtype type, const backtrail::shape& s,
                              std::span<const node_ptr> inputs);
    friend void detail::retain(node* n) noexcept;
    friend void detail::release(node* n) noexcept;

    node(operation_ptr op, dtype type, const backtrail::shape& s, std::span<const node_ptr> inputs);
    ~node();
    [[nodiscard]] const node_ptr* first_input() const
    {
        return reinterpret_cast<const node_ptr*>(this + 1);
    }
    [[nodiscard]] node_ptr* first_input() { return reinterpret_cast<node_ptr*>(this + 1); }

    std::atomic<std::uint32_t> references_{0};
    std::uint32_t input_count_ = 0;
    operation_ptr op_;
    std::atomic<annotation*> annotation_{nullptr};
    node* next_dead_ = nullptr;
    const char* file_ = nullptr;
    backtrail::shape shape_;
    std::uint32_t line_ = 0;
    dtype type_;
};

/// A new node. The caller has checked that the operation accepts the inputs.
[[nodiscard]] BACKTRAIL_API node_ptr make_node(operation_ptr op, dtype type,
                                               const backtrail::shape& s,
                                               std::span<const node_ptr> inputs);

/// `; built from "h1", "x"; in scope "layer/3"`, or nothing: what an error says of where it is.
[[nodiscard]] BACKTRAIL_API std::string nearby(std::span<const node_ptr> inputs);

} // namespace backtrail
