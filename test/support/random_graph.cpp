// SPDX-License-Identifier: BSD-3-Clause
// How random graphs grow: a pool of values, and steps that take some of them and add one.
#include "random_graph.hpp"

#include "random_expressions.hpp"

#include <backtrail/graph/build_along.hpp>
#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/build_rearrange.hpp>
#include <backtrail/graph/traversal.hpp>
#include <backtrail/ops/catalogue.hpp>

#include <algorithm>
#include <numeric>
#include <random>

namespace backtrail::test {
namespace {

constexpr std::size_t most_elements = 100000; // of any array
constexpr double most_products = 2e6;         // of any matrix product

/// What drawing an op must know of it beside its entry.
struct drawn_op {
    std::size_t index;
    interval domain;
    bool keeps_masks;
    [[nodiscard]] const op_entry& rules() const { return entry(index); }
};

template <class... Op>
std::vector<drawn_op> describe(op_list<Op...>)
{
    return {{op_index<Op>::value, Op::domain, Op::keeps_masks}...};
}

const std::vector<drawn_op>& all_ops()
{
    static const std::vector<drawn_op> all = describe(catalogue{});
    return all;
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

class grower {
public:
    explicit grower(std::uint64_t seed)
        : random_(seed), seed_(seed), type_(draw(3) == 0 ? dtype::float32 : dtype::float64)
    {
        draw_shape();
        pool_ = {leaf(base_, false), leaf(base_, true)};
    }

    random_graph grow()
    {
        const std::size_t target = 5 + draw(element_count(base_) > 25000 ? 20 : 56);
        for (int tried = 0; topological_order(pool_).size() < target && tried < 400; ++tried) {
            add(random_step());
        }
        symbol loss = weighted_sum(seed_, pool_[1]); // there is something to differentiate by
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t at =
                i < 3 ? pool_.size() - std::min(i + 1, pool_.size()) : draw(pool_.size());
            loss = loss + symbol(weighted_sum(seed_ + i, pool_[at]));
        }
        return {variables_, loss.get()};
    }

private:
    using step = node_ptr (grower::*)();

    // ---- draws -----------------------------------------------------------------------------------

    [[nodiscard]] std::size_t draw(std::size_t n) { return random_() % n; }
    [[nodiscard]] bool one_in(std::size_t n) { return draw(n) == 0; }
    [[nodiscard]] std::size_t axis_of(const node_ptr& x) { return draw(x->shape().size()); }

    void draw_shape()
    {
        const std::vector<shape> tiles = {{511}, {512}, {513}, {2, 256}, {1025}, {3, 171}};
        const std::vector<shape> middle = {{33, 40}, {5, 7, 30}, {64, 64}, {2, 3, 4, 50}};
        const std::vector<shape> many = {{150, 141}, {21000}, {7, 50, 61}, {3, 70, 100}};
        const std::vector<shape> chunks = {
            {9000, 8}, {70001}, {2000, 32}, {600, 100}, {5, 90, 130}};
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

    /// A leaf of that shape; the same one each time.
    node_ptr leaf(const shape& s, bool is_variable)
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

    /// Any value of the graph, the last ones rather than others.
    [[nodiscard]] node_ptr any()
    {
        const std::vector<node_ptr>& from = constants_only_ ? constants_ : pool_;
        if (from.empty()) return leaf(base_, false);
        return from[one_in(2) ? draw(from.size())
                              : from.size() - 1 - draw(std::min<std::size_t>(4, from.size()))];
    }
    /// The same, often kept from growing.
    [[nodiscard]] node_ptr operand()
    {
        const node_ptr x = any();
        return one_in(3) ? mapped_into(-2, 2, x) : x;
    }
    /// Something that broadcasts with arrays of shape s.
    [[nodiscard]] node_ptr partner(const shape& s)
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
    static shape together(const node_ptr& x, const node_ptr& y)
    {
        return broadcast("test", x->shape(), y->shape());
    }

    void add(const node_ptr& x)
    {
        if (!x || element_count(x->shape()) > most_elements || x->shape().size() > 5) return;
        pool_.push_back(detail::cast(x, type_));
    }

    // ---- elementwise -------------------------------------------------------------------------------

    node_ptr apply(const drawn_op& op, std::vector<node_ptr> x)
    {
        for (auto& n : x) {
            if (is_differentiable(n->type()) && !one_in(4)) {
                n = mapped_into(op.domain.low, op.domain.high, n);
            }
        }
        const std::vector<symbol> operands(x.begin(), x.end());
        return record(op.index, operands).get();
    }

    node_ptr elementwise()
    {
        const drawn_op& op = all_ops()[draw(all_ops().size())];
        std::vector<node_ptr> x = {operand()};
        shape s = x[0]->shape();
        while (x.size() < op.rules().arity) {
            x.push_back(partner(s));
            s = broadcast("test", s, x.back()->shape());
        }
        return apply(op, x);
    }

    node_ptr expression()
    {
        const node_ptr a = operand(), b = partner(a->shape());
        const node_ptr c = one_in(4) ? a : partner(together(a, b));
        return make_expression(draw(expression_count), type_, a, b, c);
    }

    node_ptr mask()
    {
        const node_ptr x = operand(), y = partner(x->shape());
        std::vector<node_ptr> masks;
        while (masks.size() < 2) {
            const drawn_op& op = all_ops()[draw(all_ops().size())];
            if (op.rules().is_predicate && op.rules().arity == 2)
                masks.push_back(apply(op, {x, y}));
        }
        for (;;) { // masks of masks
            const drawn_op& op = all_ops()[draw(all_ops().size())];
            if (!op.keeps_masks || op.rules().arity != 2) continue;
            masks.push_back(apply(op, masks));
            break;
        }
        for (;;) { // a choice by them
            const drawn_op& op = all_ops()[draw(all_ops().size())];
            if (op.keeps_masks && op.rules().arity == 3) {
                return apply(op, {masks[draw(masks.size())], x, y});
            }
        }
    }

    node_ptr integers()
    {
        const node_ptr x = operand();
        const dtype type = one_in(2) ? dtype::int64 : dtype::int32;
        const node_ptr i = detail::cast(mapped_into(1, 9, x), type);
        for (;;) {
            const drawn_op& op = all_ops()[draw(all_ops().size())];
            if (!op.rules().accepts_integers || op.rules().arity > 2) continue;
            const node_ptr j = detail::cast(mapped_into(1, 4, partner(x->shape())), type);
            return op.rules().arity == 1 ? apply(op, {i}) : apply(op, {i, j});
        }
    }

    node_ptr cast_there_and_back()
    {
        const dtype other = type_ == dtype::float64 ? dtype::float32 : dtype::float64;
        const node_ptr x = detail::cast(operand(), other);
        return detail::cast(make_expression(draw(expression_count), other, x, x, x), type_);
    }

    // ---- views and rearrangements ------------------------------------------------------------------

    node_ptr view()
    {
        const node_ptr x = any();
        const shape& s = x->shape();
        switch (s.empty() ? draw(3) : draw(10)) {
        case 0: return detail::reshape(x, {element_count(s)});
        case 1: return detail::expand_dims(x, std::vector<std::ptrdiff_t>{0});
        case 2: {
            shape wide = s;
            wide.insert(0, 1 + draw(3));
            return detail::broadcast_to(x, wide);
        }
        case 3: return detail::flip(x, std::nullopt);
        case 4: {
            shape t;
            for (std::size_t i = s.size(); i-- > 0;) t.push_back(s[i]);
            return detail::reshape(x, t);
        }
        case 5: {
            const std::size_t axis = axis_of(x);
            return s[axis] < 2 ? x : detail::unfold(x, static_cast<std::ptrdiff_t>(axis), 2, 1);
        }
        case 6: return s.size() < 2 ? x : detail::diagonal(x, 0, -2, -1);
        case 7: return sliced(x);
        default: {
            std::vector<std::ptrdiff_t> order(s.size());
            std::iota(order.begin(), order.end(), 0);
            std::shuffle(order.begin(), order.end(), random_);
            return detail::transpose(x, order);
        }
        }
    }

    std::vector<detail::slice> random_slices(const shape& s)
    {
        std::vector<detail::slice> slices;
        for (const std::size_t n : s) {
            const std::size_t step = 1 + draw(2), start = n < 2 ? 0 : draw(2);
            const std::size_t count = (n - start + step - 1) / step;
            const auto by = static_cast<std::ptrdiff_t>(step);
            const auto first = static_cast<std::ptrdiff_t>(start);
            const auto last = first + by * (static_cast<std::ptrdiff_t>(count) - 1);
            const bool is_reversed = count > 0 && one_in(3);
            slices.push_back({is_reversed ? last : first, is_reversed ? -by : by, count});
        }
        return slices;
    }
    node_ptr sliced(const node_ptr& x) { return detail::slice_axes(x, random_slices(x->shape())); }

    node_ptr rearrange()
    {
        const node_ptr x = operand();
        const shape& s = x->shape();
        if (s.empty() || element_count(s) == 0) return {};
        const std::size_t at = axis_of(x);
        const auto axis = static_cast<std::ptrdiff_t>(at);
        const std::vector<std::ptrdiff_t> once = {1 + static_cast<std::ptrdiff_t>(draw(3))};
        const std::vector<std::ptrdiff_t> along = {axis};
        switch (draw(9)) {
        case 0:
        case 1: {
            const auto mode = s[at] > 1 ? static_cast<pad_mode>(draw(4)) : pad_mode::constant;
            std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> widths(s.size());
            widths[at] = {1, static_cast<std::ptrdiff_t>(draw(2))};
            return detail::pad(x, widths, mode, 0.5);
        }
        case 2: return detail::concatenate(std::vector{x, leaf(s, true), x}, axis);
        case 3: return detail::stack(std::vector{x, leaf(s, true)}, axis);
        case 4: return detail::roll(x, once, along);
        case 5: return detail::repeat(x, once, axis);
        case 6: return detail::tile(x, once);
        case 7: return s.size() < 2 ? x : detail::triangle(x, 1, one_in(2));
        default: {
            const auto slices = random_slices(s);
            const node_ptr part = mapped_into(-1, 1, detail::slice_axes(x, slices));
            return detail::write_slices(x, part, slices, one_in(2));
        }
        }
    }

    // ---- reductions, scans, orders -----------------------------------------------------------------

    node_ptr reduction()
    {
        using detail::reduction_kind;
        node_ptr x = one_in(2) ? expression() : operand();
        const auto kind = static_cast<reduction_kind>(draw(6));
        std::vector<std::ptrdiff_t> over;
        for (std::size_t i = 0; i < x->shape().size(); ++i) {
            if (!one_in(2)) over.push_back(static_cast<std::ptrdiff_t>(i));
        }
        const bool is_extremum = kind == reduction_kind::max || kind == reduction_kind::min;
        if (is_extremum && element_count(x->shape()) == 0) return {};
        if (kind == reduction_kind::prod) x = mapped_into(0.9, 1.1, x);
        return detail::reduce(kind, x, over, one_in(2));
    }

    node_ptr total()
    {
        const auto kind = one_in(2) ? detail::reduction_kind::sum : detail::reduction_kind::mean;
        return detail::reduce(kind, one_in(4) ? any() : expression(), std::nullopt, false);
    }

    node_ptr scan()
    {
        const node_ptr x = operand();
        if (x->shape().empty()) return {};
        const std::size_t axis = axis_of(x);
        const auto way = one_in(2) ? detail::direction::forward : detail::direction::backward;
        switch (draw(3)) {
        case 0: return detail::cumulative_sum(x, axis, way);
        case 1: return detail::cumulative_product(mapped_into(0.9, 1.1, x), axis, way);
        default: return detail::cumulative_logsumexp(x, axis);
        }
    }

    node_ptr indexed()
    {
        const node_ptr x = operand();
        if (x->shape().empty() || element_count(x->shape()) == 0) return {};
        const std::size_t at = axis_of(x);
        const auto axis = static_cast<std::ptrdiff_t>(at);
        const node_ptr order = detail::order_along(x, at, one_in(2), x->shape()[at]);
        switch (draw(5)) {
        case 0: return detail::gather("test", x, axis, order); // sorted
        case 1:
            return detail::scatter("test", x, axis, order, leaf(x->shape(), true),
                                   detail::scatter_mode::add);
        case 2:
            return detail::scatter("test", x, axis, order, mapped_into(-1, 1, x),
                                   detail::scatter_mode::replace);
        case 3: return one_in(2) ? detail::argmax(x, axis, true) : detail::argmin(x, axis, false);
        default: return order;
        }
    }

    // ---- products ----------------------------------------------------------------------------------

    [[nodiscard]] node_ptr scaled(const node_ptr& x)
    {
        switch (draw(5)) {
        case 0: return (symbol(x) * 0.25).get();
        case 1: return (-symbol(x)).get();
        case 2: return (symbol(x) * leaf({}, true)).get();
        default: return x;
        }
    }

    node_ptr product()
    {
        const node_ptr x = operand();
        const shape& s = x->shape();
        if (s.empty()) return {};
        const std::size_t k = s.back(), n = one_in(4) ? 1 : 1 + draw(12);
        const std::size_t m = s.size() < 2 ? 1 : s[s.size() - 2];
        const double batch = static_cast<double>(element_count(s)) /
                             static_cast<double>(std::max<std::size_t>(1, m * k));
        node_ptr y;
        switch (draw(5)) {
        case 0: y = leaf({k}, true); break;
        case 1: y = leaf({k, n}, true); break;
        case 2: y = detail::matrix_transpose(leaf({n, k}, one_in(2))); break;
        case 3: y = s.size() < 2 ? leaf({k}, false) : detail::matrix_transpose(x); break;
        default:
            if (s.size() > 2 && s[s.size() - 3] > 2) return {};
            y = leaf({2, k, n}, true);
        }
        const double columns = y->shape().size() < 2 ? 1 : static_cast<double>(y->shape().back());
        if (batch * static_cast<double>(m * k) * columns > most_products) return {};
        return scaled(detail::matmul(scaled(x), scaled(y)));
    }

    // ---- what plans may do once, or never ------------------------------------------------------------

    /// The same step twice, from the same operands: two nodes that a plan may merge.
    node_ptr twice()
    {
        const step make = steps()[draw(steps().size())];
        const std::mt19937_64 before = random_;
        const node_ptr x = (this->*make)();
        random_ = before;
        const node_ptr y = (this->*make)();
        if (!x || !y || !(x->shape() == y->shape()) || x->type() != y->type()) return x;
        return is_differentiable(x->type()) ? (symbol(x) * symbol(y)).get() : y;
    }

    /// Work on constants alone, and then not.
    node_ptr constant()
    {
        constants_only_ = true;
        const step make = steps()[draw(steps().size())];
        node_ptr x = (this->*make)();
        constants_only_ = false;
        if (!x || element_count(x->shape()) > most_elements || x->shape().size() > 4) return {};
        x = detail::cast(x, type_);
        constants_.push_back(x);
        const node_ptr y = partner(x->shape());
        return one_in(2) ? (symbol(x) * symbol(y)).get() : (symbol(y) + symbol(x)).get();
    }

    node_ptr stopped() { return detail::stop_gradient(any()); }

    /// Each as often as it should come.
    static const std::vector<step>& steps()
    {
        using g = grower;
        static const std::vector<step> all = {&g::elementwise, &g::elementwise,
                                              &g::elementwise, &g::elementwise,
                                              &g::expression,  &g::expression,
                                              &g::expression,  &g::expression,
                                              &g::view,        &g::view,
                                              &g::view,        &g::view,
                                              &g::rearrange,   &g::rearrange,
                                              &g::reduction,   &g::reduction,
                                              &g::reduction,   &g::total,
                                              &g::scan,        &g::product,
                                              &g::product,     &g::mask,
                                              &g::integers,    &g::indexed,
                                              &g::stopped,     &g::cast_there_and_back};
        return all;
    }
    node_ptr random_step()
    {
        const std::size_t kind = draw(8);
        if (kind == 0) return twice();
        if (kind == 1) return constant();
        return (this->*steps()[draw(steps().size())])();
    }

    std::mt19937_64 random_;
    std::uint64_t seed_;
    dtype type_;
    shape base_;
    std::vector<node_ptr> pool_, variables_, constants_;
    std::size_t leaves_ = 0;
    bool constants_only_ = false;
};

} // namespace

random_graph make_random_graph(std::uint64_t seed) { return grower(seed).grow(); }

node_ptr random_constant(std::uint64_t seed, dtype type, const shape& s)
{
    return random_leaf(seed, type, s, false);
}

node_ptr weighted_sum(std::uint64_t seed, const node_ptr& x)
{
    const symbol product = symbol(x) * symbol(random_constant(seed + 77, x->type(), x->shape()));
    return detail::reduce(detail::reduction_kind::sum, product.get(), std::nullopt, false);
}

std::string list_nodes(std::span<const node_ptr> order)
{
    node_map index;
    std::string text;
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        const node& n = *order[i];
        index.set(&n, i);
        text += "  " + std::to_string(i) + ": " + std::string(n.op().name()) + " " +
                to_string(n.shape()) + " " + std::string(name_of(n.type()));
        for (const auto& x : n.inputs()) text += " " + std::to_string(index.find(x.get()));
        text += "\n";
    }
    return text;
}

} // namespace backtrail::test
