// SPDX-License-Identifier: BSD-3-Clause
// The kernels of expressions that many programs write, compiled once for each instruction set.
#include <backtrail/expr/common_trees.hpp>
#include <backtrail/expr/kernel.hpp>

#include <array>

namespace backtrail::detail::BACKTRAIL_ISA {
namespace {

template <class T, class... Tree>
constexpr auto make_tables(op_list<Tree...>)
{
    return std::array{make_table<Tree, T, xsimd::default_arch>()...};
}

} // namespace

const kernel_table* common_kernels(std::size_t place, dtype type)
{
    static constexpr auto in_double = make_tables<double>(common_trees{});
    static constexpr auto in_float = make_tables<float>(common_trees{});
    return &(type == dtype::float64 ? in_double : in_float)[place];
}

} // namespace backtrail::detail::BACKTRAIL_ISA
