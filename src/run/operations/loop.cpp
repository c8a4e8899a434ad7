// SPDX-License-Identifier: BSD-3-Clause
// How loops are run, and how their states are kept on the way.
#include "loop_operations.hpp"
#include "loop_restarts.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/run/control.hpp>

#include <bit>
#include <cstring>
#include <limits>

namespace backtrail {

void kept_states::store(std::size_t slot, const body_runner& from, std::size_t states)
{
    if (slots_.size() <= slot) slots_.resize(slot + 1);
    for (std::size_t j = 0; j < states; ++j) slots_[slot].push_back(from.parameter(1 + j));
}

void kept_states::restore(std::size_t slot, body_runner& to) const
{
    for (std::size_t j = 0; j < slots_[slot].size(); ++j) to.put(1 + j, slots_[slot][j]);
}

void state_hashes::check(std::size_t k, const body_runner& from, const loop_form& f)
{
    constexpr std::uint64_t factor = 0x9e3779b97f4a7c15; // 2^64 / golden ratio
    std::uint64_t hash = k;
    for (std::size_t j = 0; j < f.states; ++j) {
        const std::size_t bytes = f.out.parts()[j].count * size_of(f.out.parts()[j].type);
        const std::byte* data = from.result(j);
        for (std::size_t i = 0; i < bytes; i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, data + i, std::min<std::size_t>(8, bytes - i));
            hash = std::rotl((hash ^ word) * factor, 29);
        }
    }
    if (k == hashes_.size()) {
        hashes_.push_back(hash);
    } else if (k < hashes_.size() && hashes_[k] != hash) {
        std::string tags;
        for (const auto& n : topological_order(f.function().results)) {
            if (!n->is_annotated()) continue;
            for (const auto& tag : n->tags()) tags += (tags.empty() ? ", of \"" : "\", \"") + tag;
        }
        throw recomputation_error("[verify] step " + std::to_string(k) + " of a loop" + tags +
                                  (tags.empty() ? "" : "\",") +
                                  " made other states when it was run again");
    }
}

void loop_handover::leave(const void* address, loop_recording r)
{
    const std::lock_guard lock(mutex_);
    left_.insert_or_assign(address, std::move(r));
}

void loop_handover::drop(const void* address)
{
    const std::lock_guard lock(mutex_);
    left_.erase(address);
}

std::optional<loop_recording> loop_handover::take(const void* address)
{
    const std::lock_guard lock(mutex_);
    auto found = left_.extract(address);
    if (found.empty()) return {};
    return std::move(found.mapped());
}

loop_operation::loop_operation(std::shared_ptr<const loop_form> form)
    : loop_operation(std::move(form), std::make_shared<loop_settings>())
{}

loop_operation::loop_operation(std::shared_ptr<const loop_form> form,
                               std::shared_ptr<loop_settings> settings)
    : form_(std::move(form)), settings_(std::move(settings)), passes_(form_->passes())
{}

loop_operation::loop_operation(const loop_operation& loop, std::shared_ptr<loop_handover> to)
    : form_(loop.form_), settings_(loop.settings_), to_(std::move(to)), passes_(loop.passes_)
{}

std::uint64_t shared_advances(std::size_t steps, std::size_t slots,
                              std::span<const std::size_t> given)
{
    const std::uint64_t plain = binomial_advances(steps + 1, slots);
    return given.empty() ? plain
                         : std::min(plain, restarting_schedule::advances(steps + 1, slots, given));
}

std::unique_ptr<schedule> shared_schedule(const loop_form& f, std::size_t slots)
{
    const std::size_t c = slots == 0 ? std::max<std::size_t>(f.steps, 1) : slots;
    if (f.restarts) {
        const auto& given = f.restarts->states();
        if (restarting_schedule::advances(f.steps + 1, c, given) <
            binomial_advances(f.steps + 1, c)) {
            return std::make_unique<restarting_schedule>(f.steps + 1, c, given);
        }
    }
    return std::make_unique<binomial_schedule>(f.steps + 1, c);
}

