// SPDX-License-Identifier: BSD-3-Clause
// Walking an expression's type, forward and back, on registers: what stands inside the loops of kernel.hpp.
#pragma once

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/expr/tree.hpp>
#include <backtrail/ops/op.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <tuple>
#include <utility>

namespace backtrail::detail {

/// The registers of one pass: operands, tangents or cotangents, and the literals, which are loaded once:
/// what depends on them alone the compiler takes out of the loop.
template <class V, std::size_t N, std::size_t L>
struct registers {
    std::array<V, N == 0 ? 1 : N> x, d;
    std::array<V, L == 0 ? 1 : L> c, inverse;
    /// Dividing by a power of two is multiplying by its inverse, to the last bit, and far cheaper. A finite
    /// inverse can be a partial that no cotangent has to be masked for.
    std::array<bool, L == 0 ? 1 : L> has_exact_inverse, has_finite_inverse;

    [[gnu::always_inline]] explicit registers(const double* literals)
    {
        d.fill(V(0));
        for (std::size_t i = 0; i < L; ++i) {
            c[i] = V(literals[i]);
            inverse[i] = V(1.0 / literals[i]);
            has_exact_inverse[i] = is_power_of_two(literals[i]);
            has_finite_inverse[i] = is_moderate(literals[i]);
        }
    }

private:
    /// True if the inverse is a normal number, in float, too.
    [[gnu::always_inline]] static bool is_moderate(double x)
    {
        constexpr std::uint64_t one = 1023, widest = 125;
        const std::uint64_t exponent = (std::bit_cast<std::uint64_t>(x) >> 52) & 0x7ff;
        return exponent >= one - widest && exponent <= one + widest;
    }
    [[gnu::always_inline]] static bool is_power_of_two(double x)
    {
        constexpr std::uint64_t fraction = (std::uint64_t{1} << 52) - 1;
        return is_moderate(x) && (std::bit_cast<std::uint64_t>(x) & fraction) == 0;
    }
};

/// What is known at compile time of a cotangent: that it is 1, and that it counts with a minus. Signs are carried
/// down to where something is subtracted: no bit changes, and no product is made to negate.
struct cotangent_form {
    bool is_one = false;
    bool is_negative = false;
};
template <cotangent_form Form, class V>
[[gnu::always_inline]] inline V with_sign(V y_bar)
{
    return Form.is_negative ? -y_bar : y_bar;
}

/// The first slots, as bits. The cotangent that reaches a slot first is assigned, later ones are added.
using slot_set = std::uint64_t;
inline constexpr std::size_t slot_set_size = 64;

template <class Tree>
struct evaluator;

template <std::size_t I>
struct evaluator<slot<I>> {
    static constexpr std::size_t slots = I + 1, literals = 0, lines = 1;
    static constexpr slot_set reached = I < slot_set_size ? slot_set{1} << I % slot_set_size : 0;
    template <class V>
    struct state {};
    template <class V, class R>
    [[gnu::always_inline]] static V value(const R& r)
    {
        return r.x[I];
    }
    template <class V, class R>
    [[gnu::always_inline]] static V forward(const R& r, state<V>&)
    {
        return r.x[I];
    }
    template <class V, cotangent_form Form, slot_set Before = 0, class R>
    [[gnu::always_inline]] static void backward(R& r, const state<V>&, V y_bar)
    {
        if constexpr ((Before & reached) == 0 && reached != 0) {
            r.d[I] = with_sign<Form>(y_bar);
        } else {
            r.d[I] = Form.is_negative ? r.d[I] - y_bar : r.d[I] + y_bar;
        }
    }
    template <class V, class R>
    [[gnu::always_inline]] static std::pair<V, V> pushforward(const R& r)
    {
        return {r.x[I], r.d[I]};
    }
    static constexpr std::uint16_t write(instruction* code, std::uint16_t& line)
    {
        code[line] = {instruction::kind::slot, I, {}};
        return line++;
    }
};

template <std::size_t I>
struct evaluator<number<I>> {
    static constexpr std::size_t slots = 0, literals = I + 1, lines = 1;
    static constexpr slot_set reached = 0;
    template <class V>
    struct state {};
    template <class V, class R>
    [[gnu::always_inline]] static V value(const R& r)
    {
        return r.c[I];
    }
    template <class V, class R>
    [[gnu::always_inline]] static V forward(const R& r, state<V>&)
    {
        return r.c[I];
    }
    template <class V, cotangent_form Form, slot_set Before = 0, class R>
    [[gnu::always_inline]] static void backward(R&, const state<V>&, V)
    {}
    template <class V, class R>
    [[gnu::always_inline]] static std::pair<V, V> pushforward(const R& r)
    {
        return {r.c[I], V(0)};
    }
    static constexpr std::uint16_t write(instruction* code, std::uint16_t& line)
    {
        code[line] = {instruction::kind::literal, I, {}};
        return line++;
    }
};

template <class Tree>
inline constexpr bool is_number = false;
template <std::size_t I>
inline constexpr bool is_number<number<I>> = true;
template <class Tree>
inline constexpr std::size_t number_index = 0;
template <std::size_t I>
inline constexpr std::size_t number_index<number<I>> = I;

template <class Op, class... X>
struct evaluator<applied<Op, X...>> {
    static constexpr std::size_t slots = std::max({evaluator<X>::slots...});
    static constexpr std::size_t literals = std::max({evaluator<X>::literals...});
    static constexpr std::size_t lines = 1 + (evaluator<X>::lines + ...);
    static constexpr slot_set reached = (evaluator<X>::reached | ...);

