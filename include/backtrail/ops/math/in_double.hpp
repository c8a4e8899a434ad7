// SPDX-License-Identifier: BSD-3-Clause
// Functions that are written once, on lanes of double: how lanes of float and single numbers reach
// them. The result in float is then the double's, rounded.
#pragma once

#include <backtrail/ops/math/lanewise.hpp>

namespace backtrail::math {

/// f of lanes of float, half after half.
template <class A, class F>
[[gnu::always_inline]] inline xsimd::batch<float, A> in_double(const xsimd::batch<float, A>& x,
                                                               const F& f)
{
    const auto [lower, upper] = math::widen(x);
    return math::narrow(f(lower), f(upper));
}

/// A number in every lane.
[[gnu::always_inline]] inline xsimd::batch<double> one_batch(double x)
{
    return xsimd::batch<double>(x);
}

} // namespace backtrail::math
