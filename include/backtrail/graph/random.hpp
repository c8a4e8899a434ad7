// SPDX-License-Identifier: BSD-3-Clause
// Random numbers as nodes. Each element is a function of the seed, the stream, the step and its place
// alone: the same program gives the same bits on every run, at every budget, with any number of
// threads, and a recomputed node repeats them.
#pragma once

#include <backtrail/core/philox.hpp>
#include <backtrail/expr/build.hpp>
#include <backtrail/graph/build.hpp>

#include <vector>

namespace backtrail {

namespace detail {

/// While it lives, random numbers made in this thread are those of a step: `step`, an int64 number,
/// is the step index of a loop whose body is being recorded. If it is not part of the key, they are only
/// drawn where the body runs, and are the same as outside.
class [[nodiscard]] step_scope {
public:
    BACKTRAIL_API explicit step_scope(const node_ptr& step, bool is_key = true);
    step_scope(const step_scope&) = delete;
    step_scope& operator=(const step_scope&) = delete;
    BACKTRAIL_API ~step_scope();
};

/// Numbers of a stream; `steps`, the outermost first, move it on after those of the open scopes.
[[nodiscard]] BACKTRAIL_API node_ptr uniform(const shape& s, dtype type, const random_stream& r,
                                             std::span<const node_ptr> steps, unit_interval where);
/// Throws value_error unless 0 <= p <= 1.
BACKTRAIL_API void require_probability(const char* name, double p);

} // namespace detail

namespace random {

/// What random numbers are drawn by: a seed, and the number of a stream. Nodes with equal keys hold
/// equal numbers; so two draws of one program take two streams. Inside loops the step index is part
/// of the key. Where draws are to differ from one run to the next, `at` adds a number that changes:
///
///     bt::variable<std::int64_t> epoch(0);
///     auto h = bt::random::dropout(x, 0.1, bt::random::key(seed, 3).at(epoch));
class key {
public:
    key(std::uint64_t seed, std::uint64_t stream = 0) // NOLINT: a seed is a key
        : stream_(detail::random_stream::from_seed(seed, stream))
    {}
    /// The key at a step: a number of type int64. Throws dtype_error and shape_error for others.
    template <class E>
    [[nodiscard]] key at(const expr<E>& step) const
    {
        static_assert(std::is_same_v<value_type_of<E>, std::int64_t>,
                      "backtrail: a step is an int64; write cast<std::int64_t>(x)");
        key result = *this;
        result.steps_.push_back(detail::node_of(step));
        return result;
    }

    [[nodiscard]] const detail::random_stream& stream() const { return stream_; }
    [[nodiscard]] std::span<const node_ptr> steps() const { return steps_; }

private:
    detail::random_stream stream_;
    std::vector<node_ptr> steps_;
};

/// Uniform numbers in [0, 1): multiples of 2^-53, of 2^-24 in float.
/// Derivative: none
/// Elsewhere: np.random.random, xt::random::rand, torch.rand, jax.random.uniform
template <element T = double>
    requires differentiable<T>
[[nodiscard]] tensor<T> uniform(const shape& s, const key& k)
{
    return {detail::from_node, detail::uniform(s, dtype_of<T>, k.stream(), k.steps(),
                                               detail::unit_interval::with_zero)};
}

/// Normal numbers of mean 0 and variance 1: quantiles of uniform ones, within ±8.3. Those in float
/// are those in double, rounded.
/// Derivative: none
/// Elsewhere: np.random.standard_normal, xt::random::randn, torch.randn, jax.random.normal
template <element T = double>
    requires differentiable<T>
[[nodiscard]] tensor<T> normal(const shape& s, const key& k)
{
    const tensor<double> u(
        detail::from_node,
        detail::uniform(s, dtype::float64, k.stream(), k.steps(), detail::unit_interval::open));
    const tensor<double> y = ndtri(u);
    return {detail::from_node, detail::cast(y.get_node(), dtype_of<T>)};
}

/// True with probability p, else false. Throws value_error unless 0 <= p <= 1.
/// Derivative: none
/// Elsewhere: np.random.binomial(1, p), -, torch.bernoulli, jax.random.bernoulli
[[nodiscard]] inline tensor<bool> bernoulli(const shape& s, double p, const key& k)
{
    detail::require_probability("bernoulli", p);
    return uniform(s, k) < p;
}
/// True with the probability that p says for each element.
template <class E>
    requires differentiable<value_type_of<E>>
[[nodiscard]] tensor<bool> bernoulli(const expr<E>& p, const key& k)
{
    const auto q = as_tensor(p);
    return uniform<value_type_of<E>>(q.shape(), k) < q;
}

/// x with each element 0 with probability p, the others divided by 1 - p. Throws value_error unless
/// 0 <= p <= 1.
/// Derivative: x_bar = y_bar / (1 - p) where the element was kept, else 0
/// Keeps: nothing: the draw is repeated
/// Elsewhere: -, -, torch.nn.functional.dropout, -
template <class E>
    requires differentiable<value_type_of<E>>
[[nodiscard]] auto dropout(const expr<E>& x, double p, const key& k)
{
    using T = value_type_of<E>;
    detail::require_probability("dropout", p);
    const auto t = as_tensor(x);
    const double scale = p == 1 ? 0.0 : 1 / (1 - p);
    return tensor<T>(where(uniform<T>(t.shape(), k) >= p, t * scale, 0.0));
}

} // namespace random
} // namespace backtrail
