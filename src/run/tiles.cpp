// SPDX-License-Identifier: BSD-3-Clause
// Copying between layouts.
#include <backtrail/run/tiles.hpp>

#include <backtrail/run/threads.hpp>

#include <utility>

namespace backtrail {
namespace {

template <class T>
void copy_rows(const T* from, std::ptrdiff_t from_step, T* to, std::ptrdiff_t to_step,
               std::size_t n)
{
    if (from_step == 1 && to_step == 1) {
        std::memcpy(to, from, n * sizeof(T));
        return;
    }
    for (std::size_t i = 0; i < n; ++i) {
        const auto k = static_cast<std::ptrdiff_t>(i);
        to[k * to_step] = from[k * from_step];
    }
}

/// Two axes, cut into squares so that neither side is walked against its grain for long.
template <class T>
void copy_plane(const T* from, const std::ptrdiff_t* from_steps, T* to,
                const std::ptrdiff_t* to_steps, std::size_t n, std::size_t m)
{
    constexpr std::size_t block = 32;
    if (from_steps[1] == 1 && to_steps[1] == 1) {
        for (std::size_t i = 0; i < n; ++i) {
            const auto k = static_cast<std::ptrdiff_t>(i);
            copy_rows(from + k * from_steps[0], 1, to + k * to_steps[0], 1, m);
        }
        return;
    }
    for (std::size_t i0 = 0; i0 < n; i0 += block) {
        for (std::size_t j0 = 0; j0 < m; j0 += block) {
            for (std::size_t i = i0; i < std::min(n, i0 + block); ++i) {
                const auto k = static_cast<std::ptrdiff_t>(i);
                const auto j = static_cast<std::ptrdiff_t>(j0);
                copy_rows(from + k * from_steps[0] + j * from_steps[1], from_steps[1],
                          to + k * to_steps[0] + j * to_steps[1], to_steps[1],
                          std::min(block, m - j0));
            }
        }
    }
}

/// Copies between two layouts of one shape, which are coalesced.
template <class T>
void copy_as(const T* source, T* target, const layout* both)
{
    const shape& s = both[0].extents;
    const std::size_t rank = s.size();
    if (rank == 0) {
        *target = *source;
        return;
    }
    if (rank == 1) {
        copy_rows(source, both[0].steps[0], target, both[1].steps[0], s[0]);
        return;
    }
    std::array<std::size_t, max_rank> index{};
    for (;;) {
        std::ptrdiff_t a = 0, b = 0;
        for (std::size_t i = 0; i + 2 < rank; ++i) {
            a += static_cast<std::ptrdiff_t>(index[i]) * both[0].steps[i];
            b += static_cast<std::ptrdiff_t>(index[i]) * both[1].steps[i];
        }
        copy_plane(source + a, both[0].steps.data() + rank - 2, target + b,
                   both[1].steps.data() + rank - 2, s[rank - 2], s[rank - 1]);
        std::size_t axis = rank - 2;
        for (;;) {
            if (axis == 0) return;
            if (++index[axis - 1] < s[axis - 1]) break;
            index[--axis] = 0;
        }
    }
}

/// Zeros around a block along the axes from `axis` on; `start` is where the block begins, in elements.
void surround_axes(std::byte* whole, const shape& extents, const layout& inside,
                   std::ptrdiff_t start, std::size_t axis, std::size_t bytes)
{
    if (extents.empty()) return; // a number is all there is
    const auto step = inside.steps[axis];
    const std::size_t line = static_cast<std::size_t>(step) * bytes;
    const auto before = static_cast<std::size_t>(start / step), n = inside.extents[axis];
    std::memset(whole, 0, before * line);
    for (std::size_t i = 0; i < n && axis + 1 < extents.size(); ++i) {
        surround_axes(whole + (before + i) * line, extents, inside, start % step, axis + 1, bytes);
    }
    std::memset(whole + (before + n) * line, 0, (extents[axis] - before - n) * line);
}

} // namespace

void surround(const array_view& inside, const array_view& whole)
{
    const std::size_t bytes = size_of(whole.type);
    const std::ptrdiff_t start =
        (static_cast<std::byte*>(inside.data) - static_cast<std::byte*>(whole.data)) /
        static_cast<std::ptrdiff_t>(bytes);
    surround_axes(static_cast<std::byte*>(whole.data), whole.shape.extents, inside.shape, start, 0,
                  bytes);
}

void copy(const array_view& from, const array_view& to)
{
    constexpr std::size_t piece = std::size_t{1} << 16; // elements worth a task
    layout both[2] = {from.shape, to.shape};
    const std::size_t n = both[0].size();
    if (n == 0) return;
    coalesce(both, 2);
    const std::size_t lines = both[0].extents.empty() ? 1 : both[0].extents[0];
    const std::size_t tasks = std::clamp<std::size_t>(n / piece, 1, lines);
    visit(from.type, [&](auto t) {
        using T = decltype(t);
        parallel_for(tasks, std::min(tasks, num_threads()), [&](std::size_t, std::size_t task) {
            if (tasks == 1) {
                copy_as(from.as<const T>(), to.as<T>(), both);
                return;
            }
            const std::size_t begin = lines * task / tasks, end = lines * (task + 1) / tasks;
            layout part[2] = {both[0], both[1]};
            part[0].extents[0] = part[1].extents[0] = end - begin;
            const auto at = static_cast<std::ptrdiff_t>(begin);
            copy_as(from.as<const T>() + at * both[0].steps[0], to.as<T>() + at * both[1].steps[0],
                    part);
        });
    });
}

} // namespace backtrail
