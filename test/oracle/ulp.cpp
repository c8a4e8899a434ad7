// SPDX-License-Identifier: BSD-3-Clause
// The error of r in ULP is ((r - f) - f_res) / ulp(f), for an exact value f + f_res.
#include "ulp.hpp"

#include "convert.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace oracle {

namespace {

/// The distance of |f| to its neighbour: in the denormal range, and at 0, the least denormal.
double ulp(double f)
{
    const double magnitude = std::abs(f);
    const double infinity = std::numeric_limits<double>::infinity();
    const double next = std::nextafter(magnitude, infinity);
    return next < infinity ? next - magnitude : magnitude - std::nextafter(magnitude, 0.0);
}

/// In units of the last place of f, or of `scale` where that is larger. Where the exact value is no
/// number, only the same kind of result is right.
double error_in_ulp(double r, double f, double residual, double scale)
{
    if (!std::isfinite(f) || !std::isfinite(r)) {
        const bool is_same = r == f || (std::isnan(r) && std::isnan(f));
        return is_same ? 0 : std::numeric_limits<double>::infinity();
    }
    // r - f is exact where they are within a factor of two; long double also keeps it finite.
    const long double error = (static_cast<long double>(r) - f) - residual;
    return static_cast<double>(std::abs(error) / ulp(std::max(std::abs(f), scale)));
}

void raise(worst_ulp& worst, const real& result, const npz::archive& table, const char* exact,
           double (*scale)(double) = nullptr)
{
    const dense got = to_dense(any_tensor(result));
    const dense x = to_dense(table.at("x")), f = to_dense(table.at(exact)),
                residual = to_dense(table.at(std::string(exact) + "_res"));
    const std::size_t n = x.values.size();
    if (f.values.size() != n || residual.values.size() != n) {
        throw npz::error(std::string("x, ") + exact + " and its residuals differ in length");
    }
    if (got.shape != x.shape) throw std::runtime_error("the result has another shape than x");
    for (std::size_t i = 0; i < n; ++i) {
        const double error = error_in_ulp(got.values[i], f.values[i], residual.values[i],
                                          scale == nullptr ? 0 : scale(x.values[i]));
        if (error > worst.error) worst = {error, x.values[i]};
    }
}

} // namespace

accuracy measure_accuracy(const op& o, const npz::archive& table)
{
    const real x = to_variable(table.at("x"));
    const real ones = bt::broadcast_to(bt::constant(1.0), x.shape());
    const outputs built = o.build({}, arguments({x}));
    const real& y = std::get<real>(built.at(0));

    accuracy result;
    raise(result.value, y, table, "f");
    raise(result.derivative, bt::vjp(y, ones, x), table, "d", o.largest_term);
    raise(result.derivative, bt::jvp(y, bt::tangent(x, ones)), table, "d", o.largest_term);
    return result;
}

} // namespace oracle
