// SPDX-License-Identifier: BSD-3-Clause
// The list of all elementwise ops. What the library knows about ops it derives from this list:
// kernels, derivative rules on symbols, tests and documentation.
#pragma once

#include <backtrail/ops/activation.hpp>
#include <backtrail/ops/arithmetic.hpp>
#include <backtrail/ops/comparison.hpp>
#include <backtrail/ops/exponential.hpp>
#include <backtrail/ops/trigonometric.hpp>

#include <cstddef>
#include <type_traits>

namespace backtrail {

template <class... List>
struct concatenated;
template <class List>
struct concatenated<List> {
    using type = List;
};
template <class... A, class... B, class... Rest>
struct concatenated<op_list<A...>, op_list<B...>, Rest...>
    : concatenated<op_list<A..., B...>, Rest...> {};

using catalogue = concatenated<ops::arithmetic, ops::comparison, ops::exponential,
                               ops::trigonometric, ops::activation>::type;

namespace detail {

template <class Op, class List>
struct position;
template <class Op, class... Ops>
struct position<Op, op_list<Ops...>> {
    static constexpr std::size_t value = [] {
        std::size_t i = 0, at = sizeof...(Ops);
        ((std::is_same_v<Op, Ops> ? void(at = i++) : void(i++)), ...);
        return at;
    }();
    static_assert(value < sizeof...(Ops), "the op is missing in its family's list");
};

} // namespace detail

/// The place of an op in the catalogue.
template <class Op>
struct op_index : detail::position<Op, catalogue> {};

/// What compiled code knows about an op of the catalogue.
struct op_entry {
    std::string_view name;
    std::uint8_t arity = 0;
    bool is_predicate = false;
    /// Sets x_bar to what y_bar contributes, as nodes. `y` is the node of the result.
    void (*pullback)(const symbol& y, const symbol* x, const symbol& y_bar,
                     symbol* x_bar) = nullptr;
    /// The tangent of the result, as nodes; empty if structurally zero.
    symbol (*pushforward)(const symbol& y, const symbol* x, const symbol* x_dot) = nullptr;
};

/// The entry of op `index`.
[[nodiscard]] BACKTRAIL_API const op_entry& entry(std::size_t index);

} // namespace backtrail
