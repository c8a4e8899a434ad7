// SPDX-License-Identifier: BSD-3-Clause
// From a request to nodes: everything that is asked of a sweep is one more node of one graph, that of the
// output with the edits in it, its reverse and its forward mode.
#pragma once

#include "rewrite.hpp"

#include <backtrail/ad/connections.hpp>
#include <backtrail/run/loop_steps.hpp>
#include <backtrail/run/progress.hpp>

#include <optional>

namespace backtrail::detail {

/// One thing that is asked for.
struct item {
    quantity what;
    node_ptr n;
    bool before = false;                      ///< as it arrives at an edit
    std::shared_ptr<const reduction> by = {}; ///< none: the array itself
    std::shared_ptr<const step_view> at = {}; ///< steps of a loop, n being a node of its body
};

/// What a sweep was asked, nodes in place of names.
struct sweep_request {
    struct observation {
        quantity what;
        node_ptr n;
        std::string path;
        bool is_required; ///< it was named, not found by a pattern
        observer f;
    };
    /// Without a function: a cut.
    struct node_edit {
        node_ptr n;
        edit f;
        std::string reason = {};
    };
    node_ptr output, seed_bar;
    std::vector<node_ptr> inputs;
    std::vector<node_ptr> beside; ///< given by handle, and perhaps not below the output
    bool keeps_all = true;
    std::vector<item> kept, also_kept;
    std::vector<item> observed_steps; ///< each with a sink
    std::vector<node_edit> value_edits, adjoint_edits;
    std::vector<seed> seeds, tangents;
    std::vector<observation> observations;
    std::vector<std::function<void(std::size_t)>> run_hooks;
    bool traps_nonfinite = false;
    bool verifies = false;
    std::optional<std::size_t> budget; ///< in bytes
    std::function<void(const progress&)> report;

    [[nodiscard]] std::vector<node_ptr> roots() const;
};

class joint_graph {
public:
    /// Steps of loops can be had of those `items` alone.
    joint_graph(const sweep_request& request, std::span<const item> items);

    /// The output as this sweep computes it.
    [[nodiscard]] node_ptr output() { return graph_.used(request_.output); }
    [[nodiscard]] node_ptr made(const node_ptr& n) { return graph_.made(n); }
    [[nodiscard]] node_ptr used(const node_ptr& n) { return graph_.used(n); }

    /// A node for each item; none for adjoints and tangents that do not exist. `origins`, if given, gets
    /// the new nodes of reverse mode, each with the node it comes from.
    [[nodiscard]] std::vector<node_ptr> nodes_of(
        std::span<const item> items, std::vector<std::pair<node_ptr, node_ptr>>* origins = nullptr);
    /// How many steps the loop of an item has, if that is known only after a run; else nothing.
    [[nodiscard]] node_ptr count_of(const item& i);
    /// Whether there is such a thing, and if not, why.
    [[nodiscard]] adjoint_status status(const item& i);
    /// What one use contributes to the adjoint of n. Throws value_error if `consumer` does not read it.
    [[nodiscard]] node_ptr part_of_use(const node_ptr& n, const node_ptr& consumer);

private:
    [[nodiscard]] pull_back_request seeded();
    void add_adjoints(std::span<const item> items, std::span<symbol> found,
                      std::vector<std::pair<node_ptr, node_ptr>>* origins);
    void add_tangents(std::span<const item> items, std::span<symbol> found);
    [[nodiscard]] connection tangent_status(const item& i);
    /// The views into one loop, and the loop that lets them see.
    struct seen_group {
        node_ptr loop;
        std::vector<std::shared_ptr<const step_view>> asked; ///< by item
        std::vector<step_view> views;
        seen_loop made;
    };
    void see(std::span<const item> items);
    [[nodiscard]] std::pair<seen_group*, std::size_t> place_of(const item& i);
    [[nodiscard]] node_ptr value_of_steps(const item& i);

    const sweep_request& request_;
    std::vector<std::unique_ptr<seen_group>> groups_;
    edited_graph graph_;
    std::vector<adjoint_edit> edits_; ///< one for a node
    node_map edit_index_;
    std::vector<node_ptr> cuts_;
    std::optional<connections> connections_;
};

} // namespace backtrail::detail
