// SPDX-License-Identifier: BSD-3-Clause
// The manual, intermediates: observers, edits, seeds, tangents and cuts.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;
using tensor = bt::tensor<double>;

int main()
{
    bt::variable<double> w(xt::xarray<double>{2.0, 3.0});
    tensor a = bt::tag("a", w * w);
    tensor b = bt::tag("b", a * a);
    tensor loss = sum(b + a);

    bt::sweep s = reverse(loss, bt::wrt(w));
    s.on_value("*", [](const std::string& path, const bt::array<double>& value) {
        std::cout << path << ' ' << value << '\n';
    });
    s.on_adjoint("*", [](const std::string& path, const bt::array<double>& bar) {
        std::cout << path << "_bar " << bar << '\n';
    });
    s.run();

    bt::sweep clipped = reverse(loss, bt::wrt(w));
    clipped.edit_adjoint("a", [](const tensor& a_bar) { return clip(a_bar, -10.0, 10.0); }).run();
    std::cout << "before   " << clipped.adjoint("a", bt::before_edit) << "  after "
              << clipped.adjoint("a") << "  w_bar " << clipped.adjoint(w) << '\n';

    bt::sweep masked = reverse(loss, bt::wrt(w));
    masked.edit_value("b",
                      [](const tensor& value) { return value * xt::xarray<double>{1.0, 0.0}; });
    masked.run();
    std::cout << "made     " << masked.value("b", bt::before_edit) << "  used " << masked.value("b")
              << "  w_bar " << masked.adjoint(w) << '\n';

    bt::sweep other = reverse(loss, bt::wrt(w));
    other.stop_gradient("b").seed_adjoint("a", xt::xarray<double>{100.0, 0.0}).tangent(w, 1.0);
    other.run();
    std::cout << "a_bar    " << other.adjoint("a") << "  a_dot " << other.tangent("a") << '\n';
}
