// SPDX-License-Identifier: BSD-3-Clause
// The walk that both transforms share. It sees through derivative nodes: a picked output of a pullback
// is replaced by single-op nodes where the derivative must pass it.
#pragma once

#include <backtrail/graph/build.hpp>
#include <backtrail/graph/fused.hpp>
#include <backtrail/graph/traversal.hpp>

#include <unordered_map>

namespace backtrail {

/// A node as the transforms see it.
struct visited {
    node_ptr n;
    node_ptr stand_in;    ///< the same value from single ops, if the node had to be taken apart
    bool is_source;       ///< a derivative is asked for with respect to it
    bool reaches = false; ///< depends on a source through differentiable nodes
};

/// The nodes that some outputs depend on, inputs first, with what depends on the sources marked.
class trail {
public:
    trail(std::span<const node_ptr> outputs, std::span<const node_ptr> sources)
    {
        for (const auto& s : sources) sources_.set(s.get(), 0);
        for (const auto& y : outputs) walk(y);
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
        // A derivative node depends on what its kernel has slots for, also where the dependence is
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
[[nodiscard]] inline bool has_own_rule(const node_ptr& n)
{
    const operation& op = n->op();
    return op.derivative() == passage::differentiable && op.as_pick() == nullptr &&
           op.as_fused_pushforward() == nullptr;
}

} // namespace backtrail
