// SPDX-License-Identifier: BSD-3-Clause
// Regions whose inside is not kept, or of which only some is.
#pragma once

#include <backtrail/graph/loop.hpp>

#include <string>

namespace backtrail {

/// What of the inside of a region is kept for the reverse mode, by patterns over the tags in it.
struct keep_policy {
    enum class kind : std::uint8_t {
        nothing,       ///< all is computed again
        what_matches,  ///< the rest is computed again
        what_does_not, ///< the rest is kept
    };
    kind what = kind::nothing;
    std::string pattern;
};
/// Computes all again but the tags that match: `checkpoint(must_keep("attention*"), f, x)`.
[[nodiscard]] inline keep_policy must_keep(std::string pattern)
{
    return {keep_policy::kind::what_matches, std::move(pattern)};
}
/// Keeps what the reverse mode needs but the tags that match, which are computed again.
[[nodiscard]] inline keep_policy must_recompute(std::string pattern)
{
    return {keep_policy::kind::what_does_not, std::move(pattern)};
}

namespace detail {

/// A region while it is recorded.
class BACKTRAIL_API region_recorder {
public:
    explicit region_recorder(std::vector<node_ptr> arguments);
    [[nodiscard]] const node_ptr& argument(std::size_t i) const { return body_.parameters[1 + i]; }
    /// Throws tag_error if the policy has a pattern that no tag inside matches.
    [[nodiscard]] std::vector<node_ptr> finish(const std::vector<node_ptr>& results,
                                               const keep_policy& policy);

private:
    [[nodiscard]] static graph_function begin(const std::vector<node_ptr>& arguments);
    std::vector<node_ptr> arguments_;
    graph_function body_;
    step_scope scope_; ///< random numbers are drawn inside
};

} // namespace detail

template <class F, class... X>
    requires(sizeof...(X) > 0)
[[nodiscard]] auto checkpoint(const keep_policy& policy, F&& f, const X&... x);

/// f(x...), of whose inside nothing is kept for the reverse mode: it is computed again, with the same
/// bits, from the arguments. f is called once, with tensors, and returns a tensor or a std::tuple of
/// them; it may use others from outside. What does not depend on the arguments does not belong to
/// the region.
/// Derivative: that of f
/// Keeps: the arguments, and what else f uses from outside
/// Elsewhere: -, -, torch.utils.checkpoint.checkpoint, jax.checkpoint
template <class F, class... X>
    requires(sizeof...(X) > 0 && !std::same_as<std::remove_cvref_t<F>, keep_policy>)
[[nodiscard]] auto checkpoint(F&& f, const X&... x)
{
    return checkpoint(keep_policy{}, std::forward<F>(f), x...);
}

/// The same with something kept: what matches, or what does not. A pattern means tags by their full
/// paths. Under a memory budget it is kept, too. Throws tag_error if no tag inside matches.
template <class F, class... X>
    requires(sizeof...(X) > 0)
[[nodiscard]] auto checkpoint(const keep_policy& policy, F&& f, const X&... x)
{
    const std::tuple arguments(detail::to_tensor(x)...);
    detail::region_recorder recorder(detail::nodes_of(arguments));
    const auto result = std::apply(
        f, detail::typed(arguments, [&](std::size_t i) { return recorder.argument(i); }));
    const auto results = detail::to_tensors(result);
    const auto nodes = recorder.finish(detail::nodes_of(results), policy);
    return detail::as_given<std::remove_cvref_t<decltype(result)>>(
        detail::typed(results, [&](std::size_t k) { return nodes[k]; }));
}

} // namespace backtrail
