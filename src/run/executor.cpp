// SPDX-License-Identifier: BSD-3-Clause
// The replay loop.
#include <backtrail/run/executor.hpp>

#include "pass_runner.hpp"

#include <backtrail/run/control.hpp>
#include <backtrail/run/threads.hpp>

#include <algorithm>

namespace backtrail {

executor::executor(plan p) : plan_(std::move(p))
{
    std::size_t views = 0;
    for (const step& s : plan_.steps) {
        views = std::max<std::size_t>(views, s.inputs);
        has_evaluations_ |= s.what == step::kind::evaluate;
    }
    views_.resize(views);
    outputs_.resize(plan_.outputs.size());
    for (const node_ptr& leaf : plan_.leaves) leaves_.push_back(leaf->op().as_leaf());
    leaf_data_.resize(plan_.leaves.size());
    versions_.resize(plan_.leaves.size());
    bases_.resize(1 + outputs_.size() + leaf_data_.size());
    is_exact_.resize(bases_.size());
}

/// A frame for each thread that may work on a pass.
executor::frame_layout executor::frames_for(bool has_exact) const
{
    frame_layout l;
    for (const pass& p : plan_.passes) {
        l.workers = std::max(l.workers, pass_runner::workers(p));
        l.stride = std::max(l.stride, pass_runner::frame_bytes(plan_, p, has_exact));
    }
    return l;
}

/// Takes memory where there is none yet, and more frames if there are more threads than before.
void executor::reserve()
{
    if (!arena_) {
        arena_ = buffer(plan_.arena_bytes);
        workspace_ = buffer(plan_.workspace_bytes);
        bases_[0] = arena_.data();
    }
    if (frames_ && threads_ == num_threads() && frames_are_exact_ >= has_exact_) return;
    threads_ = num_threads();
    frames_are_exact_ = frames_are_exact_ || has_exact_;
    const frame_layout wanted = frames_for(frames_are_exact_);
    if (frames_ && wanted.workers <= reserved_.workers && wanted.stride <= reserved_.stride) return;
    reserved_.workers = std::max(wanted.workers, reserved_.workers);
    reserved_.stride = std::max(wanted.stride, reserved_.stride);
    frames_ = buffer();
    frames_ = buffer(reserved_.workers * reserved_.stride);
}

void executor::release()
{
    arena_ = workspace_ = frames_ = buffer();
    reserved_ = {};
    frames_are_exact_ = false;
    for (auto& o : outputs_) o = buffer();
    has_run_ = has_constants_ = false;
}

bool executor::is_current() const
{
    if (!has_run_) return false;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
        if (leaves_[i]->version() != versions_[i]) return false;
    }
    return true;
}

std::size_t executor::peak_bytes(whose outputs) const
{
    const frame_layout frames = frames_for(frames_are_exact_ || outputs == whose::caller);
    std::size_t total = buffer::capacity_for(plan_.arena_bytes) +
                        buffer::capacity_for(plan_.workspace_bytes) +
                        buffer::capacity_for(std::max(frames.workers, reserved_.workers) *
                                             std::max(frames.stride, reserved_.stride));
    if (outputs == whose::caller) return total;
    for (const auto& o : plan_.outputs) {
        total += buffer::capacity_for(element_count(o.extents) * size_of(o.type));
    }
    return total;
}

void executor::bind(std::span<const std::byte* const> leaves, std::span<std::byte* const> outputs)
{
    if (has_exact_) std::fill(is_exact_.begin(), is_exact_.end(), 0);
    has_exact_ = false;
    const auto use = [&](std::size_t base, std::byte* given) {
        bases_[base] = given;
        is_exact_[base] = 1;
        has_exact_ = true;
    };
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (i < outputs.size() && outputs[i] != nullptr) {
            use(1 + i, outputs[i]);
            continue;
        }
        if (!outputs_[i].is_unique()) {
            const auto& o = plan_.outputs[i];
            outputs_[i] = buffer(element_count(o.extents) * size_of(o.type));
        }
        bases_[1 + i] = outputs_[i].data();
    }
    for (std::size_t i = 0; i < leaf_data_.size(); ++i) {
        const std::size_t base = 1 + outputs_.size() + i;
        if (i < leaves.size() && leaves[i] != nullptr) {
            use(base, const_cast<std::byte*>(leaves[i])); // leaves are only read
            continue;
        }
        const leaf_storage& leaf = *leaves_[i];
        versions_[i] = leaf.version();
        if (holds_leaves()) leaf_data_[i] = leaf.data();
        bases_[base] = leaf.data().data();
    }
}

void executor::run() { run({}, {}); }

void executor::run(std::span<const std::byte* const> leaves, std::span<std::byte* const> outputs)
{
    has_run_ = false;
    bind(leaves, outputs);
    reserve();
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        const step& s = plan_.steps[i];
        if (s.once && has_constants_) continue;
        execute(s);
        if (on_step_) on_step_(i);
        detail::run_control::check();
    }
    has_constants_ = true;
    if (holds_leaves()) {
        for (auto& data : leaf_data_) data = buffer();
    }
    has_run_ = true;
}

array_view executor::view_of(std::uint32_t operand) const
{
    const backtrail::operand& o = plan_.operands[operand];
    const layout& l = plan_.layouts[o.layout];
    // The address has the offset in it.
    return {bases_[o.base] + o.offset, o.type, layout(l.extents, l.steps, 0)};
}

void executor::execute(const step& s)
{
    switch (s.what) {
    case step::kind::pass: execute_pass(plan_.passes[s.index]); return;
    case step::kind::copy: copy(view_of(s.first_input), view_of(s.output)); return;
    case step::kind::surround: surround(view_of(s.first_input), view_of(s.output)); return;
    case step::kind::evaluate:
        for (std::uint32_t i = 0; i < s.inputs; ++i) views_[i] = view_of(s.first_input + i);
        s.op->evaluate(std::span(views_).first(s.inputs), view_of(s.output), workspace_.data());
        return;
    }
}

void executor::execute_pass(const pass& p)
{
    // Each walk over a long row begins where the one before ended, whose last elements are still in the cache. Walks
    // over many rows, which read their neighbours too, gain nothing by it; and those over much more than a cache lose,
    // because the processor fetches ahead forward.
    constexpr std::size_t much = std::size_t{8} << 20;
    const bool is_little = p.elements() * p.streams * sizeof(double) <= much;
    is_backward_ = p.rows == 1 && is_little && !is_backward_;
    const bound_memory memory = {bases_, is_exact_, has_exact_};
    const pass_runner runner(plan_, p, memory, is_backward_);
    const std::size_t workers = std::min(reserved_.workers, pass_runner::workers(p));
    for (std::size_t w = 0; w < workers; ++w) runner.begin(frames_.data() + w * reserved_.stride);
    const std::size_t last = p.chunks() - 1;
    parallel_for(p.chunks(), workers, [&](std::size_t w, std::size_t chunk) {
        runner.run_chunk(frames_.data() + w * reserved_.stride,
                         is_backward_ ? last - chunk : chunk);
    });
    runner.finish();
}

} // namespace backtrail
