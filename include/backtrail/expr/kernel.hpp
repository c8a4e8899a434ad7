// SPDX-License-Identifier: BSD-3-Clause
// From an expression's type to its kernels: loops over vectors, everything between operands and results in registers.
// `evaluator` walks the tree at compile time; `kernel` puts a loop around each walk.
#pragma once

#include <backtrail/expr/evaluator.hpp>

namespace backtrail::detail {

/// The lanes a compute type runs on: SIMD batches for floating point, single numbers for the rest.
template <class T, class Arch>
using lanes_for = std::conditional_t<differentiable<T>, lanes<T, Arch>, lanes<T, one_lane>>;

/// A numbered tree of one op on its slots in order.
template <class Tree>
struct single_op {
    static constexpr bool value = false;
};
template <class Op, std::size_t... J>
struct single_op<applied<Op, slot<J>...>> {
    static constexpr bool value =
        std::is_same_v<std::index_sequence<J...>, std::make_index_sequence<Op::arity>>;
    using op = Op;
};

template <class Tree>
inline constexpr auto code_of = [] {
    std::array<instruction, evaluator<Tree>::lines> code{};
    std::uint16_t line = 0;
    evaluator<Tree>::write(code.data(), line);
    return code;
}();

[[nodiscard]] constexpr bool is_arithmetic(std::size_t op)
{
    return op / op_family_capacity == static_cast<std::size_t>(op_family::arithmetic);
}

/// True of a few ops of plain arithmetic: of so few lines, slots and numbers included, that several vectors' worth
/// of them is still a short loop.
template <class Tree>
inline constexpr bool is_cheap =
    code_of<Tree>.size() <= 32 &&
    std::all_of(code_of<Tree>.begin(), code_of<Tree>.end(), [](const instruction& line) {
        return line.what != instruction::kind::op || is_arithmetic(line.index);
    });

/// True if there is a slot that a cotangent reaches. Nobody needs the partials of other operands, numbers and masks.
template <class Tree>
inline constexpr bool takes_cotangent = !is_number<Tree>;
template <class Op, class... X>
inline constexpr bool takes_cotangent<applied<Op, X...>> =
    !Op::is_predicate && (takes_cotangent<X> || ...);

inline constexpr std::size_t too_far = 1000;
/// How many instructions of plain arithmetic the value is away from what a pullback has at hand: slots, and what
/// partials read. Which of an op's partials reads its value is not known, so an operand without one is too far.
template <class V, class Tree>
inline constexpr std::size_t steps_to_value = 0;
template <class V, class Op, class... X>
inline constexpr std::size_t steps_to_value<V, applied<Op, X...>> = [] {
    constexpr partials_form form = evaluator<applied<Op, X...>>::template form<V>;
    constexpr bool reads_all = (takes_cotangent<X> && ...);
    if (form == partials_form::from_output) return std::size_t{0};
    if (form == partials_form::from_both) return reads_all ? std::size_t{0} : too_far;
    if (!is_arithmetic(op_index<Op>::value) || sizeof...(X) > 2) return too_far;
    const bool has_operands = form == partials_form::from_inputs && reads_all;
    return 1 + (has_operands ? 0 : (steps_to_value<V, X> + ...));
}();
/// True if a pullback makes the value on its way, or would in one instruction more.
template <class V, class Tree>
inline constexpr bool makes_value = steps_to_value<V, Tree> <= 1;

/// How many products a cotangent of 1 saves: one for each partial of another kind that it reaches through partials of
/// 1 and -1.
template <class Tree>
inline constexpr std::size_t products_of_cotangent = 0;
template <class Op, class... X>
inline constexpr std::size_t products_of_cotangent<applied<Op, X...>> = [] {
    if constexpr (has_constant_partials<Op>) {
        return std::apply(
            [](auto... p) {
                return ((p * p == 1 ? products_of_cotangent<X> : std::size_t{p != 0}) + ...);
            },
            Op::partials_constant());
    } else {
        return (std::size_t{takes_cotangent<X>} + ...);
    }
}();

template <class Tree, class T, class Arch>
struct kernel {
    using E = evaluator<Tree>;
    using V = lanes_for<T, Arch>;
    static constexpr std::size_t N = E::slots;
    using R = registers<V, N, E::literals>;
    static constexpr auto slots = std::make_index_sequence<N>{};

    static void value(const void* const* x, const double* literals, void* y, std::size_t n)
    {
        [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            const T* in[N + 1] = {static_cast<const T*>(x[J])...};
            T* out = static_cast<T*>(y);
            R r(literals);
            for (std::size_t i = 0; i < n; i += V::width) {
                ((r.x[J] = V::load(in[J] + i)), ...);
                E::template value<V>(r).store(out + i);
            }
        }(slots);
    }

