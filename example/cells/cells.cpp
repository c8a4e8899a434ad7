// SPDX-License-Identifier: BSD-3-Clause
// Is a tumour malignant? Logistic regression with L2 on 30 features of 569 tumours, solved by
// Newton's method with Hessian-vector products, and what the answer for one tumour rests on.
//
// usage: cells [CASE [FILE]]      (default: case 41 of example/data/breast_cancer.csv)
#include "../csv.hpp"
#include "newton.hpp"

#include <array>
#include <iostream>
#include <span>

namespace {

using namespace example;

constexpr std::size_t features = 30;
constexpr double l2 = 1e-3;
constexpr const char* quantities[] = {
    "radius",      "texture",   "perimeter",      "area",     "smoothness",
    "compactness", "concavity", "concave points", "symmetry", "fractal dimension"};
constexpr const char* statistics[] = {"mean", "error of", "worst"};

std::string name_of_feature(std::size_t j)
{
    return std::string(statistics[j / 10]) + " " + quantities[j % 10];
}

struct tumours {
    xt::xarray<double> features;  ///< (n, 30), each column with mean 0 and standard deviation 1
    xt::xarray<double> malignant; ///< (n,), 1 or 0

    [[nodiscard]] std::size_t size() const { return malignant.size(); }
};

/// Throws std::runtime_error if the file is missing or malformed.
tumours read_tumours(const std::string& file)
{
    const auto table = read_csv(file, features + 1, 1);
    const std::size_t n = table.shape()[0];
    tumours all{xt::view(table, xt::all(), xt::range(0, features)),
                1.0 - xt::view(table, xt::all(), features)};
    for (std::size_t i = 0; i < n; ++i) {
        if (all.malignant(i) != 0.0 && all.malignant(i) != 1.0) {
            throw std::runtime_error(file + ":" + std::to_string(i + 2) +
                                     ": the last number must be 0 (malignant) or 1 (benign)");
        }
    }
    for (std::size_t j = 0; j < features; ++j) {
        double mean = 0.0, variance = 0.0;
        for (std::size_t i = 0; i < n; ++i) mean += all.features(i, j) / static_cast<double>(n);
        for (std::size_t i = 0; i < n; ++i) {
            all.features(i, j) -= mean;
            variance += all.features(i, j) * all.features(i, j) / static_cast<double>(n);
        }
        if (!(variance > 0.0)) {
            throw std::runtime_error(file + ": column " + std::to_string(j + 1) +
                                     " is the same number throughout");
        }
        for (std::size_t i = 0; i < n; ++i) all.features(i, j) /= std::sqrt(variance);
    }
    return all;
}

/// A linear model: the last entry of `w` is the intercept.
struct model {
    bt::variable<double> w{xt::zeros<double>({features + 1})};
    bt::tensor<double> weights = view(w, xt::range(0, features));
    bt::tensor<double> intercept = view(w, features);

    /// Of malignant against benign, for one tumour (30,) or many (n, 30).
    [[nodiscard]] bt::tensor<double> log_odds(const bt::tensor<double>& x) const
    {
        return bt::tag("log-odds", matmul(x, weights) + intercept);
    }
};

/// -log P(answer), the answer being 1 or 0
bt::tensor<double> surprise(const bt::tensor<double>& log_odds, const bt::tensor<double>& answer)
{
    return softplus(log_odds) - answer * log_odds;
}

/// What the answer for one tumour rests on: the features that move the log-odds most. For a linear
/// model those are its weights; how much they matter to the loss depends on the case.
void explain(const model& m, const tumours& all, std::size_t chosen)
{
    bt::variable<double> x(xt::view(all.features, chosen, xt::all()));
    bt::tensor<double> log_odds = m.log_odds(x);
    bt::tensor<double> loss = surprise(log_odds, bt::constant(all.malignant(chosen)));
    bt::sweep s = reverse(loss, bt::wrt(x));
    s.run();

    const double z = s.value("log-odds")();
    std::printf("\ncase %zu: %s; P(malignant) = %.4f; log-odds %+.4f, loss %.4g, "
                "d loss / d log-odds %+.4g\n\n",
                chosen + 1, all.malignant(chosen) == 1.0 ? "malignant" : "benign",
                1.0 / (1.0 + std::exp(-z)), z, s.value()(), s.adjoint("log-odds")());

    const auto value = x.value(), x_bar = s.adjoint(x), slope = grad(log_odds, x).value();
    std::array<std::size_t, features> order;
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
        return std::abs(slope(i)) > std::abs(slope(j));
    });
    std::printf("%-27s  %12s  %12s  %12s\n", "feature", "standardised", "d log-odds", "d loss");
    for (std::size_t j : std::span(order).first(10)) {
        std::printf("%-27s  %12.3f  %+12.4f  %+12.3e\n", name_of_feature(j).c_str(), value(j),
                    slope(j), x_bar(j));
    }
}

void solve(const tumours& all, std::size_t chosen)
{
    model m;
    bt::tensor<double> log_odds = m.log_odds(bt::constant(all.features));
    bt::tensor<double> losses = surprise(log_odds, bt::constant(all.malignant));
    bt::tensor<double> loss = mean(losses) + 0.5 * l2 * sum(square(m.weights));
    if (!minimise(loss, m.w, 1e-10)) throw std::runtime_error("Newton's method did not converge");

    bt::tensor<double> right = mean(bt::cast<double>((log_odds > 0.0) == (all.malignant > 0.5)));
    std::printf("\naccuracy: %.2f %% of the %zu tumours, the same that it was fitted to\n",
                100.0 * right.value()(), all.size());
    explain(m, all, chosen);
}

/// Throws std::runtime_error unless `text` is a number from 1 to n.
std::size_t read_case(const std::string& text, std::size_t n)
{
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [after, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc{} || after != end || number < 1 || number > n) {
        throw std::runtime_error("the case is a number from 1 to " + std::to_string(n) + ", not '" +
                                 text + "'");
    }
    return number - 1;
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc > 3 || (argc > 1 && argv[1][0] == '-')) {
        std::cerr << "usage: cells [CASE [FILE]]\n";
        return 2;
    }
    const auto all = read_tumours(argc > 2 ? argv[2] : data_file("breast_cancer.csv"));
    solve(all, read_case(argc > 1 ? argv[1] : "41", all.size()));
    return 0;
} catch (const std::exception& e) {
    std::cerr << "cells: " << e.what() << '\n';
    return 1;
}
