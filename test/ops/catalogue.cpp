// SPDX-License-Identifier: BSD-3-Clause
// The catalogue, from types to data: the types of the ops are known here and nowhere else in these tests.
#include "catalogue.hpp"

#include <backtrail/ops/catalogue.hpp>

namespace backtrail::test {

namespace {

template <class Op, class T>
T value_of(const T* x)
{
    using V = lanes<T, one_lane>;
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
        return V(Op::value(V(x[J])...)).get();
    }(std::make_index_sequence<Op::arity>{});
}

template <class Op>
op_data describe()
{
    op_data d{op_index<Op>::value,
              std::string(Op::name),
              Op::arity,
              Op::is_predicate,
              Op::arity == 3 && Op::keeps_masks,
              Op::domain,
              {},
              &value_of<Op, double>,
              &value_of<Op, float>};
    for (const auto& p : Op::reference_points) {
        d.points.push_back({{p.x.begin(), p.x.end()}, p.y, {p.dy.begin(), p.dy.end()}});
    }
    return d;
}

template <class... Op>
std::vector<op_data> describe_all(op_list<Op...>)
{
    return {describe<Op>()...};
}

} // namespace

std::vector<op_data> all_ops() { return describe_all(catalogue{}); }

} // namespace backtrail::test
