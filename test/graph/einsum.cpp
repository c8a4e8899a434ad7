// SPDX-License-Identifier: BSD-3-Clause
// Einstein summation against a plain loop over all indices, in every form of the equation, with
// derivatives of both modes and orders; and the errors, which quote the equation.
#include <support/expect.hpp>

#include <map>

namespace bt = backtrail;
using expect::close;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

using list = std::vector<std::size_t>;

/// Small whole numbers, so that sums are exact in any order.
reals whole(const list& shape, double phase = 0.0)
{
    reals a = reals::from_shape(shape);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a.data()[i] = std::round(3.0 * std::sin(1.7 * static_cast<double>(i) + phase));
    }
    return a;
}

/// The sum by its definition: terms of letters, one per operand, and that of the result. An axis of
/// extent 1 is read again and again.
reals reference(const std::vector<std::string>& terms, const std::string& result,
                const std::vector<reals>& x)
{
    std::map<char, std::size_t> extent, at;
    for (std::size_t k = 0; k < terms.size(); ++k) {
        for (std::size_t i = 0; i < terms[k].size(); ++i) {
            std::size_t& known = extent.try_emplace(terms[k][i], 1).first->second;
            if (x[k].shape(i) != 1) known = x[k].shape(i);
        }
    }
    const auto place = [&](const std::string& term, const reals& a) {
        std::size_t flat = 0;
        for (std::size_t i = 0; i < term.size(); ++i) {
            flat = flat * a.shape(i) + (a.shape(i) == 1 ? 0 : at[term[i]]);
        }
        return flat;
    };
    list s;
    for (char c : result) s.push_back(extent.at(c));
    reals z = xt::zeros<double>(s);
    std::size_t count = 1;
    for (const auto& [letter, n] : extent) count *= n;
    for (std::size_t flat = 0; flat < count; ++flat) {
        std::size_t rest = flat;
        for (const auto& [letter, n] : extent) at[letter] = rest % n, rest /= n;
        double product = 1.0;
        for (std::size_t k = 0; k < terms.size(); ++k) {
            product *= x[k].data()[place(terms[k], x[k])];
        }
        z.data()[place(result, z)] += product;
    }
    return z;
}

struct equation {
    std::vector<std::string> terms;
    std::string result;
    std::vector<list> shapes;

    [[nodiscard]] std::string text() const
    {
        std::string s;
        for (const auto& t : terms) s += (&t == terms.data() ? "" : ",") + t;
        return s + "->" + result;
    }
};

