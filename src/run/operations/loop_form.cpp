// SPDX-License-Identifier: BSD-3-Clause
// Forms of loops, and their parameters step by step.
#include "loop_form.hpp"

#include "loop_restarts.hpp"

#include <backtrail/ad/function.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/run/control.hpp>

#include <cstring>

namespace backtrail {
namespace {

graph_function first_results(const graph_function& f, std::size_t count)
{
    return {f.parameters, {f.results.begin(), f.results.begin() + static_cast<long>(count)}};
}

} // namespace

loop_form::loop_form(graph_function f, std::size_t n, bool backward, std::size_t s, std::size_t x,
                     std::int64_t number, std::span<const detail::seen_steps> all)
    : steps(n), is_backward(backward), first(number), states(s), slices(x),
      captured(f.parameters.size() - 1 - s - x), outputs(f.results.size() - s - all.size())
{
    for (std::size_t k = 0; k < s + outputs; ++k) {
        backtrail::shape extents = f.results[k]->shape();
        if (k >= s) extents.insert(0, steps);
        out.add(f.results[k]->type(), extents);
    }
    place_seen(f, all);
    // What runs once, a region above all, holds memory only while it runs.
    const bool keeps_memory = steps != 1;
    whole = std::make_shared<body>(std::move(f), keeps_memory);
    advance = outputs + seen.size() == 0
                  ? whole
                  : std::make_shared<body>(first_results(function(), s), keeps_memory);
    restarts = loop_restarts::of(*this);
}

loop_form::loop_form(graph_function f, graph_function condition, std::size_t s, std::int64_t number,
                     std::span<const detail::seen_steps> all)
    : first(number), states(s), slices(0), captured(f.parameters.size() - 1 - s), outputs(0)
{
    for (std::size_t k = 0; k < s; ++k) out.add(f.results[k]->type(), f.results[k]->shape());
    out.add(dtype::int64, {});
    place_seen(f, all);
    graph_function ahead = f;
    std::vector<node_ptr> next = condition.parameters;
    next[0] = (symbol(next[0]) + symbol(1)).get();
    std::copy_n(f.results.begin(), s, next.begin() + 1);
    ahead.results.insert(ahead.results.begin() + static_cast<long>(s),
                         detail::call(condition, next).front());
    whole = std::make_shared<body>(std::move(f), true);
    advance = std::make_shared<body>(std::move(ahead), true);
    begin = std::make_shared<body>(std::move(condition), true);
}

/// Each part at an address that begins a vector.
void loop_form::place_seen(const graph_function& f, std::span<const detail::seen_steps> all)
{
    const auto aligned = [](std::size_t bytes) {
        return (bytes + block_alignment - 1) / block_alignment * block_alignment;
    };
    std::size_t end = element_count(out.shape()) * size_of(out.type());
    for (std::size_t e = 0; e < all.size(); ++e) {
        const node_ptr& n = f.results[states + outputs + e];
        seen_result r{all[e]};
        // Of an unknown number of steps the last must be said.
        const detail::step_range& range = all[e].range;
        if (!all[e].sink) r.rows = range.count(steps != 0 ? steps : range.last.value_or(0));
        r.offset = aligned(end);
        r.bytes = element_count(n->shape()) * size_of(n->type());
        end = r.offset + r.rows * r.bytes;
        seen.push_back(std::move(r));
    }
}

graph_function loop_form::primary() const { return first_results(function(), states + outputs); }

shape loop_form::shape() const
{
    if (seen.empty()) return out.shape();
    const std::size_t bytes = seen.back().offset + seen.back().rows * seen.back().bytes;
    return {(bytes + size_of(out.type()) - 1) / size_of(out.type())};
}

std::vector<detail::seen_steps> loop_form::all_seen() const
{
    std::vector<detail::seen_steps> result;
    for (const auto& s : seen) result.push_back(s.steps);
    return result;
}

void loop_form::store_seen(void* result, std::size_t k, const body_runner& from,
                           std::size_t first_result, bool is_new) const
{
    for (std::size_t e = 0; e < seen.size(); ++e) {
        const seen_result& s = seen[e];
        const auto row = s.steps.range.row(index(k));
        if (!row) continue;
        if (s.steps.sink) {
            if (is_new && detail::run_control::shows()) {
                s.steps.sink(detail::run_control::steps(), from.value_of_result(first_result + e));
            }
            continue;
        }
        if (*row >= s.rows || s.bytes == 0) continue;
        std::memcpy(static_cast<std::byte*>(result) + s.offset + *row * s.bytes,
                    from.result(first_result + e), s.bytes);
    }
}

void loop_form::blank_seen(void* result, std::size_t count) const
{
    for (const seen_result& s : seen) {
        const std::size_t first = std::min(s.rows, s.steps.range.count(count));
        std::memset(static_cast<std::byte*>(result) + s.offset + first * s.bytes, 0xff,
                    (s.rows - first) * s.bytes);
    }
}

namespace {

/// The first elements of a loop's vector. Derivatives see nothing else of it.
class primary_operation final : public operation {
public:
    [[nodiscard]] std::string_view name() const override { return "view"; }
    [[nodiscard]] bool is_view() const override { return true; }
    [[nodiscard]] std::optional<layout> view(const node_ptr& self, const layout& x) const override
    {
        layout result = x;
        result.extents[0] = self->shape()[0];
        return result;
    }
    void pullback(const node_ptr&, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] = y_bar;
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        return x_dot[0];
    }
};

/// Bytes of a loop's vector as what they are.
class seen_operation final : public operation {
public:
    explicit seen_operation(std::size_t offset) : offset_(offset) {}
    [[nodiscard]] std::string_view name() const override { return "steps"; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const std::size_t bytes = y.shape.size() * size_of(y.type);
        if (bytes > 0) std::memcpy(y.data, x[0].as<const std::byte>() + offset_, bytes);
    }

private:
    std::size_t offset_;
};

} // namespace

