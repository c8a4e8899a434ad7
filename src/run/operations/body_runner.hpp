// SPDX-License-Identifier: BSD-3-Clause
// A function of the graph that is planned once and run again and again on values given from outside:
// the one place where loops meet the executor.
#pragma once

#include <backtrail/graph/function.hpp>
#include <backtrail/run/executor.hpp>

#include <memory>
#include <mutex>

namespace backtrail {

/// One planned copy, with memory of its own. A value is handed on without being copied, and holds
/// its memory until it is dropped.
class body_runner {
public:
    using value = buffer;

    explicit body_runner(const graph_function& f);

    /// Memory to write parameter i to.
    [[nodiscard]] void* room(std::size_t i);
    /// Copies the elements of parameter i from memory.
    void write(std::size_t i, const void* from);
    /// The same, if the body reads it.
    void feed(std::size_t i, const void* from)
    {
        if (uses_[i] != 0) write(i, from);
    }
    [[nodiscard]] bool uses(std::size_t i) const { return uses_[i] != 0; }
    /// Parameter i is this value, which the body will not change.
    void put(std::size_t i, const value& v);
    /// Gives the value of parameter i back; it must get another before the next run.
    void drop(std::size_t i) { put(i, {}); }
    /// Parameter i is what result k was in the last run.
    void carry(std::size_t k, std::size_t i) { put(i, exec_.output(k)); }
    /// The value of parameter i.
    [[nodiscard]] const value& parameter(std::size_t i) const;
    [[nodiscard]] const value& value_of_result(std::size_t k) const { return exec_.output(k); }
    [[nodiscard]] const std::byte* result(std::size_t k) const { return exec_.output(k).data(); }
    void run() { exec_.run(); }

    /// Gives all memory back. The next run takes some again.
    void rest();
    [[nodiscard]] const plan& the_plan() const { return exec_.the_plan(); }
    /// What it holds once it has run; without the parameters, which may be shared.
    [[nodiscard]] std::size_t bytes() const { return exec_.peak_bytes(); }

private:
    body_runner(std::vector<node_ptr> leaves, const graph_function& f);

    std::vector<node_ptr> leaves_;
    std::vector<char> uses_; ///< parameters that the body reads
    executor exec_;
};

/// A body, of which several threads may run copies at once.
class body {
public:
    /// Runners that are not on loan hold memory only if `keeps_memory`.
    body(graph_function f, bool keeps_memory) : function_(std::move(f)), keeps_memory_(keeps_memory)
    {}
    [[nodiscard]] const graph_function& function() const { return function_; }
    [[nodiscard]] bool keeps_memory() const { return keeps_memory_; }

    /// A runner on loan; goes back when it is dropped, also by an exception.
    class loan {
    public:
        loan(const body& from, std::unique_ptr<body_runner> runner)
            : from_(&from), runner_(std::move(runner))
        {}
        loan(loan&&) = default;
        loan& operator=(loan&&) = delete;
        ~loan()
        {
            if (runner_) from_->give_back(std::move(runner_));
        }
        body_runner* operator->() const { return runner_.get(); }
        body_runner& operator*() const { return *runner_; }

    private:
        const body* from_;
        std::unique_ptr<body_runner> runner_;
    };
    [[nodiscard]] loan borrow() const;

private:
    void give_back(std::unique_ptr<body_runner> runner) const noexcept;

    graph_function function_;
    bool keeps_memory_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<body_runner>> idle_;
};

} // namespace backtrail