const equation equations[] = {
    // one operand: permutations, diagonals, sums
    {{"ij"}, "ji", {{2, 3}}},
    {{"ijk"}, "ki", {{2, 3, 4}}},
    {{"ij"}, "", {{2, 3}}},
    {{"ii"}, "i", {{3, 3}}},
    {{"ii"}, "", {{3, 3}}},
    {{"iji"}, "ij", {{3, 2, 3}}},
    {{"iji"}, "ji", {{3, 2, 3}}},
    {{"iii"}, "i", {{2, 2, 2}}},
    {{"ijij"}, "ji", {{2, 3, 2, 3}}},
    {{"ijjk"}, "ki", {{2, 3, 3, 4}}},
    {{"ii"}, "i", {{0, 0}}},
    {{"ii"}, "i", {{1, 1}}},
    {{""}, "", {{}}},
    // two: products of every kind
    {{"ij", "jk"}, "ik", {{2, 3}, {3, 4}}},
    {{"ij", "jk"}, "ki", {{2, 3}, {3, 4}}},
    {{"ji", "kj"}, "ik", {{3, 2}, {4, 3}}},
    {{"bij", "bjk"}, "bik", {{2, 3, 4}, {2, 4, 2}}},
    {{"bij", "bjk"}, "ibk", {{2, 3, 4}, {2, 4, 2}}},
    {{"bhqd", "bhkd"}, "bhqk", {{2, 2, 3, 4}, {2, 2, 5, 4}}},
    {{"ijk", "jil"}, "kl", {{2, 3, 4}, {3, 2, 5}}},
    {{"ijk", "ijk"}, "", {{2, 3, 4}, {2, 3, 4}}},
    {{"i", "i"}, "", {{4}, {4}}},
    {{"i", "i"}, "i", {{4}, {4}}},
    {{"i", "j"}, "ij", {{4}, {3}}},
    {{"i", "j"}, "ji", {{4}, {3}}},
    {{"ij", "ji"}, "ij", {{2, 3}, {3, 2}}},
    {{"bi", "bi"}, "b", {{3, 4}, {3, 4}}},
    {{"", "ij"}, "ij", {{}, {2, 3}}},
    {{"ij", ""}, "j", {{2, 3}, {}}},
    {{"ij", "k"}, "ik", {{2, 3}, {4}}},   // j occurs once
    {{"ij", "jk"}, "", {{2, 3}, {3, 4}}}, // so do i and k
    {{"iij", "jkk"}, "ik", {{3, 3, 2}, {2, 4, 4}}},
    {{"ij", "jk"}, "ik", {{2, 0}, {0, 4}}}, // nothing to sum
    {{"ij", "jk"}, "ik", {{0, 3}, {3, 4}}},
    // extents of 1 broadcast
    {{"ij", "jk"}, "ik", {{2, 1}, {3, 4}}},
    {{"ij", "ij"}, "ij", {{2, 1}, {1, 3}}},
    {{"bij", "bjk"}, "bik", {{1, 3, 4}, {2, 4, 2}}},
    {{"ij", "ij"}, "", {{2, 1}, {1, 3}}},
    // more batch axes than matmul has room for
    {{"abcdefgi", "abcdefgi"}, "abcdefg", {{2, 1, 2, 1, 2, 2, 1, 3}, {2, 1, 1, 2, 2, 1, 2, 3}}},
    {{"abcdefgh", "abcdefgh"}, "hgfedcba", {{1, 2, 1, 2, 1, 2, 1, 2}, {1, 2, 1, 2, 1, 2, 1, 2}}},
    // three and four
    {{"ij", "jk", "kl"}, "il", {{2, 3}, {3, 4}, {4, 2}}},
    {{"ij", "ik", "il"}, "jkl", {{2, 3}, {2, 4}, {2, 2}}},
    {{"i", "ij", "j"}, "", {{3}, {3, 4}, {4}}},
    {{"ij", "kl", "jk"}, "il", {{2, 3}, {4, 2}, {3, 4}}},
    {{"bn", "anm", "bm"}, "ba", {{2, 3}, {4, 3, 2}, {2, 2}}},
    {{"i", "i", "i", "i"}, "", {{3}, {3}, {3}, {3}}},
    {{"aB", "Bc", "cA", "Aa"}, "", {{2, 3}, {3, 2}, {2, 4}, {4, 2}}},
    {{"ij", "j", "jk"}, "ik", {{2, 1}, {3}, {1, 4}}},
};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_einsum)

