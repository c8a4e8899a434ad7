// SPDX-License-Identifier: BSD-3-Clause
// Two time-stepping schemes, written with `loop`, against derivatives computed by another program: a
// chaotic system of ordinary equations, and heat conduction. The reference data lie beside the checkout,
// in the folder that BACKTRAIL_ORACLE names; without them the tests are skipped.
#include <support/expect.hpp>
#include <support/npz.hpp>

#include <cstdlib>

namespace bt = backtrail;
using expect::reals;

namespace {

/// The reference has rounding of its own, which chaos magnifies by some hundred.
constexpr double tolerance = 1e-10;

std::filesystem::path file_of(const char* name)
{
    const char* folder = std::getenv("BACKTRAIL_ORACLE");
    return std::filesystem::path(folder == nullptr ? "" : folder) / "timestep" / name;
}

struct reference_is_there {
    const char* name;
    boost::test_tools::assertion_result operator()(boost::unit_test::test_unit_id) const
    {
        boost::test_tools::assertion_result result(std::filesystem::exists(file_of(name)));
        result.message() << "BACKTRAIL_ORACLE names no folder with timestep/" << name;
        return result;
    }
};

struct reference {
    npz::archive file;
    reals operator()(const char* key) const
    {
        const npz::array a = file.at(key);
        reals x = reals::from_shape(a.shape);
        if (a.dtype == "int64") {
            for (std::size_t i = 0; i < a.size(); ++i) {
                x.data()[i] = static_cast<double>(a.data<std::int64_t>()[i]);
            }
        } else {
            std::copy_n(a.data<double>(), a.size(), x.data());
        }
        return x;
    }
    double number(const char* key) const { return (*this)(key).data()[0]; }
};

/// Within the tolerance of the largest element.
bool agrees(const reals& actual, const reals& expected)
{
    double largest = 1e-300, difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(expected.data()[i]));
        difference = std::max(difference, std::abs(actual.data()[i] - expected.data()[i]));
    }
    BOOST_TEST_MESSAGE("relative difference " << difference / largest);
    return actual.shape() == expected.shape() && difference <= tolerance * largest;
}

/// The adjoints of two inputs at budgets from the least to everything: all the same bits.
void check_budgets(const bt::tensor<double>& loss, const bt::variable<double>& x,
                   const bt::variable<double>& y)
{
    bt::sweep s = reverse(loss, bt::wrt(x, y));
    const bt::memory_plan all = s.keep().plan();
    s.run();
    const auto x_bar = s.adjoint(x), y_bar = s.adjoint(y);
    const std::size_t state = all.loops.front().bytes;
    for (const std::size_t threads : {1, 3}) {
        bt::set_num_threads(threads);
        const std::size_t least = s.plan().minimum_bytes;
        for (const std::size_t more : {0, 1, 2, 4, 13, 49, 198, 1000}) {
            if (threads > 1 && more == 0) continue; // the most steps by far
            s.memory(bt::budget(least + more * state)).run();
            const auto x_again = s.adjoint(x), y_again = s.adjoint(y);
            BOOST_TEST(std::memcmp(x_again.data(), x_bar.data(), x_bar.size() * 8) == 0);
            BOOST_TEST(std::memcmp(y_again.data(), y_bar.data(), y_bar.size() * 8) == 0);
        }
    }
    bt::set_num_threads(0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(loop_timestep)

BOOST_AUTO_TEST_CASE(lorenz96,
                     *boost::unit_test::precondition(reference_is_there{"lorenz96_n40_N200.npz"}))
{
    const reference r{npz::archive(file_of("lorenz96_n40_N200.npz"))};
    const bt::variable<double> x0(r("in_x0")), force(r("in_F"));
    const double dt = r.number("in_dt");
    const auto rate = [&](const bt::tensor<double>& x) {
        return bt::tensor<double>((roll(x, -1) - roll(x, 2)) * roll(x, 1) - x + force);
    };
    const bt::tensor<double> last =
        bt::loop(static_cast<std::ptrdiff_t>(r.number("in_steps")), x0, [&](auto, auto x) {
            const auto k1 = rate(x), k2 = rate(x + dt / 2 * k1), k3 = rate(x + dt / 2 * k2),
                       k4 = rate(x + dt * k3);
            return x + dt / 6 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
        });
    const bt::tensor<double> loss = 0.5 * sum(square(last - bt::constant(r("in_target"))));
    BOOST_TEST(agrees(expect::read(loss), r("out_J")));
    const bt::tensor<double> gx = grad(loss, x0), gf = grad(loss, force);
    BOOST_TEST(agrees(expect::read(gx), r("out_grad_x0")));
    BOOST_TEST(agrees(expect::read(gf), r("out_grad_F")));
    const auto along_x = bt::tangent(x0, r("in_tangent_x0"));
    const auto along_f = bt::tangent(force, r("in_tangent_F"));
    BOOST_TEST(agrees(expect::read(jvp(loss, along_x, along_f)), r("out_jvp")));
    BOOST_TEST(agrees(expect::read(jvp(gx, along_x, along_f)), r("out_hvp_x0")));
    BOOST_TEST(agrees(expect::read(jvp(gf, along_x, along_f)), r("out_hvp_F")));
    check_budgets(loss, x0, force);
}

BOOST_AUTO_TEST_CASE(heat2d,
                     *boost::unit_test::precondition(reference_is_there{"heat2d_n24_N1000.npz"}))
{
    const reference r{npz::archive(file_of("heat2d_n24_N1000.npz"))};
    const bt::variable<double> u0(r("in_u0")), k(r("in_k"));
    const double h = r.number("in_h"), c = r.number("in_dt") / (h * h);
    const auto first = xt::range(xt::placeholders::_, -1);
    const auto rest = xt::range(1, xt::placeholders::_);
    // Conductivities of the faces between rows and between columns.
    const bt::tensor<double> k_rows = 0.5 * (view(k, rest) + view(k, first)),
                             k_columns =
                                 0.5 * (view(k, xt::all(), rest) + view(k, xt::all(), first));
    const bt::tensor<double> last =
        bt::loop(static_cast<std::ptrdiff_t>(r.number("in_steps")), u0, [&](auto, auto u) {
            const bt::tensor<double> rows = k_rows * (view(u, rest) - view(u, first)),
                                     columns = k_columns * (view(u, xt::all(), rest) -
                                                            view(u, xt::all(), first));
            // Each face gives to one neighbour what it takes from the other; none at the boundary.
            return u + c * (pad(rows, {{0, 1}, {0, 0}}) - pad(rows, {{1, 0}, {0, 0}}) +
                            pad(columns, {{0, 0}, {0, 1}}) - pad(columns, {{0, 0}, {1, 0}}));
        });
    const bt::tensor<double> loss = 0.5 * h * h * sum(square(last - bt::constant(r("in_data"))));
    BOOST_TEST(agrees(expect::read(loss), r("out_J")));
    BOOST_TEST(agrees(expect::read(grad(loss, k)), r("out_grad_k")));
    BOOST_TEST(agrees(expect::read(grad(loss, u0)), r("out_grad_u0")));
    BOOST_TEST(agrees(expect::read(jvp(loss, bt::tangent(k, r("in_tangent_k")),
                                       bt::tangent(u0, r("in_tangent_u0")))),
                      r("out_jvp")));
    check_budgets(loss, k, u0);
}

BOOST_AUTO_TEST_SUITE_END()
