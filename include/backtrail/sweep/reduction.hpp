// SPDX-License-Identifier: BSD-3-Clause
// What a reducer is: something small that is folded from the elements of an array as they are made, so
// that the array itself need not be stored.
#pragma once

#include <backtrail/core/shape.hpp>
#include <backtrail/graph/operation.hpp>

#include <functional>
#include <span>
#include <string>

namespace backtrail {

namespace detail {

/// A reducer without its result type: what a sweep plans.
struct reduction {
    std::string key; ///< equal keys mean equal results
    /// A node of doubles, folded from x.
    std::function<node_ptr(const node_ptr&)> apply;
};

} // namespace detail

/// A reducer makes `R::result` from the elements of an array, read as double.
template <class R>
concept reducer = requires(const R& r, std::span<const double> folded, const shape& operand) {
    typename R::result;
    { r.as_reduction() } -> std::same_as<detail::reduction>;
    { r.decode(folded, operand) } -> std::same_as<typename R::result>;
};

} // namespace backtrail