BOOST_AUTO_TEST_CASE(equals_the_sum_over_all_indices)
{
    for (const equation& e : equations) {
        BOOST_TEST_CONTEXT(e.text())
        {
            std::vector<reals> values;
            std::vector<bt::tensor<double>> x;
            std::vector<bt::variable<double>> variables;
            for (const list& s : e.shapes) {
                values.push_back(whole(s, 0.4 * static_cast<double>(values.size())));
                variables.emplace_back(values.back());
                x.emplace_back(variables.back());
            }
            const reals expected = reference(e.terms, e.result, values);
            const bt::tensor<double> z = bt::einsum(e.text(), x);
            BOOST_TEST(same(z, expected));
            // Linear in each operand: <x, x_bar> is the value along w, for each of them.
            const reals w = whole(list(expected.shape().begin(), expected.shape().end()), 1.0);
            for (const auto& v : variables) {
                const bt::tensor<double> v_bar = vjp(z, w, v);
                BOOST_TEST((v_bar.shape() == v.shape()));
                BOOST_TEST(same(sum(v * v_bar), sum(z * w)));
                BOOST_TEST(same(jvp(z, bt::tangent(v, v.value())), expected));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(forms_of_the_equation)
{
    const auto a = bt::constant(whole({2, 3})), b = bt::constant(whole({3, 4}, 0.5)),
               square = bt::constant(whole({3, 3}, 1.0));
    BOOST_TEST(same(einsum("ij,jk", a, b), matmul(a, b)));
    BOOST_TEST(same(einsum("ki,jk", b, a), transpose(matmul(a, b)))); // sorted: i before j
    BOOST_TEST(same(einsum("bA,Ac", a, b), matmul(a, b)));
    BOOST_TEST(same(einsum("aB,Bc", b, bt::constant(whole({4, 2}))),
                    matmul(b, bt::constant(whole({4, 2})))));
    BOOST_TEST(same(einsum("ba", a), transpose(a)));
    BOOST_TEST(same(einsum("bA", a), transpose(a))); // capitals first
    BOOST_TEST(same(einsum("ii", square), reference({"ii"}, "", {square.value()})));
    BOOST_TEST(same(einsum(" i j , j k -> i k ", a, b), matmul(a, b)));
    BOOST_TEST(same(einsum("ij->", a), sum(a)));
    BOOST_TEST(same(einsum("ij,jk->ik", a, whole({3, 4}, 0.5)), matmul(a, b))); // an xtensor array
    BOOST_TEST(same(einsum("ij,jk->ik", a + 0.0, b), matmul(a, b)));
}

BOOST_AUTO_TEST_CASE(ellipses)
{
    const auto a = bt::constant(whole({5, 2, 3})), b = bt::constant(whole({3, 4}, 0.5)),
               c = bt::constant(whole({2, 1, 3, 4}, 0.7)), d = bt::constant(whole({2, 3}));
    BOOST_TEST(same(einsum("...ij,jk->...ik", a, b), matmul(a, b)));
    BOOST_TEST(same(einsum("...ij,...jk->...ik", a, c), matmul(a, c)));
    BOOST_TEST(same(einsum("...ij,...jk", a, c), matmul(a, c)));
    BOOST_TEST(same(einsum("ij...,jk...->ik...", d, b), matmul(d, b))); // of no axes
    BOOST_TEST(same(einsum("i...->...i", a), transpose(a, {1, 2, 0})));
    BOOST_TEST(same(einsum("...", a), a));
    BOOST_TEST(same(einsum("...->", a), sum(a))); // summed where the result has none
    BOOST_TEST(same(einsum("...i->i", a), sum(a, {0, 1})));
    BOOST_TEST(same(einsum("i...j->...", a), sum(a, {0, 2})));
    BOOST_TEST(same(einsum("...,...->...", a, d), a * d)); // aligned from the right
    BOOST_TEST(same(einsum("b...a", a), transpose(a, {1, 2, 0})));
    BOOST_TEST(same(einsum("ij->...ji", d), transpose(d)));
    const auto e = bt::constant(whole({3, 4, 3}));
    BOOST_TEST(same(einsum("i...i->i...", e), einsum("iji->ij", e)));
}

BOOST_AUTO_TEST_CASE(strided_and_repeated_operands)
{
    const bt::variable<double> x(whole({4, 6}));
    const bt::tensor<double> odd = view(x, xt::all(), xt::range(4, xt::placeholders::_, -2));
    const reals a = odd.value();
    BOOST_TEST(same(einsum("ij,kj->ik", odd, odd), reference({"ij", "kj"}, "ik", {a, a})));
    BOOST_TEST(same(einsum("ij,ik->jk", odd, odd), reference({"ij", "ik"}, "jk", {a, a})));
    const bt::tensor<double> turned = transpose(view(x, xt::range(0, 3), xt::range(1, 4)));
    const reals t = turned.value();
    BOOST_TEST(same(einsum("ii->i", turned), reference({"ii"}, "i", {t})));
    const auto report = bt::check_gradient(
        [](auto v) { return einsum("ij,ik,ij->jk", v, v, exp(v)); }, whole({2, 3}) / 4.0);
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(higher_order)
{
    const auto report = bt::check_gradient(
        [](auto a, auto b, auto c) { return einsum("bij,jk,...kk->bi...", a, sin(b), c); },
        whole({2, 3, 4}) / 3.0, whole({4, 2}, 0.5), whole({3, 2, 2}, 1.0));
    BOOST_TEST(report.ok, report.message);
}

BOOST_AUTO_TEST_CASE(other_element_types)
{
    const xt::xarray<float> a = xt::cast<float>(whole({2, 3})),
                            b = xt::cast<float>(whole({3, 4}, 0.5));
    BOOST_TEST(same(einsum("ij,jk->ki", bt::constant(a), bt::constant(b)),
                    reference({"ij", "jk"}, "ki", {reals(a), reals(b)})));
    const xt::xarray<std::int64_t> n = xt::cast<std::int64_t>(whole({5, 2, 3})),
                                   m = xt::cast<std::int64_t>(whole({5, 3, 4}, 0.5));
    const auto product = einsum("bij,bjk->ikb", bt::constant(n), bt::constant(m));
    static_assert(std::is_same_v<decltype(product)::value_type, std::int64_t>);
    BOOST_TEST(same(product, reference({"bij", "bjk"}, "ikb", {reals(n), reals(m)})));
    const auto many = reshape(bt::constant(n), {1, 5, 1, 1, 2, 1, 3}); // with a place for the sum
    BOOST_TEST(same(einsum("abcdefi,abcdefi->abcdef", many, many),
                    reshape(sum(bt::constant(n) * bt::constant(n), 2), {1, 5, 1, 1, 2, 1})));
}

BOOST_AUTO_TEST_CASE(errors_quote_the_equation)
{
    const bt::variable<double> x(whole({2, 3})), y(whole({4, 5}));
    const auto wrong = [&](const char* equation, std::initializer_list<const char*> fragments) {
        return throws<bt::value_error>([&] { (void)einsum(equation, x, y); }, fragments);
    };
    BOOST_TEST(wrong("ij->ij", {"[einsum] \"ij->ij\"", "1 terms for 2 operands"}));
    BOOST_TEST(wrong("ij,kl->im", {"\"ij,kl->im\"", "'m'", "no operand"}));
    BOOST_TEST(wrong("ij,kl->ii", {"'i'", "twice"}));
    BOOST_TEST(wrong("i1,kl->i", {"\"i1\""}));
    BOOST_TEST(wrong("ij,kl->i->j", {"\"i->j\""}));
    BOOST_TEST(wrong("i..,kl->i", {"\"i..\""}));
    BOOST_TEST(wrong("...i...,kl->i", {"\"...i...\""}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)einsum("ijk,kl->il", x, y); },
                                       {"term 0", "3 axes", "(2, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)einsum("...ijk,kl->il", x, y); }, {"term 0"}));
    const bt::tensor<double> h = bt::tag("h1", tanh(x));
    BOOST_TEST(throws<bt::shape_error>(
        [&] { (void)einsum("ij,jk->ik", h * 2.0, y); },
        {"[einsum] \"ij,jk->ik\"", "'j'", "(2, 3), (4, 5)", "built from \"h1\""}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)einsum("ii->i", x); }, {"'i'", "(2, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)einsum("ii->i", bt::constant(whole({1, 3}))); },
                                       {"'i'", "(1, 3)"}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)einsum("...,...->...", x, y); }, {"\"...\""}));
    const bt::variable<double> wide(whole({1, 1, 1, 1, 1}));
    BOOST_TEST(throws<bt::shape_error>([&] { (void)einsum("abcde,fghij", wide, wide); },
                                       {"an intermediate", "10 axes"}));
    const bt::variable<float> f(xt::cast<float>(whole({3, 4})));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)einsum("ij,jk->ik", x, f); },
                                       {"\"ij,jk->ik\"", "cast"}));
    const auto mask = bt::constant(xt::xarray<bool>{true, false});
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)einsum("i->", mask); }, {"bool"}));
}

BOOST_AUTO_TEST_SUITE_END()
