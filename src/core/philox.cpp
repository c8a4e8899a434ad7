// SPDX-License-Identifier: BSD-3-Clause
// Uniform numbers, several blocks at a time, so that compilers run the rounds in vectors.
#include <backtrail/core/philox.hpp>

#include <algorithm>

namespace backtrail::detail {
namespace {

constexpr std::size_t lanes = 16;

/// The words of blocks first ... first + lanes - 1: word[w][i] of block first + i.
void draw(std::uint64_t first, const random_stream& s, std::uint32_t (&word)[4][lanes])
{
    for (std::size_t i = 0; i < lanes; ++i) {
        const std::uint64_t block = first + i;
        word[0][i] = static_cast<std::uint32_t>(block);
        word[1][i] = static_cast<std::uint32_t>(block >> 32);
        word[2][i] = static_cast<std::uint32_t>(s.stream);
        word[3][i] = static_cast<std::uint32_t>(s.stream >> 32);
    }
    philox_key k = s.key;
    for (int round = 0; round < 10; ++round) {
        for (std::size_t i = 0; i < lanes; ++i) {
            const std::uint64_t p = std::uint64_t{0xD2511F53} * word[0][i];
            const std::uint64_t q = std::uint64_t{0xCD9E8D57} * word[2][i];
            word[0][i] = static_cast<std::uint32_t>(q >> 32) ^ word[1][i] ^ k[0];
            word[1][i] = static_cast<std::uint32_t>(q);
            word[2][i] = static_cast<std::uint32_t>(p >> 32) ^ word[3][i] ^ k[1];
            word[3][i] = static_cast<std::uint32_t>(p);
        }
        k = {k[0] + 0x9E3779B9, k[1] + 0xBB67AE85};
    }
}

double number(const std::uint32_t (&word)[4][lanes], std::size_t block, std::size_t j,
              unit_interval where, double)
{
    const std::uint64_t bits = std::uint64_t{word[2 * j + 1][block]} << 32 | word[2 * j][block];
    if (where == unit_interval::open) {
        return (static_cast<double>(static_cast<std::int64_t>(bits >> 12)) + 0.5) * 0x1p-52;
    }
    return static_cast<double>(static_cast<std::int64_t>(bits >> 11)) * 0x1p-53;
}

float number(const std::uint32_t (&word)[4][lanes], std::size_t block, std::size_t j,
             unit_interval where, float)
{
    if (where == unit_interval::open) {
        return (static_cast<float>(word[j][block] >> 9) + 0.5F) * 0x1p-23F;
    }
    return static_cast<float>(word[j][block] >> 8) * 0x1p-24F;
}

template <class T>
void fill(T* out, std::uint64_t first, std::size_t n, const random_stream& s, unit_interval where)
{
    constexpr std::size_t per_block = 16 / sizeof(T), per_draw = lanes * per_block;
    std::uint32_t word[4][lanes];
    std::size_t skipped = first % per_block; // elements of the first block before the first wanted
    std::uint64_t block = first / per_block;
    for (std::size_t done = 0; done < n; block += lanes) {
        draw(block, s, word);
        const std::size_t count = std::min(per_draw - skipped, n - done);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t e = skipped + i;
            out[done + i] = number(word, e / per_block, e % per_block, where, T{});
        }
        done += count;
        skipped = 0;
    }
}

} // namespace

void fill_uniform(double* out, std::uint64_t first, std::size_t n, random_stream s,
                  unit_interval where)
{
    fill(out, first, n, s, where);
}

void fill_uniform(float* out, std::uint64_t first, std::size_t n, random_stream s,
                  unit_interval where)
{
    fill(out, first, n, s, where);
}

} // namespace backtrail::detail
