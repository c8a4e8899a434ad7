// SPDX-License-Identifier: BSD-3-Clause
// The functions by name. What MPFR lacks is a series or Newton's method in many digits.
#include "exact.hpp"

namespace exact {
namespace {

using unary = real (*)(const real&);

const real& pi()
{
    static const real value = [] {
        real p;
        mpfr_const_pi(p.backend().data(), MPFR_RNDN);
        return p;
    }();
    return value;
}

/// A function of MPFR itself.
template <int (*F)(mpfr_t, const mpfr_t, mpfr_rnd_t)>
real native(const real& x)
{
    real y;
    F(y.backend().data(), x.backend().data(), MPFR_RNDN);
    return y;
}

const unary erfc = &native<mpfr_erfc>, erf = &native<mpfr_erf>;

real lgamma(const real& x)
{
    real y;
    int sign = 0;
    mpfr_lgamma(y.backend().data(), &sign, x.backend().data(), MPFR_RNDN);
    return y;
}

/// Upwards by the recurrence to 60, then the asymptotic series (Abramowitz & Stegun 6.4.12).
real trigamma(real x)
{
    real sum = 0;
    for (; x < 60; x += 1) sum += 1 / (x * x);
    const real inverse = 1 / x, square = inverse * inverse;
    // B2k for k = 1 ...: by the recurrence of the tangent numbers would be longer than this list.
    static const std::vector<std::pair<double, double>> bernoulli = {
        {1, 6},        {-1, 30},
        {1, 42},       {-1, 30},
        {5, 66},       {-691, 2730},
        {7, 6},        {-3617, 510},
        {43867, 798},  {-174611, 330},
        {854513, 138}, {-236364091, 2730},
        {8553103, 6},  {-23749461029.0, 870}};
    real power = inverse * square;
    sum += inverse + square / 2;
    for (const auto& [p, q] : bernoulli) {
        sum += real(p) / real(q) * power;
        power *= square;
    }
    return sum;
}

/// The modified Bessel function of order n, by its power series.
real bessel_i(int n, const real& x)
{
    const real quarter = x * x / 4;
    real term = n == 0 ? real(1) : real(x / 2), sum = term;
    for (int k = 1; term != 0 && (k < 10 || abs(term) > abs(sum) * real("1e-140")); ++k) {
        term *= quarter / (real(k) * (k + n));
        sum += term;
    }
    return sum;
}

real ndtr(const real& x) { return erfc(real(-x / sqrt(real(2)))) / 2; }
real density(const real& x) { return exp(real(-x * x / 2)) / sqrt(real(2 * pi())); }

/// The x with f(x) = y, by bisection to six digits and then Newton's method.
real inverse(unary f, unary slope, const real& y, double low, double high)
{
    for (int i = 0; i < 20; ++i) {
        const double middle = (low + high) / 2;
        (f(real(middle)) < y ? low : high) = middle;
    }
    real x = (low + high) / 2;
    for (int i = 0; i < 8; ++i) x -= (f(x) - y) / slope(x);
    return x;
}
real erfinv(const real& y)
{
    if (y == 0) return y;
    return inverse(
        erf, [](const real& x) { return real(2 / sqrt(pi()) * exp(real(-x * x))); }, y, -7, 7);
}
real ndtri(const real& y)
{
    if (y == 0) return -real(std::numeric_limits<double>::infinity());
    return inverse(&ndtr, &density, y, -40, 9);
}

real sigmoid(const real& x) { return 1 / (1 + exp(real(-x))); }
real softplus(const real& x) { return x > 400 ? real(x + exp(real(-x))) : log1p(exp(x)); }
real log_add(const real& x, const real& y) { return log(real(exp(x) + exp(y))); }

constexpr double huge = 1e308, tiny = 1e-300;

function of(const char* name, unary f, std::vector<range> ranges, std::vector<double> singular = {})
{
    return {name,
            [f](const real& x, const real&) { return f(x); },
            std::move(ranges),
            {},
            std::move(singular)};
}

/// For x < 0 it is ψ(1 - x) - π cot(π x), which cancel beside its zeros.
function digamma()
{
    constexpr unary f = &native<mpfr_digamma>;
    function psi = of("digamma", f, {{0, 30}, {1e-300, 1e300}, {-20, 0}}, {0});
    psi.term = [](const real& x, const real&) { return x < 0 ? abs(f(1 - x)) : real(0); };
    return psi;
}

} // namespace

std::vector<function> all_functions()
{
    const std::vector<range> everywhere = {{-10, 10}, {-huge, huge}},
                             turns = {{-10, 10}, {-1e22, 1e22}},
                             positive = {{tiny, 10}, {5e-324, huge}}, unit = {{-1, 1}};
    return {
        of("sqrt", &native<mpfr_sqrt>, positive, {0}),
        of("rsqrt", &native<mpfr_rec_sqrt>, positive, {0}),
        of("cbrt", &native<mpfr_cbrt>, everywhere, {0}),
        of("exp", &native<mpfr_exp>, {{-745, 709}, {-1, 1}}),
        of("exp2", &native<mpfr_exp2>, {{-1074, 1023}, {-1, 1}}),
        of("expm1", &native<mpfr_expm1>, {{-745, 709}, {-1, 1}}),
        of("log", &native<mpfr_log>, {{5e-324, huge}, {0.5, 2}}, {0}),
        of("log2", &native<mpfr_log2>, {{5e-324, huge}, {0.5, 2}}, {0}),
        of("log10", &native<mpfr_log10>, {{5e-324, huge}, {0.5, 2}}, {0}),
        of("log1p", &native<mpfr_log1p>, {{-1, huge}, {-0.9, 2}}, {-1}),
        of("sin", &native<mpfr_sin>, turns),
        of("cos", &native<mpfr_cos>, turns),
        of("tan", &native<mpfr_tan>, turns),
        of("asin", &native<mpfr_asin>, unit, {-1, 1}),
        of("acos", &native<mpfr_acos>, unit, {-1, 1}),
        of("atan", &native<mpfr_atan>, everywhere),
        of("sinh", &native<mpfr_sinh>, {{-710, 710}, {-2, 2}}),
        of("cosh", &native<mpfr_cosh>, {{-710, 710}, {-2, 2}}),
        of("tanh", &native<mpfr_tanh>, {{-350, 350}, {-2, 2}}),
        of("sech", &native<mpfr_sech>, {{-740, 740}, {-2, 2}}),
        of("asinh", &native<mpfr_asinh>, everywhere),
        of("acosh", &native<mpfr_acosh>, {{1, 3}, {1, huge}}, {1}),
        of("atanh", &native<mpfr_atanh>, unit, {-1, 1}),
        of("erf", erf, {{-6, 6}, {-26, 26}}),
        of("erfc", erfc, {{-6, 6}, {-6, 27.2}}),
        of("erfinv", &erfinv, unit, {-1, 1}),
        of("gaussian", [](const real& x) { return exp(real(-x * x)); }, {{-3, 3}, {-27, 27}}),
        of("ndtr", &ndtr, {{-6, 6}, {-38.4, 9}}),
        of("log_ndtr", [](const real& x) { return log(ndtr(x)); }, {{-10, 10}, {-1e3, 20}}),
        of("ndtri", &ndtri, {{0, 1}, {1e-300, 1e-3}}, {0, 1}),
        of("lgamma", &lgamma, {{0, 30}, {5e-324, 1e305}, {-20, 0}}, {0}),
        digamma(),
        of("trigamma", [](const real& x) { return trigamma(x); }, {{0, 30}, {1e-150, 1e300}}, {0}),
        of("i0", [](const real& x) { return bessel_i(0, x); }, {{-10, 10}, {-700, 700}}),
        of("i0e", [](const real& x) { return real(exp(real(-abs(x))) * bessel_i(0, x)); },
           {{-10, 10}, {-700, 700}}, {0}),
        of("i1", [](const real& x) { return bessel_i(1, x); }, {{-10, 10}, {-700, 700}}),
        of("i1e", [](const real& x) { return real(exp(real(-abs(x))) * bessel_i(1, x)); },
           {{-10, 10}, {-700, 700}}, {0}),
        of("sigmoid", &sigmoid, {{-745, 745}, {-2, 2}}),
        of("log_sigmoid", [](const real& x) { return real(-softplus(real(-x))); },
           {{-745, 745}, {-2, 2}}),
        of("softplus", &softplus, {{-745, 745}, {-2, 2}}),
        of("silu", [](const real& x) { return real(x * sigmoid(x)); }, {{-745, 745}, {-2, 2}}),
        of("mish", [](const real& x) { return real(x * tanh(softplus(x))); },
           {{-745, 745}, {-2, 2}}),
        of("gelu", [](const real& x) { return real(x * ndtr(x)); }, {{-38, 38}, {-2, 2}}),
        of("logit", [](const real& x) { return log(real(x / (1 - x))); }, {{0, 1}}, {0, 1}),
        of("tanh_shrink", [](const real& x) { return real(x - tanh(x)); }, {{-20, 20}, {-1, 1}}),
        {"pow",
         [](const real& x, const real& y) { return pow(x, y); },
         {{0, 10}, {1e-20, 1e20}},
         {{-10, 10}, {-15, 15}},
         {0}},
        {"hypot", [](const real& x, const real& y) { return hypot(x, y); }, everywhere, everywhere},
        {"atan2", [](const real& x, const real& y) { return atan2(x, y); }, everywhere, everywhere},
        {"logaddexp",
         &log_add,
         {{-30, 30}, {-2, 2}},
         {{-30, 30}, {-2, 2}}}, // differences see e^-60
    };
}

} // namespace exact
