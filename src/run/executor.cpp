// SPDX-License-Identifier: BSD-3-Clause
// The replay loop.
#include <backtrail/run/executor.hpp>

#include "pass_runner.hpp"

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
    arena_ = buffer(plan_.arena_bytes);
    workspace_ = buffer(plan_.workspace_bytes);
    views_.resize(views);
    outputs_.resize(plan_.outputs.size());
    leaf_data_.resize(plan_.leaves.size());
    versions_.resize(plan_.leaves.size());
    bases_.resize(1 + outputs_.size() + leaf_data_.size());
    is_exact_.resize(bases_.size());
    bases_[0] = arena_.data();
    reserve_frames();
}

std::size_t executor::frame_bytes() const
{
    std::size_t bytes = 0;
    for (const pass& p : plan_.passes) {
        bytes = std::max(bytes, pass_runner::frame_bytes(plan_, p, has_exact_));
    }
    return bytes;
}

/// A frame for each thread that may work on a pass. Grows if there are more threads than before.
void executor::reserve_frames()
{
    std::size_t workers = plan_.passes.empty() ? 0 : 1;
    for (const pass& p : plan_.passes) workers = std::max(workers, pass_runner::workers(p));
    if (workers == 0 || (workers <= workers_ && has_exact_frames_ >= has_exact_)) return;
    workers_ = std::max(workers, workers_);
    frame_stride_ = std::max(frame_stride_, frame_bytes());
    has_exact_frames_ |= has_exact_;
    frames_ = buffer();
    frames_ = buffer(workers_ * frame_stride_);
}

bool executor::is_current() const
{
    if (!has_run_) return false;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
        if (plan_.leaves[i]->op().as_leaf()->version() != versions_[i]) return false;
    }
    return true;
}

std::size_t executor::peak_bytes() const
{
    std::size_t total = arena_.capacity() + workspace_.capacity() + frames_.capacity();
    for (const auto& o : plan_.outputs) {
        total += buffer::capacity_for(element_count(o.extents) * size_of(o.type));
    }
    return total;
}

void executor::bind(std::span<const std::byte* const> leaves, std::span<std::byte* const> outputs)
{
    has_exact_ = false;
    const auto use = [&](std::size_t base, std::byte* given) {
        bases_[base] = given;
        is_exact_[base] = 1;
        has_exact_ = true;
    };
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        is_exact_[1 + i] = 0;
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
        is_exact_[base] = 0;
        if (i < leaves.size() && leaves[i] != nullptr) {
            use(base, const_cast<std::byte*>(leaves[i])); // leaves are only read
            continue;
        }
        const leaf_storage& leaf = *plan_.leaves[i]->op().as_leaf();
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
    reserve_frames();
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        const step& s = plan_.steps[i];
        if (!s.once || !has_constants_) execute(s);
        if (on_step_) on_step_(i);
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
    const bound_memory memory = {bases_, is_exact_, has_exact_};
    const pass_runner runner(plan_, p, memory);
    const std::size_t workers = std::min(workers_, pass_runner::workers(p));
    for (std::size_t w = 0; w < workers; ++w) runner.begin(frames_.data() + w * frame_stride_);
    parallel_for(p.chunks(), workers, [&](std::size_t w, std::size_t chunk) {
        runner.run_chunk(frames_.data() + w * frame_stride_, chunk);
    });
    runner.finish();
}

} // namespace backtrail