    template <class V, std::size_t>
    using repeat = V;
    template <class V>
    static constexpr bool fused_form = []<std::size_t... J>(std::index_sequence<J...>) {
        return has_value_and_partials<Op, repeat<V, J>...>;
    }(std::index_sequence_for<X...>{});

    /// What the partials are made of.
    template <class V>
    static constexpr partials_form form = []<std::size_t... J>(std::index_sequence<J...>) {
        return form_of<Op, V, repeat<V, J>...>();
    }(std::index_sequence_for<X...>{});

    /// What the backward walk needs of the forward walk; the compiler drops what it does not use.
    template <class V>
    struct state {
        std::tuple<typename evaluator<X>::template state<V>...> operands;
        std::array<V, sizeof...(X)> x;
        V y;
        std::array<V, fused_form<V> ? sizeof...(X) : 0> p;
    };

    template <class V, class R>
    [[gnu::always_inline]] static V value(const R& r)
    {
        return apply_op<V>(r, evaluator<X>::template value<V>(r)...);
    }

    template <class V, class R>
    [[gnu::always_inline]] static V forward(const R& r, state<V>& s)
    {
        return [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            ((s.x[J] = evaluator<X>::template forward<V>(r, std::get<J>(s.operands))), ...);
            if constexpr (fused_form<V>) {
                const auto both = Op::value_and_partials(s.x[J]...);
                ((s.p[J] = std::get<J>(both.second)), ...);
                s.y = both.first;
            } else {
                s.y = apply_op<V>(r, s.x[J]...);
            }
            return s.y;
        }(std::index_sequence_for<X...>{});
    }

    /// Adds to the cotangents of the slots, of which those in `Before` have something already.
    template <class V, cotangent_form Form, slot_set Before = 0, class R>
    [[gnu::always_inline]] static void backward(R& r, const state<V>& s, V y_bar)
    {
        [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            const auto p = [&]() __attribute__((always_inline)) {
                if constexpr (fused_form<V>) {
                    return s.p;
                } else {
                    return partials<Op>(s.y, s.x[J]...);
                }
            }();
            ((backward_operand < V, J, Form, Before | reached_before<J>,
              X > (r, s, y_bar, std::get<J>(p))),
             ...);
        }(std::index_sequence_for<X...>{});
    }

    template <class V, class R>
    [[gnu::always_inline]] static std::pair<V, V> pushforward(const R& r)
    {
        return [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            const std::array<std::pair<V, V>, sizeof...(X)> x = {
                evaluator<X>::template pushforward<V>(r)...};
            const V y = apply_op<V>(r, x[J].first...);
            const auto p = partials<Op>(y, x[J].first...);
            V y_dot = V(0);
            ((y_dot = tangent_term<V, J, X>(y_dot, x[J].second, std::get<J>(p))), ...);
            return std::pair<V, V>{y, y_dot};
        }(std::index_sequence_for<X...>{});
    }

