// SPDX-License-Identifier: BSD-3-Clause
// All elementwise ops, as one list of types: for what is generated from the ops at compile time.
#pragma once

#include <backtrail/ops/activation.hpp>
#include <backtrail/ops/arithmetic.hpp>
#include <backtrail/ops/comparison.hpp>
#include <backtrail/ops/exponential.hpp>
#include <backtrail/ops/hyperbolic.hpp>
#include <backtrail/ops/rounding.hpp>
#include <backtrail/ops/special.hpp>
#include <backtrail/ops/trigonometric.hpp>

#include <utility>

namespace backtrail {

namespace detail {

template <class... List>
struct concatenated;
template <class List>
struct concatenated<List> {
    using type = List;
};
template <class... A, class... B, class... Rest>
struct concatenated<op_list<A...>, op_list<B...>, Rest...>
    : concatenated<op_list<A..., B...>, Rest...> {};

template <std::size_t... F>
auto all_families(std::index_sequence<F...>) ->
    typename concatenated<typename family<static_cast<op_family>(F)>::list...>::type;

} // namespace detail

using catalogue = decltype(detail::all_families(std::make_index_sequence<op_family_count>{}));

} // namespace backtrail
