// SPDX-License-Identifier: BSD-3-Clause
// The manual: shapes, reductions and views.

#include <backtrail/backtrail.hpp>
#include <iostream>
#include <xtensor/xio.hpp>

namespace bt = backtrail;

int main()
{
    bt::variable<double> x(xt::xarray<double>{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});

    bt::tensor<double> centred = x - mean(x, 1, bt::keepdims); // (2, 3) and (2, 1) broadcast
    std::cout << centred.value() << "\n\n";

    bt::tensor<double> odd = view(x, xt::all(), xt::range(0, 3, 2));  // columns 0 and 2
    bt::tensor<double> last = view(x, -1);                            // the last row, of shape (3,)
    bt::tensor<double> column = view(last, xt::all(), xt::newaxis()); // (3, 1)
    std::cout << matmul(x, column).value() << "\n\n";

    bt::tensor<double> flat = reshape(transpose(x), {-1});
    std::cout << concatenate(0, flat, view(odd, 0)).value() << "\n\n";

    std::cout << grad(sum(square(odd)), x).value() << '\n'; // zero where the view does not look
}
