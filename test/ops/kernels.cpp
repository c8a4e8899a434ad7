// SPDX-License-Identifier: BSD-3-Clause
// Generated from the catalogue: the kernels of each op, in float and double. Values and partials
// at the reference points, SIMD against single numbers at every odd length, bits that depend on
// the element alone, and forward mode against reverse mode.
#include "catalogue.hpp"

#include <backtrail/expr/handle.hpp>
#include <backtrail/graph/node.hpp>

using namespace backtrail;
using namespace backtrail::test;

namespace {

// Against the correctly rounded result; a comparison of two computed results allows both errors.
constexpr double value_ulps = 4, derivative_ulps = 8;

/// The operands of a kernel call.
template <class T>
struct operands {
    std::vector<std::vector<T>> arrays;
    std::vector<const void*> pointers;

    explicit operands(std::vector<std::vector<T>> a) : arrays(std::move(a))
    {
        for (const auto& one : arrays) pointers.push_back(one.data());
    }
    operands(const op_data& op, std::size_t n, std::uint64_t seed)
        : operands([&] {
              std::vector<std::vector<T>> a;
              for (std::size_t j = 0; j < op.arity; ++j) {
                  a.push_back(random_arguments<T>(op, n, seed + j));
              }
              return a;
          }())
    {}
};

template <class T>
std::vector<T> value(const op_data& op, const operands<T>& x, std::size_t n)
{
    std::vector<T> y(x.arrays[0].size());
    op.table<T>().value(x.pointers.data(), nullptr, y.data(), n);
    return y;
}

template <class T>
std::vector<std::vector<T>> pull_back(const op_data& op, const operands<T>& x,
                                      const std::vector<T>& y_bar, std::size_t n)
{
    std::vector<std::vector<T>> x_bar(op.arity, std::vector<T>(y_bar.size()));
    std::vector<void*> out;
    for (auto& one : x_bar) out.push_back(one.data());
    const std::vector<store_mode> modes(op.arity, store_mode::write);
    reverse_tile tile;
    tile.y_bar = y_bar.data();
    tile.x_bar = out.data();
    tile.modes = modes.data();
    op.table<T>().pullback(x.pointers.data(), nullptr, tile, n);
    return x_bar;
}

template <class T>
std::vector<T> push_forward(const op_data& op, const operands<T>& x, const operands<T>& x_dot,
                            std::size_t n)
{
    std::vector<T> y_dot(x.arrays[0].size());
    op.table<T>().pushforward(x.pointers.data(), nullptr, x_dot.pointers.data(), y_dot.data(), n);
    return y_dot;
}

template <class T>
void check_point(const op_data& op, const point& p)
{
    const std::size_t room = 1 + 64 / sizeof(T);
    std::vector<std::vector<T>> x;
    for (double one : p.x) {
        if (one == one && double(T(one)) != one) return; // in float this is another point
        x.emplace_back(room, static_cast<T>(one));
    }
    const operands<T> in(std::move(x));
    const std::vector<T> unit(room, T(1));
    const T y = value(op, in, 1)[0];
    BOOST_TEST(ulps(y, static_cast<T>(p.y)) <= value_ulps,
               "at " << p.x[0] << ": " << y << ", not " << p.y);
    const auto x_bar = pull_back(op, in, unit, 1);
    for (std::size_t j = 0; j < op.arity; ++j) {
        BOOST_TEST(ulps(x_bar[j][0], static_cast<T>(p.dy[j])) <= derivative_ulps,
                   "partial " << j << " at " << p.x[0] << ": " << x_bar[j][0] << ", not "
                              << p.dy[j]);
        std::vector<std::vector<T>> dot(op.arity, std::vector<T>(room, T(0)));
        dot[j].assign(room, T(1));
        const T y_dot = push_forward(op, in, operands<T>(std::move(dot)), 1)[0];
        BOOST_TEST(ulps(y_dot, x_bar[j][0]) == 0,
                   "at " << p.x[0] << ": forward " << y_dot << ", reverse " << x_bar[j][0]);
    }
}

template <class T>
void check_lengths(const op_data& op)
{
    constexpr std::size_t longest = 67;
    const operands<T> x(op, longest, 1);
    const auto all = value(op, x, longest);
    for (std::size_t i = 0; i < longest; ++i) {
        T one[3] = {};
        for (std::size_t j = 0; j < op.arity; ++j) one[j] = x.arrays[j][i];
        BOOST_TEST(ulps(all[i], op.scalar(one)) <= 2 * value_ulps, "element " << i);
    }
    for (std::size_t n = 1; n < 20; n += 2) {
        BOOST_TEST(std::memcmp(value(op, x, n).data(), all.data(), n * sizeof(T)) == 0,
                   "bits depend on the length " << n);
    }
    for (std::size_t shift = 1; shift < 9; ++shift) {
        operands<T> moved = x;
        for (std::size_t j = 0; j < op.arity; ++j) {
            moved.pointers[j] = x.arrays[j].data() + shift;
        }
        BOOST_TEST(std::memcmp(value(op, moved, 16).data(), all.data() + shift, 16 * sizeof(T)) ==
                       0,
                   "bits depend on the position " << shift);
    }
}

template <class T>
void check_value_and_pullback(const op_data& op)
{
    constexpr std::size_t n = 37;
    const operands<T> x(op, n, 11);
    const auto y_bar = random_arguments<T>(op, n, 5);
    const auto y = value(op, x, n);
    const auto x_bar = pull_back(op, x, y_bar, n);
    std::vector<T> y2 = y_bar; // the value goes where the cotangent lies
    std::vector<std::vector<T>> x_bar2(op.arity, std::vector<T>(y.size(), T(1)));
    std::vector<void*> out;
    for (auto& one : x_bar2) out.push_back(one.data());
    const std::vector<store_mode> modes(op.arity, store_mode::add);
    reverse_tile tile;
    tile.y_bar = y2.data();
    tile.x_bar = out.data();
    tile.modes = modes.data();
    tile.y = y2.data();
    op.table<T>().value_and_pullback(x.pointers.data(), nullptr, tile, n);
    BOOST_TEST(std::memcmp(y.data(), y2.data(), n * sizeof(T)) == 0);
    for (std::size_t j = 0; j < op.arity; ++j) {
        for (std::size_t i = 0; i < n; ++i) BOOST_TEST(x_bar2[j][i] == T(1) + x_bar[j][i]);
    }
}

template <class T>
void check_adjoint(const op_data& op)
{
    constexpr std::size_t n = 41;
    const operands<T> x(op, n, 21), x_dot(op, n, 31);
    const auto y_bar = random_arguments<T>(op, n, 41);
    const auto y_dot = push_forward(op, x, x_dot, n);
    const auto x_bar = pull_back(op, x, y_bar, n);
    for (std::size_t i = 0; i < n; ++i) {
        const double forward = double(y_bar[i]) * double(y_dot[i]);
        double reverse = 0, scale = std::abs(forward);
        for (std::size_t j = 0; j < op.arity; ++j) {
            const double term = double(x_bar[j][i]) * double(x_dot.arrays[j][i]);
            reverse += term;
            scale = std::max(scale, std::abs(term));
        }
        const double rounding = 8 * std::numeric_limits<T>::epsilon();
        BOOST_TEST(std::abs(forward - reverse) <= rounding * scale, "element " << i);
    }
}

/// What a derivative is said not to read may be anything: plans leave it out.
template <class T>
void check_what_is_not_read(const op_data& op)
{
    constexpr std::size_t n = 19;
    const auto y_bar = random_arguments<T>(op, n, 5);
    const operands<T> x(op, n, 51);
    const auto x_bar = pull_back(op, x, y_bar, n);
    std::vector<symbol> leaves;
    for (std::size_t j = 0; j < op.arity; ++j) {
        leaves.emplace_back(detail::make_leaf({n}, dtype_of<T>, true));
    }
    const node_ptr y = record(op.index, leaves).get();
    for (std::size_t j = 0; j < op.arity; ++j) {
        std::vector<char> wanted(op.arity, 0);
        wanted[j] = 1;
        std::vector<symbol> bars(op.arity);
        y->op().pullback(y, y, wanted, bars);
        const operation& derivative = bars[j].get()->inputs()[0]->op();
        auto arrays = x.arrays;
        for (std::size_t k = 0; k < op.arity; ++k) {
            if (!derivative.reads(k)) arrays[k].assign(arrays[k].size(), T(not_a_number));
        }
        const auto again = pull_back(op, operands<T>(arrays), y_bar, n);
        BOOST_TEST(std::memcmp(again[j].data(), x_bar[j].data(), n * sizeof(T)) == 0,
                   "cotangent " << j);
    }
}

const for_each_op points("reference points", [](const op_data& op) {
    BOOST_TEST(!op.points.empty());
    for (const auto& p : op.points) {
        check_point<double>(op, p);
        check_point<float>(op, p);
    }
});

const for_each_op names("found by its name",
                        [](const op_data& op) { BOOST_TEST(index_named(op.name) == op.index); });

const for_each_op lengths("SIMD equals scalar at odd lengths", [](const op_data& op) {
    check_lengths<double>(op);
    check_lengths<float>(op);
});

const for_each_op together("value and pullback together", [](const op_data& op) {
    check_value_and_pullback<double>(op);
    check_value_and_pullback<float>(op);
});

const for_each_op not_read("cotangents depend on what they read alone", [](const op_data& op) {
    if (op.is_predicate) return;
    check_what_is_not_read<double>(op);
    check_what_is_not_read<float>(op);
});

const for_each_op adjoint("forward is the adjoint of reverse", [](const op_data& op) {
    check_adjoint<double>(op);
    check_adjoint<float>(op);
});

} // namespace
