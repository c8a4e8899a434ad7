// SPDX-License-Identifier: BSD-3-Clause
// How loops are reversed: from what the loop has kept on its way, or after running it again. All steps are
// recorded, so that nothing is computed twice, or a schedule says of which steps states or records are kept.
#include "loop_operations.hpp"
#include "loop_restarts.hpp"

#include <backtrail/run/control.hpp>

#include <cstring>
#include <limits>

namespace backtrail {
namespace {

/// What a body shares with what the loop has kept, given back whatever happens.
struct shared_values {
    body_runner& of;
    std::size_t first_state, states, first_part, parts;
    ~shared_values()
    {
        for (std::size_t j = 0; j < states; ++j) of.drop(first_state + j);
        for (std::size_t j = 0; j < parts; ++j) of.drop(first_part + j);
    }
};

/// One evaluation of the reverse mode.
class reversal {
public:
    /// With a split, steps can be recorded.
    reversal(const loop_form& forward, const loop_form& reverse, const step_split* split,
             std::span<const array_view> x, const array_view& y)
        : forward_(forward), reverse_(reverse), split_(split), x_(x),
          y_bar_(x[forward.inputs()].data), y_(y),
          ahead_((split != nullptr ? split->record : forward.advance)->borrow()),
          back_((split != nullptr ? split->replay : reverse.whole)->borrow()),
          feed_(forward, *ahead_, x)
    {
        const std::size_t first = 1 + reverse.states + reverse.slices;
        for (std::size_t j = 0; j < forward.captured; ++j) {
            back_->feed(first + j, x[forward.states + forward.slices + j].data);
        }
        write_cotangents();
    }

    /// From the first state.
    void run(std::size_t slots, loop_settings& settings)
    {
        begin();
        feed_.write_states();
        if (const mixture& mixes = settings.mixes()) {
            finish(*mixes.schedule_of(forward_.steps), settings);
        } else if (split_ != nullptr) {
            const auto one = [&](std::size_t k) { record(k); };
            if (forward_.is_while()) {
                run_while(forward_, x_, [&](std::size_t k) {
                    one(k);
                    return *reinterpret_cast<const bool*>(ahead_->result(forward_.states));
                });
            } else {
                for (std::size_t k = 0; k < forward_.steps; ++k) one(k);
            }
            settings.count_advances(records_.count());
            replay(settings);
        } else if (forward_.is_while()) {
            online_schedule s(slots == 0 ? std::numeric_limits<std::size_t>::max() : slots);
            run_while(forward_, x_, [&](std::size_t) {
                for (;;) {
                    const auto action = s.next();
                    apply(*action, settings);
                    if (action->what == schedule_action::kind::advance) break;
                }
                return *reinterpret_cast<const bool*>(ahead_->result(forward_.states));
            });
            s.finish();
            finish(s, settings);
        } else {
            binomial_schedule s(forward_.steps,
                                slots == 0 ? std::max<std::size_t>(forward_.steps, 1) : slots);
            finish(s, settings);
        }
    }

    /// From where a recording ends.
    void run(loop_recording recording, loop_settings& settings)
    {
        records_ = std::move(recording.records);
        kept_ = std::move(recording.states);
        hashes_ = std::move(recording.hashes);
        furthest_ = std::numeric_limits<std::size_t>::max();
        if (!recording.rest) {
            replay(settings);
        } else {
            begin();
            finish(*recording.rest, settings);
        }
    }

private:
    /// Makes it possible to run steps.
    void begin()
    {
        // Without states there is nothing to run ahead of.
        if (forward_.states > 0 || split_ != nullptr) feed_.write_captured();
    }

    void apply(const schedule_action& a, loop_settings& settings)
    {
        using kind = schedule_action::kind;
        switch (a.what) {
        case kind::advance:
            for (std::size_t k = a.from; k < a.to; ++k) advance(k);
            settings.count_advances(a.to - a.from);
            return;
        case kind::store: kept_.store(a.slot, *ahead_, forward_.states); return;
        case kind::restore: kept_.restore(a.slot, *ahead_); return;
        case kind::record: record(a.from); return;
        case kind::restart: restart(a.from); return;
        case kind::reverse:
            if (split_ != nullptr) record(a.from);
            [[fallthrough]];
        case kind::replay:
            reverse(a.from);
            settings.count_reversal();
            return;
        default: kept_.release(a.slot);
        }
    }

    void finish(schedule& s, loop_settings& settings)
    {
        while (const auto action = s.next()) apply(*action, settings);
        write_result();
    }

    void replay(loop_settings& settings)
    {
        for (std::size_t k = records_.count(); k-- > 0;) {
            reverse(k);
            settings.count_reversal();
        }
        write_result();
    }

    void write_result()
    {
        if (forward_.is_while()) reverse_.blank_seen(y_.data, reversed_);
        for (std::size_t j = 0; j < reverse_.states; ++j) {
            reverse_.out.store(y_.data, j, 0, back_->parameter(1 + j).data(),
                               reverse_.out.parts()[j].count);
        }
    }

