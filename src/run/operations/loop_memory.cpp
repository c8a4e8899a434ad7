// SPDX-License-Identifier: BSD-3-Clause
// Where the memory of loops goes. A body that has run keeps its arena, its parameters and its results;
// of a region only the one that runs at the moment does. A kept state is a block that a step wrote.
#include <backtrail/run/loop_memory.hpp>

#include "loop_operations.hpp"
#include "loop_restarts.hpp"

#include <backtrail/graph/traversal.hpp>

#include <algorithm>
#include <numeric>
#include <queue>

namespace backtrail::detail {
namespace {

/// What a loop of unknown length is taken to be where it competes with others.
constexpr std::size_t assumed_steps = 1000;

std::size_t bytes_of(const node_ptr& n)
{
    return buffer::capacity_for(element_count(n->shape()) * size_of(n->type()));
}

/// Operations and elements of a body, which weigh one step against those of other loops.
double cost_of(const graph_function& f)
{
    double cost = 0;
    for (const auto& n : topological_order(f.results)) {
        if (const auto* loop = dynamic_cast<const loop_operation*>(&n->op())) {
            const loop_form& form = loop->form();
            const std::size_t steps = form.is_while() ? assumed_steps : form.steps;
            cost += static_cast<double>(steps) * cost_of(form.function());
        } else {
            cost += n->op().flops(*n) + static_cast<double>(element_count(n->shape()));
        }
    }
    return cost;
}

std::vector<std::string> tags_of(const graph_function& f)
{
    std::vector<std::string> tags;
    for (const auto& n : topological_order(f.results)) {
        if (!n->is_annotated()) continue;
        for (auto& tag : n->tags()) tags.push_back(std::move(tag));
    }
    return tags;
}

} // namespace

std::size_t reversed_loop::most() const
{
    if (!steps) return std::numeric_limits<std::size_t>::max();
    return std::max<std::size_t>(1, is_recorded || is_shared ? *steps : *steps - (*steps > 0));
}

std::uint64_t reversed_loop::advances(std::size_t count) const
{
    const std::size_t n = steps.value_or(assumed_steps);
    if (n == 0) return 0;
    const std::size_t c = count == 0 ? std::min(most(), n) : count;
    return is_shared ? shared_advances(n, c, given) : binomial_advances(n, c);
}

std::uint64_t reversed_loop::evaluations() const
{
    const std::size_t n = steps.value_or(0);
    if (n == 0) return 0;
    // What comes after a loop that is shared counts as one more step, which is only reversed.
    if (table) return table->evaluations(is_shared ? n + 1 : n, room) - (is_shared ? 1 : 0);
    return is_recorded ? n : advances(slots) + n;
}

std::uint64_t reversed_loop::recomputed() const
{
    // The last step is reversed when it is reached, unless something comes after it.
    const std::uint64_t n = steps.value_or(0), needed = is_shared || n == 0 ? 2 * n : 2 * n - 1;
    return std::max(evaluations(), needed) - needed;
}

std::optional<std::uint64_t> loop_memory::steps() const
{
    const way& w = chosen();
    std::uint64_t total = w.steps;
    for (const auto& l : w.loops) {
        if (!l.is_outermost || !l.steps) continue;
        if (l.table || l.is_recorded) {
            total += *l.steps + l.evaluations() - (l.is_shared ? *l.steps : 0);
        } else { // running a step and reversing it is one
            total += l.evaluations() - (l.is_shared ? *l.steps : 0);
        }
    }
    return w.is_known ? std::optional(total) : std::nullopt;
}

loop_memory::loop_memory(const executor& run, whose outputs)
{
    everything_.records = true;
    for (way* w : {&everything_, &states_}) {
        const std::size_t transient = add(*w, run.the_plan(), 1);
        w->fixed += run.peak_bytes(outputs) + transient;
    }
    if (is_countable(everything_)) bytes_of_everything_ = peak_of(everything_);
}

/// Counts what the loops of a plan hold; returns what regions in it hold at most at a time.
std::size_t loop_memory::add(way& w, const plan& p, double times)
{
    std::size_t transient = 0, here = 0; // those of one operation are there at once
    const auto use = [&](const std::shared_ptr<const body>& b, double more,
                         std::span<const std::size_t> shared = {}) {
        here += add_body(w, *b, times * more, shared);
    };
    for (const step& s : p.steps) {
        if (s.what != step::kind::evaluate) continue;
        here = 0;
        if (const auto* loop = dynamic_cast<const loop_operation*>(s.op)) {
            const loop_form& f = loop->form();
            const step_split* split = w.records || f.keeps ? loop->split() : nullptr;
            if (w.depth == 0) {
                w.steps += f.steps;
                w.is_known = w.is_known && !f.is_while();
            }
            if (f.is_while()) use(f.begin, 1);
            use(split != nullptr ? split->record
                : f.is_while()   ? f.advance
                                 : f.whole,
                static_cast<double>(f.steps));
        } else if (const auto* back = dynamic_cast<const loop_pullback_operation*>(s.op)) {
            const loop_form& f = *back->forward();
            const auto split = w.records || f.keeps ? back->split() : nullptr;
            const double steps = static_cast<double>(f.is_while() ? assumed_steps : f.steps);
            if (f.is_while()) use(f.begin, 1);
            if (split ? !back->takes_recording() : f.states > 0) {
                use(split ? split->record : f.advance, steps);
            }
            std::vector<std::size_t> shared(f.states); // are those that the loop has kept
            std::iota(shared.begin(), shared.end(), 1 + back->reverse()->states);
            for (std::size_t k = 0; split && k < split->parts; ++k) {
                shared.push_back(1 + back->reverse()->inputs() + k);
            }
            use(split ? split->replay : back->reverse()->whole, steps, shared);

            reversed_loop l;
            l.settings = back->settings();
            l.name = f.is_while() ? "while_loop" : "loop";
            l.tags = tags_of(f.function());
            if (!f.is_while()) l.steps = f.steps;
            l.is_shared = back->takes_recording();
            l.is_outermost = w.depth == 0;
            l.is_recorded = split != nullptr;
            l.weight = times * cost_of(f.function());
            if (f.restarts && l.is_shared && !split) {
                l.given = f.restarts->states();
                use(f.restarts->restart(), 1);
            }
            if (split) l.bytes = split->bytes;
            for (std::size_t j = 0; !split && j < f.states; ++j)
                l.bytes += bytes_of(f.parameter(j));
            if (l.bytes > 0 && l.steps != std::size_t{0}) w.loops.push_back(std::move(l));
        }
        transient = std::max(transient, here);
    }
    return transient;
}

std::size_t loop_memory::add_body(way& w, const body& b, double times,
                                  std::span<const std::size_t> shared)
{
    if (std::find(w.seen.begin(), w.seen.end(), &b) != w.seen.end()) return 0;
    if (b.keeps_memory()) w.seen.push_back(&b);
    const body::loan runner = b.borrow();
    std::size_t own = runner->bytes();
    const auto& parameters = b.function().parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (std::find(shared.begin(), shared.end(), i) == shared.end()) {
            own += bytes_of(parameters[i]);
        }
    }
    ++w.depth;
    const std::size_t transient = add(w, runner->the_plan(), times);
    --w.depth;
    if (!b.keeps_memory()) return own + transient;
    w.fixed += own;
    return transient;
}

