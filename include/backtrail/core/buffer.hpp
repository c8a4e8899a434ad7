// SPDX-License-Identifier: BSD-3-Clause
// Storage: reference-counted blocks, aligned to 64 bytes, recycled through a pool.
// Behind each block lie at least 64 bytes more that may be read, and a block is a multiple of 64
// bytes, so that kernels may run over whole vectors, also through views that end with the block.
#pragma once

#include <backtrail/core/export.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backtrail {

inline constexpr std::size_t block_alignment = 64;

namespace detail {

struct block_header {
    std::atomic<std::uint32_t> references{1};
    std::uint32_t size_class = 0;
    std::uint32_t stagger = 0; ///< bytes between the start of the allocation and the header
    std::size_t capacity = 0;
    block_header* next = nullptr;
};

BACKTRAIL_API block_header* acquire_block(std::size_t bytes);
BACKTRAIL_API void recycle_block(block_header* block) noexcept;
[[nodiscard]] BACKTRAIL_API std::size_t block_capacity(std::size_t bytes);

} // namespace detail

/// A shared handle to a block of raw memory. Copies alias; the block is recycled with the last one.
/// Its contents are not initialised.
class buffer {
public:
    buffer() = default;
    /// Room for `bytes` and the padding. Throws std::bad_alloc.
    explicit buffer(std::size_t bytes) : block_(detail::acquire_block(bytes)) {}
    buffer(const buffer& other) noexcept : block_(other.block_)
    {
        if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
    }
    buffer(buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    buffer& operator=(buffer other) noexcept
    {
        std::swap(block_, other.block_);
        return *this;
    }
    ~buffer()
    {
        if (block_ != nullptr && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            detail::recycle_block(block_);
        }
    }

    [[nodiscard]] std::byte* data() const noexcept
    {
        return block_ == nullptr ? nullptr : reinterpret_cast<std::byte*>(block_) + block_alignment;
    }
    template <class T>
    [[nodiscard]] T* as() const noexcept
    {
        return reinterpret_cast<T*>(data());
    }
    [[nodiscard]] std::size_t capacity() const noexcept
    {
        return block_ == nullptr ? 0 : block_->capacity;
    }
    /// What a block for `bytes` holds, by which the pool counts it.
    [[nodiscard]] static std::size_t capacity_for(std::size_t bytes)
    {
        return detail::block_capacity(bytes);
    }
    /// True if no other handle shares the block.
    [[nodiscard]] bool is_unique() const noexcept
    {
        return block_ != nullptr && block_->references.load(std::memory_order_acquire) == 1;
    }
    explicit operator bool() const noexcept { return block_ != nullptr; }

private:
    detail::block_header* block_ = nullptr;
};

static_assert(sizeof(detail::block_header) <= block_alignment);

/// What the pool has asked of the system, for tests and reports.
struct pool_statistics {
    std::size_t system_allocations = 0; ///< blocks ever taken from the system
    std::size_t bytes_in_use = 0;       ///< held by live buffers
    std::size_t peak_bytes_in_use = 0;  ///< since the start or the last reset
    std::size_t bytes_cached = 0;       ///< free, kept for reuse
};

[[nodiscard]] BACKTRAIL_API pool_statistics memory_statistics();
BACKTRAIL_API void reset_peak_memory();
/// Gives cached blocks back to the system.
BACKTRAIL_API void trim_memory() noexcept;

} // namespace backtrail