    void write_cotangents()
    {
        std::size_t to = 1;
        for (std::size_t j = 0; j < forward_.states; ++j) {
            if (!is_differentiable(forward_.parameter(j)->type())) continue;
            forward_.out.load(y_bar_, j, 0, back_->room(to++), forward_.out.parts()[j].count);
        }
        for (; to <= reverse_.states; ++to) { // the sums
            const node_ptr& sum = reverse_.function().parameters[to];
            std::memset(back_->room(to), 0, element_count(sum->shape()) * size_of(sum->type()));
        }
    }

    void advance(std::size_t k)
    {
        if (forward_.states == 0) return;
        feed_.write_step(k);
        ahead_->run();
        if (detail::run_control::verifies()) hashes_.check(k, *ahead_, forward_);
        for (std::size_t j = 0; j < forward_.states; ++j) ahead_->carry(j, 1 + j);
        detail::run_control::count_step(k < furthest_);
        furthest_ = std::max(furthest_, k + 1);
    }

    /// The state before step k, from what the loop has handed out of the step before.
    void restart(std::size_t k)
    {
        const body::loan runner = forward_.restarts->restart()->borrow();
        forward_.restarts->run(k, forward_, x_.back().data, *runner);
        if (detail::run_control::verifies()) hashes_.check(k - 1, *runner, forward_);
        for (std::size_t j = 0; j < forward_.states; ++j) {
            ahead_->put(1 + j, runner->value_of_result(j));
        }
    }

    void record(std::size_t k)
    {
        feed_.write_step(k);
        records_.keep_states(*split_, *ahead_);
        ahead_->run();
        if (detail::run_control::verifies()) hashes_.check(k, *ahead_, forward_);
        records_.keep_parts(*split_, *ahead_);
        for (std::size_t j = 0; j < forward_.states; ++j) ahead_->carry(j, 1 + j);
        detail::run_control::count_step(false);
    }

    void reverse(std::size_t k)
    {
        const std::size_t t = forward_.index(k);
        const std::int64_t step = forward_.number(k);
        self_.begin_step(t);
        back_->feed(0, &step);
        const std::size_t first_state = 1 + reverse_.states, first_part = 1 + reverse_.inputs();
        std::size_t to = first_state + forward_.states;
        if (split_ != nullptr) {
            records_.take(*split_, *back_, first_state, first_part);
        } else {
            for (std::size_t j = 0; j < forward_.states; ++j) {
                back_->put(first_state + j, ahead_->parameter(1 + j));
            }
        }
        for (std::size_t j = 0; j < forward_.slices; ++j) {
            const node_ptr& slice = reverse_.function().parameters[to];
            const std::size_t bytes = element_count(slice->shape()) * size_of(slice->type());
            const void* all = x_[forward_.states + j].data;
            back_->feed(to++, static_cast<const std::byte*>(all) + t * bytes);
        }
        const auto& results = forward_.function().results;
        for (std::size_t j = forward_.states; j < forward_.states + forward_.outputs; ++j) {
            if (!is_differentiable(results[j]->type())) continue;
            const std::size_t count = element_count(results[j]->shape());
            if (back_->uses(to)) {
                forward_.out.load(y_bar_, j, t * count, back_->room(to), count);
            }
            ++to;
        }
        {
            const shared_values until_run{*back_, first_state, forward_.states, first_part,
                                          split_ != nullptr ? split_->parts : 0};
            back_->run();
        }
        const auto& parts = reverse_.out.parts();
        for (std::size_t j = reverse_.states; j < parts.size(); ++j) {
            const std::size_t count = parts[j].count / reverse_.steps;
            reverse_.out.store(y_.data, j, t * count, back_->result(j), count);
        }
        ++reversed_;
        reverse_.store_seen(y_.data, reverse_.is_backward ? reverse_.steps - 1 - t : t, *back_,
                            parts.size(), true);
        for (std::size_t j = 0; j < reverse_.states; ++j) back_->carry(j, 1 + j);
        detail::run_control::count_step(false);
    }

    const loop_form& forward_;
    const loop_form& reverse_;
    const step_split* split_;
    std::span<const array_view> x_;
    const void* y_bar_;
    const array_view& y_;
    body::loan ahead_, back_;
    loop_feed feed_;
    kept_states kept_;
    step_records records_;
    state_hashes hashes_;
    std::size_t furthest_ = 0; ///< steps that have run
    std::size_t reversed_ = 0; ///< steps that have been reversed
    detail::run_control::loop self_{true};
};

} // namespace

void loop_pullback_operation::evaluate(std::span<const array_view> x, const array_view& y,
                                       std::byte*) const
{
    std::optional<loop_recording> recording;
    if (from_) recording = from_->take(x.back().data);
    const std::size_t slots = settings_->slots();
    const bool records = settings_->mixes() ||
                         (recording ? recording->rest == nullptr : slots == 0 || forward_->keeps);
    const auto step = records ? split() : nullptr;
    reversal r(*forward_, *reverse_, step.get(), x, y);
    if (recording) {
        r.run(std::move(*recording), *settings_);
    } else {
        r.run(slots, *settings_);
    }
}

std::shared_ptr<const step_split> loop_pullback_operation::split() const
{
    std::call_once(split_->once, [&] {
        if (forward_->states == 0 && !forward_->keeps) return; // a region: nothing is kept
        auto made = std::make_shared<const step_split>(*forward_, *reverse_);
        if (made->is_of_use()) split_->made = std::move(made);
    });
    return split_->made;
}

} // namespace backtrail
