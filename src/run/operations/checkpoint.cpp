// SPDX-License-Identifier: BSD-3-Clause
// A region is a loop of one step without states: its reverse mode runs the body again, and there is
// nothing to keep.
#include "loop_operations.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/checkpoint.hpp>
#include <backtrail/graph/pattern.hpp>
#include <backtrail/graph/traversal.hpp>

#include <algorithm>

namespace backtrail::detail {
namespace {

bool has_match(const node_ptr& n, const std::string& pattern)
{
    if (!n->is_annotated()) return false;
    const auto tags = n->tags();
    return std::any_of(tags.begin(), tags.end(),
                       [&](const auto& tag) { return matches(pattern, tag); });
}

} // namespace

region_recorder::region_recorder(std::vector<node_ptr> arguments)
    : arguments_(std::move(arguments)), body_(begin(arguments_)),
      scope_(body_.parameters.front(), false)
{}

graph_function region_recorder::begin(const std::vector<node_ptr>& arguments)
{
    graph_function body;
    body.parameters.push_back(make_placeholder({}, dtype::int64, "checkpoint"));
    for (const auto& x : arguments) {
        body.parameters.push_back(make_placeholder(x->shape(), x->type(), "checkpoint"));
    }
    return body;
}

std::vector<node_ptr> region_recorder::finish(const std::vector<node_ptr>& results,
                                              const keep_policy& policy)
{
    body_.results = results;
    keep_rule rule;
    if (policy.what != keep_policy::kind::nothing) {
        const auto order = topological_order(results);
        if (std::none_of(order.begin(), order.end(),
                         [&](const node_ptr& n) { return has_match(n, policy.pattern); })) {
            throw tag_error("[checkpoint] no tag inside matches \"" + policy.pattern + "\"");
        }
        rule = [pattern = policy.pattern,
                keeps_matches = policy.what == keep_policy::kind::what_matches](const node_ptr& n) {
            return has_match(n, pattern) == keeps_matches;
        };
    }
    std::vector<node_ptr> inputs = arguments_;
    const auto captured = capture(body_);
    inputs.insert(inputs.end(), captured.begin(), captured.end());
    const auto form = std::make_shared<loop_form>(std::move(body_), 1, false, 0, 0);
    form->keeps = std::move(rule);
    const node_ptr region = make_loop(form, inputs);
    std::vector<node_ptr> outputs;
    for (std::size_t k = 0; k < results.size(); ++k) {
        outputs.push_back(reshape(form->out.unpack(region, k), results[k]->shape()));
    }
    return outputs;
}

} // namespace backtrail::detail
