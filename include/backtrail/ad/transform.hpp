// SPDX-License-Identifier: BSD-3-Clause
// Derivatives as transforms of the graph: nodes in, nodes out, nothing computed. Fused nodes are
// differentiated by their static kernels; where a derivative is itself differentiated it is first
// taken apart into single ops.
#pragma once

#include <backtrail/expr/handle.hpp>

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace backtrail {

/// How an output hangs on an input.
enum class connection {
    ok,                 ///< there is a derivative, perhaps zero
    disconnected,       ///< no path leads from the input to the output
    stopped,            ///< every path passes a stop_gradient
    not_differentiable, ///< every other path passes integers, masks or an op without derivative
    not_kept ///< there is one, which a sweep was not asked to keep: reading it computes it again
};

[[nodiscard]] BACKTRAIL_API std::string_view to_string(connection c);

namespace detail {

/// The cotangent of each x from that of y. Empty where x is not connected or the derivative is
/// structurally zero.
[[nodiscard]] BACKTRAIL_API std::vector<symbol> pull_back(const node_ptr& y, const node_ptr& y_bar,
                                                          std::span<const node_ptr> x);

/// A cotangent given to a node, besides what reaches it.
struct seed {
    node_ptr n, bar;
};
/// What becomes of the adjoint of a node when it is complete: from the total over all uses to what goes
/// on, or nothing if nothing does. Not called where there is no adjoint.
struct adjoint_edit {
    node_ptr n;
    std::function<node_ptr(const node_ptr&)> edit;
};
/// That one node is an input of another.
struct use {
    node_ptr n, consumer;
};

struct pull_back_request {
    std::vector<seed> seeds;           ///< outputs and their cotangents
    std::vector<node_ptr> sources;     ///< whose adjoints are asked for
    std::vector<adjoint_edit> edits;   ///< at most one for a node
    std::vector<use> uses;             ///< whose part of an adjoint is asked for
    bool wants_origins = false;
};
struct pull_back_result {
    std::vector<symbol> bars;     ///< by source, after its edit; empty as from the form above
    std::vector<symbol> unedited; ///< by edit
    std::vector<symbol> by_use;   ///< empty also where the consumer is a derivative taken apart
    /// New nodes, inputs first, each with the node whose adjoint or rule made it.
    std::vector<std::pair<node_ptr, node_ptr>> origins;
};
[[nodiscard]] BACKTRAIL_API pull_back_result pull_back(const pull_back_request& request);

/// The tangent of y from those of some x. Empty if structurally zero. Where one x depends on
/// another, the tangent given for it is added to the one that reaches it.
[[nodiscard]] BACKTRAIL_API symbol push_forward(const node_ptr& y, std::span<const node_ptr> x,
                                                std::span<const node_ptr> x_dot);
/// The same for several outputs. `cuts` are nodes that pass no tangent on.
[[nodiscard]] BACKTRAIL_API std::vector<symbol> push_forward(std::span<const node_ptr> outputs,
                                                             std::span<const node_ptr> x,
                                                             std::span<const node_ptr> x_dot,
                                                             std::span<const node_ptr> cuts = {});

[[nodiscard]] BACKTRAIL_API connection status(const node_ptr& y, const node_ptr& x);

/// A derivative that does not exist: a node that throws when its value is asked for.
[[nodiscard]] BACKTRAIL_API node_ptr make_unconnected(const node_ptr& like, connection why);

/// Cotangents as nodes: zeros where structurally zero; unconnected ones throw when read, or are
/// zeros if `zero_if_unconnected`.
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> vjp_nodes(const char* name, const node_ptr& y,
                                                            const node_ptr& y_bar,
                                                            std::span<const node_ptr> x,
                                                            bool zero_if_unconnected);
[[nodiscard]] BACKTRAIL_API node_ptr jvp_node(const node_ptr& y, std::span<const node_ptr> x,
                                              std::span<const node_ptr> x_dot,
                                              bool zero_if_unconnected);
/// 1 in the shape of y. Throws shape_error unless y is a single number.
[[nodiscard]] BACKTRAIL_API node_ptr unit_seed(const char* name, const node_ptr& y);

} // namespace detail
} // namespace backtrail
