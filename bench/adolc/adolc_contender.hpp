// SPDX-License-Identifier: BSD-3-Clause
// ADOL-C's part in a problem: its tape is recorded once, in memory, and each run replays it forward and
// back. It knows double only, and takes 50 to 100 bytes for each operation on a number, so that the larger
// problems are left out.
#pragma once

#include "problem.hpp"

#include <adolc/adolc.h>

#include <memory>

namespace bench {

/// One at a time, as problems are; several would move each other's buffers into files.
struct adolc_tape {
    static constexpr short tag = 1;
    numbers at, gradient;
    double value = 0;

    adolc_tape() = default;
    adolc_tape(const adolc_tape&) = delete;
    adolc_tape& operator=(const adolc_tape&) = delete;
    ~adolc_tape() { removeTape(tag, ADOLC_REMOVE_COMPLETELY); }
};

/// `loss` is called once, with the active numbers of the inputs x, one after the other, and does about
/// so many operations on numbers.
template <class F>
[[nodiscard]] contender adolc_contender(const std::vector<const block<double>*>& x,
                                        std::size_t operations, F loss)
{
    auto t = std::make_shared<adolc_tape>();
    std::vector<std::size_t> sizes;
    for (const auto* one : x) {
        t->at.insert(t->at.end(), one->data(), one->data() + one->size());
        sizes.push_back(one->size());
    }
    t->gradient.resize(t->at.size());
    // Of each buffer, in entries: an operation has up to four; beyond, ADOL-C writes files.
    const auto room = static_cast<unsigned>(4 * (operations + t->at.size()) + 100000);
    trace_on(adolc_tape::tag, 0, room, room, room, room);
    {
        std::vector<adouble> active(t->at.size());
        for (std::size_t i = 0; i < active.size(); ++i) active[i] <<= t->at[i];
        adouble y = loss(active);
        y >>= t->value;
    }
    trace_off();
    return {.name = "ADOL-C, taped once",
            .run =
                [t] {
                    double one = 1;
                    const int n = static_cast<int>(t->at.size());
                    zos_forward(adolc_tape::tag, 1, n, 1, t->at.data(), &t->value);
                    fos_reverse(adolc_tape::tag, 1, n, &one, t->gradient.data());
                },
            .results =
                [t, sizes] {
                    std::vector<numbers> all = {{t->value}};
                    auto from = t->gradient.begin();
                    for (const std::size_t n : sizes) {
                        all.emplace_back(from, from + static_cast<std::ptrdiff_t>(n));
                        from += static_cast<std::ptrdiff_t>(n);
                    }
                    return all;
                }};
}

} // namespace bench
