// SPDX-License-Identifier: BSD-3-Clause
// The manual: memory.

#include <backtrail/backtrail.hpp>
#include <iostream>

namespace bt = backtrail;
using namespace bt::literals;

int main()
{
    bt::variable<double> u0(xt::linspace<double>(0, 1, 5000)), rate(0.1);
    bt::tensor<double> u = bt::loop(
        1000, u0, [&](auto, auto u) { return bt::tag("u", u + 0.01 * rate * (u * (1.0 - u))); });
    bt::sweep s = reverse(mean(square(u - 0.7)), bt::wrt(u0, rate));
    s.run(); // everything is kept
    const double all = s.adjoint(rate)();

    s.memory(bt::budget(4_MiB));
    bt::memory_plan plan = s.plan(); // what a run will hold and do; nothing has run yet
    std::cout << std::boolalpha << "within 4 MiB: " << (plan.peak_bytes <= 4_MiB) << '\n';
    s.run();
    std::cout << "the same bits: " << (s.adjoint(rate)() == all) << '\n';

    // One state is the least; each further one saves steps
    const std::size_t least = plan.minimum_bytes, state = plan.loops[0].bytes;
    for (std::size_t states : {1, 2, 10, 100}) {
        plan = s.memory(bt::budget(least + (states - 1) * state)).plan();
        std::cout << states << " states kept: " << plan.recomputed("u") << " steps run again\n";
    }

    s.memory(bt::budget(least - 1));
    try {
        s.run();
    } catch (const bt::budget_error&) {
        std::cout << "one byte less is refused\n";
    }
}
