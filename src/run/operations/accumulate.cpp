// SPDX-License-Identifier: BSD-3-Clause
// Adding an array to places of another: see accumulate.hpp.
#include <backtrail/run/operations/accumulate.hpp>

#include <array>

namespace backtrail {
namespace {

template <class T>
T sum_of(T a, T b)
{
    if constexpr (std::is_same_v<T, bool>) {
        return a || b;
    } else {
        return a + b;
    }
}

template <class T>
void add_row(const T* from, std::ptrdiff_t from_step, T* to, std::ptrdiff_t to_step, std::size_t n)
{
    if (from_step == 1 && to_step == 1) { // apart, so that it becomes vector code
        for (std::size_t i = 0; i < n; ++i) to[i] = sum_of(to[i], from[i]);
        return;
    }
    for (std::size_t i = 0; i < n; ++i, from += from_step, to += to_step) *to = sum_of(*to, *from);
}

template <class T>
void add_as(const array_view& from, const array_view& to)
{
    layout both[2] = {from.shape, to.shape};
    if (both[0].size() == 0) return;
    coalesce(both, 2);
    const shape& s = both[0].extents;
    const T* source = from.as<const T>();
    T* target = to.as<T>();
    if (s.empty()) {
        *target = sum_of(*target, *source);
        return;
    }
    const std::size_t last = s.size() - 1;
    std::array<std::size_t, max_rank> index{};
    for (;;) {
        std::ptrdiff_t a = 0, b = 0;
        for (std::size_t i = 0; i < last; ++i) {
            a += static_cast<std::ptrdiff_t>(index[i]) * both[0].steps[i];
            b += static_cast<std::ptrdiff_t>(index[i]) * both[1].steps[i];
        }
        add_row(source + a, both[0].steps[last], target + b, both[1].steps[last], s[last]);
        std::size_t axis = last;
        for (;;) {
            if (axis == 0) return;
            if (++index[axis - 1] < s[axis - 1]) break;
            index[--axis] = 0;
        }
    }
}

} // namespace

void add_to(const array_view& from, const array_view& to)
{
    visit(from.type, [&](auto t) { add_as<decltype(t)>(from, to); });
}

} // namespace backtrail
