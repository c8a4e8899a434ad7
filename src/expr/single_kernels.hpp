// SPDX-License-Identifier: BSD-3-Clause
// The kernels of every op of a family on its own. The build makes one source per family of this,
// and compiles it once for each instruction set.
#pragma once

#include <backtrail/expr/kernel.hpp>

#include <array>

namespace backtrail::detail::BACKTRAIL_ISA {
namespace {

constexpr std::array types = {dtype::float64, dtype::float32, dtype::int64, dtype::int32};

template <class Op, class T>
constexpr kernel_table table_for()
{
    if constexpr (differentiable<T> || Op::accepts_integers) {
        return make_table<typename single_tree<Op>::type, T, xsimd::default_arch>();
    } else {
        return {};
    }
}

template <class... Op>
constexpr auto make_tables(op_list<Op...>)
{
    return std::array<std::array<kernel_table, types.size()>, sizeof...(Op)>{
        {{table_for<Op, double>(), table_for<Op, float>(), table_for<Op, std::int64_t>(),
          table_for<Op, std::int32_t>()}...}};
}

} // namespace

/// The kernels of the op at a place of the family's list.
template <op_family F>
const kernel_table* single_kernels(std::size_t place, dtype type)
{
    static constexpr auto tables = make_tables(typename family<F>::list{});
    return &tables[place][static_cast<std::size_t>(type)];
}

} // namespace backtrail::detail::BACKTRAIL_ISA
