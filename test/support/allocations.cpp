// SPDX-License-Identifier: BSD-3-Clause
// The replaced allocation functions: see allocations.hpp.
#include "allocations.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> news{0};
/// Initial-exec, so that reading it allocates nothing itself.
[[gnu::tls_model("initial-exec")]] thread_local std::size_t mallocs = 0;

void* try_to_allocate(std::size_t bytes, std::size_t alignment) noexcept
{
    ++news;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    return std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
}
void* allocate(std::size_t bytes, std::size_t alignment)
{
    void* p = try_to_allocate(bytes, alignment);
    if (p == nullptr) throw std::bad_alloc();
    return p;
}

/// Not inlined, or g++ thinks that what `new` gave is freed by the wrong function.
[[gnu::noinline]] void release(void* p) noexcept { std::free(p); }

} // namespace

void* operator new(std::size_t bytes) { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new[](std::size_t bytes) { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t a)
{
    return allocate(bytes, std::size_t(a));
}
void* operator new[](std::size_t bytes, std::align_val_t a)
{
    return allocate(bytes, std::size_t(a));
}
// A sanitizer has these of its own, which `delete` below would not match.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept
{
    return try_to_allocate(bytes, alignof(std::max_align_t));
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept
{
    return try_to_allocate(bytes, alignof(std::max_align_t));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { release(p); }

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// glibc offers its own functions under these names to whoever replaces the usual ones.
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t n, std::size_t bytes);
void* __libc_realloc(void* p, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) noexcept
{
    ++mallocs;
    return __libc_malloc(bytes);
}
void* calloc(std::size_t n, std::size_t bytes) noexcept
{
    ++mallocs;
    return __libc_calloc(n, bytes);
}
void* realloc(void* p, std::size_t bytes) noexcept
{
    ++mallocs;
    return __libc_realloc(p, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) noexcept
{
    ++mallocs;
    return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept
{
    ++mallocs;
    return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t bytes) noexcept
{
    ++mallocs;
    void* const memory = __libc_memalign(alignment, bytes);
    if (memory == nullptr) return ENOMEM;
    *p = memory;
    return 0;
}
}
#endif

namespace backtrail::test {

std::size_t allocations() noexcept { return news; }
std::size_t system_allocations() noexcept { return mallocs; }

} // namespace backtrail::test
