// SPDX-License-Identifier: BSD-3-Clause
// The derivatives of functions of tensors, in both modes and of second order, at twenty random shapes each.
// Every operand is a view of a variable with random strides: axes permuted, reversed, sliced with gaps, or
// broadcast. Indexing stands in index_shapes.cpp, variances in statistics.cpp, scans and orders in their own.
#include <support/expect.hpp>
#include <support/random_view.hpp>

#include <backtrail/graph/node.hpp>

#include <functional>

namespace bt = backtrail;

namespace {

using numbers = bt::tensor<double>;

constexpr std::uint64_t shapes_tried = 20;

/// One trial: draws shapes, makes operands, and remembers what to differentiate by.
class trial {
public:
    explicit trial(std::uint64_t seed, double low, double high) : draws_(seed, low, high) {}

    [[nodiscard]] std::size_t draw(std::size_t n) { return draws_.draw(n); }
    [[nodiscard]] std::size_t extent() { return 1 + draw(4); }
    /// A random shape of that rank at least.
    [[nodiscard]] bt::shape shape_of(std::size_t least_rank)
    {
        bt::shape s = draws_.random_shape();
        while (s.size() < least_rank) s.push_back(extent());
        return s;
    }
    [[nodiscard]] std::ptrdiff_t axis_of(const bt::shape& s)
    {
        return static_cast<std::ptrdiff_t>(draw(2 * s.size())) -
               static_cast<std::ptrdiff_t>(s.size());
    }
    [[nodiscard]] numbers operand(const bt::shape& s)
    {
        const bt::test::random_view v = draws_.make(s);
        variables_.push_back(v.source.get_node());
        return v.view;
    }
    [[nodiscard]] numbers operand(std::initializer_list<std::size_t> s)
    {
        return operand(bt::shape(std::vector<std::size_t>(s)));
    }
    [[nodiscard]] numbers any(std::size_t least_rank = 0) { return operand(shape_of(least_rank)); }
    /// Elements that differ from one another, so that no difference reaches across a tie.
    [[nodiscard]] numbers apart(const bt::shape& s)
    {
        return 0.02 * bt::constant(bt::test::random_views::distinct_values(s)) +
               0.0003 * operand(s);
    }
    /// At least two elements along each axis, none equal: something to normalise.
    [[nodiscard]] numbers spread(bt::shape s)
    {
        for (std::size_t& n : s) n += 1;
        return bt::constant(bt::test::random_views::distinct_values(s)) + operand(s);
    }
    [[nodiscard]] const std::vector<bt::node_ptr>& variables() const { return variables_; }

private:
    bt::test::random_views draws_;
    std::vector<bt::node_ptr> variables_;
};

using function = std::function<numbers(trial&)>;

void check(const char* name, const function& f, double low = -2, double high = 2)
{
    for (std::uint64_t k = 0; k < shapes_tried; ++k) {
        trial t(k, low, high);
        const numbers y = f(t);
        const auto report = bt::detail::check_gradient(y.get_node(), t.variables(), {.seed = k});
        BOOST_TEST(report.ok, name << ", trial " << k << ": " << report.message);
    }
}

/// f of an array along one of its axes.
template <class F>
function along(F f)
{
    return [f](trial& t) {
        const bt::shape s = t.shape_of(1);
        return numbers(f(t.operand(s), t.axis_of(s)));
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_random_shapes)

BOOST_AUTO_TEST_CASE(moves)
{
    check("reshape", [](trial& t) { return reshape(t.any(), {-1}); });
    check("transpose", [](trial& t) { return transpose(t.any()); });
    check("broadcast_to", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        bt::shape wide = s;
        wide.insert(0, t.extent());
        return broadcast_to(t.operand(s), wide);
    });
    check("moveaxis", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return moveaxis(t.operand(s), t.axis_of(s), t.axis_of(s));
    });
    check("swapaxes", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return swapaxes(t.operand(s), t.axis_of(s), t.axis_of(s));
    });
    check("squeeze", [](trial& t) { return squeeze(t.any()); });
    check("expand_dims", [](trial& t) { return expand_dims(t.any(), 0); });
    check("flip", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return flip(t.operand(s), t.axis_of(s));
    });
    check("roll", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return roll(t.operand(s), static_cast<int>(t.draw(9)) - 4, t.axis_of(s));
    });
    check("rot90", [](trial& t) { return rot90(t.any(2), static_cast<int>(t.draw(7)) - 3); });
    check("repeat", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return repeat(t.operand(s), static_cast<int>(t.draw(3)), t.axis_of(s));
    });
    check("tile", [](trial& t) { return tile(t.any(), {2, 3}); });
    check("split", [](trial& t) {
        bt::shape s = t.shape_of(1);
        s[0] = 4;
        const auto parts = split(t.operand(s), 2);
        return numbers(parts[0] * parts[1]);
    });
    check("concatenate", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        bt::shape other = s;
        other[0] = t.extent();
        return concatenate(0, t.operand(s), t.operand(other));
    });
    check("stack", [](trial& t) {
        const bt::shape s = t.shape_of(0);
        return stack(-1, t.operand(s), t.operand(s));
    });
    for (const auto mode : {bt::pad_mode::constant, bt::pad_mode::replicate, bt::pad_mode::circular,
                            bt::pad_mode::reflect}) {
        check("pad", [mode](trial& t) {
            bt::shape s = t.shape_of(1);
            for (std::size_t& n : s) n += 1; // reflection needs a neighbour
            return pad(t.operand(s), 1, mode);
        });
    }
    check("tril", [](trial& t) { return tril(t.any(2), static_cast<int>(t.draw(5)) - 2); });
    check("triu", [](trial& t) { return triu(t.any(2), static_cast<int>(t.draw(5)) - 2); });
    check("diag of a vector", [](trial& t) { return diag(t.operand({t.extent()}), 1); });
    check("diagonal", [](trial& t) { return diagonal(t.any(2), static_cast<int>(t.draw(3)) - 1); });
    check("trace", [](trial& t) { return trace(t.any(2)); });
    check("meshgrid", [](trial& t) {
        const auto grids = meshgrid(t.operand({t.extent()}), t.operand({t.extent()}));
        return numbers(grids[0] * grids[1]);
    });
    check("masked_fill", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        const numbers x = t.operand(s);
        return numbers(masked_fill(x, t.apart(s) > 0.01, t.operand({})));
    });
    check("embedding", [](trial& t) {
        const std::size_t rows = t.extent();
        xt::xarray<std::int64_t> chosen = xt::zeros<std::int64_t>({5});
        for (auto& i : chosen) i = static_cast<std::int64_t>(t.draw(rows));
        return embedding(bt::constant(chosen), t.operand({rows, t.extent()}));
    });
    check("unfold", [](trial& t) {
        bt::shape s = t.shape_of(1);
        s[0] += 2;
        return unfold(t.operand(s), 0, 2, 1);
    });
    check("view", [](trial& t) {
        bt::shape s = t.shape_of(1);
        s[0] += 3;
        return numbers(view(t.operand(s), xt::range(3, 0, -2)));
    });
    check("with_view", [](trial& t) {
        bt::shape s = t.shape_of(1);
        s[0] += 1;
        bt::shape part = s;
        part[0] = 1;
        return with_view(t.operand(s), xt::range(1, 2), t.operand(part));
    });
    check("add_to_view", [](trial& t) {
        bt::shape s = t.shape_of(1);
        s[0] += 1;
        bt::shape part = s;
        part[0] = 1;
        return add_to_view(t.operand(s), xt::range(1, 2), t.operand(part));
    });
}

