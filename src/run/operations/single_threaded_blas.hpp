// SPDX-License-Identifier: BSD-3-Clause
// OpenBLAS divides a product by its number of threads, which shows in the last digits: while one of our products runs,
// it has one.
#pragma once

#include <mutex>

// Present in OpenBLAS; another BLAS is taken as it is.
extern "C" [[gnu::weak]] void openblas_set_num_threads(int);
extern "C" [[gnu::weak]] int openblas_get_num_threads();

namespace backtrail {

/// While there is one, OpenBLAS runs on the calling thread. Its setting is for the whole program, so it
/// is put back when the last of ours has ended.
class single_threaded_blas {
public:
    single_threaded_blas()
    {
        if (openblas_set_num_threads == nullptr) return;
        const std::lock_guard lock(mutex());
        if (users()++ > 0) return;
        before() = openblas_get_num_threads();
        if (before() != 1) openblas_set_num_threads(1);
    }
    single_threaded_blas(const single_threaded_blas&) = delete;
    single_threaded_blas& operator=(const single_threaded_blas&) = delete;
    ~single_threaded_blas()
    {
        if (openblas_set_num_threads == nullptr) return;
        const std::lock_guard lock(mutex());
        if (--users() == 0 && before() != 1) openblas_set_num_threads(before());
    }

private:
    static std::mutex& mutex()
    {
        static std::mutex m;
        return m;
    }
    static int& users()
    {
        static int n = 0;
        return n;
    }
    static int& before()
    {
        static int n = 1;
        return n;
    }
};

} // namespace backtrail
