// SPDX-License-Identifier: BSD-3-Clause
// What users ask of the transforms: cotangents and tangents as nodes, checked, with an answer also where
// there is no derivative.
#include <backtrail/ad/transform.hpp>

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>

namespace backtrail {
namespace {

void require_type(const char* name, const char* what, const node_ptr& given, const node_ptr& like)
{
    if (given->type() == like->type()) return;
    throw dtype_error("[" + std::string(name) + "] the " + what + " is " +
                      std::string(name_of(given->type())) + ", but belongs to " +
                      std::string(name_of(like->type())) + nearby(std::span(&like, 1)));
}

} // namespace

namespace detail {

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
