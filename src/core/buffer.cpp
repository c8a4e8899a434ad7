// SPDX-License-Identifier: BSD-3-Clause
// The pool behind `buffer`: free lists by size class. Up to 1 MiB there are four classes to each power of two,
// so that at most a fifth of a block is slack, above it sixteen. One lock; kernels and replays never come here.
#include <backtrail/core/buffer.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <mutex>
#include <new>

namespace backtrail {
namespace {

constexpr std::size_t cache_limit = std::size_t{256} << 20;
constexpr std::size_t class_count = 768; // 64-bit sizes have 725

struct size_class {
    std::size_t index;
    std::size_t bytes;
};

/// The smallest (p + k) * 2^e, k in 0..p-1, that holds `bytes`, in units of 64 bytes; p is 4 or 16.
size_class classify(std::size_t bytes)
{
    if (bytes > std::numeric_limits<std::size_t>::max() / 4) throw std::bad_alloc();
    constexpr std::size_t large = std::size_t{1} << 14;
    const std::size_t units = std::max<std::size_t>(1, (bytes + 63) / 64);
    if (units <= 4) return {units, units * 64};
    const std::size_t width = static_cast<std::size_t>(std::bit_width(units - 1));
    const auto parts_of = [&](std::size_t exponent) { return ((units - 1) >> exponent) + 1; };
    if (units <= large) {
        const std::size_t exponent = width - 3, parts = parts_of(exponent); // 5..8
        return {4 * exponent + parts, (parts << exponent) * 64};
    }
    const std::size_t exponent = width - 5, parts = parts_of(exponent); // 17..32
    constexpr std::size_t last_small = 4 * 11 + 8, first_exponent = 10;
    return {last_small + 16 * (exponent - first_exponent) + parts - 16, (parts << exponent) * 64};
}

class pool {
public:
    detail::block_header* acquire(std::size_t bytes)
    {
        const auto [index, capacity] = classify(bytes);
        const std::lock_guard lock(mutex_);
        detail::block_header* block = free_[index];
        if (block != nullptr) {
            free_[index] = block->next;
            statistics_.bytes_cached -= capacity;
            block->references.store(1, std::memory_order_relaxed);
        } else {
            // Large blocks all begin at about one place within a page. A load then seems to wait for a
            // store to another array that is still on its way, if their addresses are equal modulo 4096: so
            // each block begins further on than the one before by more than a kernel has on its way.
            constexpr std::size_t large = 8192, shift = 9 * block_alignment, page = 4096;
            const std::size_t stagger =
                capacity < large ? 0 : statistics_.system_allocations * shift % page;
            void* memory = ::operator new(capacity + 2 * block_alignment + stagger,
                                          std::align_val_t(block_alignment));
            block = new (static_cast<std::byte*>(memory) + stagger) detail::block_header;
            block->stagger = static_cast<std::uint32_t>(stagger);
            block->size_class = static_cast<std::uint32_t>(index);
            block->capacity = capacity;
            ++statistics_.system_allocations;
        }
        statistics_.bytes_in_use += capacity;
        statistics_.peak_bytes_in_use =
            std::max(statistics_.peak_bytes_in_use, statistics_.bytes_in_use);
        return block;
    }

    void recycle(detail::block_header* block) noexcept
    {
        const std::lock_guard lock(mutex_);
        statistics_.bytes_in_use -= block->capacity;
        if (statistics_.bytes_cached + block->capacity > cache_limit) {
            release(block);
            return;
        }
        statistics_.bytes_cached += block->capacity;
        block->next = free_[block->size_class];
        free_[block->size_class] = block;
    }

    void trim() noexcept
    {
        const std::lock_guard lock(mutex_);
        for (auto& list : free_) {
            while (list != nullptr) {
                detail::block_header* next = list->next;
                statistics_.bytes_cached -= list->capacity;
                release(list);
                list = next;
            }
        }
    }

    pool_statistics statistics()
    {
        const std::lock_guard lock(mutex_);
        return statistics_;
    }
    void reset_peak()
    {
        const std::lock_guard lock(mutex_);
        statistics_.peak_bytes_in_use = statistics_.bytes_in_use;
    }

private:
    static void release(detail::block_header* block) noexcept
    {
        void* memory = reinterpret_cast<std::byte*>(block) - block->stagger;
        block->~block_header();
        ::operator delete(memory, std::align_val_t(block_alignment));
    }

    std::mutex mutex_;
    std::array<detail::block_header*, class_count> free_{};
    pool_statistics statistics_;
};

/// Never destroyed: buffers in static objects may outlive every other static of the library.
pool& the_pool()
{
    alignas(pool) static std::byte storage[sizeof(pool)];
    static pool* instance = new (storage) pool;
    return *instance;
}

} // namespace

namespace detail {

block_header* acquire_block(std::size_t bytes) { return the_pool().acquire(bytes); }
void recycle_block(block_header* block) noexcept { the_pool().recycle(block); }
std::size_t block_capacity(std::size_t bytes) { return classify(bytes).bytes; }

} // namespace detail

pool_statistics memory_statistics() { return the_pool().statistics(); }
void reset_peak_memory() { the_pool().reset_peak(); }
void trim_memory() noexcept { the_pool().trim(); }

} // namespace backtrail
