// SPDX-License-Identifier: BSD-3-Clause
// How leaves, operands and shapes are drawn: see random_pool.hpp.
#include "random_pool.hpp"

#include "random_expressions.hpp"

#include <backtrail/graph/build.hpp>

#include <algorithm>
#include <cmath>

namespace backtrail::test {

namespace {

constexpr std::size_t most_elements = 100000, most_axes = 5; // of any array

}

node_ptr random_leaf(std::uint64_t seed, dtype type, const shape& s, bool is_variable)
{
    std::mt19937_64 random(seed * 7919 + 1);
    const bool has_ties = random() % 4 == 0; // extrema meet equal elements, quotients zeros
    node_ptr n = detail::make_leaf(s, type, is_variable);
    visit(type, [&](auto t) {
        auto* x = static_cast<decltype(t)*>(detail::writable_data(n, false));
        for (std::size_t i = 0; i < element_count(s); ++i) {
            const auto thousandths = static_cast<double>(random() % 4001) - 2000;
            x[i] = static_cast<decltype(t)>(has_ties ? std::trunc(thousandths / 200) / 5
                                                     : thousandths / 1000 + 1e-5);
        }
    });
    return n;
}

random_pool::random_pool(std::uint64_t seed)
    : random_(seed), seed_(seed), type_(draw(3) == 0 ? dtype::float32 : dtype::float64)
{
    draw_shape();
    values_ = {leaf(base_, false), leaf(base_, true)};
}

void random_pool::draw_shape()
{
    const std::vector<shape> tiles = {{511}, {512}, {513}, {2, 256}, {1025}, {3, 171}};
    const std::vector<shape> middle = {{33, 40}, {5, 7, 30}, {64, 64}, {2, 3, 4, 50}};
    const std::vector<shape> many = {{150, 141}, {21000}, {7, 50, 61}, {3, 70, 100}};
    const std::vector<shape> chunks = {{9000, 8}, {70001}, {2000, 32}, {600, 100}, {5, 90, 130}};
    const std::vector<shape> odd = {{0}, {3, 0}, {0, 4}, {2, 0, 3}, {1}, {1, 1}, {}, {1, 3, 1}};
    const auto one_of = [&](const std::vector<shape>& list) { return list[draw(list.size())]; };
    const std::size_t kind = draw(32);
    if (kind < 8) {
        for (std::size_t rank = 1 + draw(3); base_.size() < rank;) base_.push_back(1 + draw(5));
        return;
    }
    base_ = kind < 14   ? one_of(tiles)
            : kind < 24 ? one_of(middle)
            : kind < 27 ? one_of(many)
            : kind < 29 ? one_of(chunks)
                        : one_of(odd);
}

node_ptr random_pool::leaf(const shape& s, bool is_variable)
{
    is_variable = is_variable && !constants_only_;
    std::vector<node_ptr>& known = is_variable ? variables_ : constants_;
    for (const auto& n : known) {
        if (n->shape() == s) return n;
    }
    const node_ptr n = random_leaf(seed_ + leaves_++, type_, s, is_variable);
    known.push_back(n);
    return n;
}

node_ptr random_pool::any()
{
    const std::vector<node_ptr>& from = constants_only_ ? constants_ : values_;
    if (from.empty()) return leaf(base_, false);
    return from[one_in(2) ? draw(from.size())
                          : from.size() - 1 - draw(std::min<std::size_t>(4, from.size()))];
}

node_ptr random_pool::operand()
{
    const node_ptr x = any();
    return one_in(3) ? mapped_into(-2, 2, x) : x;
}

node_ptr random_pool::partner(const shape& s)
{
    if (one_in(2)) {
        const node_ptr x = operand();
        if (is_broadcastable(x->shape(), s) || is_broadcastable(s, x->shape())) return x;
    }
    shape t;
    for (std::size_t i = one_in(3) ? draw(s.size() + 1) : 0; i < s.size(); ++i) {
        t.push_back(one_in(4) ? 1 : s[i]);
    }
    return leaf(t, !one_in(3));
}

void random_pool::add(const node_ptr& x)
{
    if (element_count(x->shape()) > most_elements || x->shape().size() > most_axes) return;
    (constants_only_ ? constants_ : values_).push_back(detail::cast(x, type_));
}

} // namespace backtrail::test
