// SPDX-License-Identifier: BSD-3-Clause
// Regions whose inside is not kept.
#pragma once

#include <backtrail/graph/loop.hpp>

namespace backtrail {

namespace detail {

/// A region while it is recorded.
class BACKTRAIL_API region_recorder {
public:
    explicit region_recorder(std::vector<node_ptr> arguments);
    [[nodiscard]] const node_ptr& argument(std::size_t i) const { return body_.parameters[1 + i]; }
    [[nodiscard]] std::vector<node_ptr> finish(const std::vector<node_ptr>& results);

private:
    [[nodiscard]] static graph_function begin(const std::vector<node_ptr>& arguments);
    std::vector<node_ptr> arguments_;
    graph_function body_;
    step_scope scope_; ///< random numbers are drawn inside
};

} // namespace detail

/// f(x...), of whose inside nothing is kept for the reverse mode: it is computed again, with the same
/// bits, from the arguments. f is called once, with tensors, and returns a tensor or a std::tuple of
/// them; it may use others from outside. What does not depend on the arguments does not belong to
/// the region.
/// Derivative: that of f
/// Keeps: the arguments, and what else f uses from outside
/// Elsewhere: -, -, torch.utils.checkpoint.checkpoint, jax.checkpoint
template <class F, class... X>
    requires(sizeof...(X) > 0)
[[nodiscard]] auto checkpoint(F&& f, const X&... x)
{
    const std::tuple arguments(detail::to_tensor(x)...);
    detail::region_recorder recorder(detail::nodes_of(arguments));
    const auto result = std::apply(
        f, detail::typed(arguments, [&](std::size_t i) { return recorder.argument(i); }));
    const auto results = detail::to_tensors(result);
    const auto nodes = recorder.finish(detail::nodes_of(results));
    return detail::as_given<std::remove_cvref_t<decltype(result)>>(
        detail::typed(results, [&](std::size_t k) { return nodes[k]; }));
}

} // namespace backtrail
