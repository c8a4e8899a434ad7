// SPDX-License-Identifier: BSD-3-Clause
// Values together with where they were found.
#pragma once

#include <backtrail/expr/handle.hpp>

namespace backtrail {

/// Elements and their places along an axis: `auto [values, indices] = sort(x);`
template <element T>
struct with_index {
    tensor<T> values;
    tensor<std::int64_t> indices;
};

} // namespace backtrail
