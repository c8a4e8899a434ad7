// SPDX-License-Identifier: BSD-3-Clause
// Whether there is a derivative, and why not: one walk down from the outputs marks what bars the way.
#include <backtrail/ad/connections.hpp>

#include <backtrail/core/error.hpp>

namespace backtrail {
namespace {

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
    case connection::not_kept: return "not kept: reading it computes it again";
    default: return "an integer, a mask or an op without derivative stands in between";
    }
}

namespace detail {

connections::connections(std::span<const node_ptr> outputs, std::span<const node_ptr> cuts)
{
    const auto order = topological_order(outputs);
    node_map is_cut;
    for (const auto& n : cuts) is_cut.set(n.get(), 0);
    arriving_.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        index_.set(order[i].get(), static_cast<std::uint32_t>(i));
    }
    for (const auto& y : outputs) {
        arriving_[index_.find(y.get())] = path | unstopped | smooth;
    }
    leaving_ = arriving_;
    for (std::size_t i = order.size(); i-- > 0;) {
        const node& n = *order[i];
        unsigned char marks = arriving_[i];
        if (!is_differentiable(n.type())) marks &= ~smooth;
        arriving_[i] = marks;
        if (is_cut.find(&n) != node_map::absent) marks &= path;
        leaving_[i] = marks;
        const passage passes = n.op().derivative();
        if (passes == passage::stopped) marks &= path;
        if (passes == passage::not_differentiable) marks &= ~smooth;
        for (std::size_t j = 0; j < n.inputs().size(); ++j) {
            const bool is_smooth = (marks & smooth) != 0 && n.op().passes(j);
            arriving_[index_.find(n.inputs()[j].get())] |=
                is_smooth ? marks : static_cast<unsigned char>(marks & ~smooth);
        }
    }
}

connection connections::judge(const node_ptr& x, const std::vector<unsigned char>& marks) const
{
    if (!is_differentiable(x->type())) return connection::not_differentiable;
    const auto i = index_.find(x.get());
    if (i == node_map::absent || marks[i] == 0) return connection::disconnected;
    if ((marks[i] & smooth) != 0) return connection::ok;
    return (marks[i] & unstopped) != 0 ? connection::not_differentiable : connection::stopped;
}

connection status(const node_ptr& y, const node_ptr& x)
{
    return connections(std::span(&y, 1)).of(x);
}

node_ptr make_unconnected(const node_ptr& like, connection why)
{
    return make_node(make_operation<unconnected_operation>(why, nearby(std::span(&like, 1))),
                     like->type(), like->shape(), {});
}

} // namespace detail
} // namespace backtrail
