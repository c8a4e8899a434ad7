// SPDX-License-Identifier: BSD-3-Clause
// What a workload is made of. A source in workloads/ registers a workload: its name, its sizes, and how
// its problem is built in an element type, that is, its inputs, the hand-written reference and backtrail's
// own contenders. Sources in torch/, adolc/ and eigen/ register rivals, which join the problem of the same
// name. The suite (suite.cpp) does the rest. Nothing else has to be edited to add one.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// n numbers in memory aligned to 64 bytes, with room for some vectors more at the end; 0 at first.
template <class T>
class block {
public:
    explicit block(std::size_t n)
        : size_(n),
          data_(static_cast<T*>(::operator new((n + 64) * sizeof(T), std::align_val_t(64))))
    {
        std::fill_n(data_, n + 64, T(0));
    }
    block(block&& other) noexcept
        : size_(std::exchange(other.size_, 0)), data_(std::exchange(other.data_, nullptr))
    {}
    block& operator=(block&&) = delete;
    ~block() { ::operator delete(data_, std::align_val_t(64)); }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t bytes() const { return size_ * sizeof(T); }
    [[nodiscard]] T* data() { return data_; }
    [[nodiscard]] const T* data() const { return data_; }
    [[nodiscard]] T& operator[](std::size_t i) { return data_[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const { return data_[i]; }

private:
    std::size_t size_;
    T* data_;
};

using numbers = std::vector<double>;

template <class T>
[[nodiscard]] numbers to_numbers(const block<T>& x)
{
    return numbers(x.data(), x.data() + x.size());
}

/// One way of computing a problem.
struct contender {
    std::string name;
    std::function<void()> run;
    /// What the last run computed: the loss, then its gradients; compared with the reference's.
    std::function<std::vector<numbers>()> results;
    std::function<std::size_t()> bytes = {}; ///< the memory it holds beside the inputs, if it knows
    bool uses_threads = false;               ///< is measured with two threads, too
    bool is_reference = false;               ///< of several, the fastest counts
};

/// A workload at one size in one element type.
template <class T>
class problem {
public:
    explicit problem(std::size_t size) : size_(size) {}
    [[nodiscard]] std::size_t size() const { return size_; }

    /// Makes an input, which all contenders find by its name.
    block<T>& add_input(const std::string& name, std::size_t n)
    {
        return inputs_.emplace(name, block<T>(n)).first->second;
    }
    /// One of random numbers between -limit and limit, the same for every element type, but for rounding.
    const block<T>& draw_input(const std::string& name, std::size_t n, double limit = 1)
    {
        block<T>& x = add_input(name, n);
        std::uniform_real_distribution<double> uniform(-limit, limit);
        for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<T>(uniform(random_));
        return x;
    }
    [[nodiscard]] const block<T>& input(const std::string& name) const { return inputs_.at(name); }

    void add(contender c) { contenders_.push_back(std::move(c)); }
    [[nodiscard]] const std::vector<contender>& contenders() const { return contenders_; }

    /// How far results may lie from the reference's, relative to the largest number of the array: what
    /// 1e7 terms, added one by one, lose to rounding. A wrong formula is further off.
    static constexpr double tolerance = std::same_as<T, double> ? 1e-11 : 1e-3;

private:
    std::size_t size_;
    std::mt19937_64 random_{7};
    std::map<std::string, block<T>> inputs_;
    std::vector<contender> contenders_;
};

/// Something that adds contenders to a problem; one that cannot be called for T adds none.
struct builder {
    template <class F>
    builder(F build) // NOLINT: a lambda is one
    {
        if constexpr (std::invocable<F, problem<double>&>) in_double = build;
        if constexpr (std::invocable<F, problem<float>&>) in_float = build;
    }
    template <class T>
    void operator()(problem<T>& p) const
    {
        if constexpr (std::same_as<T, double>) {
            if (in_double) in_double(p);
        } else {
            if (in_float) in_float(p);
        }
    }
    std::function<void(problem<double>&)> in_double;
    std::function<void(problem<float>&)> in_float;
};

struct workload_size {
    std::string name; ///< as printed and as asked for: "1e5"
    std::size_t value;
};

struct workload {
    std::string name;
    std::string what; ///< one line
    std::vector<workload_size> sizes;
    builder build;
};

struct rival {
    std::string workload_name;
    builder build;
};

/// What the sources have registered.
inline std::vector<workload>& all_workloads()
{
    static std::vector<workload> all;
    return all;
}
inline std::vector<rival>& all_rivals()
{
    static std::vector<rival> all;
    return all;
}
/// How the libraries that are measured are told how many threads to use.
inline std::vector<std::function<void(int)>>& all_thread_setters()
{
    static std::vector<std::function<void(int)>> all;
    return all;
}

/// `const bench::registration r(bench::workload{...});` in a source registers.
struct registration {
    explicit registration(workload w) { all_workloads().push_back(std::move(w)); }
    explicit registration(rival r) { all_rivals().push_back(std::move(r)); }
    explicit registration(std::function<void(int)> set_threads)
    {
        all_thread_setters().push_back(std::move(set_threads));
    }
};

} // namespace bench
