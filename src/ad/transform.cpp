// SPDX-License-Identifier: BSD-3-Clause
// The two transforms and the walk they share. The walk sees through derivative nodes: a picked
// output of a pullback is replaced by single-op nodes where the derivative must pass it.
#include <backtrail/ad/transform.hpp>

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/traversal.hpp>

#include <unordered_map>

namespace backtrail {
namespace {

/// A node as the transforms see it.
struct visited {
    node_ptr n;
    node_ptr stand_in;    ///< the same value from single ops, if the node had to be taken apart
    bool is_source;       ///< a derivative is asked for with respect to it
    bool reaches = false; ///< depends on a source through differentiable nodes
};

/// The nodes that y depends on, inputs first, with what depends on the sources marked.
class trail {
public:
    trail(const node_ptr& y, std::span<const node_ptr> sources)
    {
        for (const auto& s : sources) sources_.set(s.get(), 0);
        walk(y);
    }

    [[nodiscard]] std::vector<visited>& nodes() { return nodes_; }
    /// Position of a node, or node_map::absent.
    [[nodiscard]] std::uint32_t find(const node_ptr& n) const { return index_.find(n.get()); }
    [[nodiscard]] bool reaches(const node_ptr& n) const
    {
        const auto i = find(n);
        return i != node_map::absent && nodes_[i].reaches;
    }

private:
    enum class stage { inputs, stand_in };
    struct frame {
        node_ptr n;
        stage at = stage::inputs;
        std::size_t next = 0;
        node_ptr stand_in = {};
    };

    void push(std::vector<frame>& stack, const node_ptr& n)
    {
        if (index_.find(n.get()) != node_map::absent) return;
        index_.set(n.get(), pending);
        stack.push_back({n});
    }

    void walk(const node_ptr& y)
    {
        std::vector<frame> stack;
        push(stack, y);
        while (!stack.empty()) {
            frame& top = stack.back();
            const bool is_pick = top.n->op().as_pick() != nullptr;
            const auto inputs = is_pick ? top.n->inputs()[0]->inputs() : top.n->inputs();
            if (top.at == stage::inputs && top.next < inputs.size()) {
                push(stack, inputs[top.next++]);
                continue;
            }
            if (top.at == stage::inputs) {
                top.at = stage::stand_in;
                const symbol s = depends(inputs) ? take_apart(top.n) : symbol();
                if (s.get()) {
                    const node_ptr stand_in = s.get(); // `top` does not survive the push
                    top.stand_in = stand_in;
                    push(stack, stand_in);
                    continue;
                }
            }
            finish(top, inputs);
            stack.pop_back();
        }
    }

    [[nodiscard]] bool depends(std::span<const node_ptr> inputs) const
    {
        for (const auto& input : inputs) {
            if (reaches(input)) return true;
        }
        return false;
    }

    void finish(frame& f, std::span<const node_ptr> inputs)
    {
        const bool is_source = sources_.find(f.n.get()) != node_map::absent;
        // A derivative node depends on what its kernel reads, also where the dependence is
        // structurally zero: the derivative of a linear function's gradient is 0, not missing.
        const bool has_derivative = is_differentiable(f.n->type());
        bool reaches_source = is_source && has_derivative;
        for (std::size_t i = 0; has_derivative && i < inputs.size() && !reaches_source; ++i) {
            reaches_source = f.n->op().derivative() == passage::differentiable &&
                             f.n->op().passes(i) && reaches(inputs[i]);
        }
        index_.set(f.n.get(), static_cast<std::uint32_t>(nodes_.size()));
        nodes_.push_back({std::move(f.n), std::move(f.stand_in), is_source, reaches_source});
    }

    /// The single-op form of a derivative node; empty if it needs none or is zero.
    symbol take_apart(const node_ptr& n)
    {
        if (const pick* p = n->op().as_pick()) {
            const node_ptr& source = n->inputs()[0];
            auto& outputs = lowered_[source.get()];
            if (outputs.empty()) outputs = source->op().lower(source);
            return to_shape(outputs[p->index()], n);
        }
        const auto outputs = n->op().lower(n);
        return outputs.empty() ? symbol() : to_shape(outputs.front(), n);
    }