    /// Where the value is at hand, this is also the loop that leaves it. Never copied into others.
    [[gnu::noinline]] static void pullback(const void* const* x, const double* literals,
                                           const reverse_tile& tile, std::size_t n)
    {
        sweep<makes_value<V, Tree>, false>(x, literals, tile, n);
    }

    /// A sum has a cotangent of 1. A loop of its own multiplies nothing by it, where that is worth the code.
    /// Functions of an expression are called by all its kernels, and so would stay calls, around which the
    /// many registers in use here are saved: here they become part of the loop, unless the pullback serves.
    [[gnu::flatten]] static void value_and_pullback(const void* const* x, const double* literals,
                                                    const reverse_tile& tile, std::size_t n)
    {
        if constexpr (has_loop_of_unit_cotangent) {
            if (tile.is_uniform && *static_cast<const T*>(tile.y_bar) == T(1)) {
                sweep<true, true>(x, literals, tile, n);
                return;
            }
        }
        if constexpr (makes_value<V, Tree>) {
            pullback(x, literals, tile, n);
        } else if constexpr (has_loop_of_unit_cotangent) {
            value_and_scaled_pullback(x, literals, tile, n);
        } else {
            sweep<true, false>(x, literals, tile, n);
        }
    }

    static void pushforward(const void* const* x, const double* literals, const void* const* x_dot,
                            void* y_dot, std::size_t n)
    {
        [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            const T* in[N + 1] = {static_cast<const T*>(x[J])...};
            const T* dot[N + 1] = {static_cast<const T*>(x_dot[J])...};
            T* out = static_cast<T*>(y_dot);
            R r(literals);
            for (std::size_t i = 0; i < n; i += V::width) {
                ((r.x[J] = V::load(in[J] + i)), ...);
                ((r.d[J] = V::load(dot[J] + i)), ...);
                E::template pushforward<V>(r).second.store(out + i);
            }
        }(slots);
    }

private:
    /// What it saves of one op or two is not worth a loop, unless there is little else in it.
    static constexpr bool has_loop_of_unit_cotangent =
        !single_op<Tree>::value && (is_cheap<Tree> || products_of_cotangent<Tree> >= 3);

    static_assert(sum_parts % V::width == 0);
    static constexpr std::size_t sum_vectors = sum_parts / V::width;
    /// Sums in registers want a loop of several vectors: much code, and much gained where a vector takes few
    /// instructions, so that reading the sums from memory and writing them back would be a good part of them. More
    /// than four sums would leave too few of 16 registers for the rest, and code for vectors that are short besides is
    /// not worth its compilation.
    static constexpr bool has_sums_in_registers =
        V::width * sizeof(T) >= 32 && sum_vectors <= 4 && is_cheap<Tree>;

    [[gnu::noinline]] static void value_and_scaled_pullback(const void* const* x,
                                                            const double* literals,
                                                            const reverse_tile& tile, std::size_t n)
    {
        sweep<true, false>(x, literals, tile, n);
    }

    template <bool WithValue, bool HasUnitCotangent>
    [[gnu::always_inline]] static void sweep(const void* const* x, const double* literals,
                                             const reverse_tile& tile, std::size_t n)
    {
        [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            const T* in[N + 1] = {static_cast<const T*>(x[J])...};
            T* out[N + 1] = {static_cast<T*>(tile.x_bar[J])...};
            const store_mode mode[N + 1] = {tile.modes[J]...};
            const T* cotangent = static_cast<const T*>(tile.y_bar);
            const std::size_t step = tile.is_uniform ? 0 : V::width;
            [[maybe_unused]] T* const y_at = static_cast<T*>(tile.y);
            [[maybe_unused]] T* const parts = static_cast<T*>(tile.parts);
            // What most calls are: nothing to add to, and at most a sum of values.
            const bool is_plain =
                (!WithValue || y_at == nullptr) && ((mode[J] == store_mode::write) && ...);
            const R blank(literals);
            std::size_t i = 0;
            if (WithValue && parts != nullptr) {
                std::array<V, sum_vectors> sums;
                sums.fill(V(0));
                if constexpr (HasUnitCotangent && has_sums_in_registers) {
                    if (is_plain) i = n / sum_parts * sum_parts;
                    sum_in_registers(sums, blank, in, out, i,
                                     std::make_index_sequence<sum_vectors>{});
                }
                for (std::size_t k = 0; k < sum_vectors; ++k) sums[k].store(parts + k * V::width);
            }
            for (; i < n; i += V::width) {
                V y_bar(1);
                if constexpr (!HasUnitCotangent) {
                    y_bar = V::load(cotangent);
                    cotangent += step;
                }
                R r = blank;
                const V y = vector_at<HasUnitCotangent>(r, in, i, y_bar);
                if (is_plain) [[likely]] {
                    if (WithValue && parts != nullptr) add_part(y, parts, i, n);
                    ((r.d[J].store(out[J] + i)), ...);
                    continue;
                }
                if constexpr (WithValue) {
                    if (parts != nullptr) add_part(y, parts, i, n);
                    if (y_at != nullptr) y.store(y_at + i);
                }
                ((put(r.d[J], out[J] + i, mode[J])), ...);
            }
        }(slots);
    }

