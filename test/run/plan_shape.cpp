// SPDX-License-Identifier: BSD-3-Clause
// The shape of plans, as `explain()` tells it: which work is one step, and what it moves. What tags do to a
// plan that does not keep them: nothing.
#include <support/expect.hpp>
#include <support/workloads.hpp>

#include <backtrail/graph/traversal.hpp>

#include <sstream>

namespace bt = backtrail;
using namespace backtrail::test;

namespace {

struct row {
    std::string what;
    double bytes = 0;
};

/// The steps of a table: after the heading, a number, what it is, tags, the shape in brackets, bytes.
std::vector<row> rows(const std::string& table)
{
    std::istringstream lines(table);
    std::vector<row> result;
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) {
        row r;
        std::size_t number = 0;
        std::istringstream(line) >> number >> r.what;
        std::istringstream(line.substr(std::min(line.size(), line.find(')') + 1))) >> r.bytes;
        result.push_back(r);
    }
    return result;
}

/// One pass makes the value and all gradients: it reads each variable once, writes each gradient once, and
/// moves nothing else that counts.
void check_one_pass(const workload& w)
{
    bt::sweep s(w.loss, w.variables);
    const std::string table = s.explain();
    const auto steps = rows(table);
    BOOST_REQUIRE_MESSAGE(steps.size() == 1, w.name << ":\n" << table);
    BOOST_TEST(steps[0].what == "pass", w.name << ":\n" << table);
    double moved = 64; // the loss and its cotangent
    for (const auto& x : w.variables) {
        moved += 2.0 * static_cast<double>(bt::element_count(x->shape()) * bt::size_of(x->type()));
    }
    constexpr double printed = 1.01; // three digits
    BOOST_TEST(steps[0].bytes <= printed * moved, w.name << ":\n" << table);
    BOOST_TEST(steps[0].bytes > 0, w.name << ":\n" << table);
}

/// The loss and its gradients as a program, which keeps nothing else.
bt::program without_tags(const workload& w)
{
    const bt::tensor<double> loss(bt::detail::from_node, w.loss);
    std::vector<bt::any_tensor> inputs, outputs = {loss};
    for (const auto& n : w.variables) {
        const bt::variable<double> x(bt::detail::from_node, n);
        inputs.emplace_back(x);
        outputs.emplace_back(grad(loss, x));
    }
    return {inputs, outputs};
}

} // namespace

BOOST_AUTO_TEST_SUITE(plan_shape)

BOOST_AUTO_TEST_CASE(a_fused_sum_and_its_gradients_are_one_pass)
{
    for (const std::size_t n : {1u, 1000u, 100000u}) check_one_pass(fused_sum(n));
}

BOOST_AUTO_TEST_CASE(a_chain_of_statements_and_its_gradients_are_one_pass)
{
    for (const std::size_t n : {1000u, 100000u}) check_one_pass(chain_of_statements(n));
}

BOOST_AUTO_TEST_CASE(a_regression_is_two_products_and_a_pass)
{
    const workload w = logistic_regression();
    const bt::sweep s(w.loss, w.variables);
    std::vector<std::string> what;
    for (const row& r : rows(s.explain())) what.push_back(r.what);
    BOOST_TEST((what == std::vector<std::string>{"evaluate", "pass", "evaluate"}), s.explain());
}

/// What the plan of some outputs does, and the most bytes that it holds beside them.
template <class... Y>
std::pair<std::string, std::size_t> plan_of(const Y&... y)
{
    const bt::program p({}, {y...});
    return {p.explain(), p.peak_bytes()};
}
bool mentions(const std::string& text, const char* word)
{
    return text.find(word) != std::string::npos;
}

/// Beside a gradient stands what it reads: of a sum nothing, of a product the other factor.
BOOST_AUTO_TEST_CASE(derivatives_ask_for_what_they_read)
{
    constexpr std::size_t n = 30000;
    const bt::variable<double> x(xt::ones<double>({n})), y(xt::ones<double>({n}));
    const auto [squares, of_squares] = plan_of(grad(sum(square(x)) + sum(exp(y)), x));
    BOOST_TEST(!mentions(squares, "exp"), squares);
    const bt::tensor<double> difference = x - cumsum(sort(y), 0);
    const auto [sorted, of_sorted] = plan_of(vjp(difference, xt::ones<double>({n}), x));
    BOOST_TEST(!mentions(sorted, "sort"), sorted);
    const bt::tensor<double> factor = sin(y);
    const auto [product, of_product] = plan_of(grad(sum(x * factor), x));
    BOOST_TEST(mentions(product, "sin"), product);
    const auto [chosen, of_chosen] = plan_of(grad(sum(where(x > 0.0, exp(y), x)), x));
    BOOST_TEST(!mentions(chosen, "exp"), chosen);
    const auto [moved, of_moved] =
        plan_of(jvp(0.5 * x + exp(y), bt::tangent(x, xt::ones<double>({n}))));
    BOOST_TEST(!mentions(moved, "exp"), moved);
    bt::tensor<double> chain = as_tensor(x);
    for (int k = 0; k < 20; ++k) chain = cumsum(chain, 0) * 0.5;
    const auto [linear_steps, of_chain] = plan_of(grad(sum(chain), x));
    BOOST_TEST(of_chain < 4 * n * sizeof(double), linear_steps);
}

