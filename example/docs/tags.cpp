// SPDX-License-Identifier: BSD-3-Clause
// The manual: tags and sweeps.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <string>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

bt::tensor<double> layer(const std::string& name, const bt::tensor<double>& x,
                         const bt::variable<double>& w)
{
    bt::scope prefix(name);
    bt::tensor<double> z = bt::tag("in", w * x);
    return bt::tag("out", tanh(z));
}

int main()
{
    bt::variable<double> v(xt::xarray<double>{0.1, 0.2}), w(xt::xarray<double>{1.0, -1.0});
    bt::tensor<double> hidden = layer("layer/1", bt::constant(xt::xarray<double>{1.0, 2.0}), v);
    bt::tensor<double> loss = sum(layer("layer/2", hidden, w));

    bt::sweep s = reverse(loss, bt::wrt(v, w)); // computes nothing
    s.run();                                    // values and adjoints, tags and all
    for (const auto& tag : s.tags()) {
        std::cout << tag << ":  value " << s.value(tag) << "  adjoint " << s.adjoint(tag) << '\n';
    }
    std::cout << "loss " << s.value() << "  d loss / d w " << s.adjoint(w) << '\n';
    std::cout << "hidden, by its handle " << s.value(hidden) << '\n';
}
