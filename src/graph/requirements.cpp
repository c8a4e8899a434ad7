// SPDX-License-Identifier: BSD-3-Clause
// What losses and layers ask of their operands before they build anything.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/requirements.hpp>

namespace backtrail::detail {

void require_alike(const char* operation, const node_ptr& x, const node_ptr& y)
{
    if (x->shape() == y->shape() || x->shape().empty() || y->shape().empty()) return;
    const node_ptr both[] = {x, y};
    throw shape_error("[" + std::string(operation) + "] shapes differ: " + to_string(x->shape()) +
                      " and " + to_string(y->shape()) + nearby(both));
}

void require_positive(const char* operation, const char* parameter, double value,
                      bool zero_makes_sense)
{
    if (value > 0 || (value == 0 && zero_makes_sense)) return;
    throw value_error("[" + std::string(operation) + "] " + parameter + " must be positive, not " +
                      std::to_string(value));
}

void require_targets(const char* operation, const node_ptr& scores, const node_ptr& targets)
{
    const shape& s = scores->shape();
    shape wanted = s;
    if (!s.empty() && !is_differentiable(targets->type())) wanted.erase(s.size() == 1 ? 0 : 1);
    if (!s.empty() && targets->shape() == wanted) return;
    const node_ptr both[] = {scores, targets};
    throw shape_error("[" + std::string(operation) + "] scores " + to_string(s) + " and targets " +
                      to_string(targets->shape()) + " do not fit" + nearby(both));
}

std::vector<node_ptr> split_evenly(const char* operation, const node_ptr& x, std::size_t parts,
                                   std::ptrdiff_t axis)
{
    const std::size_t at = normalise_axis(operation, axis, x->shape().size());
    const std::size_t extent = x->shape()[at];
    if (extent % parts != 0) {
        throw shape_error("[" + std::string(operation) + "] axis " + std::to_string(at) + " of " +
                          to_string(x->shape()) + " has no " + std::to_string(parts) +
                          " equal parts" + nearby(std::span(&x, 1)));
    }
    std::vector<slice> slices;
    for (auto n : x->shape()) slices.push_back({0, 1, n});
    slices[at].count = extent / parts;
    std::vector<node_ptr> result;
    for (std::size_t i = 0; i < parts; ++i) {
        slices[at].start = static_cast<std::ptrdiff_t>(i * slices[at].count);
        result.push_back(slice_axes(x, slices));
    }
    return result;
}

void require_channels(const char* operation, const node_ptr& x)
{
    if (x->shape().size() >= 2) return;
    throw shape_error("[" + std::string(operation) + "] needs (n, channels, ...), not " +
                      to_string(x->shape()) + nearby(std::span(&x, 1)));
}

node_ptr group_channels(const char* operation, const node_ptr& x, std::size_t groups)
{
    require_channels(operation, x);
    const shape& s = x->shape();
    if (groups == 0 || s[1] % groups != 0) {
        throw shape_error("[" + std::string(operation) + "] " + std::to_string(groups) +
                          " groups do not divide the channels of " + to_string(s) +
                          nearby(std::span(&x, 1)));
    }
    const std::size_t rest = element_count(shape(std::span(s.begin() + 2, s.end())));
    return reshape(x, {s[0], groups, s[1] / groups * rest});
}

void require_attention(const node_ptr& q, const node_ptr& k, const node_ptr& v)
{
    const auto extent = [](const node_ptr& x, std::size_t from_last) {
        return x->shape()[x->shape().size() - from_last];
    };
    const bool fits = q->shape().size() >= 2 && k->shape().size() >= 2 && v->shape().size() >= 2 &&
                      extent(q, 1) == extent(k, 1) && extent(k, 2) == extent(v, 2);
    if (fits) return;
    const node_ptr all[] = {q, k, v};
    throw shape_error("[attention] queries " + to_string(q->shape()) + ", keys " +
                      to_string(k->shape()) + " and values " + to_string(v->shape()) +
                      " do not fit" + nearby(all));
}

void require_mask(const char* operation, const node_ptr& mask, const node_ptr& scores)
{
    if (is_broadcastable(mask->shape(), scores->shape())) return;
    const node_ptr both[] = {mask, scores};
    throw shape_error("[" + std::string(operation) + "] the mask " + to_string(mask->shape()) +
                      " does not broadcast to the scores " + to_string(scores->shape()) +
                      nearby(both));
}

} // namespace backtrail::detail
