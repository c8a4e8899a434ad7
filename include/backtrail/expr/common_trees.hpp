// SPDX-License-Identifier: BSD-3-Clause
// Expressions that many programs write: their kernels are in the library, once per instruction set, and are compiled
// in none of the programs.
#pragma once

#include <backtrail/expr/tree.hpp>
#include <backtrail/ops/arithmetic.hpp>
#include <backtrail/ops/comparison.hpp>

namespace backtrail::detail {

/// A number and a tensor.
template <class Op>
using tensor_and_number = applied<Op, slot<0>, number<0>>;
template <class Op>
using number_and_tensor = applied<Op, number<0>, slot<0>>;

/// a x + b
using affine_tree = applied<ops::Add, number_and_tensor<ops::Mul>, number<1>>;

/// What `cross_entropy` of probabilities sums (detail::soft_terms): q (l - x), where a cost l - x that is multiplied by
/// 0 is finite.
using class_cost = applied<ops::Sub, slot<1>, slot<2>>;
using class_term_tree = applied<
    ops::Mul, slot<0>,
    applied<ops::Where, applied<ops::Equal, slot<0>, number<0>>,
            applied<ops::Where, applied<ops::Equal, class_cost, number<1>>, number<2>, class_cost>,
            class_cost>>;

/// All of them, in a list as ops are.
using common_trees =
    op_list<tensor_and_number<ops::Add>, number_and_tensor<ops::Add>, tensor_and_number<ops::Sub>,
            number_and_tensor<ops::Sub>, tensor_and_number<ops::Mul>, number_and_tensor<ops::Mul>,
            tensor_and_number<ops::Div>, number_and_tensor<ops::Div>, affine_tree, class_term_tree>;

/// The place of a tree among them; their number if it is none of them.
template <class Tree>
inline constexpr std::size_t common_place = position_in<Tree>(common_trees{});

} // namespace backtrail::detail
