// SPDX-License-Identifier: BSD-3-Clause
// Comparison element by element, and messages that say where and how much.
#include "compare.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace oracle {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::string to_text(const std::vector<std::size_t>& shape)
{
    std::ostringstream s;
    s << '(';
    for (std::size_t i = 0; i < shape.size(); ++i) s << (i > 0 ? ", " : "") << shape[i];
    s << ')';
    return s.str();
}

double largest_finite(const std::vector<double>& values)
{
    double largest = 0;
    for (const double x : values) {
        if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
    }
    return largest;
}

/// 0 for equal infinities and for two NaN, infinite where only one is finite.
double error_of(double got, double wanted)
{
    if (got == wanted || (std::isnan(got) && std::isnan(wanted))) return 0;
    const double error = std::abs(got - wanted);
    return std::isnan(error) ? infinity : error;
}

} // namespace

std::optional<difference> compare(const dense& got, const dense& wanted, double allowed)
{
    if (got.dtype != wanted.dtype) {
        return difference{infinity, "is of " + got.dtype + ", wanted " + wanted.dtype};
    }
    if (got.shape != wanted.shape || got.values.size() != wanted.values.size()) {
        return difference{infinity,
                          "has shape " + to_text(got.shape) + ", wanted " + to_text(wanted.shape)};
    }
    double worst = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < wanted.values.size(); ++i) {
        const double error = error_of(got.values[i], wanted.values[i]);
        if (error > worst) {
            worst = error;
            at = i;
        }
    }
    const double limit = allowed * std::max(1.0, largest_finite(wanted.values));
    if (worst <= limit) return std::nullopt;
    std::ostringstream text;
    text.precision(3);
    text << "is off by " << worst << ", at most " << limit << " is allowed: ";
    text.precision(17);
    text << "element " << at << " is " << got.values[at] << ", wanted " << wanted.values[at];
    return difference{worst / limit, text.str()};
}

void tally::count(const std::string& where, const std::optional<difference>& d)
{
    ++made_;
    if (!d) return;
    ++failed_;
    if (failed_ == 1 || d->excess > worst_excess_) {
        worst_excess_ = d->excess;
        worst_ = where + " " + d->text;
    }
}

void tally::count_exception(const std::string& where, const std::string& message)
{
    count(where, difference{infinity, "throws: " + message});
}

std::string tally::summary() const
{
    return worst_ + " (" + std::to_string(failed_) + " of " + std::to_string(made_) +
           " checks failed)";
}

} // namespace oracle