    static symbol to_shape(const symbol& s, const node_ptr& like)
    {
        return s.is_zero() ? s : symbol(detail::as_node(s, like->type(), like->shape()));
    }

    static constexpr std::uint32_t pending = node_map::absent - 1;
    node_map sources_, index_;
    std::vector<visited> nodes_;
    std::unordered_map<const node*, std::vector<symbol>> lowered_;
};

/// False for nodes without derivative, and for derivative nodes that had no stand-in because
/// their own derivative is structurally zero.
bool has_own_rule(const node_ptr& n)
{
    const operation& op = n->op();
    return op.derivative() == passage::differentiable && op.as_pick() == nullptr &&
           op.as_fused_pushforward() == nullptr;
}

void require_type(const char* name, const char* what, const node_ptr& given, const node_ptr& like)
{
    if (given->type() == like->type()) return;
    throw dtype_error("[" + std::string(name) + "] the " + what + " is " +
                      std::string(name_of(given->type())) + ", but belongs to " +
                      std::string(name_of(like->type())) + nearby(std::span(&like, 1)));
}

/// A derivative that does not exist: throws when a plan first asks what it is.
class unconnected_operation final : public operation {
public:
    unconnected_operation(connection why, std::string where) : why_(why), where_(std::move(where))
    {}
    [[nodiscard]] std::string_view name() const override { return "unconnected"; }
    [[nodiscard]] bool is_view() const override
    {
        throw unconnected_error("[derivative] there is none: " + std::string(to_string(why_)) +
                                "; ask with zero_if_unconnected for zeros" + where_);
    }

private:
    connection why_;
    std::string where_;
};

} // namespace

std::string_view to_string(connection c)
{
    switch (c) {
    case connection::ok: return "connected";
    case connection::disconnected: return "the output does not depend on the input";
    case connection::stopped: return "stop_gradient stands between the input and the output";
    default: return "an integer, a mask or an op without derivative stands in between";
    }
}

namespace detail {

std::vector<symbol> pull_back(const node_ptr& y, const node_ptr& y_bar, std::span<const node_ptr> x)
{
    trail t(y, x);
    auto& nodes = t.nodes();
    std::vector<symbol> bar(nodes.size());
    bar.back() = y_bar;
    std::vector<char> wanted;
    std::vector<symbol> x_bar;
    for (std::size_t i = nodes.size(); i-- > 0;) {
        const visited& v = nodes[i];
        if (!v.reaches || bar[i].is_zero()) continue;
        if (v.stand_in) {
            detail::accumulate(bar[t.find(v.stand_in)], bar[i]);
        } else if (has_own_rule(v.n)) {
            const auto inputs = v.n->inputs();
            wanted.assign(inputs.size(), 0);
            x_bar.assign(inputs.size(), {});
            bool any = false;
            for (std::size_t j = 0; j < inputs.size(); ++j) {
                wanted[j] = v.n->op().passes(j) && t.reaches(inputs[j]) &&
                            is_differentiable(inputs[j]->type());
                any |= wanted[j] != 0;
            }
            if (!any) continue;
            v.n->op().pullback(v.n, bar[i], wanted, x_bar);
            for (std::size_t j = 0; j < inputs.size(); ++j) {
                if (wanted[j]) detail::accumulate(bar[t.find(inputs[j])], x_bar[j]);
            }
        }
        if (!v.is_source) bar[i] = {};
    }
    std::vector<symbol> result;
    for (const auto& n : x) {
        const auto i = t.find(n);
        result.push_back(i == node_map::absent ? symbol() : bar[i]);
    }
    return result;
}

symbol push_forward(const node_ptr& y, std::span<const node_ptr> x, std::span<const node_ptr> x_dot)
{
    trail t(y, x);
    auto& nodes = t.nodes();
    std::vector<symbol> dot(nodes.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
        const auto i = t.find(x[k]);
        if (i != node_map::absent) detail::accumulate(dot[i], x_dot[k]);
    }
    std::vector<symbol> inputs_dot;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const visited& v = nodes[i];
        if (!v.reaches) continue;
        if (v.stand_in) {
            detail::accumulate(dot[i], dot[t.find(v.stand_in)]);
        } else if (has_own_rule(v.n)) {
            bool any = false;
            inputs_dot.clear();
            for (const auto& input : v.n->inputs()) {
                inputs_dot.push_back(dot[t.find(input)]);
                any |= !inputs_dot.back().is_zero();
            }
            if (any) detail::accumulate(dot[i], v.n->op().pushforward(v.n, inputs_dot));
        }
    }
    return dot.back();
}

connection status(const node_ptr& y, const node_ptr& x)
{
    if (!is_differentiable(x->type())) return connection::not_differentiable;
    if (trail(y, std::span(&x, 1)).nodes().back().reaches) return connection::ok;
    // Does any path lead there, and what bars it?
    const auto order = topological_order(std::span(&y, 1));
    node_map index;
    std::vector<char> depends(order.size()), not_stopped(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        index.set(order[i].get(), static_cast<std::uint32_t>(i));
        depends[i] = not_stopped[i] = order[i] == x;
        for (const auto& input : order[i]->inputs()) {
            const auto j = index.find(input.get());
            depends[i] |= depends[j];
            not_stopped[i] |= not_stopped[j] && order[i]->op().derivative() != passage::stopped;
        }
    }
    if (!depends.back()) return connection::disconnected;
    return not_stopped.back() ? connection::not_differentiable : connection::stopped;
}

node_ptr make_unconnected(const node_ptr& like, connection why)
{
    return make_node(make_operation<unconnected_operation>(why, nearby(std::span(&like, 1))),
                     like->type(), like->shape(), {});
}

std::vector<node_ptr> vjp_nodes(const char* name, const node_ptr& y, const node_ptr& y_bar,
                                std::span<const node_ptr> x, bool zero_if_unconnected)
{
    if (!(y_bar->shape() == y->shape())) {
        throw shape_error("[" + std::string(name) + "] the cotangent has shape " +
                          backtrail::to_string(y_bar->shape()) + ", the output " +
                          backtrail::to_string(y->shape()) + nearby(std::span(&y, 1)));
    }
    require_type(name, "cotangent", y_bar, y);
    const auto bars = pull_back(y, y_bar, x);
    std::vector<node_ptr> result;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const connection c =
            bars[i].is_zero() && !zero_if_unconnected ? status(y, x[i]) : connection::ok;
        result.push_back(c == connection::ok ? as_node(bars[i], x[i]->type(), x[i]->shape())
                                             : make_unconnected(x[i], c));
    }
    return result;
}

