// SPDX-License-Identifier: BSD-3-Clause
// What is behind a sweep: the request, and once it is planned the joint graph, its executor, and where
// among the outputs each thing lies.
#pragma once

#include "joint.hpp"
#include "names.hpp"
#include "steps.hpp"

#include <backtrail/run/loop_memory.hpp>

#include <backtrail/sweep/memory.hpp>

#include <compare>
#include <map>
#include <stop_token>

namespace backtrail::detail {

struct sweep_state {
    /// Orders items; those of equal key are the same.
    struct key {
        quantity what;
        const node* n;
        bool before;
        std::string by;
        friend auto operator<=>(const key&, const key&) = default;
    };
    static key key_of(const item& i)
    {
        return {i.what, i.n.get(), i.before,
                (i.by ? i.by->key : std::string()) + (i.at ? detail::key_of(*i.at) : "")};
    }
    /// An observation, and which output it is shown.
    struct shown {
        const sweep_request::observation* what;
        std::uint32_t output;
    };
    /// Something read without having been kept, with a small plan of its own.
    struct late_item {
        item what;
        executor exec;
    };
    /// What a trap watches: a node of the joint graph, and the output that counts what is not finite there.
    struct watched {
        node_ptr n;
        std::uint32_t output;
    };

    sweep_request request;
    name_table names; ///< of the tags below the request's roots
    bool names_are_known = false;

    std::optional<joint_graph> joint;
    std::optional<executor> exec;
    std::optional<loop_memory> memory;
    bool gives_up_tags = false; ///< for the budget
    std::size_t threads = 0;    ///< for which memory was planned
    std::map<key, std::uint32_t> outputs;
    /// Loops of unknown length whose steps are kept, and the outputs that count them.
    std::vector<std::pair<node_ptr, std::uint32_t>> counts;
    std::vector<item> planned;                          ///< the items behind `outputs`
    std::vector<node_ptr> computed;                     ///< what the plan computes, by output
    std::vector<shown> audience;                        ///< in the order they are called
    std::vector<watched> watches;                       ///< in the order of execution
    std::vector<std::pair<node_ptr, node_ptr>> origins; ///< of reverse nodes, if a trap is set
    std::map<key, late_item> late;
    std::size_t runs = 0;
    bool is_complete = false; ///< the last run has ended, hooks and all

    /// A request has changed: what was planned no longer serves.
    void forget_plan();
    /// The nodes a target stands for, each with its path.
    [[nodiscard]] std::vector<std::pair<std::string, node_ptr>> resolve(const target& x);
    /// The one node that is read.
    [[nodiscard]] node_ptr find(const target& x);
    [[nodiscard]] const name_table& current_names();
    void compile();
    /// Plans, if that has not been done.
    void prepare();
    /// Plans anew where the number of threads has changed and memory depends on it.
    void follow_threads();
    [[nodiscard]] memory_plan describe_memory();
    void run(const std::stop_token& stop);
    [[nodiscard]] result read(const item& i, bool zeros);
    /// Items for a target, be it a tag, a tensor, or steps of a loop.
    [[nodiscard]] std::vector<item> items_of(quantity what, const target& x,
                                             bool is_stacked = true);
    /// Items for the tags in regions that match a pattern, to be observed; and whether others match it.
    [[nodiscard]] std::vector<item> regions_of(quantity what, const std::string& pattern);
    [[nodiscard]] bool has_outside(const std::string& pattern);
    /// True if x names steps of loops or tags in regions, and no tag has that path.
    [[nodiscard]] bool is_steps(const target& x);
    [[nodiscard]] result read_steps(const item& wanted, bool zeros);
    [[nodiscard]] result read_part(const node_ptr& n, const node_ptr& consumer);
    [[nodiscard]] adjoint_status status(const item& i);
    void require_run() const;

private:
    [[nodiscard]] std::vector<item> wanted_items();
    void obey_budget();
    [[nodiscard]] std::size_t minimum_bytes() const;
    [[nodiscard]] executor small_plan(std::span<const node_ptr> wanted) const;
    void plan_audience(const std::vector<node_ptr>& order);
    [[nodiscard]] std::vector<node_ptr> plan_watches(std::vector<node_ptr> nodes);
    void require_current() const;
    [[nodiscard]] static result output_of(const executor& e, std::uint32_t i);
};

/// Throws nonfinite_error if a watched node of the last run holds something that is not finite.
void report_nonfinite(sweep_state& s);

} // namespace backtrail::detail
