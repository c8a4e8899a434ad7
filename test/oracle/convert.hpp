// SPDX-License-Identifier: BSD-3-Clause
// Between the arrays of an .npz file and the library's tensors.
#pragma once

#include "registry.hpp"

#include "support/npz.hpp"

#include <string>
#include <vector>

namespace oracle {

/// Any array, its elements as double: what is compared.
struct dense {
    std::vector<std::size_t> shape;
    std::string dtype;
    std::vector<double> values;
};

[[nodiscard]] dense to_dense(const npz::array& a);
/// Evaluates the tensor.
[[nodiscard]] dense to_dense(const any_tensor& t);

[[nodiscard]] bt::variable<double> to_variable(const npz::array& a);
/// A constant of the array's element type: float64, int64 or bool.
[[nodiscard]] any_tensor to_constant(const npz::array& a);
/// Throws npz::error for any other type than float64.
[[nodiscard]] real to_real_constant(const npz::array& a);

} // namespace oracle