    static constexpr std::uint16_t write(instruction* code, std::uint16_t& line)
    {
        std::uint16_t j = 0;
        std::array<std::uint16_t, 3> operands = {};
        ((operands[j++] = evaluator<X>::write(code, line)), ...);
        code[line] = {instruction::kind::op, static_cast<std::uint16_t>(op_index<Op>::value),
                      operands};
        return line++;
    }

private:
    /// The op on values of its operands.
    template <class V, class R, class... Operand>
    [[gnu::always_inline]] static V apply_op(const R& r, const Operand&... x)
    {
        if constexpr (divides_by_number<V>) {
            constexpr std::size_t k = number_index<std::tuple_element_t<1, std::tuple<X...>>>;
            const auto& dividend = std::get<0>(std::tie(x...));
            if (r.has_exact_inverse[k]) [[likely]]
                return dividend * r.inverse[k];
        }
        return call<Op>(x...);
    }
    template <class V>
    static constexpr bool divides_by_number = [] {
        if constexpr (Op::is_quotient) {
            return !V::is_scalar && is_number<std::tuple_element_t<1, std::tuple<X...>>>;
        } else {
            return false;
        }
    }();

    /// What the operands before operand J have reached.
    template <std::size_t J>
    static constexpr slot_set reached_before = [] {
        slot_set sum = 0;
        std::size_t k = 0;
        ((sum |= k++ < J ? evaluator<X>::reached : 0), ...);
        return sum;
    }();

    template <class V, std::size_t J, cotangent_form Form, slot_set Before, class Operand, class R,
              class P>
    [[gnu::always_inline]] static void backward_operand(R& r, const state<V>& s, V y_bar,
                                                        const P& p)
    {
        if constexpr (!is_number<Operand>) {
            const auto pass = [&]<cotangent_form G>(V x_bar) __attribute__((always_inline)) {
                evaluator<Operand>::template backward<V, G, Before>(r, std::get<J>(s.operands),
                                                                    x_bar);
            };
            constexpr double constant = constant_partial<J>();
            if constexpr (constant == 1 || constant == -1) {
                constexpr bool is_negative = Form.is_negative != (constant == -1);
                pass.template operator()<cotangent_form{Form.is_one, is_negative}>(y_bar);
            } else if constexpr (Op::scales == scaling::plain && std::is_same_v<P, V>) {
                pass.template operator()<cotangent_form{false, Form.is_negative}>(y_bar * p);
            } else {
                pass.template operator()<cotangent_form{}>(scaled<V, Form>(r, y_bar, p));
            }
        }
    }
    /// Partial J where it is the same everywhere, else NaN.
    template <std::size_t J>
    static constexpr double constant_partial()
    {
        if constexpr (has_constant_partials<Op>) {
            return std::get<J>(Op::partials_constant());
        } else {
            return not_a_number;
        }
    }
    /// Cotangent times partial.
    template <class V, cotangent_form Form, class R, class P>
    [[gnu::always_inline]] static V scaled(const R& r, V y_bar, const P& p)
    {
        if constexpr (divides_by_number<V>) {
            constexpr std::size_t k = number_index<std::tuple_element_t<1, std::tuple<X...>>>;
            if (r.has_finite_inverse[k]) [[likely]]
                return with_sign<Form>(y_bar) * r.inverse[k];
        }
        if constexpr (Form.is_one && Op::scales == scaling::masked && std::is_same_v<P, V>) {
            return Form.is_negative ? V(0) - p : V(0) + p; // a product of 0 is +0
        } else {
            return scale<Op, V>(with_sign<Form>(y_bar), p);
        }
    }
    template <class V, std::size_t J, class Operand, class P>
    [[gnu::always_inline]] static V tangent_term(V sum, V x_dot, const P& p)
    {
        if constexpr (is_number<Operand>) {
            return sum;
        } else {
            const V term = scale<Op, V>(x_dot, p);
            return J == 0 ? term : sum + term;
        }
    }
};

} // namespace backtrail::detail
