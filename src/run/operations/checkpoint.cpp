// SPDX-License-Identifier: BSD-3-Clause
// A region is a loop of one step without states: its reverse mode runs the body again, and there is
// nothing to keep.
#include "loop_operations.hpp"

#include <backtrail/graph/build.hpp>
#include <backtrail/graph/checkpoint.hpp>

namespace backtrail::detail {

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

std::vector<node_ptr> region_recorder::finish(const std::vector<node_ptr>& results)
{
    body_.results = results;
    std::vector<node_ptr> inputs = arguments_;
    const auto captured = capture(body_);
    inputs.insert(inputs.end(), captured.begin(), captured.end());
    const auto form = std::make_shared<const loop_form>(std::move(body_), 1, false, 0, 0);
    const node_ptr region = make_loop(form, inputs);
    std::vector<node_ptr> outputs;
    for (std::size_t k = 0; k < results.size(); ++k) {
        outputs.push_back(reshape(form->out.unpack(region, k), results[k]->shape()));
    }
    return outputs;
}

} // namespace backtrail::detail