node_ptr jvp_node(const node_ptr& y, std::span<const node_ptr> x, std::span<const node_ptr> x_dot,
                  bool zero_if_unconnected)
{
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!(x[i]->shape() == x_dot[i]->shape())) {
            throw shape_error("[jvp] the tangent has shape " +
                              backtrail::to_string(x_dot[i]->shape()) + ", its input " +
                              backtrail::to_string(x[i]->shape()) + nearby(std::span(&x[i], 1)));
        }
    }
    for (std::size_t i = 0; i < x.size(); ++i) require_type("jvp", "tangent", x_dot[i], x[i]);
    const symbol y_dot = push_forward(y, x, x_dot);
    if (y_dot.is_zero() && !zero_if_unconnected) {
        connection best = connection::disconnected;
        for (const auto& n : x) {
            const connection c = status(y, n);
            if (c == connection::ok) {
                best = c;
                break;
            }
            if (best == connection::disconnected) best = c;
        }
        if (best != connection::ok) return make_unconnected(y, best);
    }
    return as_node(y_dot, y->type(), y->shape());
}

node_ptr unit_seed(const char* name, const node_ptr& y)
{
    if (element_count(y->shape()) != 1) {
        throw shape_error("[" + std::string(name) + "] needs a single number, not shape " +
                          backtrail::to_string(y->shape()) +
                          "; for the rest there is vjp(y, y_bar, x)" + nearby(std::span(&y, 1)));
    }
    if (!is_differentiable(y->type())) {
        throw dtype_error("[" + std::string(name) + "] of " + std::string(name_of(y->type())) +
                          nearby(std::span(&y, 1)));
    }
    return as_node(1.0, y->type(), y->shape());
}

} // namespace detail
} // namespace backtrail
