// SPDX-License-Identifier: BSD-3-Clause
// Functions with indices at random shapes, strides and indices: values against loops written from
// their definitions, and derivatives of first and second order by the gradient checker.
#include <support/expect.hpp>
#include <support/random_view.hpp>

namespace bt = backtrail;
using expect::reals;
using expect::same;

namespace {

using index_array = xt::xarray<std::int64_t>;
using position = std::vector<std::size_t>;

constexpr int rounds = 60;

/// Draws arrays and indices, in an order of memory that is not theirs.
class cases {
public:
    explicit cases(std::uint64_t seed) : draws_(seed, -1.0, 1.0) {}

    [[nodiscard]] std::size_t draw(std::size_t n) { return draws_.draw(n); }
    [[nodiscard]] bt::test::random_view array(const bt::shape& s) { return draws_.make(s); }
    [[nodiscard]] bt::shape shape_with_axes()
    {
        bt::shape s = draws_.random_shape();
        if (s.empty()) s.push_back(1 + draw(4));
        return s;
    }
    /// Indices into n elements, from the front and from the end.
    [[nodiscard]] index_array indices(const bt::shape& s, std::size_t n)
    {
        index_array a = index_array::from_shape(position(s.begin(), s.end()));
        for (auto& i : a) i = static_cast<std::int64_t>(draw(2 * n)) - static_cast<std::int64_t>(n);
        return a;
    }
    /// The same as a tensor whose memory runs the other way.
    [[nodiscard]] static bt::tensor<std::int64_t> turned(const index_array& a)
    {
        return transpose(bt::constant(index_array(xt::transpose(a))));
    }

private:
    bt::test::random_views draws_;
};

std::size_t from_front(std::int64_t i, std::size_t n)
{
    return static_cast<std::size_t>(i < 0 ? i + static_cast<std::int64_t>(n) : i);
}

/// Calls f(position) for each position of a shape, in row-major order.
template <class F>
void for_positions(const bt::shape& s, F f)
{
    const position extents(s.begin(), s.end());
    for (std::size_t i = 0; i < bt::element_count(s); ++i) {
        const auto at = xt::unravel_index(i, extents);
        f(position(at.begin(), at.end()));
    }
}

double& at(reals& a, const position& p) { return a.element(p.begin(), p.end()); }
double at(const reals& a, const position& p) { return a.element(p.begin(), p.end()); }
std::int64_t at(const index_array& a, const position& p) { return a.element(p.begin(), p.end()); }

reals zeros(const bt::shape& s) { return xt::zeros<double>(position(s.begin(), s.end())); }

template <class Y, class... X>
void check_derivatives(const Y& y, const X&... x)
{
    const bt::tensor<double> curved = sin(y * y + y);
    const auto report = bt::check_gradient(curved, bt::wrt(x...));
    BOOST_TEST(report.ok, report.message);
}

} // namespace

BOOST_AUTO_TEST_SUITE(graph_index_shapes)

BOOST_AUTO_TEST_CASE(gather_and_scatters_along_an_axis)
{
    for (int round = 0; round < rounds; ++round) {
        cases draws(static_cast<std::uint64_t>(round));
        const bt::shape s = draws.shape_with_axes();
        const std::size_t axis = draws.draw(s.size());
        const auto along = static_cast<std::ptrdiff_t>(axis);
        bt::shape chosen = s, covering;
        for (std::size_t i = 0; i < s.size(); ++i) chosen[i] = 1 + draws.draw(s[i]);
        chosen[axis] = draws.draw(6);
        for (auto extent : chosen) covering.push_back(extent + draws.draw(2));
        for (auto& extent : covering) extent = std::max<std::size_t>(extent, 1);
        const index_array indices = draws.indices(chosen, s[axis]);
        const auto x = draws.array(s), src = draws.array(covering);
        const reals a = expect::read(x.view), b = expect::read(src.view);

        reals gathered = zeros(chosen), put = a, added = a;
        for_positions(chosen, [&](const position& p) {
            position q = p;
            q[axis] = from_front(at(indices, p), s[axis]);
            at(gathered, p) = at(a, q);
            at(put, q) = at(b, p);
            at(added, q) += at(b, p);
        });
        const auto i = cases::turned(indices);
        const bt::tensor<double> y = gather(x.view, along, i),
                                 z = scatter(x.view, along, i, src.view),
                                 w = scatter_add(x.view, along, i, src.view);
        BOOST_TEST(same(y, gathered));
        BOOST_TEST(same(z, put));
        BOOST_TEST(same(w, added));
        if (chosen[axis] == 0 || round % 4 != 0) continue;
        check_derivatives(y, x.source);
        check_derivatives(z, x.source, src.source);
        check_derivatives(w, x.source, src.source);
    }
}

