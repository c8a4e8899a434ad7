// SPDX-License-Identifier: BSD-3-Clause
// Steps of random graphs that work element by element: ops of the catalogue, statements, masks, integers.
#include "random_expressions.hpp"
#include "random_steps.hpp"

#include <backtrail/graph/build.hpp>
#include <backtrail/ops/catalogue.hpp>

namespace backtrail::test {
namespace {

/// What drawing an op must know of it beside its entry.
struct drawn_op {
    std::size_t index;
    interval domain;
    bool keeps_masks;
    [[nodiscard]] const op_entry& rules() const { return entry(index); }
};

template <class... Op>
std::vector<drawn_op> describe(op_list<Op...>)
{
    return {{op_index<Op>::value, Op::domain, Op::keeps_masks}...};
}

const std::vector<drawn_op>& all_ops()
{
    static const std::vector<drawn_op> all = describe(catalogue{});
    return all;
}

/// An op that will do.
template <class F>
const drawn_op& draw_op(random_pool& p, F will_do)
{
    for (;;) {
        const drawn_op& op = all_ops()[p.draw(all_ops().size())];
        if (will_do(op)) return op;
    }
}

node_ptr apply(random_pool& p, const drawn_op& op, std::vector<node_ptr> x)
{
    for (auto& n : x) {
        if (is_differentiable(n->type()) && !p.one_in(4)) {
            n = mapped_into(op.domain.low, op.domain.high, n);
        }
    }
    const std::vector<symbol> operands(x.begin(), x.end());
    return record(op.index, operands).get();
}

node_ptr apply_to_operands(random_pool& p, const drawn_op& op)
{
    std::vector<node_ptr> x = {p.operand()};
    shape s = x[0]->shape();
    while (x.size() < op.rules().arity) {
        x.push_back(p.partner(s));
        s = broadcast("test", s, x.back()->shape());
    }
    return apply(p, op, x);
}

node_ptr elementwise(random_pool& p)
{
    return apply_to_operands(p, all_ops()[p.draw(all_ops().size())]);
}

/// Two comparisons, a mask of both, and a choice by one of the three.
node_ptr mask(random_pool& p)
{
    const auto compares = [](const drawn_op& op) {
        return op.rules().is_predicate && op.rules().arity == 2;
    };
    const auto joins = [](const drawn_op& op) { return op.keeps_masks && op.rules().arity == 2; };
    const auto chooses = [](const drawn_op& op) { return op.keeps_masks && op.rules().arity == 3; };
    const node_ptr x = p.operand(), y = p.partner(x->shape());
    std::vector<node_ptr> masks;
    for (int i = 0; i < 2; ++i) masks.push_back(apply(p, draw_op(p, compares), {x, y}));
    masks.push_back(apply(p, draw_op(p, joins), masks));
    const node_ptr chosen = masks[p.draw(masks.size())];
    return apply(p, draw_op(p, chooses), {chosen, x, y});
}

node_ptr integers(random_pool& p)
{
    const drawn_op& op = draw_op(
        p, [](const drawn_op& o) { return o.rules().accepts_integers && o.rules().arity <= 2; });
    const dtype type = p.one_in(2) ? dtype::int64 : dtype::int32;
    std::vector<node_ptr> x = {p.operand()};
    if (op.rules().arity == 2) x.push_back(p.partner(x[0]->shape()));
    for (auto& n : x) n = detail::cast(mapped_into(1, 9, n), type);
    return apply(p, op, x);
}

node_ptr cast_there_and_back(random_pool& p)
{
    const dtype other = p.type() == dtype::float64 ? dtype::float32 : dtype::float64;
    const node_ptr x = detail::cast(p.operand(), other);
    return detail::cast(make_expression(p.draw(expression_count), other, x, x, x), p.type());
}

} // namespace

node_ptr op_in_turn(random_pool& p, std::uint64_t turn)
{
    return apply_to_operands(p, all_ops()[turn % all_ops().size()]);
}

/// A statement of several ops.
node_ptr expression(random_pool& p)
{
    const node_ptr a = p.operand(), b = p.partner(a->shape());
    const node_ptr c = p.one_in(4) ? a : p.partner(broadcast("test", a->shape(), b->shape()));
    return make_expression(p.draw(expression_count), p.type(), a, b, c);
}

std::vector<random_step> elementwise_steps()
{
    return {
        {&elementwise, 4}, {&expression, 4}, {&mask, 1}, {&integers, 1}, {&cast_there_and_back, 1}};
}

} // namespace backtrail::test
