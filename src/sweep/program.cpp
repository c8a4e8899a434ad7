// SPDX-License-Identifier: BSD-3-Clause
// Programs: checking the caller's memory, and running on it.
#include <backtrail/sweep/program.hpp>

#include <backtrail/core/error.hpp>
#include <backtrail/run/executor.hpp>
#include <backtrail/run/loop_memory.hpp>
#include <backtrail/run/loop_sharing.hpp>

#include <algorithm>

namespace backtrail {
namespace {

executor plan_outputs(std::span<const node_ptr> outputs)
{
    return executor(make_plan(detail::share_loop_states(outputs)));
}

/// `input 2, "x" of shape (3,)`
std::string what_is(const char* role, std::size_t i, const node_ptr& n)
{
    const auto tags = n->tags();
    return std::string(role) + " " + std::to_string(i) +
           (tags.empty() ? "" : ", \"" + tags.front() + "\",") + " of shape " +
           to_string(n->shape());
}

void require_fits(const detail::foreign_memory& m, const node_ptr& n, const char* role,
                  std::size_t i)
{
    const auto fail = [&](const std::string& why) {
        return "[program] " + what_is(role, i, n) + " " + why;
    };
    if (m.type != n->type()) {
        throw dtype_error(fail("holds " + std::string(name_of(n->type())) + ", and was given " +
                               std::string(name_of(m.type))));
    }
    if (!m.is_dense) {
        throw value_error(fail("needs contiguous, row-major memory; evaluate it into a container"));
    }
    const bool fits = (!m.has_shape || m.extents == n->shape()) &&
                      (!m.has_size || m.elements == element_count(n->shape()));
    if (!fits) {
        throw shape_error(fail("was given " +
                               (m.has_shape ? "shape " + to_string(m.extents)
                                            : std::to_string(m.elements) + " elements") +
                               "; build a program for that shape"));
    }
    if (m.data == nullptr && element_count(n->shape()) > 0) {
        throw value_error(fail("was given no memory"));
    }
}

bool overlap(const detail::foreign_memory& a, std::size_t a_bytes, const detail::foreign_memory& b,
             std::size_t b_bytes)
{
    const auto* x = static_cast<const std::byte*>(a.data);
    const auto* y = static_cast<const std::byte*>(b.data);
    return a_bytes > 0 && b_bytes > 0 && std::less<>()(x, y + b_bytes) &&
           std::less<>()(y, x + a_bytes);
}

} // namespace

struct program::state {
    std::vector<node_ptr> arguments; ///< inputs, then outputs
    std::size_t inputs;
    executor exec;
    std::vector<std::size_t> leaf_of_input; ///< place in the plan; beyond its end if it is not read
    std::vector<const std::byte*> leaves;   ///< for a call, by place in the plan
    std::vector<std::byte*> outputs;

    state(std::vector<node_ptr> all, std::size_t input_count)
        : arguments(std::move(all)), inputs(input_count),
          exec(plan_outputs(std::span(arguments).subspan(inputs)))
    {
        const auto& planned = exec.the_plan().leaves;
        for (std::size_t i = 0; i < inputs; ++i) {
            const leaf_storage* leaf = arguments[i]->op().as_leaf();
            const auto here = arguments.begin() + static_cast<std::ptrdiff_t>(i);
            if (leaf == nullptr || !leaf->is_variable()) {
                throw value_error("[program] " + what_is("input", i, *here) +
                                  " is no variable: only variables can be replaced");
            }
            if (std::find(arguments.begin(), here, *here) != here) {
                throw value_error("[program] " + what_is("input", i, *here) + " is listed twice");
            }
            leaf_of_input.push_back(static_cast<std::size_t>(
                std::find(planned.begin(), planned.end(), *here) - planned.begin()));
        }
        leaves.resize(planned.size());
        outputs.resize(arguments.size() - inputs);
    }

    [[nodiscard]] std::size_t bytes(std::size_t i) const
    {
        return element_count(arguments[i]->shape()) * size_of(arguments[i]->type());
    }
};

namespace {

std::vector<node_ptr> nodes_of(std::span<const any_tensor> first,
                               std::span<const any_tensor> second)
{
    std::vector<node_ptr> nodes;
    for (const auto& t : first) nodes.push_back(t.get_node());
    for (const auto& t : second) nodes.push_back(t.get_node());
    return nodes;
}

} // namespace

program::program(std::initializer_list<any_tensor> inputs,
                 std::initializer_list<any_tensor> outputs)
    : state_(std::make_unique<state>(
          nodes_of({inputs.begin(), inputs.size()}, {outputs.begin(), outputs.size()}),
          inputs.size()))
{}
program::program(const std::vector<any_tensor>& inputs, const std::vector<any_tensor>& outputs)
    : state_(std::make_unique<state>(nodes_of(inputs, outputs), inputs.size()))
{}
program::program(program&&) noexcept = default;
program& program::operator=(program&&) noexcept = default;
program::~program() = default;

program::state& program::present() const
{
    if (!state_) throw state_error("[program] this one has been moved from");
    return *state_;
}

void program::call(std::span<const detail::foreign_memory> memory)
{
    state& s = present();
    if (memory.size() != s.arguments.size()) {
        throw value_error("[program] takes " + std::to_string(s.inputs) + " inputs and " +
                          std::to_string(s.outputs.size()) + " outputs, and was given " +
                          std::to_string(memory.size()) + " arguments");
    }
    for (std::size_t i = 0; i < memory.size(); ++i) {
        const bool is_input = i < s.inputs;
        require_fits(memory[i], s.arguments[i], is_input ? "input" : "output",
                     is_input ? i : i - s.inputs);
        if (!is_input && !memory[i].is_writable) {
            throw value_error("[program] " + what_is("output", i - s.inputs, s.arguments[i]) +
                              " was given constant memory");
        }
        for (std::size_t j = 0; j < i && !is_input; ++j) {
            if (!overlap(memory[i], s.bytes(i), memory[j], s.bytes(j))) continue;
            throw value_error("[program] " + what_is("output", i - s.inputs, s.arguments[i]) +
                              " lies in memory of another argument");
        }
    }
    for (std::size_t i = 0; i < s.inputs; ++i) {
        if (s.leaf_of_input[i] == s.leaves.size()) continue;
        s.leaves[s.leaf_of_input[i]] = static_cast<const std::byte*>(memory[i].data);
    }
    for (std::size_t k = 0; k < s.outputs.size(); ++k) {
        s.outputs[k] = static_cast<std::byte*>(memory[s.inputs + k].data);
    }
    s.exec.run(s.leaves, s.outputs);
}

std::string program::explain() const { return backtrail::explain(present().exec.the_plan()); }

std::size_t program::peak_bytes() const
{
    return detail::loop_memory(present().exec, whose::caller).peak_bytes();
}

} // namespace backtrail