BOOST_AUTO_TEST_CASE(slices_along_an_axis)
{
    for (int round = 0; round < rounds; ++round) {
        cases draws(static_cast<std::uint64_t>(1000 + round));
        const bt::shape s = draws.shape_with_axes();
        const std::size_t axis = draws.draw(s.size()), n = draws.draw(5);
        const auto from_end =
            static_cast<std::ptrdiff_t>(axis) - static_cast<std::ptrdiff_t>(s.size());
        const index_array indices = draws.indices({n}, s[axis]);
        bt::shape chosen = s;
        chosen[axis] = n;
        bt::shape covering = chosen;
        covering[axis] = std::max<std::size_t>(n, 1);
        const auto x = draws.array(s), src = draws.array(covering);
        const bt::tensor<double> part = n == 0 ? bt::constant(zeros(chosen)) : src.view;
        const reals a = expect::read(x.view), b = expect::read(part);

        reals selected = zeros(chosen), added = a;
        for_positions(chosen, [&](const position& p) {
            position q = p;
            q[axis] = from_front(indices(p[axis]), s[axis]);
            at(selected, p) = at(a, q);
            at(added, q) += at(b, p);
        });
        const bt::tensor<double> y = index_select(x.view, indices, from_end),
                                 z = index_add(x.view, from_end, indices, part);
        BOOST_TEST(same(y, selected));
        BOOST_TEST(same(z, added));
        xt::xarray<bool> mask = xt::zeros<bool>({s[axis]});
        for (auto i : indices) mask(from_front(i, s[axis])) = true;
        std::vector<std::int64_t> list;
        for (std::size_t k = 0; k < s[axis]; ++k) {
            if (mask(k)) list.push_back(static_cast<std::int64_t>(k));
        }
        const auto kept = bt::constant(xt::adapt(list, {list.size()}));
        BOOST_TEST(same(compress(x.view, mask, from_end), index_select(x.view, kept, from_end)));
        if (n == 0 || round % 4 != 0) continue;
        check_derivatives(y, x.source);
        check_derivatives(z, x.source, src.source);
        check_derivatives(compress(x.view, mask, from_end), x.source);
    }
}

BOOST_AUTO_TEST_CASE(several_axes_together)
{
    for (int round = 0; round < rounds; ++round) {
        cases draws(static_cast<std::uint64_t>(2000 + round));
        bt::shape s = draws.shape_with_axes();
        if (s.size() < 2) s.push_back(3);
        // Indices of shapes (n, 1) and (m,), which broadcast to (n, m).
        const std::size_t n = 1 + draws.draw(3), m = 1 + draws.draw(3);
        const index_array i = draws.indices({n, 1}, s[0]), j = draws.indices({m}, s[1]);
        bt::shape chosen = {n, m};
        for (std::size_t axis = 2; axis < s.size(); ++axis) chosen.push_back(s[axis]);
        const auto x = draws.array(s), v = draws.array(chosen);
        const reals a = expect::read(x.view), b = expect::read(v.view);

        reals taken = zeros(chosen), put = a, added = a;
        for_positions(chosen, [&](const position& p) {
            position q = p;
            q[0] = from_front(i(p[0], 0), s[0]);
            q[1] = from_front(j(p[1]), s[1]);
            at(taken, p) = at(a, q);
            at(put, q) = at(b, p);
            at(added, q) += at(b, p);
        });
        const bt::tensor<double> y = take(x.view, i, j), z = index_put(x.view, i, j, v.view),
                                 w = index_put_add(x.view, cases::turned(i), j, v.view);
        BOOST_TEST(same(y, taken));
        BOOST_TEST(same(z, put));
        BOOST_TEST(same(w, added));
        if (round % 4 != 0) continue;
        check_derivatives(y, x.source);
        check_derivatives(z, x.source, v.source);
        check_derivatives(w, x.source, v.source);
    }
}

BOOST_AUTO_TEST_CASE(masks_of_the_leading_axes)
{
    for (int round = 0; round < rounds; ++round) {
        cases draws(static_cast<std::uint64_t>(3000 + round));
        const bt::shape s = draws.shape_with_axes();
        const std::size_t axes = 1 + draws.draw(s.size());
        const bt::shape leading(std::span(s.begin(), axes));
        xt::xarray<bool> mask = xt::zeros<bool>(position(leading.begin(), leading.end()));
        for (auto& m : mask) m = draws.draw(2) == 0;
        const auto x = draws.array(s);
        const reals a = expect::read(x.view);
        std::vector<double> kept;
        for_positions(s, [&](const position& p) {
            if (mask.element(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(axes))) {
                kept.push_back(at(a, p));
            }
        });
        const bt::tensor<bool> m = transpose(bt::constant(xt::xarray<bool>(xt::transpose(mask))));
        const bt::tensor<double> y = compress(x.view, m);
        BOOST_TEST(same(reshape(y, {-1}), expect::table({kept.size()}, kept)));
        BOOST_TEST(y.rank() == s.size() - axes + 1);
        if (!kept.empty() && round % 4 == 0) check_derivatives(y, x.source);
    }
}

BOOST_AUTO_TEST_SUITE_END()
