// SPDX-License-Identifier: BSD-3-Clause
// The elementary functions on SIMD lanes, each within 4 ULP of the correctly rounded result for every
// argument (denormal arguments and results, NaN, infinities and signed zeros included), in float and
// in double, with and without FMA. The first lines of each header give its method and measured error.
//
// The same names take single numbers, for which the C library's functions are as accurate.
// References: Muller, Elementary Functions, 3rd edition, 2016; Cody & Waite, Software Manual for the
// Elementary Functions, 1980; Tang, ACM TOMS 16 (1990) 378; Dekker, Numer. Math. 18 (1971) 224;
// Cody, Math. Comp. 23 (1969) 631; Brisebarre & Chevillard, ARITH 18 (2007) 169.
#pragma once

#include <backtrail/ops/math/bessel.hpp>
#include <backtrail/ops/math/cbrt.hpp>
#include <backtrail/ops/math/digamma.hpp>
#include <backtrail/ops/math/erf.hpp>
#include <backtrail/ops/math/exp.hpp>
#include <backtrail/ops/math/fma.hpp>
#include <backtrail/ops/math/gamma.hpp>
#include <backtrail/ops/math/gated.hpp>
#include <backtrail/ops/math/hyperbolic.hpp>
#include <backtrail/ops/math/inverse_hyperbolic.hpp>
#include <backtrail/ops/math/inverse_normal.hpp>
#include <backtrail/ops/math/inverse_trigonometric.hpp>
#include <backtrail/ops/math/log.hpp>
#include <backtrail/ops/math/log_bases.hpp>
#include <backtrail/ops/math/log_sum.hpp>
#include <backtrail/ops/math/normal.hpp>
#include <backtrail/ops/math/plane.hpp>
#include <backtrail/ops/math/pow.hpp>
#include <backtrail/ops/math/rounding.hpp>
#include <backtrail/ops/math/shrink.hpp>
#include <backtrail/ops/math/sinc.hpp>
#include <backtrail/ops/math/trigonometric.hpp>

namespace backtrail::math {

template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> sqrt(const xsimd::batch<T, A>& x)
{
    return xsimd::sqrt(x);
}
[[gnu::always_inline]] inline double sqrt(double x) { return std::sqrt(x); }
[[gnu::always_inline]] inline float sqrt(float x) { return std::sqrt(x); }

/// 1 with the sign of x, of a zero or a NaN, too.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> signed_one(const xsimd::batch<T, A>& x)
{
    return xsimd::batch<T, A>(T(1)) | sign_of(x);
}
[[gnu::always_inline]] inline double signed_one(double x) { return __builtin_copysign(1.0, x); }
[[gnu::always_inline]] inline float signed_one(float x) { return __builtin_copysignf(1.0F, x); }

} // namespace backtrail::math
