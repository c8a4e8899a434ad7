// SPDX-License-Identifier: BSD-3-Clause
// Blocks of memory: aligned, padded, shared by their handles and recycled by the pool.
#include <backtrail/core/buffer.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

using namespace backtrail;

namespace {

bool is_aligned(const buffer& b)
{
    return reinterpret_cast<std::uintptr_t>(b.data()) % block_alignment == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(core_buffer)

BOOST_AUTO_TEST_CASE(blocks_are_aligned_and_padded)
{
    for (std::size_t bytes = 0; bytes < 400000; bytes += bytes / 3 + 1) {
        const buffer b(bytes);
        BOOST_TEST_REQUIRE(is_aligned(b));
        BOOST_TEST_REQUIRE(b.capacity() >= (bytes + 63) / 64 * 64);
        BOOST_TEST_REQUIRE(b.capacity() >= block_alignment); // a vector fits even in nothing
        BOOST_TEST_REQUIRE(b.capacity() % block_alignment == 0u);
        std::memset(b.data(), 0x5a, b.capacity());
    }
}

BOOST_AUTO_TEST_CASE(slack_is_at_most_a_quarter_and_little_of_large_blocks)
{
    std::size_t last = 0;
    for (std::size_t bytes = 4096; bytes < (std::size_t{1} << 24); bytes += bytes / 71) {
        const buffer b(bytes);
        const std::size_t share = bytes > (std::size_t{1} << 20) ? 16 : 4;
        BOOST_TEST(b.capacity() >= bytes);
        BOOST_TEST(b.capacity() <= bytes + bytes / share + block_alignment);
        BOOST_TEST(b.capacity() >= last);
        last = b.capacity();
    }
}

BOOST_AUTO_TEST_CASE(a_freed_block_is_the_next_one_given)
{
    std::byte* first = nullptr;
    {
        const buffer b(5000);
        first = b.data();
    }
    const auto before = memory_statistics();
    const buffer again(5000);
    BOOST_TEST(again.data() == first);
    const auto after = memory_statistics();
    BOOST_TEST(after.system_allocations == before.system_allocations);
    BOOST_TEST(after.bytes_in_use == before.bytes_in_use + again.capacity());
    BOOST_TEST(after.bytes_cached == before.bytes_cached - again.capacity());
}

BOOST_AUTO_TEST_CASE(handles_share_and_the_last_one_frees)
{
    const std::size_t before = memory_statistics().bytes_in_use;
    buffer a(1000);
    BOOST_TEST(a.is_unique());
    {
        const buffer b = a;
        BOOST_TEST(b.data() == a.data());
        BOOST_TEST(!a.is_unique());
        BOOST_TEST(memory_statistics().bytes_in_use == before + a.capacity());
    }
    BOOST_TEST(a.is_unique());
    buffer c = std::move(a);
    BOOST_TEST(!a);
    BOOST_TEST(a.data() == nullptr);
    BOOST_TEST(!a.is_unique());
    BOOST_TEST(c.is_unique());
    c = c; // NOLINT: what is tested
    BOOST_TEST(c.is_unique());
    c = buffer();
    BOOST_TEST(memory_statistics().bytes_in_use == before);
}

BOOST_AUTO_TEST_CASE(peak_is_the_most_at_once)
{
    reset_peak_memory();
    const std::size_t before = memory_statistics().bytes_in_use;
    std::size_t together = 0;
    {
        const buffer a(100000), b(200000);
        together = a.capacity() + b.capacity();
    }
    {
        const buffer c(100000);
    }
    BOOST_TEST(memory_statistics().peak_bytes_in_use == before + together);
    reset_peak_memory();
    BOOST_TEST(memory_statistics().peak_bytes_in_use == before);
}

BOOST_AUTO_TEST_CASE(trimming_returns_what_is_cached)
{
    {
        const buffer a(300000);
    }
    BOOST_TEST(memory_statistics().bytes_cached >= 300000u);
    trim_memory();
    BOOST_TEST(memory_statistics().bytes_cached == 0u);
    const std::size_t before = memory_statistics().system_allocations;
    const buffer b(300000);
    BOOST_TEST(memory_statistics().system_allocations == before + 1);
}

BOOST_AUTO_TEST_CASE(large_blocks_are_staggered_within_a_page)
{
    std::vector<buffer> blocks;
    trim_memory();
    std::vector<std::uintptr_t> places;
    for (int i = 0; i < 8; ++i) {
        blocks.emplace_back(std::size_t{1} << 21);
        places.push_back(reinterpret_cast<std::uintptr_t>(blocks.back().data()) % 4096);
    }
    // Where the system puts them is its own affair; that they all agree would be ours.
    std::sort(places.begin(), places.end());
    const auto end = std::unique(places.begin(), places.end());
    BOOST_TEST(std::distance(places.begin(), end) >= 4);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // they abort instead
BOOST_AUTO_TEST_CASE(what_no_machine_has_is_bad_alloc)
{
    BOOST_CHECK_THROW(buffer(~std::size_t{0}), std::bad_alloc);
    BOOST_CHECK_THROW(buffer(~std::size_t{0} / 8), std::bad_alloc);
    const buffer usable(64); // the pool survives a refusal
    BOOST_TEST(is_aligned(usable));
}
#endif

BOOST_AUTO_TEST_CASE(a_block_may_die_in_another_thread)
{
    const std::size_t before = memory_statistics().bytes_in_use;
    std::vector<buffer> blocks;
    for (int i = 0; i < 100; ++i) blocks.emplace_back(static_cast<std::size_t>(64 * i));
    std::thread([mine = std::move(blocks)]() mutable { mine.clear(); }).join();
    BOOST_TEST(memory_statistics().bytes_in_use == before);
}

BOOST_AUTO_TEST_SUITE_END()
