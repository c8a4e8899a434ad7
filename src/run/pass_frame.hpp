// SPDX-License-Identifier: BSD-3-Clause
// The memory in which a worker runs a pass: pointers, readers, tiles, and the states of reductions.
#pragma once

#include "pass_runner.hpp"

#include <backtrail/run/reductions.hpp>

#include <new>

namespace backtrail {

/// Where the scratch of a reduction's state lies, behind what takes `bytes`.
template <class T>
[[nodiscard]] T* scratch_behind(std::byte* state, std::size_t bytes)
{
    return reinterpret_cast<T*>(state +
                                (bytes + block_alignment - 1) / block_alignment * block_alignment);
}

/// Room to put the elements of a total together in blocks, where tiles do not end with blocks.
struct total_block {
    std::size_t count = 0;
    alignas(block_alignment) std::byte elements[tile_bytes];
};

/// A view of a worker's memory, and the first thing in it.
struct pass_runner::frame {
    frame(const plan& p, const pass& what, std::byte* memory, bool has_exact)
        : bytes((sizeof(frame) + block_alignment - 1) / block_alignment * block_alignment)
    {
        const auto take = [&]<class U>(U*& p, std::size_t n) {
            p = reinterpret_cast<U*>(memory + bytes);
            bytes += (n * sizeof(U) + block_alignment - 1) / block_alignment * block_alignment;
        };
        take(at, what.streams);
        take(origin, what.streams);
        take(in, 2 * what.slots);
        take(out, what.slots);
        take(readers, what.has_reads ? what.streams : 0);
        take(states, what.members);
        tile_stride = tile_room(what.tile);
        take(tiles, what.scratch_tiles * tile_stride);
        take(edges, has_exact ? what.streams * tile_stride : 0);
        for (std::uint32_t m = 0; m < what.members; ++m) {
            std::byte* state;
            take(state, state_size(p.members[what.first_member + m], what));
            if (memory != nullptr) states[m] = state;
        }
    }

    template <class T>
    [[nodiscard]] T* tile(std::uint32_t i) const
    {
        return reinterpret_cast<T*>(tiles + i * tile_stride);
    }
    template <class T>
    [[nodiscard]] tile_reader<T>* reader(std::uint32_t s) const
    {
        static_assert(sizeof(tile_reader<T>) <= sizeof(reader_room));
        return reinterpret_cast<tile_reader<T>*>(readers + s);
    }
    [[nodiscard]] static frame& in_memory(std::byte* memory)
    {
        return *reinterpret_cast<frame*>(memory);
    }
    [[nodiscard]] std::byte* edge(std::uint32_t s) const { return edges + s * tile_stride; }

    std::byte** at = nullptr;     ///< by stream: the present tile
    std::byte** origin = nullptr; ///< by stream that is read or written where it lies: the array
    const void** in = nullptr;
    void** out = nullptr;
    std::byte** states = nullptr; ///< by member
    std::size_t bytes = 0;

private:
    struct alignas(tile_reader<double>) reader_room {
        std::byte bytes[sizeof(tile_reader<double>)];
    };

    /// A tile with room behind it for the rest of a vector, and more, so that tiles do not lie at equal
    /// addresses modulo a page: see the pool.
    [[nodiscard]] static std::size_t tile_room(std::size_t tile)
    {
        return (tile * sizeof(double) + 10 * block_alignment - 1) / block_alignment *
               block_alignment;
    }
    [[nodiscard]] static std::size_t state_size(const member& m, const pass& what)
    {
        const bool is_pair = m.reduces == detail::reduction_kind::logsumexp;
        const std::size_t scratch = is_pair ? tile_bytes + block_alignment : 0; // for exponentials
        switch (m.what) {
        case member::kind::total: return m.is_summed ? 0 : sizeof(total_block) + scratch;
        case member::kind::rows:
            return std::max(sizeof(row_reduction<double>), sizeof(row_logsumexp<double>)) +
                   tile_bytes + block_alignment;
        case member::kind::columns:
            return what.width * sizeof(double) * (is_pair ? 2 : 1) + scratch;
        default: return 0;
        }
    }

    reader_room* readers = nullptr;
    std::byte *tiles = nullptr, *edges = nullptr;
    std::size_t tile_stride = 0;
};

} // namespace backtrail
