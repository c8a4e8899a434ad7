// SPDX-License-Identifier: BSD-3-Clause
// Directional tests of derivatives: central differences with Richardson extrapolation, and the
// identity between the two modes.
#include <backtrail/sweep/check_gradient.hpp>

#include "rewrite.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/storage.hpp>
#include <backtrail/run/executor.hpp>

#include <cmath>
#include <limits>
#include <random>

namespace backtrail {
namespace {

/// The value of a leaf or result as doubles.
std::vector<double> read(const std::byte* data, dtype type, std::size_t n)
{
    std::vector<double> result(n);
    visit(type, [&](auto t) {
        const auto* p = reinterpret_cast<const decltype(t)*>(data);
        for (std::size_t i = 0; i < n; ++i) result[i] = static_cast<double>(p[i]);
    });
    return result;
}

std::vector<double> read_output(const executor& e, std::size_t i)
{
    const auto& o = e.the_plan().outputs[i];
    return read(e.output(i).data(), o.type, element_count(o.extents));
}

void write(const node_ptr& leaf, const std::vector<double>& value)
{
    void* data = detail::writable_data(leaf, false);
    visit(leaf->type(), [&](auto t) {
        auto* p = static_cast<decltype(t)*>(data);
        for (std::size_t i = 0; i < value.size(); ++i) p[i] = static_cast<decltype(t)>(value[i]);
    });
    detail::bump_version(leaf);
}

double inner(const std::vector<double>& a, const std::vector<double>& b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

node_ptr random_leaf(const shape& s, dtype type, std::mt19937_64& random)
{
    node_ptr n = detail::make_leaf(s, type, true);
    std::vector<double> values(element_count(s));
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (auto& v : values) v = uniform(random);
    write(n, values);
    return n;
}

/// Puts the values of the variables back, whatever happens.
class restorer {
public:
    explicit restorer(std::span<const node_ptr> x) : x_(x)
    {
        for (const auto& n : x) {
            values_.push_back(
                read(n->op().as_leaf()->data().data(), n->type(), element_count(n->shape())));
        }
    }
    restorer(const restorer&) = delete;
    ~restorer()
    {
        for (std::size_t i = 0; i < x_.size(); ++i) write(x_[i], values_[i]);
    }
    [[nodiscard]] const std::vector<double>& value(std::size_t i) const { return values_[i]; }

private:
    std::span<const node_ptr> x_;
    std::vector<std::vector<double>> values_;
};

/// The larger of the two; a NaN stays.
void raise(double& worst, double error)
{
    if (worst == worst && !(error <= worst)) worst = error;
}

struct errors {
    double difference = 0, adjoint = 0;
};

/// Both tests of y along one direction, with <y_bar, y> as the function.
/// Errors are relative to the largest term of the derivative. What rounding alone can cause is
/// forgiven: that is judged by `magnitude`, the largest number met, which is passed on because the
/// gradient of a function carries the rounding of the terms that cancel in it.
errors test_direction(const node_ptr& y, std::span<const node_ptr> x, std::mt19937_64& random,
                      double& magnitude)
{
    std::vector<node_ptr> x_dot;
    for (const auto& n : x) x_dot.push_back(random_leaf(n->shape(), n->type(), random));
    const node_ptr y_bar = random_leaf(y->shape(), y->type(), random);

    std::vector<node_ptr> request = {y, detail::jvp_node(y, x, x_dot, true)};
    for (auto& bar : detail::vjp_nodes("check_gradient", y, y_bar, x, true)) {
        request.push_back(std::move(bar));
    }
    executor exec(make_plan(request));
    exec.run();
    const auto weights =
        read(y_bar->op().as_leaf()->data().data(), y->type(), element_count(y->shape()));
    const double forward = inner(weights, read_output(exec, 1));
    double reverse = 0, scale = std::abs(forward);
    std::vector<std::vector<double>> directions;
    for (std::size_t i = 0; i < x.size(); ++i) {
        directions.push_back(read(x_dot[i]->op().as_leaf()->data().data(), x[i]->type(),
                                  element_count(x[i]->shape())));
        const auto bar = read_output(exec, 2 + i);
        reverse += inner(bar, directions.back());
        for (std::size_t k = 0; k < bar.size(); ++k) {
            scale = std::max(scale, std::abs(bar[k] * directions[i][k]));
        }
    }
    const auto values = read_output(exec, 0);
    for (std::size_t k = 0; k < values.size(); ++k) {
        magnitude = std::max(magnitude, std::abs(weights[k] * values[k]));
    }
    magnitude = std::max(magnitude, scale);
    scale = std::max(scale, std::numeric_limits<double>::min());

    // phi(h) = <y_bar, y(x + h x_dot)>: central differences at h and h/2, extrapolated.
    const restorer point(x);
    executor value_only(make_plan(std::span(&y, 1)));
    const auto phi = [&](double h) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            auto moved = point.value(i);
            for (std::size_t k = 0; k < moved.size(); ++k) moved[k] += h * directions[i][k];
            write(x[i], moved);
        }
        value_only.run();
        return inner(weights, read_output(value_only, 0));
    };
    const double h = y->type() == dtype::float64 ? 1e-3 : 4e-3;
    const auto central = [&](double step) { return (phi(step) - phi(-step)) / (2 * step); };
    const double difference = (4 * central(h / 2) - central(h)) / 3;

