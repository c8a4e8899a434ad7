// SPDX-License-Identifier: BSD-3-Clause
// Loops of known length: how they are run.
#include "loop_form.hpp"

#include <backtrail/ad/function.hpp>
#include <backtrail/graph/build.hpp>

namespace backtrail {

loop_form::loop_form(graph_function f, std::size_t n, bool backward, std::size_t s, std::size_t x)
    : steps(n), is_backward(backward), states(s), slices(x),
      captured(f.parameters.size() - 1 - s - x), outputs(f.results.size() - s)
{
    graph_function states_only{f.parameters, {f.results.begin(), f.results.begin() + s}};
    for (std::size_t k = 0; k < f.results.size(); ++k) {
        shape extents = f.results[k]->shape();
        if (k >= s) extents.insert(0, steps);
        out.add(f.results[k]->type(), extents);
    }
    whole = std::make_shared<body>(std::move(f));
    advance = outputs == 0 ? whole : std::make_shared<body>(std::move(states_only));
}

std::vector<char> loop_form::passes() const
{
    const auto reach = detail::reaches(function()); // by parameter, then by result
    // Which states matter at the start of the last m steps: those that reach an output, or a state that
    // matters in the rest. All do at the end.
    std::vector<char> matters(states);
    for (std::size_t j = 0; j < states; ++j) matters[j] = is_differentiable(parameter(j)->type());
    const auto reaches_what_matters = [&](std::size_t input) {
        const auto& row = reach[1 + input];
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (row[k] && (k >= states || matters[k])) return true;
        }
        return false;
    };
    std::vector<char> result(inputs(), 0);
    std::vector<char> before;
    bool changes = true;
    for (std::size_t m = 0; m < steps && changes; ++m) {
        before.assign(matters.begin(), matters.end());
        for (std::size_t i = states; i < inputs(); ++i) {
            result[i] |= reaches_what_matters(i) ? 1 : 0;
        }
        for (std::size_t j = 0; j < states; ++j) before[j] = reaches_what_matters(j);
        changes = before != matters;
        matters.swap(before);
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
    for (std::size_t j = first; j < form_.inputs(); ++j) runner_.write(1 + j, x_[j].data);
}

void loop_feed::write_step(std::size_t k, std::size_t first)
{
    const auto t = static_cast<std::int64_t>(form_.index(k));
    runner_.write(0, &t);
    for (std::size_t j = form_.states + first; j < form_.states + form_.slices; ++j) {
        const node_ptr& slice = form_.parameter(j);
        const std::size_t bytes = element_count(slice->shape()) * size_of(slice->type());
        runner_.write(1 + j, static_cast<const std::byte*>(x_[j].data) +
                                 static_cast<std::size_t>(t) * bytes);
    }
}

loop_operation::loop_operation(std::shared_ptr<const loop_form> form)
    : form_(std::move(form)), settings_(std::make_shared<loop_settings>()), passes_(form_->passes())
{}

void loop_operation::evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const
{
    const loop_form& f = *form_;
    const body::loan runner = f.whole->borrow();
    loop_feed feed(f, *runner, x);
    feed.write_captured();
    feed.write_states();
    const auto& parts = f.out.parts();
    for (std::size_t k = 0; k < f.steps; ++k) {
        feed.write_step(k);
        runner->run();
        for (std::size_t j = f.states; j < parts.size(); ++j) {
            const std::size_t count = parts[j].count / f.steps;
            f.out.store(y.data, j, f.index(k) * count, runner->result(j), count);
        }
        for (std::size_t j = 0; j < f.states; ++j) runner->carry(j, 1 + j);
    }
    for (std::size_t j = 0; j < f.states; ++j) {
        f.out.store(y.data, j, 0, runner->parameter(1 + j).data(), parts[j].count);
    }
}

node_ptr make_loop(std::shared_ptr<const loop_form> form, std::span<const node_ptr> inputs)
{
    const packing& out = form->out;
    const dtype type = out.type();
    const shape s = out.shape();
    return make_node(make_operation<loop_operation>(std::move(form)), type, s, inputs);
}

} // namespace backtrail
