// SPDX-License-Identifier: BSD-3-Clause
// W1b: value and gradients of the polynomial sum(a*b + c*a - b*c + a*a/2), where memory is all.
//
// Reference: one pass, two vectors at a time, so that the sum does not wait for itself.
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

    /// All sizes are multiples of two vectors'.
    double pass(const T* a, const T* b, const T* c, std::size_t first, std::size_t last)
    {
        V even(T(0)), odd(T(0));
        for (std::size_t i = first; i < last; i += 2 * V::size) {
            even += one(a + i, b + i, c + i, i);
            odd += one(a + i + V::size, b + i + V::size, c + i + V::size, i + V::size);
        }
        return static_cast<double>(xsimd::hadd(V(even + odd)));
    }
    [[gnu::always_inline]] V one(const T* a, const T* b, const T* c, std::size_t i)
    {
        const V x = V::load_aligned(a), y = V::load_aligned(b), z = V::load_aligned(c);
        const V difference = x - z;
        (x + (y + z)).store_aligned(a_bar.data() + i);
        difference.store_aligned(b_bar.data() + i);
        (x - y).store_aligned(c_bar.data() + i);
        // a (c + a/2) + b (a - c)
        return xsimd::fma(x, xsimd::fma(V(T(0.5)), x, z), y * difference);
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
    const auto f = [](auto x, auto y, auto z) { return x * y + z * x - y * z + x * x / 2.0; };
    p.add(sweep_contender<T>("fuse", sum(fuse(f, A, B, C)), A, B, C));
    p.add(sweep_contender<T>("operators", sum(f(A, B, C)), A, B, C));
};

const registration w1b(workload{"W1b",
                                "value and gradients of sum(a*b + c*a - b*c + a*a/2)",
                                {{"1e3", 1024}, {"1e5", 102400}, {"1e7", 10240000}},
                                build});

} // namespace
