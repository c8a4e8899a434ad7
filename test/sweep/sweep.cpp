// SPDX-License-Identifier: BSD-3-Clause
// Sweeps: what is read by handle and by tag, in which type, and what is said when it is not there.
#include <support/expect.hpp>

namespace bt = backtrail;
using expect::close;
using expect::identical;
using expect::read;
using expect::reals;
using expect::same;
using expect::throws;

namespace {

struct model {
    bt::variable<double> x{reals{0.5, -1.0, 2.0}}, w{reals{2.0, 3.0, -1.0}};
    bt::tensor<double> h = bt::tag("hidden", tanh(w* x));
    bt::tensor<double> z = bt::tag("out/logits", h* h + x);
    bt::tensor<double> untagged = z * 2.0;
    bt::tensor<double> loss = sum(untagged * h);
};

} // namespace

BOOST_AUTO_TEST_SUITE(sweep_sweep)

BOOST_AUTO_TEST_CASE(values_and_adjoints_by_handle_and_tag)
{
    model m;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x, m.w));
    s.run();
    BOOST_TEST(same(s.value(), m.loss));
    BOOST_TEST(same(s.value(m.loss), m.loss));
    BOOST_TEST(same(s.value(m.x), m.x));
    BOOST_TEST(same(s.value("hidden"), m.h));
    BOOST_TEST(same(s.value(m.z), s.value("out/logits")));
    BOOST_TEST(same(s.adjoint(m.x), grad(m.loss, m.x)));
    BOOST_TEST(same(s.adjoint(m.w), grad(m.loss, m.w)));
    BOOST_TEST(
        close(s.adjoint("hidden"), 6.0 * m.h * m.h + 2.0 * m.x)); // of 2 h³ + 2 x h, in total
    BOOST_TEST(close(s.adjoint(m.z), 2.0 * m.h));
    BOOST_TEST(same(s.adjoint(m.loss), 1.0));
    BOOST_TEST((s.tags() == std::vector<std::string>{"hidden", "out/logits"}));
    BOOST_TEST(s.peak_bytes() > 0u);
}

BOOST_AUTO_TEST_CASE(before_the_first_run_there_is_nothing)
{
    model m;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value(); }, {"[sweep]", "run()"}));
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.adjoint(m.x); }));
    BOOST_TEST(throws<bt::state_error>([&] { (void)s.value("hidden"); }));
}

BOOST_AUTO_TEST_CASE(results_are_those_of_the_last_run)
{
    model m;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.run();
    const reals before = read(s.adjoint(m.x));
    m.x = 0.1;
    BOOST_TEST(identical(read(s.adjoint(m.x)), before)); // kept, so still there
    s.run();
    BOOST_TEST(same(s.adjoint(m.x), grad(m.loss, m.x)));
    BOOST_TEST(same(s.value(), m.loss));
}

BOOST_AUTO_TEST_CASE(reads_are_typed)
{
    const bt::variable<float> x(xt::xarray<float>{1.0f, 2.0f});
    const bt::tensor<float> h = bt::tag("h", x * x);
    const bt::tensor<bool> mask = bt::tag("mask", h > 2.0f);
    bt::sweep s = reverse(sum(where(mask, h, 0.0)), bt::wrt(x));
    s.run();
    static_assert(std::is_same_v<decltype(s.value<float>("h"))::value_type, float>);
    BOOST_TEST(same(s.value<float>("h"), reals{1.0, 4.0}));
    BOOST_TEST(same(s.adjoint<float>("h"), reals{0.0, 1.0}));
    BOOST_TEST(same(s.value<float>(), 4.0));
    BOOST_TEST(same(s.adjoint(x), reals{0.0, 4.0}));
    BOOST_TEST(same(s.value<bool>("mask"), reals{0.0, 1.0}));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)s.value("h"); }, {"float", "double"}));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)s.adjoint("h"); }, {"float", "double"}));
    BOOST_TEST(throws<bt::dtype_error>([&] { (void)s.value(); }));
    BOOST_TEST(throws<bt::unconnected_error>([&] { (void)s.adjoint<bool>("mask"); }));
}

BOOST_AUTO_TEST_CASE(an_unknown_tag_lists_near_names)
{
    model m;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.run();
    BOOST_TEST(throws<bt::tag_error>([&] { (void)s.value("hiden"); },
                                     {"no tag \"hiden\"", "near it: \"hidden\""}));
    BOOST_TEST(throws<bt::tag_error>([&] { (void)s.adjoint("logits"); }, {"\"out/logits\""}));
}

