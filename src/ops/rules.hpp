// SPDX-License-Identifier: BSD-3-Clause
// From an op's struct to its entry: name, kind, and its derivative rules on symbols. The build makes
// one source per family of this.
#pragma once

#include <backtrail/ops/op.hpp>

namespace backtrail::detail {

template <std::size_t J>
using symbol_at = symbol;

template <class Op>
struct rules {
    template <std::size_t... J>
    static auto partials_at(std::index_sequence<J...>, const symbol& y, const symbol* x)
    {
        return partials<Op>(y, symbol_at<J>(x[J])...);
    }

    static void pullback(const symbol& y, const symbol* x, const symbol& y_bar, symbol* x_bar)
    {
        [&]<std::size_t... J>(std::index_sequence<J...> s) {
            const auto p = partials_at(s, y, x);
            ((x_bar[J] = x[J].is_literal() ? symbol() : scale<Op>(y_bar, std::get<J>(p))), ...);
        }(std::make_index_sequence<Op::arity>{});
    }

    static symbol pushforward(const symbol& y, const symbol* x, const symbol* x_dot)
    {
        return [&]<std::size_t... J>(std::index_sequence<J...> s) {
            const auto p = partials_at(s, y, x);
            symbol y_dot;
            const auto add = [&](const symbol& tangent, const auto& partial) {
                if (tangent.is_zero()) return;
                const symbol term = scale<Op>(tangent, partial);
                if (term.is_zero()) return;
                y_dot = y_dot.is_zero() ? term : y_dot + term;
            };
            (add(x_dot[J], std::get<J>(p)), ...);
            return y_dot;
        }(std::make_index_sequence<Op::arity>{});
    }
};

template <class Op, std::size_t... J>
constexpr op_entry make_entry(std::index_sequence<J...>)
{
    static_assert(!has_word<Op> || std::is_base_of_v<ops::word<Op>, Op>,
                  "an op with a word takes its name and its value from there");
    return {Op::name,
            static_cast<std::uint8_t>(Op::arity),
            Op::is_predicate,
            Op::accepts_integers,
            form_of<Op, symbol, symbol_at<J>...>(),
            Op::about,
            &rules<Op>::pullback,
            &rules<Op>::pushforward};
}

template <class... Op>
constexpr auto make_entries(op_list<Op...>)
{
    return std::array<op_entry, sizeof...(Op)>{
        make_entry<Op>(std::make_index_sequence<Op::arity>{})...};
}

/// The entries of one family; each family's source instantiates its own.
template <op_family F>
std::span<const op_entry> entries_of()
{
    static constexpr auto all = make_entries(typename family<F>::list{});
    return all;
}

} // namespace backtrail::detail
