// SPDX-License-Identifier: BSD-3-Clause
// tanh_shrink, x - tanh(x), without its cancellation: below 1 x³ P(x²), P our own fit (least squares
// at Chebyshev nodes, coefficient after coefficient rounded; error 2^-54, float 2^-25), and from 1 on (|x| - 1) + (1 - tanh|x|)
// with 1 - tanh|x| = 2/(exp(2|x|) + 1), where both terms are positive. Measured: 3.5 ULP.
#pragma once

#include <backtrail/ops/math/exp.hpp>

namespace backtrail::math {

/// (x - tanh(x))/x³ at x² <= 1.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> tanh_shrink_series(
    const xsimd::batch<T, A>& square)
{
    if constexpr (binary_format<T>::is_double) {
        return polynomial(square, 0x1.5555555555555p-2, -0x1.1111111111068p-3, 0x1.ba1ba1ba1074dp-5,
                          -0x1.664f488022c2ap-6, 0x1.226e3507d5b83p-7, -0x1.d6d3c2fac7a55p-9,
                          0x1.7da2a552a985ap-10, -0x1.3550f3e1336bbp-11, 0x1.f519238f67c6bp-13,
                          -0x1.94789c0caa8aap-14, 0x1.41ae5bfd349b2p-15, -0x1.e8a26688c4e74p-17,
                          0x1.4c995948b7cbbp-18, -0x1.6e21f1b1697f6p-20, 0x1.1607476f9ed93p-22,
                          -0x1.a66ba314b68c6p-26);
    } else {
        return polynomial(square, 0x1.555556p-2F, -0x1.11112ap-3F, 0x1.ba1a6cp-5F, -0x1.65f9fp-6F,
                          0x1.1e8924p-7F, -0x1.ac1dbcp-9F, 0x1.f88bep-11F, -0x1.40cec4p-13F);
    }
}

template <class T, class A>
[[gnu::noinline]] xsimd::batch<T, A> tanh_shrink(xsimd::batch<T, A> x)
{
    using B = xsimd::batch<T, A>;
    const B one(T(1));
    const B magnitude = xsimd::abs(x);
    const B square = magnitude * magnitude;
    const B small = B(square * tanh_shrink_series(square)) * magnitude;
    const B large = B(magnitude - one) + B(T(2)) / B(math::exp(B(magnitude + magnitude)) + one);
    return xsimd::select(magnitude < one, small, large) ^ sign_of(x);
}

template <std::floating_point T>
[[gnu::always_inline]] inline T tanh_shrink(T x)
{
    return first_lane(math::tanh_shrink(on_all_lanes(x)));
}

} // namespace backtrail::math
