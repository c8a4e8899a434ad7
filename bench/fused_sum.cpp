// SPDX-License-Identifier: BSD-3-Clause
// Value and gradient of sum(sin(a)*b + exp(-c*c) + log1p(a*a)) with respect to a, b and c, against
// a hand-written loop: one pass, everything in registers, the same vector functions of xsimd.
#include "fused_sum_torch.hpp"
#include "timing.hpp"

#include <backtrail/backtrail.hpp>

#include <cmath>
#include <cstdlib>
#include <new>
#include <random>

namespace bt = backtrail;
using batch = xsimd::batch<double>;

namespace {

struct aligned_vector {
    explicit aligned_vector(std::size_t n)
        : data(
              static_cast<double*>(::operator new((n + 16) * sizeof(double), std::align_val_t(64))))
    {}
    aligned_vector(const aligned_vector&) = delete;
    ~aligned_vector() { ::operator delete(data, std::align_val_t(64)); }
    double* data;
};

/// The reference: n is a multiple of the vector width.
double by_hand(const double* a, const double* b, const double* c, double* a_bar, double* b_bar,
               double* c_bar, std::size_t n)
{
    constexpr std::size_t w = batch::size;
    batch sum(0.0), sum2(0.0);
    const auto one = [&](std::size_t i, batch& s) {
        const batch x = batch::load_aligned(a + i), y = batch::load_aligned(b + i),
                    z = batch::load_aligned(c + i);
        const auto [sin_x, cos_x] = xsimd::sincos(x);
        const batch x2 = x * x, e = xsimd::exp(-(z * z));
        s += sin_x * y + e + xsimd::log1p(x2);
        (cos_x * y + (x + x) / (batch(1.0) + x2)).store_aligned(a_bar + i);
        sin_x.store_aligned(b_bar + i);
        (batch(-2.0) * z * e).store_aligned(c_bar + i);
    };
    std::size_t i = 0;
    for (; i + 2 * w <= n; i += 2 * w) {
        one(i, sum);
        one(i + w, sum2);
    }
    for (; i < n; i += w) one(i, sum);
    return xsimd::hadd(sum + sum2);
}

void run(std::size_t n)
{
    std::mt19937_64 random(n);
    std::uniform_real_distribution<double> uniform(-1, 1);
    xt::xarray<double> a0 = xt::zeros<double>({n}), b0 = a0, c0 = a0;
    for (auto* v : {&a0, &b0, &c0}) {
        for (auto& x : *v) x = uniform(random);
    }
    aligned_vector a(n), b(n), c(n), a_bar(n), b_bar(n), c_bar(n);
    std::copy(a0.begin(), a0.end(), a.data);
    std::copy(b0.begin(), b0.end(), b.data);
    std::copy(c0.begin(), c0.end(), c.data);
    double reference = 0;

    const bt::variable<double> A(a0), B(b0), C(c0);
    bt::sweep operators = reverse(sum(sin(A) * B + exp(-C * C) + log1p(A * A)), bt::wrt(A, B, C));
    bt::sweep fused = reverse(
        sum(fuse([](auto x, auto y, auto z) { return sin(x) * y + exp(-z * z) + log1p(x * x); }, A,
                 B, C)),
        bt::wrt(A, B, C));

    std::vector<bench::contender> all = {
        {"by hand, xsimd",
         [&] {
             reference = by_hand(a.data, b.data, c.data, a_bar.data, b_bar.data, c_bar.data, n);
         }},
        {"backtrail, fuse", [&] { fused.run(); }},
        {"backtrail, operators", [&] { operators.run(); }},
    };
    add_torch(all, a.data, b.data, c.data, n);
    bench::compare("n = " + std::to_string(n), std::move(all), n > 1000000 ? 11 : 41);

    double worst = std::abs(operators.value()() / reference - 1);
    const auto got = operators.adjoint(A);
    for (std::size_t i = 0; i < n; ++i) {
        worst = std::max(worst, std::abs(got.data()[i] - a_bar.data[i]));
    }
    if (!(worst < 1e-12)) {
        std::printf("the results differ by %g\n", worst);
        std::exit(1);
    }
}

} // namespace

int main()
{
    std::puts("value and gradient of sum(sin(a)*b + exp(-c*c) + log1p(a*a)), double, one thread");
    for (std::size_t n : {1000, 100000, 10000000}) run(n);
}
