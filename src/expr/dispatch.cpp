// SPDX-License-Identifier: BSD-3-Clause
// Choosing the instruction set, and finding the library's own kernels that were compiled for it.
#include "instruction_set.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/ops/entry.hpp>

#include <cstdlib>
#include <string>
#include <utility>

namespace backtrail {

namespace detail {
namespace baseline {
template <op_family F>
const kernel_table* single_kernels(std::size_t place, dtype type);
const kernel_table* common_kernels(std::size_t place, dtype type);
} // namespace baseline
namespace avx2 {
template <op_family F>
const kernel_table* single_kernels(std::size_t place, dtype type);
const kernel_table* common_kernels(std::size_t place, dtype type);
} // namespace avx2
namespace avx512 {
template <op_family F>
const kernel_table* single_kernels(std::size_t place, dtype type);
const kernel_table* common_kernels(std::size_t place, dtype type);
} // namespace avx512
} // namespace detail

namespace {

using lookup = const kernel_table* (*)(std::size_t, dtype);
using families = std::make_index_sequence<op_family_count>;
/// Where kernels are found: those of each family, and those of common expressions.
struct lookups {
    std::array<lookup, op_family_count> single;
    lookup common;
};

template <std::size_t... F>
lookups baseline(std::index_sequence<F...>)
{
    return {{&detail::baseline::single_kernels<static_cast<op_family>(F)>...},
            &detail::baseline::common_kernels};
}
#if defined(BACKTRAIL_HAS_AVX2)
template <std::size_t... F>
lookups avx2(std::index_sequence<F...>)
{
    return {{&detail::avx2::single_kernels<static_cast<op_family>(F)>...},
            &detail::avx2::common_kernels};
}
#endif
#if defined(BACKTRAIL_HAS_AVX512)
template <std::size_t... F>
lookups avx512(std::index_sequence<F...>)
{
    return {{&detail::avx512::single_kernels<static_cast<op_family>(F)>...},
            &detail::avx512::common_kernels};
}
#endif

instruction_set choose()
{
    const char* variable = std::getenv("BACKTRAIL_ISA");
    const std::string_view limit = variable == nullptr ? "avx512" : variable;
    if (limit != "baseline" && limit != "avx2" && limit != "avx512") {
        throw value_error("[BACKTRAIL_ISA] is \"" + std::string(limit) +
                          "\"; it must be baseline, avx2 or avx512");
    }
#if defined(BACKTRAIL_HAS_AVX512)
    if (limit == "avx512" && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma")) {
        return instruction_set::avx512;
    }
#endif
#if defined(BACKTRAIL_HAS_AVX2)
    if (limit != "baseline" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return instruction_set::avx2;
    }
#endif
    return instruction_set::baseline;
}

lookups lookups_of(instruction_set level)
{
#if defined(BACKTRAIL_HAS_AVX512)
    if (level == instruction_set::avx512) return avx512(families{});
#endif
#if defined(BACKTRAIL_HAS_AVX2)
    if (level == instruction_set::avx2) return avx2(families{});
#endif
    static_cast<void>(level);
    return baseline(families{});
}

const lookups& chosen_lookups()
{
    static const lookups chosen = lookups_of(chosen_instruction_set());
    return chosen;
}

} // namespace

instruction_set chosen_instruction_set()
{
    static const instruction_set chosen = choose();
    return chosen;
}

const kernel_table& single_op_kernels(std::size_t index, dtype type)
{
    return *chosen_lookups().single[index / op_family_capacity](index % op_family_capacity, type);
}

const kernel_table& detail::common_kernels(std::size_t place, dtype type)
{
    return *chosen_lookups().common(place, type);
}

} // namespace backtrail
