// SPDX-License-Identifier: BSD-3-Clause
// backtrail's part in a problem: leaves over its inputs, and a sweep as a contender.
#pragma once

#include "problem.hpp"

#include <backtrail/backtrail.hpp>

#include <memory>

namespace bench {

namespace bt = backtrail;

/// A row-major view of an input, for a leaf to copy.
template <class T>
[[nodiscard]] auto array_of(const block<T>& x, const std::vector<std::size_t>& shape)
{
    return xt::adapt(x.data(), x.size(), xt::no_ownership(), shape);
}
template <class T>
[[nodiscard]] bt::variable<T> variable_of(const block<T>& x, const std::vector<std::size_t>& shape)
{
    return bt::variable<T>(array_of(x, shape));
}
template <class T>
[[nodiscard]] bt::tensor<T> constant_of(const block<T>& x, const std::vector<std::size_t>& shape)
{
    return bt::constant(array_of(x, shape));
}

/// A sweep of a loss that has the gradients with respect to x.
template <class T, class... X>
[[nodiscard]] contender as_contender(std::string name, bt::sweep sweep, const X&... x)
{
    auto s = std::make_shared<bt::sweep>(std::move(sweep));
    const auto all = [](const auto& a) { return numbers(a.begin(), a.end()); };
    return {.name = "backtrail, " + std::move(name),
            .run = [s] { s->run(); },
            .results =
                [s, all, ... x = x] {
                    return std::vector<numbers>{numbers{double(s->template value<T>()())},
                                                all(s->adjoint(x))...};
                },
            .bytes = [s] { return s->peak_bytes(); },
            .uses_threads = true};
}

/// A sweep for the loss and its gradients with respect to variables.
template <class T, class... X>
[[nodiscard]] contender sweep_contender(std::string name, const bt::tensor<T>& loss, const X&... x)
{
    return as_contender<T>(std::move(name), reverse(loss, bt::wrt(x...)), x...);
}

} // namespace bench