BOOST_AUTO_TEST_CASE(a_path_given_twice_is_ambiguous_when_asked_for)
{
    const bt::variable<double> x(reals{1.0, 2.0});
    const bt::tensor<double> a = bt::tag("h", x * 2.0), b = bt::tag("h", sum(a));
    bt::sweep s = reverse(b * b, bt::wrt(x));
    s.run(); // building and running do not mind
    BOOST_TEST(same(s.adjoint(x), reals{24.0, 24.0}));
    BOOST_TEST(same(s.value(a), reals{2.0, 4.0})); // by handle it is clear
    BOOST_TEST(
        throws<bt::tag_error>([&] { (void)s.value("h"); }, {"\"h\"", "2 nodes", "(2,)", "()"}));
}

BOOST_AUTO_TEST_CASE(adjoints_that_do_not_exist)
{
    model m;
    const bt::variable<double> stranger(1.0);
    const bt::tensor<double> stopped = bt::tag("stopped", exp(m.x));
    bt::sweep s = reverse(m.loss + sum(stop_gradient(stopped)), bt::wrt(m.x, stranger));
    s.run();
    BOOST_TEST(
        throws<bt::unconnected_error>([&] { (void)s.adjoint(stranger); }, {"does not depend"}));
    BOOST_TEST(
        throws<bt::unconnected_error>([&] { (void)s.adjoint("stopped"); }, {"stop_gradient"}));
    BOOST_TEST(same(s.value("stopped"), exp(m.x)));
    BOOST_TEST(close(s.adjoint(m.x), grad(m.loss, m.x)));
}

BOOST_AUTO_TEST_CASE(what_was_not_kept_is_replayed_until_a_variable_changes)
{
    model m;
    bt::sweep s = reverse(m.loss, bt::wrt(m.x));
    s.run();
    BOOST_TEST(same(s.value(m.untagged), m.untagged));
    BOOST_TEST(same(s.adjoint(m.untagged), m.h));
    BOOST_TEST(same(s.adjoint(m.w), grad(m.loss, m.w))); // not asked for by wrt
    const bt::tensor<double> beside = exp(m.untagged);   // not even in the graph
    BOOST_TEST(same(s.value(beside), beside));
    m.x += 1.0;
    for (int again = 0; again < 2; ++again) {
        BOOST_TEST(throws<bt::state_error>([&] { (void)s.value(m.untagged); }, {"run again"}));
        BOOST_TEST(throws<bt::state_error>([&] { (void)s.adjoint(m.w); }, {"run again"}));
    }
    s.run();
    BOOST_TEST(same(s.value(m.untagged), m.untagged));
    BOOST_TEST(same(s.adjoint(m.w), grad(m.loss, m.w)));
}

BOOST_AUTO_TEST_CASE(the_same_bits_on_every_replay_with_and_without_tags)
{
    const auto build = [](bool tagged, const bt::variable<double>& x,
                          const bt::variable<double>& w) {
        const auto mark = [&](const char* name, const bt::tensor<double>& t) {
            return tagged ? bt::tag(name, t) : t;
        };
        const bt::tensor<double> h = mark("h", tanh(matmul(x, w)));
        const bt::tensor<double> e = mark("e", exp(h) * h + 0.1);
        return mark("loss", mean(logsumexp(e, 1)) + 0.5 * sum(square(w)));
    };
    reals data = reals::from_shape({37, 13}), weights = reals::from_shape({13, 11});
    for (std::size_t i = 0; i < data.size(); ++i) data.data()[i] = std::sin(double(i));
    for (std::size_t i = 0; i < weights.size(); ++i) weights.data()[i] = std::cos(1.3 * double(i));
    const bt::variable<double> x(data), w(weights);
    bt::sweep plain = reverse(build(false, x, w), bt::wrt(x, w));
    bt::sweep tagged = reverse(build(true, x, w), bt::wrt(x, w));
    plain.run();
    const reals value = read(plain.value()), dx = read(plain.adjoint(x)),
                dw = read(plain.adjoint(w));
    for (int k = 0; k < 3; ++k) {
        plain.run();
        tagged.run();
        for (const bt::sweep* s : {&plain, &tagged}) {
            BOOST_TEST(identical(read(s->value()), value));
            BOOST_TEST(identical(read(s->adjoint(x)), dx));
            BOOST_TEST(identical(read(s->adjoint(w)), dw));
        }
    }
    BOOST_TEST(identical(read(grad(build(false, x, w), w)), dw));
}

BOOST_AUTO_TEST_SUITE_END()