/// Whether it is known before a run what the loops will keep.
bool loop_memory::is_countable(const way& w)
{
    return std::all_of(w.loops.begin(), w.loops.end(),
                       [](const reversed_loop& l) { return l.steps.has_value(); });
}

std::size_t loop_memory::minimum_of_states() const
{
    std::size_t bytes = states_.fixed;
    for (const auto& l : states_.loops) bytes += l.bytes;
    return bytes;
}

std::size_t loop_memory::minimum_bytes() const
{
    return std::min(minimum_of_states(), bytes_of_everything_.value_or(minimum_of_states()));
}

std::size_t loop_memory::peak_of(const way& w)
{
    std::size_t bytes = w.fixed;
    for (const auto& l : w.loops) {
        const std::size_t all = l.steps ? l.most() : 1;
        bytes += l.table ? l.room_bytes : l.bytes * (l.slots == 0 ? all : l.slots);
    }
    return bytes;
}

void loop_memory::set()
{
    // A loop that is reversed several times keeps what the least of these may.
    const auto& loops = chosen().loops;
    for (const auto& l : loops) {
        l.settings->set_slots(l.slots);
        l.settings->set_mixture({l.table, l.room});
    }
    for (const auto& l : loops) {
        if (l.slots != 0 && (l.settings->slots() == 0 || l.settings->slots() > l.slots)) {
            l.settings->set_slots(l.slots);
        }
    }
}