    /// The value of the vector at i; its cotangents are in r.d. The registers are this vector's own: were they the
    /// loop's, the compiler would keep them for whoever comes after it.
    template <bool HasUnitCotangent>
    [[gnu::always_inline]] static V vector_at(R& r, const T* const* in, std::size_t i, V y_bar)
    {
        [&]<std::size_t... J>(std::index_sequence<J...>)
            __attribute__((always_inline)) { ((r.x[J] = V::load(in[J] + i)), ...); }(slots);
        typename E::template state<V> s;
        const V y = E::template forward<V>(r, s);
        E::template backward<V, cotangent_form{HasUnitCotangent}>(r, s, y_bar);
        return y;
    }
    /// The loop of a sum, whose cotangent is 1 and whose cotangents are written; n is a multiple of `sum_parts`.
    /// The vectors are written out: only so do their sums stay in registers.
    template <std::size_t... K>
    [[gnu::always_inline]] static void sum_in_registers(std::array<V, sum_vectors>& sums,
                                                        const R& blank, const T* const* in,
                                                        T* const* out, std::size_t n,
                                                        std::index_sequence<K...>)
    {
        const auto add_vector =
            [&]<std::size_t... J>(V& sum, std::size_t i, std::index_sequence<J...>)
                __attribute__((always_inline)) {
                    R r = blank;
                    sum = sum + vector_at<true>(r, in, i, V(1));
                    ((r.d[J].store(out[J] + i)), ...);
                };
        for (std::size_t i = 0; i < n; i += sum_parts) {
            ((add_vector(std::get<K>(sums), i + K * V::width, slots)), ...);
        }
    }
    /// Of a vector that the tile ends in, only what belongs to the tile.
    [[gnu::always_inline]] static void add_part(V x, T* parts, std::size_t i, std::size_t n)
    {
        T* const sum = parts + i % sum_parts;
        if (i + V::width <= n) [[likely]] {
            add(x, sum);
            return;
        }
        T lane[V::width];
        x.store(lane);
        for (std::size_t k = 0; i + k < n; ++k) sum[k] += lane[k];
    }
    [[gnu::always_inline]] static void add(V x, T* sum) { (V::load(sum) + x).store(sum); }
    [[gnu::always_inline]] static void put(V x_bar, T* out, store_mode mode)
    {
        if (mode == store_mode::add) {
            add(x_bar, out);
        } else if (mode == store_mode::write) {
            x_bar.store(out);
        }
    }
};

template <class Tree>
inline constexpr bool is_predicate_tree = false;
template <class Op, class... X>
inline constexpr bool is_predicate_tree<applied<Op, X...>> = Op::is_predicate;

/// The kernels of a numbered tree in compute type T.
template <class Tree, class T, class Arch>
[[nodiscard]] constexpr kernel_table make_table()
{
    using K = kernel<Tree, T, Arch>;
    kernel_table table;
    table.slots = evaluator<Tree>::slots;
    table.literals = evaluator<Tree>::literals;
    table.type = dtype_of<T>;
    table.is_predicate = is_predicate_tree<Tree>;
    table.program = code_of<Tree>;
    table.value = &K::value;
    if constexpr (differentiable<T>) {
        table.pullback = &K::pullback;
        table.value_and_pullback = &K::value_and_pullback;
        table.pushforward = &K::pushforward;
    }
    return table;
}

template <class Tree, class T, class Arch>
inline constexpr kernel_table table_of = make_table<Tree, T, Arch>();

/// The tree of one op on its own.
template <class Op, class = std::make_index_sequence<Op::arity>>
struct single_tree;
template <class Op, std::size_t... J>
struct single_tree<Op, std::index_sequence<J...>> : std::type_identity<applied<Op, slot<J>...>> {};

} // namespace backtrail::detail
