// SPDX-License-Identifier: BSD-3-Clause
// The accuracy of our functions, in units of the last place against MPFR, value and derivative, in
// double and float, with the kernels that BACKTRAIL_ISA chooses: a row for docs/accuracy.md each.
// Where a derivative changes sign, its error is counted of the largest value met nearby, so that a
// sum of terms that cancel is not blamed for being small; likewise digamma beside its negative zeros.
//
// usage: accuracy [POINTS]    (per range; default 4000)
#include "exact.hpp"

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/ops/entry.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace {

using namespace backtrail;
using exact::real;

/// The index of the op of a name, or nothing.
std::size_t find(const std::string& name)
{
    for (std::size_t f = 0; f < op_family_count; ++f) {
        const auto all = entries(static_cast<op_family>(f));
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].name == name) return f * op_family_capacity + i;
        }
    }
    return static_cast<std::size_t>(-1);
}

template <class T>
T draw(const exact::range& r, std::mt19937_64& random)
{
    std::uniform_real_distribution<double> uniform(0, 1);
    constexpr double largest = std::numeric_limits<T>::max();
    const double low = std::max(r.low, -largest), high = std::min(r.high, largest);
    const double u = uniform(random);
    if (random() % 2 == 0) return static_cast<T>(low / 2 + (high / 2 - low / 2) * u + low / 2);
    // evenly in the logarithm of the distance from 0, or from the end that is nearer to it
    const double end = low > 0 ? low : high < 0 ? high : 0;
    const double span = random() % 2 == 0 || low >= 0 ? high - end : low - end;
    const double from = std::log(std::max(1e-300, low > 0 ? 1e-18 * low : 1e-18 * std::abs(span)));
    const double to = std::log(std::abs(span) < 1e300 ? std::abs(span) : 1e300);
    return static_cast<T>(end + std::copysign(std::exp(from + (to - from) * u), span));
}

/// |r - f| in units of the last place of `scale`, at least of f.
template <class T>
double error_in_ulp(T r, const real& f, const real& scale)
{
    const T rounded = static_cast<T>(f);
    if (!std::isfinite(r) || !std::isfinite(rounded)) {
        return r == rounded || (std::isnan(r) && std::isnan(rounded))
                   ? 0
                   : std::numeric_limits<double>::infinity();
    }
    const T m = std::abs(static_cast<T>(scale > abs(f) ? scale : real(abs(f))));
    const T above = std::nextafter(m, std::numeric_limits<T>::infinity());
    const real ulp =
        std::isfinite(above) ? real(above) - real(m) : real(m) - real(std::nextafter(m, T(0)));
    return static_cast<double>(real(abs(real(r) - f) / ulp));
}

real derivative(const exact::function& f, const real& x, const real& y, bool of_second)
{
    const real& at = of_second ? y : x;
    real room = abs(at) > real(0.01) ? real(abs(at)) : real(0.01);
    if (room > 1 && room < real("1e60")) room = 1;
    if (!of_second) {
        for (double s : f.singular) {
            const real distance = abs(real(at - s));
            if (distance < room) room = distance;
        }
    }
    const real h = room * real("1e-40");
    const auto value = [&](const real& v) { return of_second ? f.value(x, v) : f.value(v, y); };
    return (value(real(at + h)) - value(real(at - h))) / (2 * h);
}

struct worst {
    double value = 0, derivative = 0, at_value = 0, at_derivative = 0;
};

template <class T>
worst measure(const exact::function& f, std::size_t index, int points)
{
    constexpr std::size_t room = 64;
    const kernel_table& table = single_op_kernels(index, dtype_of<T>);
    std::mt19937_64 random(1);
    worst result;
    const std::vector<exact::range> none = {{1, 1}};
    for (std::size_t r = 0; r < f.first.size(); ++r) {
        const auto& second = f.second.empty() ? none : f.second;
        for (int p = 0; p < points; ++p) {
            const T x = draw<T>(f.first[r], random), y = draw<T>(second[r % second.size()], random);
            const std::vector<T> in[2] = {std::vector<T>(room, x), std::vector<T>(room, y)};
            const void* pointers[2] = {in[0].data(), in[1].data()};
            std::vector<T> out(room), bar[2] = {out, out};
            const std::vector<T> one(room, T(1));
            void* bars[2] = {bar[0].data(), bar[1].data()};
            const store_mode modes[2] = {store_mode::write, store_mode::write};
            reverse_tile tile;
            tile.y_bar = one.data();
            tile.x_bar = bars;
            tile.modes = modes;
            tile.y = out.data();
            table.value_and_pullback(pointers, nullptr, tile, 1);
            const real value = f.value(real(x), real(y));
            const real term = f.term ? f.term(real(x), real(y)) : real(0);
            const double e = error_in_ulp(out[0], value, term);
            if (e > result.value) result.value = e, result.at_value = double(x);
            for (int k = 0; k < (f.second.empty() ? 1 : 2); ++k) {
                if (k == 0 && std::count(f.singular.begin(), f.singular.end(), double(x))) continue;
                const real d = derivative(f, real(x), real(y), k == 1);
                // what cancels is no larger than the function over its argument
                const real scale =
                    f.second.empty() && x != 0 ? real(abs(value / real(x))) : real(0);
                const double de = error_in_ulp(bar[k][0], d, scale);
                if (de > result.derivative)
                    result.derivative = de, result.at_derivative = double(x);
            }
        }
    }
    return result;
}

} // namespace

int main(int count, char** arguments)
{
    const int points = count > 1 ? std::atoi(arguments[1]) : 4000;
    std::puts("worst error in ULP           double: value           derivative           "
              "float: value           derivative");
    for (const auto& f : exact::all_functions()) {
        const std::size_t index = find(f.name);
        if (index == static_cast<std::size_t>(-1)) {
            std::printf("%-16s not an op\n", f.name.c_str());
            continue;
        }
        const worst d = measure<double>(f, index, points), s = measure<float>(f, index, points);
        std::printf("%-16s", f.name.c_str());
        for (const worst& w : {d, s}) {
            std::printf("  %6.2f at %-12.5g %6.2f at %-12.5g", w.value, w.at_value, w.derivative,
                        w.at_derivative);
        }
        std::puts("");
        std::fflush(stdout);
    }
}
