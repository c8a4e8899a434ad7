// SPDX-License-Identifier: BSD-3-Clause
// From an expression's type to its kernels: one loop each, everything but sums in registers.
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

template <class Tree, class T, class Arch>
struct kernel {
    using E = evaluator<Tree>;
    using V = lanes_for<T, Arch>;
    static constexpr std::size_t N = E::slots;
    static constexpr auto slots = std::make_index_sequence<N>{};

    static void value(const void* const* x, const double* literals, void* y, std::size_t n)
    {
        [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            const T* in[N + 1] = {static_cast<const T*>(x[J])...};
            T* out = static_cast<T*>(y);
            registers<V, N, E::literals> r(literals);
            for (std::size_t i = 0; i < n; i += V::width) {
                ((r.x[J] = V::load(in[J] + i)), ...);
                E::template value<V>(r).store(out + i);
            }
        }(slots);
    }

    static void pullback(const void* const* x, const double* literals, const reverse_tile& tile,
                         std::size_t n)
    {
        sweep<false, false>(x, literals, tile, n);
    }

    /// A sum has a cotangent of 1: a loop of its own multiplies nothing by it.
    /// Functions of an expression are called by all its kernels, and so would stay calls, around which the
    /// many registers in use here are saved: here they become part of the loop.
    [[gnu::flatten]] static void value_and_pullback(const void* const* x, const double* literals,
                                                    const reverse_tile& tile, std::size_t n)
    {
        if constexpr (single_op<Tree>::value) { // which saves one product
            sweep<true, false>(x, literals, tile, n);
        } else if (tile.is_uniform && *static_cast<const T*>(tile.y_bar) == T(1)) {
            sweep<true, true>(x, literals, tile, n);
        } else {
            value_and_scaled_pullback(x, literals, tile, n);
        }
    }

    static void pushforward(const void* const* x, const double* literals, const void* const* x_dot,
                            void* y_dot, std::size_t n)
    {
        [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
            const T* in[N + 1] = {static_cast<const T*>(x[J])...};
            const T* dot[N + 1] = {static_cast<const T*>(x_dot[J])...};
            T* out = static_cast<T*>(y_dot);
            registers<V, N, E::literals> r(literals);
            for (std::size_t i = 0; i < n; i += V::width) {
                ((r.x[J] = V::load(in[J] + i)), ...);
                ((r.d[J] = V::load(dot[J] + i)), ...);
                E::template pushforward<V>(r).second.store(out + i);
            }
        }(slots);
    }

private:
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
            [[maybe_unused]] T* const y = static_cast<T*>(tile.y);
            [[maybe_unused]] T* const parts = static_cast<T*>(tile.parts);
            // What most calls are: nothing to add to, and a sum in place of values.
            const bool is_plain =
                (!WithValue || parts != nullptr) && ((mode[J] == store_mode::write) && ...);
            if (WithValue && parts != nullptr) clear(parts);
            registers<V, N, E::literals> r(literals);
            for (std::size_t i = 0; i < n; i += V::width) {
                ((r.x[J] = V::load(in[J] + i)), ...);
                ((r.d[J] = V(0)), ...);
                typename E::template state<V> s;
                const V result = E::template forward<V>(r, s);
                V y_bar(1);
                if constexpr (!HasUnitCotangent) {
                    y_bar = V::load(cotangent);
                    cotangent += step;
                }
                E::template backward<V, cotangent_form{HasUnitCotangent}>(r, s, y_bar);
                if (is_plain) [[likely]] {
                    if constexpr (WithValue) add(result, parts + i % sum_parts);
                    ((r.d[J].store(out[J] + i)), ...);
                    continue;
                }
                if constexpr (WithValue) {
                    if (parts != nullptr) {
                        add(result, parts + i % sum_parts);
                    } else {
                        result.store(y + i);
                    }
                }
                ((put(r.d[J], out[J] + i, mode[J])), ...);
            }
        }(slots);
    }

    [[gnu::always_inline]] static void clear(T* parts)
    {
        for (std::size_t k = 0; k < sum_parts; k += V::width) V(0).store(parts + k);
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
inline constexpr auto code_of = [] {
    std::array<instruction, evaluator<Tree>::lines> code{};
    std::uint16_t line = 0;
    evaluator<Tree>::write(code.data(), line);
    return code;
}();

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