    const double epsilon = y->type() == dtype::float64 ? std::numeric_limits<double>::epsilon()
                                                       : std::numeric_limits<float>::epsilon();
    const double rounding = 64 * epsilon * magnitude;
    const auto beyond = [&](double error, double forgiven) { // NaN stays
        return error <= forgiven ? 0.0 : error / scale;
    };
    return {beyond(std::abs(difference - forward), rounding / h),
            beyond(std::abs(reverse - forward), rounding)};
}

} // namespace

namespace detail {

gradient_report check_gradient(const node_ptr& y, std::span<const node_ptr> x,
                               const check_gradient_options& options)
{
    for (const auto& n : x) {
        const leaf_storage* leaf = n->op().as_leaf();
        if (leaf == nullptr || !leaf->is_variable() || !is_differentiable(n->type())) {
            throw value_error("[check_gradient] needs variables of float or double" +
                              nearby(std::span(&n, 1)));
        }
    }
    if (!is_differentiable(y->type())) {
        throw dtype_error("[check_gradient] of " + std::string(name_of(y->type())));
    }
    const bool is_double = y->type() == dtype::float64;
    const double tolerance = options.tolerance > 0 ? options.tolerance : is_double ? 1e-6 : 2e-2;
    const double rounding = is_double ? 1e-11 : 1e-4;
    std::mt19937_64 random(options.seed);
    gradient_report report;
    const auto require = [&](bool holds, const char* what, double error) {
        if (holds) return;
        report.ok = false;
        report.message += std::string(report.message.empty() ? "" : "; ") + what + " off by " +
                          std::to_string(error);
    };
    for (std::size_t d = 0; d < options.directions; ++d) {
        double magnitude = 0;
        const errors first = test_direction(y, x, random, magnitude);
        raise(report.difference_error, first.difference);
        raise(report.adjoint_error, first.adjoint);
        if (!options.second_order) continue;
        const node_ptr y_bar = random_leaf(y->shape(), y->type(), random);
        for (const auto& g : vjp_nodes("check_gradient", y, y_bar, x, true)) {
            const errors second = test_direction(g, x, random, magnitude);
            raise(report.second_order_error, second.difference);
            raise(report.second_order_error, second.adjoint);
        }
    }
    // Negated, so that NaN fails.
    require(report.difference_error <= tolerance, "differences", report.difference_error);
    require(report.adjoint_error <= rounding, "the adjoint identity", report.adjoint_error);
    require(report.second_order_error <= tolerance, "second order", report.second_order_error);
    if (report.ok) report.message = "ok";
    return report;
}

gradient_report check_gradient_at(const node_ptr& y, const node_ptr& at,
                                  const check_gradient_options& options)
{
    const node_ptr v = make_leaf(at->shape(), at->type(), true);
    write(v, read(evaluate(at).data(), at->type(), element_count(at->shape())));
    edited_graph replaced;
    replaced.add(at, [&](const node_ptr&) { return v; });
    return check_gradient(replaced.used(y), std::span(&v, 1), options);
}

} // namespace detail
} // namespace backtrail
