// SPDX-License-Identifier: BSD-3-Clause
// The manual: derivatives.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> a(xt::xarray<double>{1.0, 2.0}), b(xt::xarray<double>{3.0, -1.0});
    bt::tensor<double> y = a * a * b;
    bt::tensor<double> f = sum(y);

    bt::tensor<double> da = grad(f, a);     // df/da = 2 a b
    auto [ga, gb] = grad(f, bt::wrt(a, b)); // several at once, from one pass back
    bt::tensor<double> third = grad(sum(grad(sum(da), a)), b); // of any order: d³f/da²db = 2
    std::cout << da.value() << gb.value() << third.value() << '\n';

    const xt::xarray<double> u = {1.0, 10.0};
    std::cout << vjp(y, u, a).value()              // uᵀ dy/da
              << jvp(y, bt::tangent(a, u)).value() // dy/da u
              << hvp(f, a, u).value() << '\n';     // d²f/da² u

    const auto energy = [](const auto& x) { return 0.5 * sum(x * x); };
    const auto [value, gradient] = bt::value_and_grad(energy)(a);
    std::cout << value.value() << ' ' << gradient.value() << '\n';

    bt::tensor<double> frozen = a + stop_gradient(b);
    std::cout << std::boolalpha << (bt::status(frozen, a) == bt::connection::ok) << ' '
              << (bt::status(frozen, b) == bt::connection::stopped) << '\n';
    std::cout << grad(sum(frozen), b, bt::zero_if_unconnected).value() << '\n';

    const auto report = bt::check_gradient([](auto x, auto y) { return x * exp(y); }, u, 0.5);
    std::cout << report.message << '\n';
}
