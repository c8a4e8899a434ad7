// SPDX-License-Identifier: BSD-3-Clause
// W1: value and gradients of sum(sin(a)*b + exp(-c*c) + log1p(a*a)), elementwise and dear.
//
// Reference: one pass, everything in registers, sine and cosine together, exp once for value and
// gradient. The vector functions are backtrail's: on AVX2 the fastest there were (a fifth ahead of
// xsimd's, level with or ahead of libmvec's). Storing past the caches (streaming stores) is slower here.
#include "sweep_contender.hpp"

namespace {

using namespace bench;

template <class T>
class by_hand {
public:
    explicit by_hand(std::size_t n) : a_bar(n), b_bar(n), c_bar(n) {}

    void run(const T* a, const T* b, const T* c)
    {
        constexpr std::size_t chunk = 1024; // summed in T, the sums of chunks in double
        const std::size_t n = a_bar.size();
        loss = 0;
        for (std::size_t start = 0; start < n; start += chunk) {
            loss += pass(a, b, c, start, std::min(start + chunk, n));
        }
    }

    block<T> a_bar, b_bar, c_bar;
    double loss = 0;

private:
    using V = xsimd::batch<T>;

    /// All sizes are multiples of the vector's.
    double pass(const T* a, const T* b, const T* c, std::size_t first, std::size_t last)
    {
        namespace math = backtrail::math;
        V sum(T(0));
        for (std::size_t i = first; i < last; i += V::size) {
            const V x = V::load_aligned(a + i), y = V::load_aligned(b + i),
                    z = V::load_aligned(c + i);
            const auto [sin_x, cos_x] = math::sincos(x);
            const V square = x * x, e = math::exp(V(-(z * z)));
            sum += xsimd::fma(sin_x, y, e) + math::log1p(square);
            xsimd::fma(cos_x, y, (x + x) / (V(T(1)) + square)).store_aligned(a_bar.data() + i);
            sin_x.store_aligned(b_bar.data() + i);
            (V(T(-2)) * z * e).store_aligned(c_bar.data() + i);
        }
        return static_cast<double>(xsimd::hadd(sum));
    }
};

constexpr auto build = []<class T>(problem<T>& p) {
    const std::size_t n = p.size();
    const auto &a = p.draw_input("a", n), &b = p.draw_input("b", n), &c = p.draw_input("c", n);

    auto hand = std::make_shared<by_hand<T>>(n);
    p.add({.name = "by hand",
           .run = [=, &a, &b, &c] { hand->run(a.data(), b.data(), c.data()); },
           .results =
               [=] {
                   return std::vector{numbers{hand->loss}, to_numbers(hand->a_bar),
                                      to_numbers(hand->b_bar), to_numbers(hand->c_bar)};
               },
           .bytes = [=] { return 3 * hand->a_bar.bytes(); },
           .is_reference = true});

    const auto A = variable_of(a, {n}), B = variable_of(b, {n}), C = variable_of(c, {n});
    const auto f = [](auto x, auto y, auto z) { return sin(x) * y + exp(-z * z) + log1p(x * x); };
    p.add(sweep_contender<T>("fuse", sum(fuse(f, A, B, C)), A, B, C));
    p.add(sweep_contender<T>("operators", sum(f(A, B, C)), A, B, C));
};

const registration w1(workload{"W1",
                               "value and gradients of sum(sin(a)*b + exp(-c*c) + log1p(a*a))",
                               {{"1e3", 1024}, {"1e5", 102400}, {"1e7", 10240000}},
                               build});

} // namespace