BOOST_AUTO_TEST_CASE(reductions)
{
    check("sum", along([](auto x, auto axis) { return sum(x, axis); }));
    check("mean", along([](auto x, auto axis) { return mean(x, axis); }));
    check("prod", along([](auto x, auto axis) { return prod(x, axis); }));
    check("logsumexp", along([](auto x, auto axis) { return logsumexp(x, axis); }));
    check("norm", along([](auto x, auto axis) { return norm(x, 2, axis); }), 0.5, 2);
    check("3-norm", along([](auto x, auto axis) { return norm(x, 3, axis); }), 0.5, 2);
    check("amax", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return amax(t.apart(s), t.axis_of(s));
    });
    check("amin", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return amin(t.apart(s), t.axis_of(s));
    });
    check("quantile", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return quantile(t.apart(s), 0.4, t.axis_of(s));
    });
    check("infinity norm", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return norm(numbers(1.0 + t.apart(s)), bt::infinity, t.axis_of(s));
    });
}

BOOST_AUTO_TEST_CASE(products)
{
    check("matmul", [](trial& t) {
        const std::size_t n = t.extent(), k = t.extent(), m = t.extent(), batch = t.extent();
        return matmul(t.operand({batch, n, k}), t.operand({k, m}));
    });
    check("matmul with a vector", [](trial& t) {
        const bt::shape s = t.shape_of(2);
        return matmul(t.operand(s), t.operand({s[s.size() - 1]}));
    });
    check("dot", [](trial& t) {
        const std::size_t n = t.extent();
        return dot(t.operand({n}), t.operand({n}));
    });
    check("outer",
          [](trial& t) { return outer(t.operand({t.extent()}), t.operand({t.extent()})); });
    check("inner", [](trial& t) {
        const std::size_t n = t.extent();
        return inner(t.operand({t.extent(), n}), t.operand({t.extent(), n}));
    });
    check("vecdot", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return vecdot(t.operand(s), t.operand(s));
    });
    check("kron", [](trial& t) { return kron(t.any(1), t.operand({t.extent(), t.extent()})); });
    check("cross", [](trial& t) {
        bt::shape s = t.shape_of(0);
        s.push_back(3);
        return cross(t.operand(s), t.operand(s));
    });
    check("tensordot", [](trial& t) {
        const std::size_t n = t.extent(), m = t.extent();
        return tensordot(t.operand({t.extent(), n, m}), t.operand({n, m, t.extent()}));
    });
    check("linear", [](trial& t) {
        const std::size_t n = t.extent(), m = t.extent();
        return linear(t.operand({t.extent(), n}), t.operand({m, n}), t.operand({m}));
    });
    check("addmm", [](trial& t) {
        const std::size_t n = t.extent(), k = t.extent(), m = t.extent();
        return addmm(t.operand({m}), t.operand({n, k}), t.operand({k, m}),
                     {.beta = 0.5, .alpha = 2});
    });
    check("baddbmm", [](trial& t) {
        const std::size_t b = t.extent(), n = t.extent(), k = t.extent(), m = t.extent();
        return baddbmm(t.operand({b, n, m}), t.operand({b, n, k}), t.operand({b, k, m}));
    });
    check("einsum", [](trial& t) {
        const std::size_t i = t.extent(), j = t.extent(), k = t.extent();
        return einsum("ijk,kj,i->ki", t.operand({i, j, k}), t.operand({k, j}), t.operand({i}));
    });
}