void loop_operation::evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const
{
    const loop_form& f = *form_;
    if (to_) to_->drop(y.data);
    const std::size_t slots = settings_->slots();
    const mixture& mixes = settings_->mixes();
    const step_split* split = slots == 0 || f.keeps || mixes ? this->split() : nullptr;
    const body::loan runner = (split != nullptr ? split->record
                               : f.is_while()   ? f.advance
                                                : f.whole)
                                  ->borrow();
    loop_feed feed(f, *runner, x);
    feed.write_captured();
    feed.write_states();
    loop_recording recording;
    detail::run_control::loop self(f.is_derivative);
    const bool is_new = self.is_first_time();
    const auto& parts = f.out.parts();
    const auto run_step = [&](std::size_t k, bool is_recorded) {
        self.begin_step(f.index(k));
        feed.write_step(k);
        if (is_recorded) recording.records.keep_states(*split, *runner);
        runner->run();
        if (is_recorded) recording.records.keep_parts(*split, *runner);
        for (std::size_t j = f.states; j < f.states + f.outputs; ++j) {
            const std::size_t count = parts[j].count / f.steps;
            f.out.store(y.data, j, f.index(k) * count, runner->result(j), count);
        }
        if (to_ && detail::run_control::verifies()) recording.hashes.check(k, *runner, f);
        f.store_seen(y.data, k, *runner, f.first_seen(), is_new);
        for (std::size_t j = 0; j < f.states; ++j) runner->carry(j, 1 + j);
        detail::run_control::count_step(false);
    };

    using kind = schedule_action::kind;
    if (f.is_while()) {
        std::unique_ptr<online_schedule> s;
        if (to_ && split == nullptr) {
            s = std::make_unique<online_schedule>(
                slots == 0 ? std::numeric_limits<std::size_t>::max() : slots);
        }
        const auto n = static_cast<std::int64_t>(run_while(f, x, [&](std::size_t k) {
            while (s) {
                const auto action = s->next();
                if (action->what == kind::advance) break;
                if (action->what == kind::store) {
                    recording.states.store(action->slot, *runner, f.states);
                } else {
                    recording.states.release(action->slot);
                }
            }
            run_step(k, split != nullptr);
            return *reinterpret_cast<const bool*>(runner->result(f.states));
        }));
        f.out.store(y.data, f.states, 0, &n, 1);
        f.blank_seen(y.data, static_cast<std::size_t>(n));
        if (to_) settings_->count_advances(static_cast<std::uint64_t>(n));
        if (s) s->finish();
        recording.rest = std::move(s);
    } else if (!to_ || (split != nullptr && !mixes)) {
        for (std::size_t k = 0; k < f.steps; ++k) run_step(k, split != nullptr);
        if (to_) settings_->count_advances(f.steps);
    } else {
        // What comes after the loop counts as one more step, the first to be reversed.
        std::unique_ptr<schedule> s;
        if (mixes) {
            s = mixes.schedule_of(f.steps + 1);
        } else {
            s = shared_schedule(f, slots);
        }
        for (auto a = s->next(); a->what != kind::reverse; a = s->next()) {
            if (a->what == kind::store) {
                recording.states.store(a->slot, *runner, f.states);
            } else {
                for (std::size_t k = a->from; k < a->to; ++k) {
                    run_step(k, a->what == kind::record);
                }
            }
        }
        settings_->count_advances(f.steps);
        recording.rest = std::move(s);
    }
    for (std::size_t j = 0; j < f.states; ++j) {
        f.out.store(y.data, j, 0, runner->parameter(1 + j).data(), parts[j].count);
    }
    if (to_) to_->leave(y.data, std::move(recording));
}

node_ptr make_loop(std::shared_ptr<const loop_form> form, std::span<const node_ptr> inputs)
{
    const dtype type = form->out.type();
    const shape s = form->shape();
    return make_node(make_operation<loop_operation>(std::move(form)), type, s, inputs);
}

} // namespace backtrail