void loop_memory::fit(std::size_t budget)
{
    for (auto& l : everything_.loops) l.table.reset();
    if (bytes_of_everything_ && *bytes_of_everything_ <= budget) {
        choice_ = choice::everything;
    } else {
        fit_states(budget - minimum_of_states());
        choice_ = fit_mixture(budget) ? choice::mixture : choice::states;
    }
    set();
}

/// Of one loop only: several would have to share what is left. True if it runs fewer steps than with
/// states alone.
bool loop_memory::fit_mixture(std::size_t budget)
{
    if (everything_.loops.size() != 1 || states_.loops.size() != 1) return false;
    reversed_loop& l = everything_.loops.front();
    const reversed_loop& other = states_.loops.front();
    if (!l.is_recorded || !l.steps) return false;
    // The table is part of what is held, so that neither its units nor its cuts may be too fine.
    constexpr std::size_t most_entries = std::size_t{1} << 18, most_cuts = 64, most_units = 16;
    const std::size_t smaller = std::min(l.bytes, other.bytes);
    const std::size_t unit = std::max(std::gcd(l.bytes, other.bytes), smaller / most_units);
    const auto units = [&](std::size_t bytes) { return (bytes + unit - 1) / unit; };
    const mixed_sizes sizes = {units(other.bytes), units(l.bytes)};
    const std::size_t n = *l.steps + (l.is_shared ? 1 : 0);
    const std::size_t row = (n + 1) * mixed_table::entry_bytes;
    // One record more: that of the step that is reversed. And the table's row for no room.
    const std::size_t fixed = everything_.fixed + l.bytes + row;
    if (budget < fixed) return false;
    const std::size_t room = std::min((budget - fixed) / (unit + row), most_entries / (n + 1));
    if (room < std::min(sizes.state, sizes.record)) return false;
    auto table = std::make_shared<mixed_table>(n, room, sizes, most_cuts);
    if (table->evaluations(n, room) == mixed_table::impossible) return false;
    l.table = std::move(table);
    l.room = room;
    l.room_bytes = l.bytes + row + room * (unit + row);
    if (l.evaluations() < other.evaluations()) return true;
    l.table.reset();
    return false;
}

void loop_memory::fit_states(std::size_t room)
{
    auto& loops = states_.loops;
    for (auto& l : loops) l.slots = 1;
    struct offer {
        double gain; ///< operations saved for a byte
        std::size_t loop;
        bool operator<(const offer& o) const
        {
            return gain < o.gain || (gain == o.gain && loop > o.loop);
        }
    };
    std::priority_queue<offer> offers;
    const auto make_offer = [&](std::size_t i) {
        const reversed_loop& l = loops[i];
        if (l.slots >= std::min(l.most(), l.steps.value_or(assumed_steps))) return;
        const auto saved = static_cast<double>(l.advances(l.slots) - l.advances(l.slots + 1));
        offers.push({saved * l.weight / static_cast<double>(l.bytes), i});
    };
    std::size_t open_bytes = 0;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        if (loops.size() == 1 && loops[0].steps) { // all states are alike
            loops[0].slots = std::min(loops[0].most(), 1 + room / loops[0].bytes);
            break;
        }
        make_offer(i);
        if (!loops[i].steps) open_bytes += loops[i].bytes;
    }
    bool is_full = false;
    while (!offers.empty() && !is_full) {
        reversed_loop& l = loops[offers.top().loop];
        const std::size_t i = offers.top().loop;
        is_full = l.bytes > room;
        if (is_full) break;
        offers.pop();
        room -= l.bytes;
        ++l.slots;
        make_offer(i);
    }
    if (!is_full && open_bytes > 0) { // who knows how long they will be
        for (auto& l : loops) {
            if (!l.steps) l.slots += room / open_bytes;
        }
    }
}

} // namespace backtrail::detail
