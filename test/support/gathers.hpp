// SPDX-License-Identifier: BSD-3-Clause
// The claim that a function only moves elements: each element of its result is one of its operand,
// or zero, as a function of the index says. From that follow the value in any element type and
// layout, both modes of the derivative, and that derivatives of derivatives pass.
#pragma once

#include <support/expect.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace expect {

using index_list = std::vector<std::ptrdiff_t>;
/// No element of the operand: a zero.
inline const index_list none = {};

/// 1, 2, 3 ... of a shape.
inline reals counting(const std::vector<std::size_t>& shape)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<double>(i) + 1.0;
    return a;
}

namespace detail {

/// Calls f(flat index, index) for each element of a shape.
template <class F>
void for_indices(const std::vector<std::size_t>& shape, F&& f)
{
    std::size_t n = 1;
    for (auto extent : shape) n *= extent;
    for (std::size_t flat = 0; flat < n; ++flat) {
        index_list index(shape.size());
        for (std::size_t i = shape.size(), rest = flat; i-- > 0; rest /= shape[i]) {
            index[i] = static_cast<std::ptrdiff_t>(rest % shape[i]);
        }
        f(flat, index);
    }
}

inline std::size_t flat_index(const std::vector<std::size_t>& shape, const index_list& index)
{
    std::size_t flat = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        flat = flat * shape[i] + static_cast<std::size_t>(index.at(i));
    }
    return flat;
}

/// A function of tensors of three element types, and where the elements of its result come from.
/// Types are erased, so that the claim is compiled once and not for each function.
struct gather_claim {
    std::function<bt::tensor<double>(const bt::tensor<double>&)> f;
    std::function<bt::tensor<float>(const bt::tensor<float>&)> f_float;
    std::function<bt::tensor<std::int64_t>(const bt::tensor<std::int64_t>&)> f_int64;
    std::function<index_list(const index_list&)> source;
};

inline void check(const gather_claim& claim, const std::vector<std::size_t>& from,
                  const std::vector<std::size_t>& to)
{
    const reals a = counting(from);
    reals y = reals::from_shape(to), reads = xt::zeros<double>(from);
    for_indices(to, [&](std::size_t flat, const index_list& i) {
        const index_list at = claim.source(i);
        if (at.empty() && !from.empty()) {
            y.data()[flat] = 0;
        } else {
            const std::size_t element = flat_index(from, at);
            y.data()[flat] = a.data()[element];
            reads.data()[element] += 1;
        }
    });
    const bt::variable<double> x(a), turned(reals(xt::transpose(a)));
    const bt::tensor<double> dense = claim.f(as_tensor(x)), strided = claim.f(transpose(turned));
    BOOST_TEST(same(dense, y));
    BOOST_TEST(same(strided, y)); // of an operand in another order
    const auto reversed = [](reals array) {
        std::reverse(array.storage().begin(), array.storage().end());
        return array;
    };
    const bt::variable<double> backward(reversed(a));
    const bt::tensor<double> of_backward = claim.f(flip(backward));
    BOOST_TEST(same(of_backward, y)); // of an operand whose last element stands first
    // An element comes back from each place where it was written.
    const reals g = a * reads;
    BOOST_TEST(same(vjp(dense, y, x), g));
    BOOST_TEST(same(vjp(strided, y, turned), reals(xt::transpose(g))));
    BOOST_TEST(same(vjp(of_backward, y, backward), reversed(g)));
    BOOST_TEST(same(jvp(dense, bt::tangent(x, a)), y));
    BOOST_TEST(same(claim.f_float(bt::constant(xt::xarray<float>(xt::cast<float>(a)))), y));
    BOOST_TEST(
        same(claim.f_int64(bt::constant(xt::xarray<std::int64_t>(xt::cast<std::int64_t>(a)))), y));
    if (a.size() == 0) return;
    const bt::variable<double> v(reals(xt::sin(a)));
    const bt::tensor<double> of_squares = claim.f(v * v);
    const auto report = bt::check_gradient(of_squares, bt::wrt(v));
    BOOST_TEST(report.ok, report.message);
}

} // namespace detail

/// `f(x)` has the shape `to`, and its element i is x[source(i)], for an x of shape `from`. An empty
/// source says zero, unless x is 0-d.
template <class F, class Source>
void check_gathers(F f, const std::vector<std::size_t>& from, const std::vector<std::size_t>& to,
                   Source source)
{
    detail::check({f, f, f, source}, from, to);
}

} // namespace expect