BOOST_AUTO_TEST_CASE(losses)
{
    const auto of_two = [](auto f) {
        return [f](trial& t) {
            const bt::shape s = t.shape_of(0);
            return numbers(f(t.operand(s), t.operand(s)));
        };
    };
    using bt::reduction;
    for (const auto how : {reduction::mean, reduction::sum, reduction::none}) {
        check("mean_squared_error",
              of_two([how](auto x, auto y) { return mean_squared_error(x, y, how); }));
        check("hinge_loss", of_two([how](auto x, auto y) { return hinge_loss(x, y, how); }), 1.1,
              2);
    }
    check("l1_loss", of_two([](auto x, auto y) { return l1_loss(x, y); }));
    check("smooth_l1_loss",
          of_two([](auto x, auto y) { return smooth_l1_loss(x, y, {.beta = 0.55}); }));
    check("huber_loss", of_two([](auto x, auto y) { return huber_loss(x, y, {.delta = 0.55}); }));
    check("kl_div", of_two([](auto x, auto y) { return kl_div(x, y); }), 0.2, 2);
    check("binary_cross_entropy", of_two([](auto x, auto y) { return binary_cross_entropy(x, y); }),
          0.1, 0.9);
    check("binary_cross_entropy_with_logits",
          of_two([](auto x, auto y) { return binary_cross_entropy_with_logits(x, y); }));
    check("cross_entropy, soft", [](trial& t) {
        const std::size_t n = t.extent(), m = t.extent();
        return cross_entropy(t.operand({n, m}), numbers(softmax(t.operand({n, m}))));
    });
    check("cross_entropy, labels", [](trial& t) {
        const std::size_t n = t.extent(), m = t.extent();
        xt::xarray<std::int64_t> labels = xt::zeros<std::int64_t>({n});
        for (auto& label : labels) label = static_cast<std::int64_t>(t.draw(m));
        return cross_entropy(t.operand({n, m}), bt::constant(labels));
    });
    check("nll_loss", [](trial& t) {
        const std::size_t n = t.extent(), m = t.extent();
        xt::xarray<std::int64_t> labels = xt::zeros<std::int64_t>({n});
        for (auto& label : labels) label = static_cast<std::int64_t>(t.draw(m));
        return nll_loss(t.operand({n, m}), bt::constant(labels));
    });
    check("cosine_similarity", of_two([](auto x, auto y) {
              return cosine_similarity(reshape(x, {-1}), reshape(y, {-1}));
          }),
          0.5, 2);
}

