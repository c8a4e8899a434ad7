// SPDX-License-Identifier: BSD-3-Clause
// Key functions of the error classes: one vtable and one type_info each, in the library.
#include <backtrail/core/error.hpp>

namespace backtrail {

error::~error() = default;
shape_error::~shape_error() = default;
dtype_error::~dtype_error() = default;
index_error::~index_error() = default;
value_error::~value_error() = default;
unconnected_error::~unconnected_error() = default;
tag_error::~tag_error() = default;
state_error::~state_error() = default;
budget_error::~budget_error() = default;
recomputation_error::~recomputation_error() = default;
cancelled_error::~cancelled_error() = default;

} // namespace backtrail
