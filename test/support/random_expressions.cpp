// SPDX-License-Identifier: BSD-3-Clause
// The statements: polynomials and transcendental functions, slots that hold one tensor twice, choices
// by a comparison inside and by a mask outside, arguments of `fuse` that are used often.
#include "random_expressions.hpp"

#include <backtrail/backtrail.hpp>

#include <array>

namespace backtrail::test {
namespace {

template <class T>
using statement = tensor<T> (*)(const tensor<T>&, const tensor<T>&, const tensor<T>&);

template <class T>
constexpr std::array<statement<T>, expression_count> statements = {
    [](auto& a, auto& b, auto& c) -> tensor<T> { return sin(a) * b + exp(-c * c) + log1p(a * a); },
    [](auto& a, auto& b, auto& c) -> tensor<T> { return a * b + c * a - b * c + a * a / 2; },
    [](auto& a, auto& b, auto&) -> tensor<T> { return tanh(a + 0.5 * b); },
    [](auto& a, auto& b, auto&) -> tensor<T> { return where(a > b, a * b, b - a); },
    [](auto& a, auto& b, auto& c) -> tensor<T> {
        return fuse([](auto x, auto y, auto z) { return x * y + x / (1.0 + y * y) - z * x; }, a, b,
                    c);
    },
    [](auto& a, auto& b, auto&) -> tensor<T> { return sqrt(a * a + b * b + 0.01); },
    [](auto& a, auto& b, auto&) -> tensor<T> { return b / (1.0 + exp(-a)); },
    [](auto& a, auto& b, auto&) -> tensor<T> { return abs(a) - maximum(a, b); },
    [](auto& a, auto&, auto&) -> tensor<T> { return a * a; },
    [](auto& a, auto& b, auto& c) -> tensor<T> {
        const tensor<bool> mask = a > 0.1 && b < c;
        return where(mask, a, b) * c;
    },
};

template <class F>
node_ptr visit_floating(dtype type, F f)
{
    return type == dtype::float64 ? f(double{}) : f(float{});
}

} // namespace

node_ptr make_expression(std::size_t which, dtype type, const node_ptr& a, const node_ptr& b,
                         const node_ptr& c)
{
    return visit_floating(type, [&](auto t) {
        using handle = tensor<decltype(t)>;
        const handle x(detail::from_node, a), y(detail::from_node, b), z(detail::from_node, c);
        return statements<decltype(t)>[which](x, y, z).get_node();
    });
}

node_ptr mapped_into(double low, double high, const node_ptr& x)
{
    return visit_floating(x->type(), [&](auto t) {
        using handle = tensor<decltype(t)>;
        const double middle = 0.5 * (low + high), radius = 0.5 * (high - low);
        return handle(middle + radius * sin(handle(detail::from_node, x))).get_node();
    });
}

} // namespace backtrail::test
