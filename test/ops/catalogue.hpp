// SPDX-License-Identifier: BSD-3-Clause
// The catalogue as data, from which the tests of ops are generated: one Boost test case for each
// property and op. Nothing here knows an op by name, so a new op is tested as soon as it is listed.
#pragma once

#include <backtrail/expr/kernel_table.hpp>
#include <backtrail/ops/op.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace backtrail::test {

struct point {
    std::vector<double> x;
    double y;
    std::vector<double> dy;
};

struct op_data {
    std::size_t index;
    std::string name;
    std::size_t arity;
    bool is_predicate;
    bool chooses; ///< by its first operand, a mask
    interval domain;
    std::vector<point> points;
    std::function<double(const double*)> in_double; ///< the value on single numbers
    std::function<float(const float*)> in_float;

    [[nodiscard]] double scalar(const double* x) const { return in_double(x); }
    [[nodiscard]] float scalar(const float* x) const { return in_float(x); }
    template <class T>
    [[nodiscard]] const kernel_table& table() const
    {
        return single_op_kernels(index, dtype_of<T>);
    }
};

/// All ops; only catalogue.cpp knows their types.
std::vector<op_data> all_ops();

/// Registers `property(op)` as one test case for each op.
class for_each_op {
public:
    for_each_op(const char* property, std::function<void(const op_data&)> check)
    {
        using namespace boost::unit_test;
        auto* suite = new test_suite(property, __FILE__, __LINE__);
        for (const auto& op : all_ops()) {
            suite->add(make_test_case([check, op] { check(op); }, op.name, __FILE__, __LINE__));
        }
        framework::master_test_suite().add(suite);
    }
};

/// Values in the op's domain, with room for a vector behind the last.
template <class T>
std::vector<T> random_arguments(const op_data& op, std::size_t n, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(op.domain.low, op.domain.high);
    std::vector<T> x(n + 64 / sizeof(T), T(0.5));
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<T>(uniform(random));
    return x;
}

/// |a - b| in units of the last place of b; 0 for equal infinities and for two NaN.
template <class T>
double ulps(T a, T b)
{
    if ((a != a && b != b) || a == b) return 0;
    if (!std::isfinite(a) || !std::isfinite(b)) return infinity;
    const T next = std::nextafter(std::abs(b), std::numeric_limits<T>::infinity());
    return std::abs(double(a) - double(b)) / (double(next) - std::abs(double(b)));
}

} // namespace backtrail::test