/// Whatever is reduced over all axes, outer or inner ones is never stored.
BOOST_AUTO_TEST_CASE(reductions_do_without_what_they_reduce)
{
    const bt::variable<double> x(xt::ones<double>({300, 1000})), y(xt::ones<double>({300, 1000}));
    const bt::tensor<double> h = exp(x) * y;
    const auto check = [](const auto&... y) {
        const auto [steps, bytes] = plan_of(y...);
        BOOST_TEST(rows(steps).size() == 1u, steps);
        BOOST_TEST(bytes < 300 * 1000 * sizeof(double) / 2, steps);
    };
    check(sum(h), sum(h, 0)), check(sum(h, 1));
    check(mean(h), mean(h, 0)), check(mean(h, 1));
    check(amax(h), amax(h, 0)), check(amin(h, 1));
    check(prod(h), prod(h, 0)), check(prod(h, 1));
    check(logsumexp(h), logsumexp(h, 0)), check(logsumexp(h, 1));
}

BOOST_AUTO_TEST_CASE(a_table_names_all_that_is_fused)
{
    const workload w = fused_sum(1000);
    const std::string table = bt::sweep(w.loss, w.variables).explain();
    BOOST_TEST(mentions(table, "{sin mul neg mul exp add mul log1p add}, sum, pullback(add)"),
               table);
    BOOST_TEST(mentions(table, "(1000,)"), table);
}

/// Sums hand on cotangents as they are: nothing is computed, nothing is stored.
BOOST_AUTO_TEST_CASE(cotangents_of_sums_are_no_work)
{
    constexpr std::size_t n = 30000;
    const bt::variable<double> x(xt::ones<double>({n})), y(xt::ones<double>({n}));
    const bt::tensor<double> s = x + y, p = s * x, q = s + p, r = q + y;
    const auto [steps, bytes] = plan_of(sum(r), grad(sum(r), x), grad(sum(r), y));
    BOOST_TEST(rows(steps).size() == 1u, steps);
    BOOST_TEST(!mentions(steps, "pullback(add)"), steps);
}

/// A cotangent that repeats numbers is summed in the order in which an array of them would be.
BOOST_AUTO_TEST_CASE(cotangents_that_repeat_are_summed_as_arrays)
{
    xt::xarray<double> a = xt::zeros<double>({77, 9}), dense = a;
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = std::sin(0.3 * double(i));
    const bt::variable<double> x(a), b(xt::zeros<double>({9}));
    const bt::tensor<double> slopes = 2.0 * sum(x + b, 1);
    for (std::size_t i = 0; i < 77; ++i) xt::row(dense, i) = slopes.value()(i);
    const bt::tensor<double> b_bar = grad(sum(square(sum(x + b, 1))), b);
    BOOST_TEST(expect::identical(expect::read(b_bar), expect::read(sum(bt::constant(dense), 0))));
    const bt::tensor<double> by_mean = grad(mean(x + b), b);
    dense = xt::ones<double>({77, 9}) / (77.0 * 9.0);
    BOOST_TEST(expect::identical(expect::read(by_mean), expect::read(sum(bt::constant(dense), 0))));
}

BOOST_AUTO_TEST_CASE(gradients_of_transposed_matrices_are_not_copied)
{
    const bt::variable<double> x(xt::ones<double>({12, 30})), w(xt::ones<double>({20, 30})),
        v(xt::ones<double>({3, 30, 7}));
    for (const auto& [steps, bytes] :
         {plan_of(grad(sum(square(linear(x, w))), w)),
          plan_of(grad(sum(square(matmul(transpose(x), w.value()(0, 0) * matmul(x, transpose(w))))),
                       x)),
          plan_of(grad(
              sum(square(matmul(transpose(v, {0, 2, 1}), matmul(v, xt::ones<double>({3, 7, 2}))))),
              v))}) {
        BOOST_TEST(!mentions(steps, "copy"), steps);
    }
}

BOOST_AUTO_TEST_CASE(a_thousand_tags_that_are_not_kept_change_nothing)
{
    const auto plain = workloads(), tagged = workloads();
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (plain[i].loss->type() != bt::dtype::float64) continue;
        const auto order = bt::topological_order(std::span(&tagged[i].loss, 1));
        for (std::size_t k = 0; k < 1000; ++k) {
            bt::detail::add_tag(order[k % order.size()], "t" + std::to_string(k), {});
        }
        const bt::program a = without_tags(plain[i]), b = without_tags(tagged[i]);
        BOOST_TEST(a.peak_bytes() == b.peak_bytes(), plain[i].name);
        const auto steps = rows(a.explain()), same_steps = rows(b.explain());
        BOOST_TEST(steps.size() == same_steps.size(), plain[i].name);
        for (std::size_t k = 0; k < std::min(steps.size(), same_steps.size()); ++k) {
            BOOST_TEST(steps[k].what == same_steps[k].what, plain[i].name);
            BOOST_TEST(steps[k].bytes == same_steps[k].bytes, plain[i].name);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
