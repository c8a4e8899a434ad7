// SPDX-License-Identifier: BSD-3-Clause
// Which states are carried with zeros around them, and the body in which they are.
#include "loop_padding.hpp"

#include <backtrail/graph/rebuild.hpp>
#include <backtrail/graph/traversal.hpp>

#include <algorithm>

namespace backtrail::detail {
namespace {

/// The view of a padded array that is a state of the body.
class cut_operation final : public operation {
public:
    explicit cut_operation(std::vector<slice> inside) : inside_(std::move(inside)) {}
    [[nodiscard]] std::string_view name() const override { return "view"; }
    [[nodiscard]] bool is_view() const override { return true; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] bool same_as(const operation& other) const override
    {
        const auto* c = dynamic_cast<const cut_operation*>(&other);
        return c != nullptr && c->inside_ == inside_;
    }
    [[nodiscard]] std::size_t hash() const override { return inside_.size() + 151; }
    [[nodiscard]] std::optional<layout> view(const node_ptr&, const layout& x) const override
    {
        layout result = x;
        for (std::size_t i = 0; i < inside_.size(); ++i) {
            result.offset += inside_[i].start * x.steps[i];
            result.extents[i] = inside_[i].count;
        }
        return result;
    }
    void pullback(const node_ptr& self, const symbol& y_bar, std::span<const char>,
                  std::span<symbol> x_bar) const override
    {
        x_bar[0] =
            embed(as_node(y_bar, self->type(), self->shape()), self->inputs()[0]->shape(), inside_);
    }
    [[nodiscard]] symbol pushforward(const node_ptr&, std::span<const symbol> x_dot) const override
    {
        return cut(x_dot[0].get());
    }
    [[nodiscard]] node_ptr cut(const node_ptr& padded) const { return slice_axes(padded, inside_); }

private:
    std::vector<slice> inside_;
};

/// Where x lies in a node that is made of it alone, if all else of the node is zero.
std::optional<std::vector<slice>> inside_of(const node_ptr& n, const node_ptr& x)
{
    if (n->inputs().size() != 1 || !(n->inputs()[0] == x)) return {};
    const auto places = n->op().places_of_inputs(*n);
    const layout whole(n->shape());
    if (places.size() != 1 || whole.size() == 0 || places[0].steps != whole.steps) return {};
    std::vector<slice> inside;
    std::ptrdiff_t offset = places[0].offset;
    for (std::size_t axis = 0; axis < whole.extents.size(); ++axis) {
        inside.push_back({offset / whole.steps[axis], 1, places[0].extents[axis]});
        offset %= whole.steps[axis];
    }
    return inside;
}

/// The zeros are kept with each state, so that they must be few.
bool is_little_larger(const shape& whole, const shape& state)
{
    const std::size_t n = element_count(state);
    return element_count(whole) > n && element_count(whole) - n <= n / 4;
}

/// How the body pads a state, if it does so in one way, and nobody has named the padded array.
std::optional<padded_state> padding_of(const graph_function& body, std::size_t state)
{
    const node_ptr& parameter = body.parameters[1 + state];
    std::optional<padded_state> found;
    for (const auto& n : topological_order(body.results)) {
        auto inside = inside_of(n, parameter);
        if (!inside) continue;
        if (n->is_annotated() || !is_little_larger(n->shape(), parameter->shape())) return {};
        if (found && !(found->whole == n->shape() && found->inside == *inside)) return {};
        found = padded_state{state, n->shape(), std::move(*inside)};
    }
    return found;
}

bool depend_on(std::span<const node_ptr> roots, const node_ptr& x)
{
    const auto order = topological_order(roots);
    return std::ranges::find(order, x) != order.end();
}

} // namespace

std::vector<padded_state> carry_padded(graph_function& body, std::vector<node_ptr>& inputs,
                                       std::size_t states)
{
    std::vector<padded_state> padded;
    for (std::size_t j = 0; j < states; ++j) {
        const auto state = padding_of(body, j);
        if (!state) continue;
        node_ptr& parameter = body.parameters[1 + j];
        const node_ptr whole = make_placeholder(state->whole, parameter->type(), "loop");
        const node_ptr cut = marked_as(
            parameter, make_node(make_operation<cut_operation>(state->inside), parameter->type(),
                                 parameter->shape(), std::span(&whole, 1)));
        auto results = rebuild(body.results, [&](const node_ptr& n, std::span<const node_ptr>) {
            if (n == parameter) return cut;
            return inside_of(n, parameter) ? whole : node_ptr();
        });
        if (cut->is_annotated() && !depend_on(results, cut)) continue; // its tag would be lost
        body.results = std::move(results);
        parameter = whole;
        body.results[j] = embed(body.results[j], state->whole, state->inside);
        inputs[j] = embed(inputs[j], state->whole, state->inside);
        padded.push_back(*state);
    }
    return padded;
}

std::optional<cut_out> cut_out_of(const node_ptr& n)
{
    const auto* op = n ? dynamic_cast<const cut_operation*>(&n->op()) : nullptr;
    if (op == nullptr) return {};
    return cut_out{n->inputs()[0],
                   [n, op](const node_ptr& bar) { return op->cut(bar); }}; // n holds op
}

} // namespace backtrail::detail
