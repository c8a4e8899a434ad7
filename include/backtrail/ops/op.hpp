// SPDX-License-Identifier: BSD-3-Clause
// The form of an elementwise op. An op is a struct with a name, an arity, a value and exactly one
// form of its derivative; the form's name says what a pullback needs:
//
//     partials_constant()            nothing; the function is constexpr
//     partials_from_inputs(x...)     the operands
//     partials_from_output(y)        the result
//     partials_from_both(y, x...)    both
//
// Each is generic: the same line runs on `lanes` inside a kernel and on `symbol` when derivatives
// of derivatives are built. Formulas mention other ops as `call<Op>(x)`.
// Start reading at ops/arithmetic.hpp for examples and at ops/catalogue.hpp for the list.
#pragma once

#include <backtrail/ops/concepts.hpp>
#include <backtrail/ops/entry.hpp>
#include <backtrail/ops/lanes.hpp>
#include <backtrail/ops/symbol.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

namespace backtrail {

/// How a cotangent (or tangent) and a partial are multiplied.
enum class scaling {
    plain, ///< g * p
    masked ///< 0 where either is 0, also beside infinities and NaN: for partials that may be
           ///< infinite, and for operands that may not be taken at all
};

template <class... Op>
struct op_list {
    static constexpr std::size_t size = sizeof...(Op);
};

/// A point at which an op's value and derivative are known to high precision.
template <std::size_t Arity>
struct reference_point {
    std::array<double, Arity> x;
    double y;
    std::array<double, Arity> dy;
};

/// Where the generated tests draw their random arguments.
struct interval {
    double low;
    double high;
};

/// The defaults of an op; an op struct derives from it and overrides what differs.
template <std::size_t Arity>
struct elementwise {
    static constexpr std::size_t arity = Arity;
    static constexpr scaling scales = scaling::plain;
    static constexpr bool is_predicate = false; ///< the result is bool
    static constexpr bool accepts_integers = false;
    static constexpr bool keeps_masks = false; ///< operands of 0 and 1 give 0 or 1
    static constexpr bool is_quotient = false; ///< of the first operand by the second
    static constexpr interval domain = {-2.0, 2.0};
    static constexpr std::array<reference_point<Arity>, 0> reference_points = {};
    static constexpr documentation about = {};
};

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The ops of a family: specialised below the family's list, at the end of its header. A family whose
/// header is not included looks empty, which is right for those that do not stand on it.
template <op_family F>
struct family {
    using list = op_list<>;
};

namespace detail {

template <class Op, class... Ops>
constexpr std::size_t position_in(op_list<Ops...>)
{
    std::size_t at = 0;
    static_cast<void>(((std::is_same_v<Op, Ops> || (++at, false)) || ...));
    return at;
}

/// Looks from the lowest family up and stops where the op is found, so that the kernels of a family
/// need to know nothing of the families above it.
template <class Op, std::size_t F = 0>
constexpr std::size_t find_op()
{
    static_assert(F < op_family_count, "the op is missing in its family's list");
    using list = typename family<static_cast<op_family>(F)>::list;
    constexpr std::size_t at = position_in<Op>(list{});
    if constexpr (at < list::size) {
        return F * op_family_capacity + at;
    } else {
        return find_op<Op, F + 1>();
    }
}

} // namespace detail

/// The number by which compiled code knows an op.
template <class Op>
struct op_index : std::integral_constant<std::size_t, detail::find_op<Op>()> {};

namespace detail {

template <class... X>
struct formula_type;
template <class X, class... Rest>
struct formula_type<X, Rest...> {
    using type = typename std::conditional_t<std::is_arithmetic_v<X>, formula_type<Rest...>,
                                             std::type_identity<X>>::type;
};

} // namespace detail

namespace ops {
/// The name and the value of an op that is mentioned outside its family: see ops/words.hpp.
template <class Op>
struct word;
} // namespace ops

template <class Op>
concept has_word = requires { ops::word<Op>::name; };

/// The number of an op that a formula mentions. One that has a word is asked by its name, since its
/// family need not be known where the formula is compiled.
template <class Op>
[[nodiscard]] std::size_t index_of()
{
    if constexpr (has_word<Op>) {
        static const std::size_t index = index_named(ops::word<Op>::name);
        return index;
    } else {
        return op_index<Op>::value;
    }
}

/// Applies an op within a formula: evaluates it on lanes, records a node on symbols.
template <class Op, class... X>
[[gnu::always_inline]] inline auto call(const X&... x)
{
    using V = typename detail::formula_type<X...>::type;
    if constexpr (is_symbol<V>) {
        const symbol operands[] = {symbol(x)...};
        return record(index_of<Op>(), operands);
    } else {
        using formula = std::conditional_t<has_word<Op>, ops::word<Op>, Op>;
        return V(formula::value(V(x)...));
    }
}

template <class Op>
concept has_constant_partials = requires { Op::partials_constant(); };
template <class Op, class... X>
concept has_partials_from_inputs = requires(const X&... x) { Op::partials_from_inputs(x...); };
template <class Op, class X>
concept has_partials_from_output = requires(const X& y) { Op::partials_from_output(y); };
template <class Op, class... X>
concept has_partials_from_both = requires(const std::tuple_element_t<0, std::tuple<X...>>& y,
                                          const X&... x) { Op::partials_from_both(y, x...); };
/// Value and partials together, where that is cheaper.
template <class Op, class... X>
concept has_value_and_partials = requires(const X&... x) { Op::value_and_partials(x...); };

/// What a pullback of the op needs.
template <class Op, class V, class... X>
[[nodiscard]] constexpr partials_form form_of()
{
    constexpr int forms = int(has_constant_partials<Op>) + int(has_partials_from_inputs<Op, X...>) +
                          int(has_partials_from_output<Op, V>) +
                          int(has_partials_from_both<Op, X...>);
    static_assert(forms == 1, "an op declares its partials in exactly one form");
    return has_constant_partials<Op>            ? partials_form::constant
           : has_partials_from_inputs<Op, X...> ? partials_form::from_inputs
           : has_partials_from_output<Op, V>    ? partials_form::from_output
                                                : partials_form::from_both;
}

/// The partials of an op as a tuple, one per operand: numbers, lanes or symbols.
template <class Op, class V, class... X>
[[gnu::always_inline]] inline auto partials(const V& y, const X&... x)
{
    constexpr partials_form form = form_of<Op, V, X...>();
    if constexpr (form == partials_form::constant) {
        return Op::partials_constant();
    } else if constexpr (form == partials_form::from_inputs) {
        return Op::partials_from_inputs(x...);
    } else if constexpr (form == partials_form::from_output) {
        return Op::partials_from_output(y);
    } else {
        return Op::partials_from_both(y, x...);
    }
}

namespace ops {
struct Masked; // g * p, 0 where either is 0
} // namespace ops

/// Cotangent (or tangent) times partial, in the manner the op declares.
template <class Op, class V, class P>
[[gnu::always_inline]] inline V scale(const V& g, const P& p)
{
    if constexpr (std::is_arithmetic_v<P>) {
        if constexpr (is_symbol<V>) {
            return p == 0 ? V() : p == 1 ? g : p == -1 ? -g : g * V(p);
        } else {
            return p == 1 ? g : p == -1 ? -g : p == 0 ? V(0) : g * V(p);
        }
    } else if constexpr (Op::scales == scaling::masked) {
        return call<ops::Masked>(g, p);
    } else {
        return g * p;
    }
}

} // namespace backtrail
