// SPDX-License-Identifier: BSD-3-Clause
// Losses with loops of all kinds, and what runs of their sweeps hold.
#pragma once

#include <support/expect.hpp>

namespace backtrail::test {

namespace bt = backtrail;
using expect::reals;

/// A loss with everything that budgets must cope with.
struct model {
    std::string name;
    std::vector<bt::variable<double>> x;
    bt::tensor<double> loss;
};

inline bt::variable<double> field(std::size_t n, double phase)
{
    reals u = reals::from_shape({n});
    for (std::size_t i = 0; i < n; ++i)
        u.data()[i] = std::sin(phase + 0.37 * static_cast<double>(i));
    return bt::variable<double>(u);
}

template <class U, class P>
bt::tensor<double> step(const U& u, const P& p)
{
    return u + 0.05 * (p * sin(u) - 0.3 * u * u) + 0.01 * (roll(u, 1) - u);
}

inline model one_loop()
{
    const auto u0 = field(160, 0.1), p = field(160, 0.7);
    const bt::tensor<double> u =
        bt::loop(37, u0, [&](auto, auto v) { return bt::tag("u", step(v, p)); });
    return {"one loop", {u0, p}, mean(square(u))};
}

inline model loops_in_loops()
{
    const auto u0 = field(120, 0.2), p = field(120, 1.1);
    const bt::tensor<double> u = bt::loop(11, u0, [&](auto, auto v) {
        const bt::tensor<double> w = bt::loop(7, v, [&](auto, auto r) { return step(r, p); });
        return 0.5 * (v + w);
    });
    return {"loops in loops", {u0, p}, sum(square(u))};
}

inline model loops_and_straight_parts()
{
    const auto u0 = field(150, 0.3), p = field(150, 0.9);
    const bt::tensor<double> before = bt::tag("before", tanh(u0) * p);
    const bt::tensor<double> u = bt::loop(23, before, [&](auto, auto v) { return step(v, p); });
    const bt::tensor<double> between = bt::tag("between", exp(-u * u) + u);
    const auto [last, sums] =
        bt::loop(9, std::tuple(between, bt::constant(0.0)), [&](auto, auto v, auto total) {
            return std::tuple(bt::tensor<double>(step(v, u)),
                              bt::tensor<double>(total + mean(v * p)));
        });
    return {"loops between straight parts", {u0, p}, sum(square(last)) + 3.0 * sums};
}

inline model with_outputs_and_regions()
{
    const auto u0 = field(110, 0.4), p = field(110, 1.3);
    const bt::variable<double> xs(xt::ones<double>({std::size_t{17}, std::size_t{110}}) * 0.2);
    const auto [last, norms] = bt::loop_with(17, u0, xs, [&](auto, auto v, auto x) {
        const bt::tensor<double> next =
            bt::checkpoint([&](auto a, auto b) { return step(a + 0.1 * b, p); }, v, x);
        return std::pair(next, bt::tensor<double>(sum(next * x)));
    });
    return {"outputs and regions", {u0, p, xs}, sum(square(last)) + sum(norms)};
}

inline model of_unknown_length()
{
    const auto u0 = field(130, 0.5), p = field(130, 0.4);
    const auto [count, last] = bt::while_loop(
        [](auto k, auto) { return k < 29.0; }, std::tuple(bt::constant(0.0), u0),
        [&](auto, auto k, auto v) {
            return std::tuple(bt::tensor<double>(k + 1.0), bt::tensor<double>(step(v, p)));
        });
    return {"unknown length", {u0, p}, sum(square(last)) + 0.0 * count};
}

/// Steps of several statements, so that a record is more than a state.
inline model recurrent()
{
    const bt::variable<double> w(0.1 * xt::sin(xt::arange<double>(1600.0).reshape({40, 40})));
    const auto u0 = field(40, 0.6);
    const bt::tensor<double> u = bt::loop(19, u0, [&](auto t, auto v) {
        const bt::tensor<double> a = tanh(matmul(w, v)),
                                 b = exp(-square(a)) + 0.01 * bt::cast<double>(t);
        return bt::tag("u", matmul(transpose(w), b) + 0.5 * v);
    });
    return {"recurrent", {w, u0}, sum(square(u))};
}

inline std::vector<model> models()
{
    return {one_loop(),
            recurrent(),
            loops_in_loops(),
            loops_and_straight_parts(),
            with_outputs_and_regions(),
            of_unknown_length()};
}

inline bt::sweep sweep_of(const model& m) { return reverse(m.loss, bt::wrt(m.x[0], m.x[1])); }

struct measured {
    std::vector<bt::array<double>> adjoints;
    std::size_t peak = 0;
};

/// Two runs, and what the pool gave them.
inline measured run(bt::sweep& s, const model& m)
{
    bt::trim_memory();
    const std::size_t before = bt::memory_statistics().bytes_in_use;
    bt::reset_peak_memory();
    s.run();
    for (const auto& x : m.x) bt::detail::bump_version(x.get_node());
    s.run();
    measured r;
    r.peak = bt::memory_statistics().peak_bytes_in_use - before;
    r.adjoints = {s.adjoint(m.x[0]), s.adjoint(m.x[1])};
    return r;
}

inline bool same_bits(const measured& a, const measured& b)
{
    for (std::size_t i = 0; i < a.adjoints.size(); ++i) {
        const auto &x = a.adjoints[i], &y = b.adjoints[i];
        if (std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) != 0) return false;
    }
    return true;
}

} // namespace backtrail::test
