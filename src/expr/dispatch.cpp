// SPDX-License-Identifier: BSD-3-Clause
// Which instruction set the library's own kernels use: the best of the machine, or the one that
// the environment variable BACKTRAIL_ISA names (baseline, avx2, avx512).
#include <backtrail/core/error.hpp>
#include <backtrail/expr/kernel_table.hpp>

#include <cstdlib>
#include <string>

namespace backtrail {

namespace detail {
namespace baseline {
const kernel_table* single_kernels(std::size_t index, dtype type);
}
namespace avx2 {
const kernel_table* single_kernels(std::size_t index, dtype type);
}
namespace avx512 {
const kernel_table* single_kernels(std::size_t index, dtype type);
}
} // namespace detail

namespace {

using lookup = const kernel_table* (*)(std::size_t, dtype);

lookup choose()
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
        return &detail::avx512::single_kernels;
    }
#endif
#if defined(BACKTRAIL_HAS_AVX2)
    if (limit != "baseline" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return &detail::avx2::single_kernels;
    }
#endif
    return &detail::baseline::single_kernels;
}

} // namespace

const kernel_table& single_op_kernels(std::size_t index, dtype type)
{
    static const lookup chosen = choose();
    return *chosen(index, type);
}

} // namespace backtrail
