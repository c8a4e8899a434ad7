// SPDX-License-Identifier: BSD-3-Clause
// Placeholders, copies of graphs with other leaves, and what a recorded function took from outside.
#include <backtrail/graph/function.hpp>

#include <backtrail/core/error.hpp>
#include <backtrail/graph/rebuild.hpp>
#include <backtrail/graph/traversal.hpp>

#include <string>

namespace backtrail {
namespace {

class placeholder_operation final : public operation {
public:
    explicit placeholder_operation(std::string_view what) : what_(what) {}
    [[nodiscard]] std::string_view name() const override { return "placeholder"; }
    void evaluate(std::span<const array_view>, const array_view&, std::byte*) const override
    {
        throw state_error("[" + what_ + "] a tensor of the body has no value of its own: it has " +
                          "another one in each step; return it, or what is made of it");
    }

private:
    std::string what_;
};

} // namespace

namespace detail {

node_ptr marked_as(const node_ptr& n, node_ptr made)
{
    made->set_place(n->place());
    if (n->is_annotated()) {
        for (auto& mark : n->tag_marks()) made->add_tag(std::move(mark.path), mark.place);
    }
    return made;
}

node_ptr copy_with(const node_ptr& n, std::span<const node_ptr> inputs)
{
    return marked_as(n, make_node(n->op_handle(), n->type(), n->shape(), inputs));
}

node_ptr make_placeholder(const shape& s, dtype type, std::string_view what)
{
    return make_node(make_operation<placeholder_operation>(what), type, s, {});
}

std::vector<node_ptr> rebuild(std::span<const node_ptr> roots, const remake& make)
{
    std::vector<node_ptr> order = topological_order(roots), copies(order.size());
    node_map index;
    std::vector<node_ptr> inputs;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const node_ptr& n = order[i];
        index.set(n.get(), static_cast<std::uint32_t>(i));
        inputs.clear();
        bool differs = false;
        for (const auto& input : n->inputs()) {
            inputs.push_back(copies[index.find(input.get())]);
            differs |= !(inputs.back() == input);
        }
        copies[i] = make(n, inputs);
        if (!copies[i]) copies[i] = differs ? copy_with(n, inputs) : n;
    }
    std::vector<node_ptr> results;
    for (const auto& root : roots) results.push_back(copies[index.find(root.get())]);
    return results;
}

std::vector<node_ptr> substitute(std::span<const node_ptr> roots, std::span<const node_ptr> from,
                                 std::span<const node_ptr> to)
{
    node_map replaced;
    for (std::size_t i = 0; i < from.size(); ++i) {
        replaced.set(from[i].get(), static_cast<std::uint32_t>(i));
    }
    return rebuild(roots, [&](const node_ptr& n, std::span<const node_ptr>) {
        const auto k = replaced.find(n.get());
        return k == node_map::absent ? node_ptr() : to[k];
    });
}

std::vector<node_ptr> capture(graph_function& f)
{
    const std::vector<node_ptr> order = topological_order(f.results);
    node_map index, parameters, taken;
    for (const auto& p : f.parameters) parameters.set(p.get(), 0);
    std::vector<char> is_inside(order.size(), 0);
    std::vector<node_ptr> outside;
    const auto take = [&](const node_ptr& n) {
        if (taken.find(n.get()) != node_map::absent) return;
        taken.set(n.get(), 0);
        outside.push_back(n);
    };
    for (std::size_t i = 0; i < order.size(); ++i) {
        index.set(order[i].get(), static_cast<std::uint32_t>(i));
        is_inside[i] = parameters.find(order[i].get()) != node_map::absent;
        for (const auto& input : order[i]->inputs()) {
            is_inside[i] |= is_inside[index.find(input.get())];
        }
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (const auto& input : order[i]->inputs()) {
            if (is_inside[i] && !is_inside[index.find(input.get())]) take(input);
        }
    }
    for (const auto& root : f.results) {
        if (!is_inside[index.find(root.get())]) take(root);
    }
    std::vector<node_ptr> stand_ins;
    for (const auto& n : outside) {
        stand_ins.push_back(make_placeholder(n->shape(), n->type(), "loop"));
    }
    f.results = substitute(f.results, outside, stand_ins);
    f.parameters.insert(f.parameters.end(), stand_ins.begin(), stand_ins.end());
    return outside;
}

} // namespace detail
} // namespace backtrail
