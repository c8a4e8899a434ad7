// SPDX-License-Identifier: BSD-3-Clause
// W4: reaction-diffusion on a grid of 512 x 512 with zeros around it, 100 steps of
// u + dt (lap(u) + u - u³), unrolled, all states kept; the loss is the sum of squares of the last state,
// and its gradient in the first is wanted.
//
// Reference: a loop forward that keeps the states and an adjoint loop back, each one pass a step over
// arrays that have their zeros around them.
#include "sweep_contender.hpp"

namespace {

using namespace bench;

constexpr std::size_t steps = 100;
constexpr double dt = 0.1;

/// Arrays of n x n with a row of zeros above and below and at least one zero on either side of a row.
template <class T>
struct grid {
    static constexpr std::size_t margin = 64 / sizeof(T);
    explicit grid(std::size_t n) : stride(n + margin), data((n + 2) * stride + margin) {}
    [[nodiscard]] T* row(std::size_t i) { return data.data() + margin + (i + 1) * stride; }
    [[nodiscard]] const T* row(std::size_t i) const
    {
        return data.data() + margin + (i + 1) * stride;
    }
    std::size_t stride;
    block<T> data;
};

template <class T>
class by_hand {
public:
    explicit by_hand(std::size_t n) : u0_bar(n * n), n_(n), even_(n), odd_(n)
    {
        for (std::size_t k = 0; k <= steps; ++k) u_.emplace_back(n);
    }

    void run(const T* u0)
    {
        for (std::size_t i = 0; i < n_; ++i) std::copy_n(u0 + i * n_, n_, u_[0].row(i));
        for (std::size_t k = 0; k < steps; ++k) step(u_[k], u_[k + 1]);
        loss = 0;
        for (std::size_t i = 0; i < n_; ++i) {
            V sum(T(0));
            for (std::size_t j = 0; j < n_; j += V::size) {
                const V u = V::load_aligned(u_[steps].row(i) + j);
                sum = xsimd::fma(u, u, sum);
                (u + u).store_aligned(even_.row(i) + j);
            }
            loss += static_cast<double>(xsimd::hadd(sum));
        }
        grid<T>*u_bar = &even_, *next = &odd_;
        for (std::size_t k = steps; k-- > 0; std::swap(u_bar, next)) {
            for (std::size_t i = 0; i < n_; ++i) {
                pull_row(*u_bar, u_[k].row(i), k == 0 ? u0_bar.data() + i * n_ : next->row(i), i);
            }
        }
    }
    [[nodiscard]] std::size_t bytes() const
    {
        return (u_.size() + 2) * even_.data.bytes() + u0_bar.bytes();
    }

    block<T> u0_bar;
    double loss = 0;

private:
    using V = xsimd::batch<T>;

    static V neighbours(const T* row, std::size_t stride)
    {
        return (V::load_aligned(row - stride) + V::load_aligned(row + stride)) +
               (V::load_unaligned(row - 1) + V::load_unaligned(row + 1));
    }
    /// u (1 - 3 dt - dt u²) + dt (its neighbours)
    void step(const grid<T>& from, grid<T>& to) const
    {
        const V own(T(1 - 3 * dt)), rate = V(T(dt));
        for (std::size_t i = 0; i < n_; ++i) {
            const T* u = from.row(i);
            T* next = to.row(i);
            for (std::size_t j = 0; j < n_; j += V::size) {
                const V x = V::load_aligned(u + j), factor = xsimd::fnma(V(rate * x), x, own);
                xsimd::fma(rate, neighbours(u + j, from.stride), V(x * factor))
                    .store_aligned(next + j);
            }
        }
    }
    /// u_bar (1 - 3 dt - 3 dt u²) + dt (its neighbours): the Laplacian is its own transpose.
    void pull_row(const grid<T>& from, const T* u, T* to, std::size_t i) const
    {
        const V own(T(1 - 3 * dt)), rate = V(T(dt)), thrice = V(T(3 * dt));
        const T* u_bar = from.row(i);
        for (std::size_t j = 0; j < n_; j += V::size) {
            const V x = V::load_aligned(u + j), factor = xsimd::fnma(V(thrice * x), x, own);
            xsimd::fma(rate, neighbours(u_bar + j, from.stride),
                       V(V::load_aligned(u_bar + j) * factor))
                .store_aligned(to + j);
        }
    }

    std::size_t n_;
    std::vector<grid<T>> u_;
    grid<T> even_, odd_;
};

constexpr auto build = []<class T>(problem<T>& p) {
    const std::size_t n = p.size();
    const auto& u0 = p.draw_input("u0", n * n);
    const auto hand = std::make_shared<by_hand<T>>(n);
    p.add({.name = "by hand",
           .run = [=, &u0] { hand->run(u0.data()); },
           .results = [=] { return std::vector{numbers{hand->loss}, to_numbers(hand->u0_bar)}; },
           .bytes = [=] { return hand->bytes(); },
           .is_reference = true});

    const auto U0 = variable_of(u0, {n, n});
    const auto add = [&](const char* name, auto step) {
        bt::tensor<T> u = U0;
        for (std::size_t k = 0; k < steps; ++k) {
            const auto around = pad(u, 1);
            const auto shifted = [&](std::size_t i, std::size_t j) {
                return bt::tensor<T>(view(around, xt::range(i, i + n), xt::range(j, j + n)));
            };
            u = step(u, shifted(0, 1), shifted(2, 1), shifted(1, 0), shifted(1, 2));
        }
        p.add(sweep_contender<T>(name, bt::tensor<T>(sum(square(u))), U0));
    };
    const auto step = [](auto u, auto north, auto south, auto west, auto east) {
        return u + dt * (north + south + west + east - 4.0 * u + u - u * u * u);
    };
    add("fuse", [=](const auto&... u) { return bt::tensor<T>(fuse(step, u...)); });
    add("operators", [=](const auto&... u) { return bt::tensor<T>(step(u...)); });
};

const registration w4(workload{
    "W4", "reaction-diffusion, 100 steps, in the first state", {{"512x512", 512}}, build});

} // namespace