BOOST_AUTO_TEST_CASE(layers)
{
    check("softmax", along([](auto x, auto axis) { return softmax(x, axis); }));
    check("log_softmax", along([](auto x, auto axis) { return log_softmax(x, axis); }));
    check("rms_norm", along([](auto x, auto axis) { return rms_norm(x, axis); }), 0.5, 2);
    check("normalize", [](trial& t) { return normalize(t.any(1), {.axis = -1}); }, 0.5, 2);
    check("glu", [](trial& t) {
        bt::shape s = t.shape_of(0);
        s.push_back(2 * t.extent());
        return glu(t.operand(s));
    });
    check("prelu", [](trial& t) {
        const bt::shape s = t.shape_of(2);
        return prelu(t.operand(s), t.operand({s[1]}));
    });
    check("layer_norm", [](trial& t) {
        const bt::shape s = t.shape_of(1);
        return layer_norm(t.spread(s), t.axis_of(s));
    });
    check("batch_norm", [](trial& t) { return batch_norm(t.spread(t.shape_of(2))); });
    check("instance_norm", [](trial& t) { return instance_norm(t.spread(t.shape_of(3))); });
    check("group_norm", [](trial& t) {
        bt::shape s = t.shape_of(2);
        s[1] = 3; // four channels
        return group_norm(t.spread(s), 2);
    });
    check("attention", [](trial& t) {
        const std::size_t queries = t.extent(), keys = t.extent(), width = t.extent();
        return attention(t.operand({queries, width}), t.operand({keys, width}),
                         t.operand({keys, t.extent()}));
    });
    check("lstm_cell", [](trial& t) {
        const std::size_t b = t.extent(), n = t.extent(), m = t.extent();
        const auto state =
            lstm_cell(t.operand({b, n}), t.operand({b, m}), t.operand({b, m}),
                      t.operand({4 * m, n}), t.operand({4 * m, m}), t.operand({4 * m}));
        return numbers(state.h * state.c);
    });
    check("gru_cell", [](trial& t) {
        const std::size_t b = t.extent(), n = t.extent(), m = t.extent();
        return gru_cell(t.operand({b, n}), t.operand({b, m}), t.operand({3 * m, n}),
                        t.operand({3 * m, m}), t.operand({3 * m}), t.operand({3 * m}));
    });
}

BOOST_AUTO_TEST_SUITE_END()
