// SPDX-License-Identifier: BSD-3-Clause
// Throughput of every elementwise op of the catalogue on 1e5 elements in double and float: the time of
// its kernel as a ratio to copying an array of that size, and how many times faster it is than a loop
// over single numbers that calls the C library. Copy, kernel and loop take turns in every round.
#include "timing.hpp"

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/ops/catalogue.hpp>

#include <cstring>
#include <random>

namespace {

using namespace backtrail;

constexpr std::size_t elements = 100000;
constexpr int rounds = 9;

template <class T>
using arrays = std::vector<std::vector<T>>;

/// One array for each operand and one for the result, within the op's domain.
template <class Op, class T>
arrays<T> random_operands()
{
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> uniform(Op::domain.low, Op::domain.high);
    arrays<T> x(Op::arity + 1, std::vector<T>(elements + 64 / sizeof(T)));
    for (auto& one : x) {
        for (T& v : one) v = static_cast<T>(uniform(random));
    }
    return x;
}

template <class Op, class T, std::size_t... J>
[[gnu::noinline]] void scalar_loop(const arrays<T>& x, T* y, std::index_sequence<J...>)
{
    using V = lanes<T, one_lane>;
    const T* const in[] = {x[J].data()...};
    for (std::size_t i = 0; i < elements; ++i) y[i] = V(Op::value(V(in[J][i])...)).get();
}

struct figures {
    double nanoseconds, to_copy, to_scalar;
};

template <class Op, class T>
figures measure()
{
    arrays<T> x = random_operands<Op, T>();
    T* y = x.back().data();
    std::vector<const void*> in;
    for (const auto& one : x) in.push_back(one.data());
    const kernel_table& table = single_op_kernels(op_index<Op>::value, dtype_of<T>);
    std::vector<bench::turn> all = {
        {"kernel", [&] { table.value(in.data(), nullptr, y, elements); }},
        {"copy", [&] { std::memcpy(y, x[0].data(), elements * sizeof(T)); }},
        {"scalar", [&] { scalar_loop<Op>(x, y, std::make_index_sequence<Op::arity>{}); }},
    };
    bench::measure(all, rounds);
    return {1e9 * bench::median(all[0].seconds) / elements,
            1 / bench::median(bench::ratios(all[1], all[0])),
            bench::median(bench::ratios(all[2], all[0]))};
}

template <class Op>
void print_row()
{
    const figures d = measure<Op, double>(), f = measure<Op, float>();
    std::printf("%-20s %9.3f %8.1f %8.1f     %9.3f %8.1f %8.1f\n", std::string(Op::name).c_str(),
                d.nanoseconds, d.to_copy, d.to_scalar, f.nanoseconds, f.to_copy, f.to_scalar);
    std::fflush(stdout);
}

template <class... Op>
void print_all(op_list<Op...>)
{
    (print_row<Op>(), ...);
}

} // namespace

int main()
{
    std::puts(
        "elementwise ops, values of 1e5 elements, one thread: ns an element, ratio to a copy,\n"
        "and how many times a scalar loop over the C library takes as long\n");
    std::puts("                                   double                          float");
    std::puts("op                         ns     copy   scalar            ns     copy   scalar");
    print_all(catalogue{});
}
