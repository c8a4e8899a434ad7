// SPDX-License-Identifier: BSD-3-Clause
// Generated from the catalogue: the derivatives of each op, in both modes and of second order, at twenty
// random shapes. Each operand is a view of a variable with random strides: axes permuted, reversed,
// sliced with gaps, or broadcast.
#include "catalogue.hpp"

#include "support/random_view.hpp"

#include <backtrail/graph/node.hpp>

using namespace backtrail;
using namespace backtrail::test;

namespace {

constexpr std::size_t shapes_tried = 20;

const for_each_op random_shapes("derivatives at random shapes and strides", [](const op_data& op) {
    if (op.is_predicate) return;
    for (std::size_t k = 0; k < shapes_tried; ++k) {
        random_views views(1000 * op.index + k, op.domain.low, op.domain.high);
        const shape s = views.random_shape();
        std::vector<node_ptr> variables;
        std::vector<symbol> operands;
        for (std::size_t j = 0; j < op.arity; ++j) {
            const random_view v = views.make(j == 0 ? s : views.broadcastable_to(s));
            variables.push_back(v.source.get_node());
            operands.emplace_back(v.view.get_node());
        }
        const node_ptr y = record(op.index, operands).get();
        const gradient_report report = detail::check_gradient(y, variables, {.seed = k});
        BOOST_TEST(report.ok, to_string(s) << ": " << report.message);
    }
});

} // namespace
