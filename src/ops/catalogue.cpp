// SPDX-License-Identifier: BSD-3-Clause
// What compiled code knows of each op: name, kind, and its derivative rules on symbols, all
// deduced from the op's struct.
#include <backtrail/ops/catalogue.hpp>

namespace backtrail {
namespace {

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

template <class... Op>
constexpr auto make_entries(op_list<Op...>)
{
    return std::array<op_entry, sizeof...(Op)>{
        op_entry{Op::name, static_cast<std::uint8_t>(Op::arity), Op::is_predicate,
                 &rules<Op>::pullback, &rules<Op>::pushforward}...};
}

constexpr auto entries = make_entries(catalogue{});

} // namespace

const op_entry& entry(std::size_t index) { return entries[index]; }

symbol operator-(const symbol& x) { return call<ops::Neg>(x); }
symbol operator+(const symbol& x, const symbol& y) { return call<ops::Add>(x, y); }
symbol operator-(const symbol& x, const symbol& y) { return call<ops::Sub>(x, y); }
symbol operator*(const symbol& x, const symbol& y) { return call<ops::Mul>(x, y); }
symbol operator/(const symbol& x, const symbol& y) { return call<ops::Div>(x, y); }

} // namespace backtrail
