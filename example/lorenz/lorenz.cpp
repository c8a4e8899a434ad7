// SPDX-License-Identifier: BSD-3-Clause
// How far ahead does a derivative see? The system of Lorenz (1963) is integrated by Runge and Kutta's
// method until its trajectory has come back to the plane z = ρ - 1 from below n times. How many steps
// that takes is known only then: the steps are a `while_loop`, recorded once. Of the point of return, and
// of the mean of z on the way, the derivatives with respect to where it began and to the parameters are
// asked for.
//
// For few returns a table compares them with differences. Another shows how they grow: a chaotic system
// forgets where it began, so that after 30 returns the derivative, though exact, is of no use to anybody;
// the mean of z hardly depends on anything but ρ (with a slope of about 1), and its derivative says
// something quite different (Lea, Allen and Haine 2000). Every run prints the same.
//
// usage: lorenz
#include <backtrail/backtrail.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <tuple>

namespace {

namespace bt = backtrail;
using number = bt::tensor<double>;

constexpr double dt = 0.01;

struct point {
    number x, y, z;
};

struct parameters {
    bt::variable<double> sigma{10.0}, rho{28.0}, beta{8.0 / 3.0};
};

point slope(const parameters& p, const point& a)
{
    return {p.sigma * (a.y - a.x), a.x * (p.rho - a.z) - a.y, a.x * a.y - p.beta * a.z};
}

/// a + h slope
point along(const point& a, const number& h, const point& s)
{
    return {a.x + h * s.x, a.y + h * s.y, a.z + h * s.z};
}

/// One step of length h of the classical method of fourth order.
point runge_kutta(const parameters& p, const point& a, const number& h)
{
    const number half = 0.5 * h, sixth = h / 6.0;
    const point s1 = slope(p, a), s2 = slope(p, along(a, half, s1));
    const point s3 = slope(p, along(a, half, s2)), s4 = slope(p, along(a, h, s3));
    return {a.x + sixth * (s1.x + 2.0 * s2.x + 2.0 * s3.x + s4.x),
            a.y + sixth * (s1.y + 2.0 * s2.y + 2.0 * s3.y + s4.y),
            a.z + sixth * (s1.z + 2.0 * s2.z + 2.0 * s3.z + s4.z)};
}

/// Where a trajectory begins, how often it returns, and the parameters.
struct inputs {
    bt::variable<double> x0{1.0}, y0{1.0}, z0{20.0}, returns{1.0};
    parameters p;
};

struct trajectory {
    number end_x, mean_z, time, steps;
};

/// A trajectory up to its last return.
trajectory integrate(const inputs& given)
{
    const parameters& p = given.p;
    const number h = bt::constant(dt), section = p.rho - 1.0;
    const auto goes_on = [&](auto, auto, auto, auto count, auto, auto) {
        return count < given.returns;
    };
    const auto step = [&](auto, auto x, auto y, auto z, auto count, auto area, auto k) {
        const point next = runge_kutta(p, {x, y, z}, h);
        const number passes = bt::cast<double>(z < section && next.z >= section);
        return std::tuple(next.x, next.y, next.z, number(count + passes),
                          number(area + 0.5 * dt * (z + next.z)), number(k + 1.0));
    };
    const auto [x, y, z, count, area, k] = bt::while_loop(
        goes_on, std::tuple(number(given.x0), number(given.y0), number(given.z0), 0.0, 0.0, 0.0),
        step);

    // The last step has gone beyond the plane. Two of Newton's steps in time go back onto it, so that how
    // the time of return depends on everything is in the derivative, too.
    point end{x, y, z};
    number back = bt::constant(0.0);
    for (int i = 0; i < 2; ++i) {
        const number correction = (section - end.z) / slope(p, end).z;
        back = back + correction;
        end = runge_kutta(p, end, correction);
    }
    const number time = dt * k + back;
    return {end.x, (area + 0.5 * back * (z + end.z)) / time, time, k};
}

/// The difference quotient of `f` with respect to `x`, of the second order.
double quotient(const number& f, bt::variable<double>& x)
{
    const double at = x.value()(), width = 1e-6;
    x = at + width;
    const double above = f.value()();
    x = at - width;
    const double below = f.value()();
    x = at;
    return (above - below) / (2.0 * width);
}

void compare_with_differences(inputs& in)
{
    const trajectory t = integrate(in);
    const std::array<std::pair<const char*, bt::variable<double>*>, 6> inputs = {
        {{"x0", &in.x0},
         {"y0", &in.y0},
         {"z0", &in.z0},
         {"sigma", &in.p.sigma},
         {"rho", &in.p.rho},
         {"beta", &in.p.beta}}};
    bt::sweep s = reverse(t.end_x, bt::wrt(in.x0, in.y0, in.z0, in.p.sigma, in.p.rho, in.p.beta));
    for (const double n : {1.0, 3.0}) {
        in.returns = n;
        s.run();
        std::printf("x at return %.0f: %.6f, after %.0f steps\n", n, s.value()(),
                    t.steps.value()());
        std::printf("%8s  %14s  %14s\n", "", "derivative", "difference");
        for (const auto& [name, x] : inputs) {
            std::printf("%8s  %14.6f  %14.6f\n", name, s.adjoint(*x)(), quotient(t.end_x, *x));
        }
        std::puts("");
    }
}

void show_growth(inputs& in)
{
    const trajectory t = integrate(in);
    bt::sweep end = reverse(t.end_x, bt::wrt(in.x0, in.y0, in.z0));
    bt::sweep mean = reverse(t.mean_z, bt::wrt(in.p.rho));
    std::printf("%7s  %6s  %7s  %12s  %8s  %8s  %12s\n", "returns", "steps", "time",
                "|d x/d start|", "exponent", "mean z", "d mean/d rho");
    for (const double n : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0}) {
        in.returns = n;
        end.run();
        mean.run();
        const double norm =
            std::hypot(end.adjoint(in.x0)(), end.adjoint(in.y0)(), end.adjoint(in.z0)());
        const double time = t.time.value()();
        std::printf("%7.0f  %6.0f  %7.3f  %12.3e  %8.3f  %8.3f  %12.3e\n", n, t.steps.value()(),
                    time, norm, std::log(norm) / time, mean.value()(), mean.adjoint(in.p.rho)());
    }
}

} // namespace

int main(int argc, char**)
try {
    if (argc > 1) {
        std::cerr << "usage: lorenz\n";
        return 2;
    }
    inputs in;
    compare_with_differences(in);
    show_growth(in);
    return 0;
} catch (const std::exception& e) {
    std::cerr << "lorenz: " << e.what() << '\n';
    return 1;
}