node_ptr primary_result(const loop_form& f, const node_ptr& loop)
{
    if (f.seen.empty()) return loop;
    return make_node(make_operation<primary_operation>(), loop->type(), f.out.shape(),
                     std::span(&loop, 1));
}

node_ptr seen_of(const loop_form& f, const node_ptr& loop, std::size_t index)
{
    const node_ptr& one = f.function().results[f.states + f.outputs + index];
    const seen_result& s = f.seen[index];
    backtrail::shape extents = one->shape();
    extents.insert(0, s.rows);
    if (one->type() != loop->type()) {
        return make_node(make_operation<seen_operation>(s.offset), one->type(), extents,
                         std::span(&loop, 1));
    }
    const detail::slice part = {static_cast<std::ptrdiff_t>(s.offset / size_of(one->type())), 1,
                                element_count(extents)};
    return detail::reshape(detail::slice_axes(loop, std::span(&part, 1)), extents);
}

std::vector<char> loop_form::passes() const
{
    const auto reach = detail::reaches(primary()); // by parameter, then by result
    // Which states matter at the start of the last m steps: those that reach an output, or a state that
    // matters in the rest. All do at the end, and a loop of unknown length may have no steps.
    std::vector<char> matters(states), before;
    for (std::size_t j = 0; j < states; ++j) matters[j] = is_differentiable(parameter(j)->type());
    const auto reaches_what_matters = [&](std::size_t input) {
        const auto& row = reach[1 + input];
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (row[k] && (k >= states || matters[k])) return true;
        }
        return false;
    };
    std::vector<char> result(inputs(), 0);
    const std::size_t rounds = is_while() ? 1 : steps;
    bool changes = true;
    for (std::size_t m = 0; m < rounds && changes; ++m) {
        for (std::size_t i = states; i < inputs(); ++i) {
            if (reaches_what_matters(i)) result[i] = 1;
        }
        before.assign(states, 0);
        for (std::size_t j = 0; j < states; ++j) before[j] = reaches_what_matters(j);
        changes = before != matters;
        if (!is_while()) matters.swap(before);
    }
    std::copy(matters.begin(), matters.end(), result.begin());
    return result;
}

void loop_feed::write_states()
{
    for (std::size_t j = 0; j < form_.states; ++j) runner_.write(1 + j, x_[j].data);
}

void loop_feed::write_captured()
{
    const std::size_t first = form_.states + form_.slices;
    for (std::size_t j = first; j < form_.inputs(); ++j) runner_.feed(1 + j, x_[j].data);
}

void loop_feed::write_step(std::size_t k)
{
    const std::int64_t number = form_.number(k);
    runner_.feed(0, &number);
    for (std::size_t j = form_.states; j < form_.states + form_.slices; ++j) {
        const node_ptr& slice = form_.parameter(j);
        const std::size_t bytes = element_count(slice->shape()) * size_of(slice->type());
        const auto* all = static_cast<const std::byte*>(x_[j].data);
        runner_.feed(1 + j, all + form_.index(k) * bytes);
    }
}

} // namespace backtrail
