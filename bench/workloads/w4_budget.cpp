// SPDX-License-Identifier: BSD-3-Clause
// W4_budget: the steps of W4 as a loop, under memory budgets; the size is the number of steps.
//
// Reference: the same loop without a budget, which keeps everything. Where the steps are few, they
// are written out beside it.
#include "sweep_contender.hpp"

namespace {

using namespace bench;
using namespace bt::literals;

constexpr std::size_t n = 512;
constexpr double dt = 0.1;

bt::tensor<double> step(const bt::tensor<double>& u)
{
    const auto around = pad(u, 1);
    const auto shifted = [&](std::size_t i, std::size_t j) {
        return bt::tensor<double>(view(around, xt::range(i, i + n), xt::range(j, j + n)));
    };
    return fuse(
        [](auto u, auto north, auto south, auto west, auto east) {
            return u + dt * (north + south + west + east - 4.0 * u + u - u * u * u);
        },
        u, shifted(0, 1), shifted(2, 1), shifted(1, 0), shifted(1, 2));
}

const auto build = [](problem<double>& p) {
    const std::size_t steps = p.size();
    const auto u0 = variable_of(p.draw_input("u0", n * n), {n, n});
    const auto add = [&](const char* name, const bt::tensor<double>& last, std::size_t bytes) {
        bt::sweep s = reverse(bt::tensor<double>(sum(square(last))), bt::wrt(u0));
        s.keep();
        if (bytes > 0) s.memory(bt::budget(bytes));
        contender c = as_contender<double>(name, std::move(s), u0);
        c.is_reference = p.contenders().empty();
        p.add(std::move(c));
    };
    const auto looped = [&] {
        return bt::tensor<double>(bt::loop(static_cast<std::ptrdiff_t>(steps), u0,
                                           [](auto, bt::tensor<double> u) { return step(u); }));
    };
    add("everything kept", looped(), 0);
    if (steps <= 100) {
        bt::tensor<double> u = u0;
        for (std::size_t k = 0; k < steps; ++k) u = step(u);
        add("written out", u, 0);
    } else {
        add("1 GiB", looped(), 1_GiB);
        add("256 MiB", looped(), 256_MiB);
    }
    add("64 MiB", looped(), 64_MiB);
    add("40 MiB", looped(), 40_MiB);
};

const registration w4_budget(workload{"W4_budget",
                                      "W4 as a loop under memory budgets",
                                      {{"100 steps", 100}, {"1000 steps", 1000}},
                                      build});

} // namespace
