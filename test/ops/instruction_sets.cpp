// SPDX-License-Identifier: BSD-3-Clause
// Every kernel of AVX-512 gives the bits of its AVX2 twin: values, pullbacks and pushforwards of all ops, in
// all types, on random and on singular arguments. The accuracy that is measured on AVX2 then holds for both.
// A program of its own, because it needs the kernels of two instruction sets at once; it prints TAP, and
// skips where the machine lacks one of them.
#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/ops/catalogue.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace backtrail::detail {
namespace avx2 {
template <op_family F>
const kernel_table* single_kernels(std::size_t place, dtype type);
}
namespace avx512 {
template <op_family F>
const kernel_table* single_kernels(std::size_t place, dtype type);
}
} // namespace backtrail::detail

namespace {

using namespace backtrail;

constexpr std::size_t arguments_of_an_op = 4096; // a whole number of vectors
constexpr std::size_t most_operands = 3;

/// One op's kernels in both instruction sets.
struct twins {
    const kernel_table& narrow;
    const kernel_table& wide;
};

template <class T>
T random_argument(const interval& domain, std::mt19937_64& random)
{
    static const std::vector<double> singular = {
        0.0,    -0.0,   1.0,      -1.0,      0.5,          -0.5,    2.0,    -2.0,
        3.0,    -3.0,   5e-324,   -5e-324,   1e-310,       -1e-310, 1e-40,  -1e-40,
        1e300,  -1e300, infinity, -infinity, not_a_number, 0.25,    -1.5,   1e-160,
        -1e160, 700.0,  -745.0,   26.5,      -38.2,        88.0,    -103.5, 1.4616321449683623};
    std::uniform_real_distribution<double> in_domain(domain.low, domain.high), exponent(-1, 1);
    if constexpr (std::integral<T>) return static_cast<T>(random() % 41) - 20;
    switch (random() % 4) {
    case 0: return static_cast<T>(singular[random() % singular.size()]);
    case 1: { // any magnitude, denormals too
        const double span = std::numeric_limits<T>::max_exponent + std::numeric_limits<T>::digits;
        const double size = std::exp2(span * exponent(random));
        return static_cast<T>(random() % 2 == 0 ? size : -size);
    }
    case 2: return static_cast<T>(30 * exponent(random));
    default: return static_cast<T>(in_domain(random));
    }
}

template <class T>
using columns = std::vector<std::vector<T>>;

template <class T>
columns<T> random_arguments(std::size_t arity, const interval& domain, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    columns<T> x(arity, std::vector<T>(arguments_of_an_op));
    for (auto& one : x) {
        for (T& v : one) v = random_argument<T>(domain, random);
    }
    return x;
}

template <class T>
std::vector<const void*> pointers(const columns<T>& x)
{
    std::vector<const void*> p;
    for (const auto& one : x) p.push_back(one.data());
    return p;
}

/// The place of the first difference in bits, but one NaN is as good as another; -1 if there is none.
template <class T>
std::ptrdiff_t first_difference(const std::vector<T>& a, const std::vector<T>& b)
{
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != a[i] && b[i] != b[i]) continue;
        if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0) return static_cast<std::ptrdiff_t>(i);
    }
    return -1;
}

/// The results of all kernels of a table.
template <class T>
columns<T> results(const kernel_table& table, const columns<T>& x, const columns<T>& dot)
{
    columns<T> all(1, std::vector<T>(arguments_of_an_op));
    const auto in = pointers(x), tangents = pointers(dot);
    table.value(in.data(), nullptr, all[0].data(), arguments_of_an_op);
    if constexpr (std::floating_point<T>) {
        all.resize(2 + x.size(), std::vector<T>(arguments_of_an_op));
        table.pushforward(in.data(), nullptr, tangents.data(), all[1].data(), arguments_of_an_op);
        void* bars[most_operands] = {};
        for (std::size_t j = 0; j < x.size(); ++j) bars[j] = all[2 + j].data();
        const store_mode modes[most_operands] = {store_mode::write, store_mode::write,
                                                 store_mode::write};
        reverse_tile tile;
        tile.y_bar = dot[0].data();
        tile.x_bar = bars;
        tile.modes = modes;
        table.pullback(in.data(), nullptr, tile, arguments_of_an_op);
    }
    return all;
}

/// What differs between the twins, in words; empty if nothing does.
template <class T>
std::string difference(const twins& both, std::size_t arity, const interval& domain)
{
    const auto x = random_arguments<T>(arity, domain, 1),
               dot = random_arguments<T>(arity, domain, 2);
    const auto narrow = results(both.narrow, x, dot), wide = results(both.wide, x, dot);
    for (std::size_t k = 0; k < narrow.size(); ++k) {
        const std::ptrdiff_t i = first_difference(narrow[k], wide[k]);
        if (i < 0) continue;
        std::string text = k == 0 ? "value" : k == 1 ? "pushforward" : "pullback";
        text += sizeof(T) == 4 ? " in float at" : " in double at";
        char number[64];
        for (const auto& one : x) {
            std::snprintf(number, sizeof number, " %.17g",
                          double(one[static_cast<std::size_t>(i)]));
            text += number;
        }
        std::snprintf(number, sizeof number, ": %a, not %a",
                      double(wide[k][static_cast<std::size_t>(i)]),
                      double(narrow[k][static_cast<std::size_t>(i)]));
        return text + number;
    }
    return {};
}

template <class Op, op_family F>
bool check(std::size_t number)
{
    const std::size_t place = op_index<Op>::value % op_family_capacity;
    std::string found;
    const auto compare = [&]<class T>(T) {
        const twins both = {*detail::avx2::single_kernels<F>(place, dtype_of<T>),
                            *detail::avx512::single_kernels<F>(place, dtype_of<T>)};
        if (both.narrow.value == nullptr || !found.empty()) return;
        found = difference<T>(both, Op::arity, Op::domain);
    };
    compare(double{});
    compare(float{});
    compare(std::int64_t{});
    compare(std::int32_t{});
    std::printf("%s %zu - bits of avx512 and avx2/%s\n", found.empty() ? "ok" : "not ok", number,
                std::string(Op::name).c_str());
    if (!found.empty()) std::printf("# %s\n", found.c_str());
    std::fflush(stdout);
    return found.empty();
}

/// Checks the ops of a family, counting on from `number`.
template <op_family F, class... Op>
bool check_family(op_list<Op...>, std::size_t& number)
{
    return (int(check<Op, F>(++number)) & ... & 1) != 0;
}

} // namespace

int main()
{
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("fma")) {
        std::puts("1..0 # SKIP NOT CHECKED: this machine has no AVX-512, whose kernels were "
                  "compiled alone");
        return 0;
    }
    std::size_t number = 0;
    const bool is_equal = [&]<std::size_t... F>(std::index_sequence<F...>) {
        return (int(check_family<static_cast<op_family>(F)>(
                    typename family<static_cast<op_family>(F)>::list{}, number)) &
                ...) != 0;
    }(std::make_index_sequence<op_family_count>{});
    std::printf("1..%zu\n", number);
    return is_equal ? 0 : 1;
}
