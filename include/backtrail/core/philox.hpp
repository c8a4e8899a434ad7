// SPDX-License-Identifier: BSD-3-Clause
// Random bits by counting: Philox 4x32-10 (Salmon, Moraes, Dror & Shaw, SC 2011). The bits are a
// function of a counter and a key, so that any element of a stream can be had at any time, by any
// thread, again and again.
#pragma once

#include <backtrail/core/export.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace backtrail::detail {

using philox_counter = std::array<std::uint32_t, 4>;
using philox_key = std::array<std::uint32_t, 2>;

/// Ten rounds, each two 32-bit products whose halves are crossed, and a key that moves on.
[[nodiscard]] constexpr philox_counter philox(philox_counter c, philox_key k)
{
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p = std::uint64_t{0xD2511F53} * c[0];
        const std::uint64_t q = std::uint64_t{0xCD9E8D57} * c[2];
        c = {static_cast<std::uint32_t>(q >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(q),
             static_cast<std::uint32_t>(p >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p)};
        k = {k[0] + 0x9E3779B9, k[1] + 0xBB67AE85}; // the golden ratio, and the root of 3
    }
    return c;
}

/// One stream of numbers: element i is made of the bits at counter (i / elements a block, stream).
struct random_stream {
    philox_key key{};
    std::uint64_t stream = 0;

    [[nodiscard]] static constexpr random_stream from_seed(std::uint64_t seed, std::uint64_t stream)
    {
        return {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, stream};
    }
    /// The stream at a step of a loop: its key is drawn by the step, at a place no element has.
    [[nodiscard]] constexpr random_stream at_step(std::int64_t step) const
    {
        const auto n = static_cast<std::uint64_t>(step);
        const philox_counter drawn = philox(
            {static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32), 0x73746570, ~0u},
            {~key[0], key[1]});
        return {{drawn[0], drawn[1]}, stream};
    }
};

/// Where uniform numbers lie: [0, 1), or (0, 1) and symmetric about 1/2.
enum class unit_interval : std::uint8_t { with_zero, open };

/// Elements first ... first + n - 1 of a stream: multiples of 2^-53 in double (2^-24 in float), or, in
/// the open interval, odd multiples of 2^-53 (2^-24).
BACKTRAIL_API void fill_uniform(double* out, std::uint64_t first, std::size_t n, random_stream s,
                                unit_interval where);
BACKTRAIL_API void fill_uniform(float* out, std::uint64_t first, std::size_t n, random_stream s,
                                unit_interval where);

} // namespace backtrail::detail
