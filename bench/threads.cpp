// SPDX-License-Identifier: BSD-3-Clause
// How backtrail and OpenBLAS, which the references call, are told the number of threads.
#include "problem.hpp"

#include <cblas.h>

#if __has_include(<backtrail/run/threads.hpp>)
#include <backtrail/run/threads.hpp>
const bench::registration ours([](int n) {
    backtrail::set_num_threads(static_cast<std::size_t>(n));
});
#endif

const bench::registration blas([](int n) { openblas_set_num_threads(n); });
