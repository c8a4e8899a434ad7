// SPDX-License-Identifier: BSD-3-Clause
// Bodies of loops on the executor: parameters are leaves, and a value is the buffer of a leaf or of an
// output, which changes hands.
#include "body_runner.hpp"

#include <backtrail/graph/build.hpp>
#include <backtrail/run/loop_sharing.hpp>

#include <algorithm>
#include <cstring>

namespace backtrail {

namespace {

std::vector<node_ptr> leaves_for(const graph_function& f)
{
    std::vector<node_ptr> leaves;
    for (const auto& p : f.parameters) {
        leaves.push_back(detail::make_leaf(p->shape(), p->type(), true));
    }
    return leaves;
}

} // namespace

body_runner::body_runner(const graph_function& f) : body_runner(leaves_for(f), f) {}

body_runner::body_runner(std::vector<node_ptr> leaves, const graph_function& f)
    : leaves_(std::move(leaves)), uses_(leaves_.size(), 0),
      exec_(make_plan(detail::share_loop_states(detail::call(f, leaves_))))
{
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
        const auto& read = the_plan().leaves;
        uses_[i] = std::find(read.begin(), read.end(), leaves_[i]) != read.end();
    }
    rest();
}

void* body_runner::room(std::size_t i) { return detail::writable_data(leaves_[i], false); }

void body_runner::write(std::size_t i, const void* from)
{
    const std::size_t bytes = element_count(leaves_[i]->shape()) * size_of(leaves_[i]->type());
    void* to = room(i);
    if (bytes > 0) std::memcpy(to, from, bytes);
}

void body_runner::put(std::size_t i, const value& v) { leaves_[i]->op().as_leaf()->data() = v; }

const body_runner::value& body_runner::parameter(std::size_t i) const
{
    return leaves_[i]->op().as_leaf()->data();
}

void body_runner::rest()
{
    exec_.release();
    for (const auto& leaf : leaves_) leaf->op().as_leaf()->data() = buffer();
}

body::loan body::borrow() const
{
    std::unique_ptr<body_runner> runner;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            runner = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!runner) runner = std::make_unique<body_runner>(function_);
    return {*this, std::move(runner)};
}

void body::give_back(std::unique_ptr<body_runner> runner) const noexcept
{
    try {
        if (!keeps_memory_) runner->rest();
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(runner));
    } catch (const std::bad_alloc&) { // then it is made anew
    }
}

} // namespace backtrail
